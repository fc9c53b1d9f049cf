"""The files in examples/ are read by what reads them."""

import configparser
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from typer.main import get_command

from migrate.cli.connect import connection
from migrate.cli.console import FORMATS
from migrate.cli.owners import read_owners
from migrate.cluster.custom_kinds import CUSTOM
from migrate.cluster.kinds import KINDS

sys.path.append(str(Path(__file__).parents[1] / "groovy"))
from groovy_runner import JAVA, needs_groovy

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize("name", ["production", "lab"])
def test_the_config_file_is_understood(name: str) -> None:
    made = connection(url=None, config=EXAMPLES / "config.yaml", controller=name)
    assert made.url.startswith("https://jenkins")
    assert made.token_file is not None and "~" not in str(made.token_file)
    assert made.no_cluster is (name == "lab")


def test_every_file_is_described() -> None:
    text = (EXAMPLES / "README.md").read_text()
    named = set(re.findall(r"^\| `([^`]+)`", text, re.MULTILINE))
    assert named == {p.name for p in EXAMPLES.iterdir() if p.is_file()} - {"README.md"}


JOBS = {
    "audit.github-actions.yml": {"scan", "plan"},
    "audit.gitlab-ci.yml": {"scan", "plan", "trend"},
    "audit.Jenkinsfile": {"scan", "plan", "trend"},
    "audit.cronjob.yaml": {"scan", "trend"},
    "migrate-audit.service": {"scan"},
}


def command_lines(text: str) -> list[list[str]]:
    """The words of each `migrate COMMAND ...` that is no comment, to the end of the command."""
    rows = [row for row in text.splitlines() if not row.lstrip().startswith(("#", "//"))]
    found = re.findall(r"\bmigrate ((?:scan|plan|trend)\b[^'|;>&\n]*)", "\n".join(rows))
    return [shlex.split(words) for words in found]


@pytest.mark.parametrize("file", JOBS)
def test_each_command_line_is_valid(file: str) -> None:
    from migrate.cli.main import make_app

    commands = get_command(make_app()).commands  # type: ignore[attr-defined]
    lines = command_lines((EXAMPLES / file).read_text())
    assert {words[0] for words in lines} == JOBS[file]
    for name, *words in lines:
        made = commands[name].make_context(name, words)
        assert made.params["output"] in FORMATS if "output" in made.params else name == "plan"


def test_a_wrong_option_would_be_seen() -> None:
    from migrate.cli.main import USAGE_ERROR, make_app

    ((name, *words),) = command_lines("  - migrate scan --no-such -o md > x")
    with pytest.raises(USAGE_ERROR):
        get_command(make_app()).commands[name].make_context(name, words)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "file", [p.name for p in EXAMPLES.iterdir() if p.suffix in (".yml", ".yaml")]
)
def test_yaml_parses(file: str) -> None:
    documents = list(YAML(typ="safe").load_all((EXAMPLES / file).read_text()))
    assert documents and all(isinstance(each, dict) for each in documents)


def test_the_cron_job_names_what_is_there_and_may_only_read() -> None:
    text = (EXAMPLES / "audit.cronjob.yaml").read_text()
    found = {d["kind"]: d for d in YAML(typ="safe").load_all(text)}
    roles = list(YAML(typ="safe").load_all((EXAMPLES / "rbac.yaml").read_text()))
    bound = next(
        r for r in roles if r["metadata"]["name"] == found["ClusterRoleBinding"]["roleRef"]["name"]
    )
    assert bound["kind"] == "ClusterRole"
    assert {verb for rule in bound["rules"] for verb in rule["verbs"]} == {"get", "list"}
    assert not any("secrets" in rule["resources"] for rule in bound["rules"])
    pod = found["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert pod["serviceAccountName"] == found["ServiceAccount"]["metadata"]["name"]
    volumes = {v["name"]: v for v in pod["volumes"]}
    (container,) = pod["containers"]
    assert {m["name"] for m in container["volumeMounts"]} == set(volumes)
    claim = volumes["data"]["persistentVolumeClaim"]["claimName"]
    assert claim == found["PersistentVolumeClaim"]["metadata"]["name"]
    settings = found["ConfigMap"]["data"]
    keys = {e["valueFrom"]["configMapKeyRef"]["key"] for e in container["env"]}
    assert keys | {"owners.yaml"} == set(settings)
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert pod["securityContext"]["runAsNonRoot"]


def test_the_owners_of_the_cron_job_are_understood(tmp_path: Path) -> None:
    text = (EXAMPLES / "audit.cronjob.yaml").read_text()
    found = {d["kind"]: d for d in YAML(typ="safe").load_all(text)}
    file = tmp_path / "owners.yaml"
    file.write_text(found["ConfigMap"]["data"]["owners.yaml"])
    assert read_owners(file).label == "team-*"


@pytest.mark.parametrize("name", ["migrate-audit.service", "migrate-audit.timer"])
def test_the_units_parse(name: str) -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string((EXAMPLES / name).read_text())
    if name.endswith(".timer"):
        assert unit["Timer"]["OnCalendar"] and unit["Install"]["WantedBy"] == "timers.target"
        return
    shell, flags, script = shlex.split(unit["Service"]["ExecStart"])
    assert (shell, flags) == ("/bin/sh", "-ec")
    subprocess.run(["/bin/sh", "-n", "-c", script], check=True, timeout=60)


@pytest.mark.groovy
@needs_groovy
def test_the_pipeline_is_groovy(tmp_path: Path) -> None:
    good = EXAMPLES / "audit.Jenkinsfile"
    (tmp_path / "cut").write_text(good.read_text().rstrip().removesuffix("}"))
    # Only read, not run: what a pipeline calls is there in Jenkins alone.
    code = (
        "def unit = new org.codehaus.groovy.control.CompilationUnit()\n"
        "unit.addSource(new File(args[0]))\n"
        "unit.compile(org.codehaus.groovy.control.Phases.CONVERSION)\n"
    )
    for file, fits in ((good, True), (tmp_path / "cut", False)):
        command = [*JAVA, "-e", code, str(file)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=55)
        assert (done.returncode == 0) is fits, done.stderr


def test_the_image_is_built_from_what_is_here() -> None:
    text = (EXAMPLES / "Containerfile").read_text().replace("\\\n", " ")
    copied = [row.split()[1:-1] for row in text.splitlines() if row.startswith("COPY ")]
    local = [name for words in copied if not words[0].startswith("--") for name in words]
    assert "migrate" in local
    for name in local:
        assert (EXAMPLES.parent / name).exists(), name
    instructions = {row.split()[0] for row in text.splitlines() if row and row[0] not in "# "}
    assert instructions <= {"FROM", "WORKDIR", "COPY", "RUN", "USER", "ENTRYPOINT", "CMD"}


def test_the_roles_name_every_kind_that_a_scan_reads() -> None:
    documents = (EXAMPLES / "rbac.yaml").read_text().split("\n---\n")
    rules = YAML(typ="safe").load(documents[0])["rules"]
    named = {(group, r) for rule in rules for group in rule["apiGroups"] for r in rule["resources"]}
    read = {(k.group, k.plural) for k in KINDS.values()} | set(CUSTOM.values())
    read -= {("extensions", "ingresses"), ("coordination.k8s.io", "leases")}
    # One rule may hold several groups with the kinds of all of them: no group and no kind more.
    assert read <= named
    assert {group for group, _ in named} == {group for group, _ in read}
    assert {kind for _, kind in named} == {kind for _, kind in read}
