"""No secret comes out: every command, failing and crashing ones too, at every verbosity.

Looked at are outputs, plan, runbooks, journal, report, crash files, temporary files, and what
children are given. A run's backups are whole configurations, and are left out.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from canary_lab import (
    KUBECONFIG,
    PROXY_PASSWORD,
    SCENARIO,
    TOKEN,
    URL_PASSWORD,
    Canaries,
    echo,
    plant,
)
from cli_lab import SCALE, Cli

from migrate.cli.console import FORMATS
from migrate.cli.main import COMMANDS
from migrate.sandbox.installation import Sandbox

PLANTED = frozenset({"checkout", "bin", "hooks", "backup", "patch", "kube-echo.yaml", "token-file"})
"""What holds a canary because it was planted there, or has to (a patch, a run's backups)."""
FAST = ("--soak", "0", "--poll", "0.05")


@dataclass(frozen=True)
class Lab:
    """A sandbox with canaries, and the command with what it needs."""

    sandbox: Sandbox
    cli: Cli
    canaries: Canaries

    def run(self, *words: str, code: str = "", **extra: str | None) -> int:
        return self.canaries.run(self.cli, *words, code=code, **extra).code


@contextmanager
def planted(folder: Path) -> Iterator[Lab]:
    """Everything with a secret in it."""
    work = folder / "work"
    work.mkdir()
    sandbox = Sandbox(folder / "sandbox", scenario=SCENARIO, time_scale=SCALE)
    sandbox.tokens["admin"] = TOKEN
    with sandbox:
        canaries = plant(sandbox, work)
        settings = sandbox.environment() | {"KUBECONFIG": str(sandbox.home / KUBECONFIG)}
        cli = Cli(work, {**settings, "PATH": f"{work / 'bin'}:{settings['PATH']}"})
        (work / "drivers.yaml").write_text(
            f"controllers: {{a: {{url: '{sandbox.root_url}'}}}}\n"
            'drivers: {ssh: {host: "{node}"}, command: {program: [bin/program], nodes: [told]}}\n'
        )
        yield Lab(sandbox, cli, canaries)


def a_migration(lab: Lab) -> None:
    words: tuple[str, ...]
    run, source = lab.run, ("--source", str(lab.sandbox.home / "checkout"))
    drivers = ("--config", "drivers.yaml")
    for words in (("doctor",), ("doctor", "-o", "json"), ("doctor", "-q")):
        assert run(*words) == 0
    for form in FORMATS:
        assert run("scan", "-o", form, "--details", "--history", "history") == 0
        assert run("trend", "history", "-o", form) == 0
    assert run("scan", "-o", "json", "--read-by", "rest") == 0
    assert run("scan", "--source", "checkout", "--patch", "patch") == 0
    made = ("plan", "--probe-hold", "1", "--verify-timeout", "20", "--secrets-to-files", *source)
    chosen = ("--driver", "by-ssh=ssh", "--driver", "told=command")
    assert run(*made, "--name", "t", *drivers, *chosen) == 0
    assert run(*made, "--name", "u", "-q", "--no-upgrade", "--shareable") == 0
    for form in FORMATS:
        assert run("show", "plans/t", "-o", form) == 0
    apply = ("apply", "plans/t", "--yes", *FAST, *drivers, *source, "--max-failures", "100%")
    some = ("--node", "plain", "--node", "by-ssh", "--node", "told")
    assert run(*apply[:2], "--dry-run", *drivers) == 0
    assert run(*apply, "--hooks", "hooks", "-q", *some) in (1, 7)
    assert run(*apply, "--hooks", "hooks", "--resume", "--confirm", "localhost") in (1, 4, 7)
    for form in FORMATS:
        assert run("report", "plans/t", "-o", form) == 0
        assert run("status", "plans/t", "-o", form) == 0
    for words in (
        ("diff", "plans/t", "now", "-o", "json"),
        ("explain", "by-compose", "plans/t"),
        ("handover", "plans/t", "--owner-label", "team-*"),
    ):
        assert run(*words) in (0, 10), words
    for words in (("status",), ("pause", "plans/t"), ("continue", "plans/t")):
        assert run(*words) == 0
    assert run("mark", "plans/t", "by-pod", "done", "--reason", f"password: {TOKEN}") == 0
    assert run("verify") == 1
    assert run("purge", "plans/t", "--yes") == 3
    assert run("unlock", "plans/t", "--yes") == 0
    back = ("rollback", "plans/t", *drivers, "--poll", "0.05", *source)
    assert run(*back, "--dry-run") == 0
    assert run(*back, "--yes") in (0, 1, 4)
    assert run("report", "plans/t", "-o", "json") == 0
    read = lab.canaries.look_at_files(but=PLANTED)
    assert {"plan.json", "plan.md", "inventory.json", "journal.jsonl", "report.html"} <= set(read)
    assert any(name.startswith("by-compose") for name in read), "no runbook"
    given = {path.name.partition(".")[0] for path in (lab.cli.folder / "given").iterdir()}
    assert given == {"ssh", "program", "before-run", "before-node", "after-node", "kube-login"}


LOGGED_IN = (
    ("doctor",),
    ("scan",),
    ("scan", "--read-by", "script"),
    ("plan", "--name", "x"),
    ("apply", "plans/t", "--dry-run"),
    ("apply", "plans/t", "--resume", "--yes"),
    ("verify",),
    ("rollback", "plans/t", "--yes"),
    ("unlock", "plans/t", "--yes"),
)


def a_server_that_echoes(lab: Lab, status: int) -> None:
    with echo(status) as url:
        kubeconfig = lab.cli.folder / "kube-echo.yaml"
        document = json.loads(Path(lab.sandbox.environment()["KUBECONFIG"]).read_text())
        document["clusters"][0]["cluster"]["server"] = url
        kubeconfig.write_text(json.dumps(document))
        token = lab.cli.folder / "token-file"
        token.write_text(f"{TOKEN}\n")
        token.chmod(0o600)
        for words in LOGGED_IN if status == 500 else LOGGED_IN[:2]:
            code = lab.run(*words, JENKINS_URL=url)
            assert code != 0 or words[0] == "rollback", words
        by_file = ("--token-file", "token-file", "--jenkins-user", "admin")
        assert lab.run("scan", *by_file, "-q", JENKINS_URL=url, JENKINS_API_TOKEN=None) != 0
        for words in LOGGED_IN[:2]:
            lab.run(*words, "--kubeconfig", str(kubeconfig))


def an_address_with_a_login(lab: Lab) -> None:
    with_user = lab.sandbox.root_url.replace("://", f"://admin:{URL_PASSWORD}@")
    proxy = f"http://me:{PROXY_PASSWORD}@127.0.0.1:9/"
    for words in LOGGED_IN:
        lab.run(*words, "--jenkins-url", with_user)
    lab.run("scan", JENKINS_URL=with_user)
    # A proxy counts for whatever this machine starts: a kubeconfig's login may need it.
    lab.run(
        "scan", "--no-cluster", HTTPS_PROXY=proxy, HTTP_PROXY=proxy, http_proxy=proxy, NO_PROXY=""
    )


FAULT = """
import sys
import {module} as broken
import migrate.cli.main as main

def fail(*words, **more):
    agent_secret = {secret!r}
    raise RuntimeError("POST with " + agent_secret + " and " + {token!r} + " failed" + repr(more))

{place} = fail
sys.argv = ["migrate", *sys.argv[1:]]
main.run()
"""


def a_crash(lab: Lab, module: str, place: str, *words: str) -> None:
    secret = lab.sandbox.jenkins.secret("plain")
    code = FAULT.format(module=module, place=place, secret=secret, token=TOKEN)
    assert lab.run(*words, code=code) != 0
    read = lab.canaries.look_at_files(but=PLANTED)
    assert any(name.startswith("migrate-crash-") or name == "crash.txt" for name in read)


@pytest.mark.timeout(600)
def test_no_secret_comes_out(tmp_path: Path) -> None:
    # One after the other in one installation: a start of it costs more than what is tried there.
    with planted(tmp_path) as lab:
        a_migration(lab)
        for status in (200, 302, 401, 403, 500):
            a_server_that_echoes(lab, status)
        an_address_with_a_login(lab)
        a_crash(lab, "migrate.rules.registry", "broken.judge", "scan", "-q")
        move = "migrate.steps.node.move_node"
        a_crash(lab, move, "broken.MoveNode.check", "apply", "plans/u", "--yes", *FAST)
        lab.canaries.look_at_files(but=PLANTED)
        assert lab.canaries.seen == []
        ran = {shown.partition(" ")[0] for shown, _ in lab.canaries.ran}
        assert {command.name for command in COMMANDS} - ran == {"sandbox"}
