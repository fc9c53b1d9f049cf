"""Launches that are edited through the agent itself: what a person sees, crashes, and ends."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e_cli import PLAN, Cli, Done
from e2e_installation import until
from e2e_sandbox import SandboxInstallation
from e2e_steps import HOSTED, HOSTS, journal_of, planned
from typed import a

from migrate.cli.session import Session
from migrate.drivers.errors import DriverError
from migrate.engine.record.folder import StepJournal
from migrate.model.inventory import Verdict
from migrate.model.journal.base import BackupRef, Entry
from migrate.model.plan_steps import FilesEdit, MoveNode
from migrate.model.reach import InbandReach
from migrate.model.records import Record
from migrate.steps.base import NotPutBack, StepFailed
from migrate.steps.registry import kind_of

NAMES = {node.name for node in HOSTED}


@pytest.fixture
def there(tmp_path: Path) -> Iterator[SandboxInstallation]:
    work, home = tmp_path / "work", tmp_path / "home"
    work.mkdir()
    installation = SandboxInstallation(work, home, HOSTED, frozenset(), HOSTS)
    try:
        yield installation
    finally:
        installation.stop()


def secrets_in(there: SandboxInstallation, *told: Done) -> list[str]:
    """Where an agent's secret can be read that is no backup: files, and what commands printed."""
    secrets = [there.sandbox.jenkins.secret(name) for name in NAMES]
    texts = {str(i): done.text for i, done in enumerate(told)}
    for path in there.work.rglob("*"):
        if path.is_file() and path.parent.name != "backup":
            texts[str(path)] = path.read_text(errors="replace")
    return [name for name, text in texts.items() if any(s in text for s in secrets)]


@pytest.mark.long
def test_moved_with_their_secrets_in_files_and_back(there: SandboxInstallation) -> None:
    cli, before = Cli(there), there.everything()
    told = [cli.plan("--secrets-to-files", "--no-close")]
    told += [cli.run("show", PLAN, "-o", form) for form in ("text", "json", "md", "html")]
    told.append(cli.apply("--dry-run"))
    assert there.everything() == before
    told.append(cli.apply())
    there.comes_to(dict.fromkeys(NAMES, "WebSocket"))
    fresh = {k: v for k, v in there.launches().items() if k not in before["launches"]}
    assert {Path(name).name for name in fresh} == {f"agent-secret-{name}" for name in NAMES}
    assert {mode & 0o777 for _, mode in fresh.values()} == {0o600}
    held = [body for body, _ in there.launches().values() if b"agent-secret-by-" in body]
    assert len(held) == len(NAMES)
    backups = [p for p in there.work.rglob("backup") if p.is_dir()]
    assert {p.stat().st_mode & 0o777 for p in backups} == {0o700}
    assert {f.stat().st_mode & 0o777 for p in backups for f in p.iterdir()} == {0o600}
    told += [cli.run("report", PLAN, "-o", form) for form in ("text", "json", "md", "html")]
    told += [cli.run("status", PLAN), cli.rollback()]
    assert secrets_in(there, *told) == []
    until(lambda: there.everything() == before)


class Crash(BaseException):
    """The process is gone."""


class Until:
    """A journal that ends the process right before or after the record with this number."""

    def __init__(self, log: StepJournal, number: int, *, written: bool) -> None:
        self._log, self._left, self._written = log, number, written

    def write(self, entry: Entry) -> None:
        self._left -= 1
        if self._left < 0 and not self._written:
            raise Crash
        self._log.write(entry)
        if self._left < 0:
            raise Crash

    def records(self) -> tuple[Record, ...]:
        return self._log.records()

    def of_run(self) -> tuple[Record, ...]:
        return self._log.of_run()

    def save(self, name: str, body: bytes) -> BackupRef:
        return self._log.save(name, body)

    def load(self, ref: BackupRef) -> bytes:
        return self._log.load(ref)


def crash_and_go_on(session: Session, node: str, number: int, *, written: bool) -> bool:
    """Killed there, applied again, seen, put back; False where the step had ended before."""
    step, ctx = session.plan.step(f"node/{node}"), session.ctx
    kind, log = kind_of(step.kind), journal_of(session, step)
    try:
        kind.apply(step, ctx, Until(log, number, written=written))
        ended = False
    except Crash:
        kind.apply(step, ctx, log)
        ended = True
    assert kind.verify(step, ctx).verdict is Verdict.PASS
    kind.rollback(step, ctx, log)
    return ended


@pytest.mark.long
@pytest.mark.parametrize("written", [True, False])
@pytest.mark.parametrize("node", sorted(NAMES))
def test_killed_at_any_record(there: SandboxInstallation, node: str, written: bool) -> None:
    session, before = planned(there, there.work, "--secrets-to-files"), there.everything()
    number = 0
    while crash_and_go_on(session, node, number, written=written):
        until(lambda: there.everything() == before)
        number += 1
    assert number > 8


