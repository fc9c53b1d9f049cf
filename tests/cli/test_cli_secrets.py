"""No secret in any output, plan, journal, report or crash file; backups apart."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_lab import Cli, Done, lab

from migrate.sandbox.installation import Sandbox

FORMATS = ("text", "json", "md", "html")
APPLY = ("apply", "plans/t", "--yes", "--confirm", "localhost", "--soak", "0", "--poll", "0.1")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, Cli]]:
    with lab(tmp_path_factory.mktemp("secrets")) as (sandbox, cli):
        yield sandbox, cli


def secrets_of(sandbox: Sandbox) -> dict[str, str]:
    """Everything that must not be seen anywhere, by what it is."""
    inbound = [spec for spec in sandbox.scenario.nodes if spec.launcher == "inbound"]
    known = {f"secret of {spec.name}": sandbox.jenkins.secret(spec.name) for spec in inbound}
    known |= {f"token of {user}": token for user, token in sandbox.tokens.items()}
    kubeconfig = Path(sandbox.environment()["KUBECONFIG"]).read_text()
    found = re.findall(r"token[\"']?:\s*[\"']?([^\s\"',}]+)", kubeconfig)
    assert found
    return known | {"token of the kubeconfig": found[0]}


def leaks(secrets: dict[str, str], text: str) -> list[str]:
    return [name for name, secret in secrets.items() if secret in text]


def test_a_whole_migration_shows_no_secret(running: tuple[Sandbox, Cli]) -> None:
    sandbox, cli = running
    secrets = secrets_of(sandbox)
    done: dict[str, Done] = {}

    def run(*words: str, expect: int = 0) -> None:
        ended = cli(*words)
        assert ended.code == expect, f"{words}: {ended.err}"
        done[" ".join(words)] = ended

    run("doctor")
    run("doctor", "-o", "json")
    for form in FORMATS:
        run("scan", "-o", form, "--details")
    run("scan", "-o", "json", "--read-by", "rest")
    run("plan", "--name", "t", "--probe-hold", "1")
    for form in FORMATS:
        run("show", "plans/t", "-o", form)
    run("apply", "plans/t", "--dry-run")
    run(*APPLY, expect=4)
    run("status", "plans/t")
    for form in FORMATS:
        run("report", "plans/t", "-o", form)
    run("rollback", "plans/t", "--dry-run")
    run("rollback", "plans/t", "--yes", "--poll", "0.1")
    run("report", "plans/t", "-o", "md")
    run("verify", expect=1)

    for command, ended in done.items():
        assert leaks(secrets, ended.out + ended.err) == [], command
    written = [path for path in cli.folder.rglob("*") if path.is_file()]
    kept = [path for path in written if "backup" not in path.parts]
    assert {"plan.json", "plan.md", "inventory.json", "journal.jsonl", "report.html"} <= {
        path.name for path in kept
    }
    for path in kept:
        assert leaks(secrets, path.read_text(errors="replace")) == [], path


def test_backups_are_for_their_owner_alone(running: tuple[Sandbox, Cli]) -> None:
    folders = list(running[1].folder.glob("plans/t/runs/*/backup"))
    files = [path for folder in folders for path in folder.iterdir()]
    assert files
    assert {path.stat().st_mode & 0o777 for path in folders} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


FAULT = """
import sys
import migrate.rules.registry as registry
import migrate.cli.main as main

def judge(*_):
    agent_secret = {secret!r}
    raise RuntimeError("POST with " + agent_secret + " and " + {token!r} + " failed")

registry.judge = judge
sys.argv = ["migrate", *sys.argv[1:]]
main.run()
"""


@pytest.mark.parametrize("command", [("scan",), ("doctor",), ("plan", "--name", "x")])
def test_a_fault_of_ours_leaks_nothing(
    running: tuple[Sandbox, Cli], command: tuple[str, ...]
) -> None:
    sandbox, cli = running
    secrets = secrets_of(sandbox)
    code = FAULT.format(secret=sandbox.jenkins.secret("linux-1"), token=sandbox.tokens["admin"])
    done = cli(*command, "-q", code=code)
    assert (done.code, done.out) == (1, "")
    assert "internal error (RuntimeError)" in done.problem
    file = re.search(r"report it with (\S+), which", done.next_command)
    assert file
    page = Path(file[1])
    assert page.stat().st_mode & 0o777 == 0o600
    text = page.read_text()
    assert "Traceback" in text
    assert "in judge" in text
    assert leaks(secrets, done.err + text) == []
    # The lines of our own code are there, the values of their variables are not.
    assert "locals" not in text
    assert text.count("\n") < 60
