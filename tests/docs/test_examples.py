"""The files in examples/ are read by what reads them."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from migrate.cli.connect import connection
from migrate.cluster.custom_kinds import CUSTOM
from migrate.cluster.kinds import KINDS

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


@pytest.mark.parametrize(
    "file", ["audit.github-actions.yml", "audit.gitlab-ci.yml", "audit.Jenkinsfile"]
)
def test_the_jobs_use_options_that_exist(file: str) -> None:
    from migrate.cli.main import make_app

    lines = re.findall(r"migrate (scan|plan)((?: -[^>'\n]*)+)", (EXAMPLES / file).read_text())
    assert {command for command, _ in lines} == {"scan", "plan"}
    for command, text in lines:
        shown = CliRunner().invoke(make_app(), [command, "--help"]).output
        for option in re.findall(r"(?<=\s)--?[a-z-]+", text):
            assert option in shown, f"migrate {command} has no {option}"


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
