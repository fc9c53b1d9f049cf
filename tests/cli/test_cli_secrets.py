"""A fault of ours leaves a traceback in a private file, and no secret (test_cli_canaries: all
the rest)."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_lab import Cli, lab

from migrate.sandbox.installation import Sandbox


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
