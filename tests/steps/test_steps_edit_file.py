"""edit-file on a real folder: crashes in between, other hands, other machines."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from journal_entries import run_started
from msgspec import structs
from typed import a

from migrate.engine.clock import RealClock, StopSignal
from migrate.engine.record.folder import RunFolder, StepJournal
from migrate.engine.record.journal import Journal
from migrate.model import plan_steps
from migrate.model.inventory import Cloud, Verdict
from migrate.model.journal.base import Entry, Intent
from migrate.model.plan import Choices
from migrate.model.ports import ControllerPort, ProbePort
from migrate.model.sources import SourceFile, SourcesWanted
from migrate.plan_store.replace import temporary_of
from migrate.planner.sources import edit_step
from migrate.sources.jcasc.locate import locate
from migrate.steps.base import (
    CheckState,
    Context,
    NotPutBack,
    RunSettings,
    StepBlocked,
    StepFailed,
)
from migrate.steps.checkout.edit_file import EditFile

KIND = EditFile()
TEXT = (
    "\ufeff# ours\r\njenkins:\r\n  clouds:\r\n  - kubernetes:\r\n      name: k é\r\n"
    "      jenkinsTunnel: h:1\r\n      serverCertificate: hunter2\r\n"
)
SECRET = "hunter2"


class Killed(BaseException):
    """The process died here."""


class Bench:
    def __init__(self, tmp_path: Path) -> None:
        self.root = tmp_path / "checkout"
        self.file = self.root / "a" / "casc.yaml"
        self.file.parent.mkdir(parents=True)
        self.text = TEXT
        self.file.write_bytes(self.text.encode())
        self.file.chmod(0o604)
        self.old = self.file.read_bytes()
        found = locate(
            [SourceFile(str(self.root), "a/casc.yaml", self.text)], SourcesWanted(("k é",))
        )
        self.step = a(plan_steps.EditFile, edit_step(found.edits[0]))
        self.run = RunFolder(tmp_path / "run")
        self.run.create()
        self.journal = self._opened()
        self.journal.write(run_started())
        self.clouds: tuple[Cloud, ...] = ()

    def ctx(self, *sources: Path) -> Context:
        return Context(
            jenkins=cast(ControllerPort, self),
            cluster=None,
            prober=cast(ProbePort, None),
            inventory=None,
            choices=Choices(name="t"),
            settings=RunSettings(sources=tuple(map(str, sources))),
            clock=RealClock(StopSignal()),
            emit=lambda event: None,
        )

    def run_script(self, script: str, arguments: dict[str, Any]) -> Any:
        """As the controller's ``list-clouds``."""
        kind = "org.csanchez.jenkins.plugins.kubernetes.KubernetesCloud"
        told = {"web_socket": True, "tunnel": None, "direct": False, "jenkins_url": None}
        return {"clouds": [{"name": c.name, "class": kind, **told} for c in self.clouds]}

    def _opened(self) -> Journal:
        return Journal(self.run.journal_path, lambda: "2026-01-01T00:00:00.000Z")

    def log(self) -> StepJournal:
        """As another process would see it."""
        self.journal.close()
        self.journal = self._opened()
        return StepJournal(self.run, self.journal, self.step.id)

    def around(self) -> list[str]:
        return sorted(path.name for path in self.file.parent.iterdir())