def test_killed_between_the_edit_and_its_outcome(there: SandboxInstallation) -> None:
    session, before = planned(there, there.work, "--secrets-to-files"), there.everything()
    step, ctx = session.plan.step("node/by-script"), session.ctx
    kind, log = kind_of(step.kind), journal_of(session, step)
    # Hold, upgrade and switch with their outcomes, then the launch's intent: the edit is made, and
    # what comes next, its outcome, is never written.
    with pytest.raises(Crash):
        kind.apply(step, ctx, Until(log, 7, written=False))
    last = log.records()[-1]
    assert (last.kind, last.action) == ("intent", "launch")
    edited = there.launches()
    assert edited != before["launches"]
    kind.apply(step, ctx, log)
    assert {k: v for k, v in there.launches().items() if not k.endswith(".jar")} == {
        k: v for k, v in edited.items() if not k.endswith(".jar")
    }
    assert kind.verify(step, ctx).verdict is Verdict.PASS
    kind.rollback(step, ctx, log)
    until(lambda: there.everything() == before)


def on_host(there: SandboxInstallation, host: str, *words: str) -> None:
    folder = there.sandbox.hosts[host].folder
    subprocess.run([folder / "bin" / words[0], *words[1:]], check=True, timeout=30)


@pytest.mark.long
def test_an_agent_that_has_ended_is_the_loudest_line(there: SandboxInstallation) -> None:
    session = planned(there, there.work, "--secrets-to-files", "--verify-timeout", "8")
    before = there.everything()
    step, ctx = session.plan.step("node/by-script"), session.ctx
    kind, log = kind_of(step.kind), journal_of(session, step)
    kind.apply(step, ctx, log)
    unit = "jenkins-agent-by-script.service"
    on_host(there, "units", "systemctl", "stop", unit)
    until(lambda: there.transport("by-script") == "")
    with pytest.raises(NotPutBack) as left:
        kind.rollback(step, ctx, log)
    assert "did not come back" in left.value.cause
    needs = left.value.needs
    assert f"systemctl restart {unit}" in needs
    assert "start-agent.sh back from the run's backup/by-script.launch-1.before" in needs
    assert "rm " in needs and "agent-secret-by-script" in needs
    # Somebody starts it; from then on the rest can be put back as usual.
    on_host(there, "units", "systemctl", "start", unit)
    until(lambda: there.transport("by-script") == "WebSocket")
    kind.rollback(step, ctx, log)
    until(lambda: there.everything() == before)


def test_an_agent_whose_supervisor_changed_its_mind_is_not_ended(
    there: SandboxInstallation,
) -> None:
    session = planned(there, there.work)
    step, ctx = session.plan.step("node/by-variables"), session.ctx
    kind, log = kind_of(step.kind), journal_of(session, step)
    folder = there.sandbox.hosts["units"].folder
    unit = folder / "etc/systemd/system/jenkins-agent-by-variables.service"
    unit.write_text(unit.read_text().replace("Restart=always", "Restart=no"))
    on_host(there, "units", "systemctl", "daemon-reload")
    before = there.everything()
    log_before = ctx.jenkins.agent_log("by-variables").session
    with pytest.raises(DriverError, match="Restart=no"):
        kind.apply(step, ctx, log)
    assert kind.rollback(step, ctx, log)
    assert there.everything() == before
    assert ctx.jenkins.agent_log("by-variables").session == log_before


def test_a_file_that_says_something_else_is_not_overwritten(there: SandboxInstallation) -> None:
    session = planned(there, there.work, "--secrets-to-files")
    step, ctx = session.plan.step("node/by-winsw"), session.ctx
    kind, log = kind_of(step.kind), journal_of(session, step)
    edit = a(FilesEdit, a(MoveNode, step).launch_edit)
    taken = Path(a(str, edit.secret_file))
    taken.write_text("somebody's notes\n")
    before = there.everything()
    with pytest.raises(StepFailed, match="is there already and says something else"):
        kind.apply(step, ctx, log)
    # Seen before anything was changed but the node's offline mark.
    assert {r.action for r in log.records()} == {"hold"}
    kind.rollback(step, ctx, log)
    assert there.everything() == before
    assert taken.read_text() == "somebody's notes\n"


def test_what_the_plan_holds_of_a_launch(there: SandboxInstallation) -> None:
    session = planned(there, there.work, "--secrets-to-files")
    moves = [s for s in session.plan.steps() if isinstance(s, MoveNode)]
    drivers = {s.node: a(InbandReach, s.reach).by for s in moves}
    assert drivers == {
        "by-script": "exit",
        "by-variables": "exit",
        "by-winsw": "service",
        "by-user-unit": "user-unit",
    }
    assert secrets_in(there) == []