@pytest.fixture
def b(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_there_and_back_byte_for_byte_and_nothing_else_is_touched(b: Bench) -> None:
    ctx = b.ctx()
    for _ in range(2):
        log = b.log()
        assert KIND.check(b.step, ctx, log).state is CheckState.READY
        assert (
            KIND.dry_run(b.step, ctx) == "would change: a/casc.yaml, and nothing on the controller"
        )
        assert "+      webSocket: true" in KIND.diff(b.step, ctx)
        told = KIND.apply(b.step, ctx, log)
        assert told == KIND.apply(b.step, ctx, log)
        assert "knows once it is deployed" in told
        new = b.text.replace("      jenkinsTunnel: h:1\r\n", "")
        new = new.replace("name: k é\r\n", "name: k é\r\n      webSocket: true\r\n")
        assert b.file.read_bytes() == new.encode()
        assert b.file.stat().st_mode & 0o777 == 0o604 and b.around() == ["casc.yaml"]
        assert KIND.verify(b.step, ctx).verdict is Verdict.PASS
        assert KIND.check(b.step, ctx, log).state is CheckState.DONE
        assert KIND.diff(b.step, ctx) == "" and KIND.dry_run(b.step, ctx).startswith("no change")
        assert "byte for byte" in KIND.rollback(b.step, ctx, log)
        assert b.file.read_bytes() == b.old and b.file.stat().st_mode & 0o777 == 0o604
        assert KIND.verify(b.step, ctx).verdict is Verdict.FAIL
        assert KIND.rollback(b.step, ctx, log) == ""


def test_no_secret_beside_the_change_is_told_and_no_text_says_moved(b: Bench) -> None:
    ctx = b.ctx()
    texts = [KIND.diff(b.step, ctx), KIND.apply(b.step, ctx, b.log()), repr(b.step)]
    texts += [KIND.describe(b.step).text, b.run.journal_path.read_text()]
    assert SECRET not in "".join(texts)
    assert not any(word in " ".join(texts) for word in ("moved", "switched", "closed"))
    assert [p.stat().st_mode & 0o777 for p in b.run.backups.iterdir()] == [0o600]


CRASHES: list[tuple[Any, str]] = [
    (StepJournal, "write"),
    (StepJournal, "save"),
    (os, "fsync"),
    (os, "fchmod"),
    (Path, "replace"),
]


@pytest.mark.parametrize("number", range(len(CRASHES)))
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("way", ["resume", "roll back"])
def test_a_crash_at_any_place_is_resumed_or_rolled_back(
    b: Bench, number: int, after: bool, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, name = CRASHES[number]
    real: Callable[..., Any] = getattr(where, name)
    for nth in range(1, 12):
        calls = 0

        def dying(*words: Any, **more: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == nth and not after:  # noqa: B023
                raise Killed
            done = real(*words, **more)
            if calls == nth:  # noqa: B023
                raise Killed
            return done

        log = b.log()
        monkeypatch.setattr(where, name, dying)
        try:
            KIND.apply(b.step, b.ctx(), log)
            died = False
        except Killed:
            died = True
        monkeypatch.undo()
        if way == "resume":
            KIND.apply(b.step, b.ctx(), b.log())
            assert b"webSocket: true" in b.file.read_bytes()
        KIND.rollback(b.step, b.ctx(), b.log())
        assert b.file.read_bytes() == b.old and b.around() == ["casc.yaml"]
        if not died:
            assert nth > 1
            return
    raise AssertionError("it never came to its end")


def test_what_somebody_changed_is_theirs(b: Bench) -> None:
    ctx = b.ctx()
    b.file.write_bytes(b.old + b"# theirs\n")
    found = KIND.check(b.step, ctx)
    assert found.state is CheckState.DRIFTED and "plan again" in found.detail
    with pytest.raises(StepFailed, match="changed since the plan"):
        KIND.apply(b.step, ctx, b.log())
    b.file.write_bytes(b"jenkins: {}\n")
    assert KIND.check(b.step, ctx).state is CheckState.DRIFTED
    b.file.write_bytes(b.old)
    KIND.apply(b.step, ctx, b.log())
    theirs = b.file.read_bytes() + b"# theirs\n"
    b.file.write_bytes(theirs)
    # What is wanted is there: later work on the file is nobody's business but theirs.
    assert KIND.check(b.step, ctx, b.log()).state is CheckState.DONE
    with pytest.raises(NotPutBack, match="somebody else") as caught:
        KIND.rollback(b.step, ctx, b.log())
    assert "backup/" in caught.value.needs and b.file.read_bytes() == theirs


def test_saved_by_an_editor_in_the_last_moment(b: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    real = StepJournal.write

    def write(self: StepJournal, entry: Entry) -> None:
        real(self, entry)
        if isinstance(entry, Intent):
            b.file.write_bytes(b.old + b"# theirs\n")

    monkeypatch.setattr(StepJournal, "write", write)
    with pytest.raises(StepFailed, match="changed since the plan"):
        KIND.apply(b.step, b.ctx(), b.log())
    assert b.file.read_bytes() == b.old + b"# theirs\n"


def test_on_another_machine(b: Bench, tmp_path: Path) -> None:
    here = tmp_path / "here"
    b.root.rename(here)
    found = KIND.check(b.step, b.ctx())
    assert found.state is CheckState.BLOCKED and "--source DIR" in found.detail
    with pytest.raises(StepBlocked, match="on this machine"):
        KIND.apply(b.step, b.ctx(), b.log())
    assert KIND.verify(b.step, b.ctx()).verdict is Verdict.INCONCLUSIVE
    assert KIND.check(b.step, b.ctx(tmp_path, here)).state is CheckState.READY
    KIND.apply(b.step, b.ctx(here), b.log())
    # Back on a machine without it: the run knows what it did, and can't put it back there.
    assert "this run edited" in KIND.check(b.step, b.ctx(), b.log()).detail
    with pytest.raises(NotPutBack) as caught:
        KIND.rollback(b.step, b.ctx(), b.log())
    assert "--source DIR" in caught.value.needs
    assert KIND.rollback(b.step, b.ctx(here), b.log())
    # Deployed from elsewhere: the controller itself says so.
    assert KIND.check(b.step, b.ctx(), b.log()).state is CheckState.BLOCKED
    b.clouds = (Cloud("k é", "KubernetesCloud"),)
    now = KIND.check(b.step, b.ctx(), b.log())
    assert now.state is CheckState.DONE and "the controller reads as wanted" in now.detail


def test_links_and_ways_out_are_no_part_of_the_checkout(b: Bench, tmp_path: Path) -> None:
    two = tmp_path / "two"
    two.mkdir()
    (two / "a").symlink_to(b.file.parent)
    assert KIND.check(b.step, b.ctx(two)).state is CheckState.BLOCKED
    for path in ("../checkout/a/casc.yaml", str(b.file)):
        out = structs.replace(b.step, path=path)
        assert KIND.check(out, b.ctx(two)).state is CheckState.BLOCKED
    assert KIND.check(b.step, b.ctx(b.root, two)).state is CheckState.READY


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_read_only(b: Bench) -> None:
    b.file.parent.chmod(0o500)
    try:
        with pytest.raises(StepBlocked, match="not writable"):
            KIND.dry_run(b.step, b.ctx())
        with pytest.raises(StepBlocked, match="not writable"):
            KIND.apply(b.step, b.ctx(), b.log())
    finally:
        b.file.parent.chmod(0o700)


def test_a_disk_that_is_full_leaves_the_file(b: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    log = b.log()
    monkeypatch.setattr(os, "fchmod", full)
    with pytest.raises(StepFailed, match="No space left"):
        KIND.apply(b.step, b.ctx(), log)
    monkeypatch.undo()
    assert b.file.read_bytes() == b.old and not temporary_of(b.file).exists()
    assert KIND.rollback(b.step, b.ctx(), b.log())


def test_the_port_after_the_clouds_of_the_same_file(b: Bench) -> None:
    text = b.text.replace("  clouds:", "  slaveAgentPort: 5  # p\r\n  clouds:")
    b.file.write_bytes(text.encode())
    file = SourceFile(str(b.root), "a/casc.yaml", text)
    edits = locate([file], SourcesWanted(("k é",), port=True)).edits
    cloud, port = (a(plan_steps.EditFile, edit_step(edit)) for edit in edits)
    # Rehearsed before the other, and after it: both are as planned.
    assert KIND.check(port, b.ctx()).state is CheckState.READY
    logs: dict[str, Any] = {}
    for step in (cloud, port):
        logs[step.id] = StepJournal(b.run, b.journal, step.id)
        assert KIND.check(step, b.ctx()).state is CheckState.READY
        KIND.apply(step, b.ctx(), logs[step.id])
    assert b"slaveAgentPort: -1  # p" in b.file.read_bytes()
    for step in (port, cloud):
        assert KIND.rollback(step, b.ctx(), logs[step.id])
    assert b.file.read_bytes() == text.encode()
