"""State from journal records, budget, backups, lock."""

import json
import stat
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from journal_entries import append_line, entry, run_started

from migrate.engine.admission.budget import Budget
from migrate.engine.locks.file_lock import Locked, clear, holder, is_held, locked, me
from migrate.engine.record.folder import RunFolder, find_run
from migrate.engine.record.journal import Journal, read_journal
from migrate.engine.record.state import derive
from migrate.model.errors import MigrateError, UsageProblem
from migrate.model.journal.base import Action, BackupRef
from migrate.model.journal.node import (
    LaunchIntent,
    RestartOutcome,
    SwitchIntent,
    SwitchOutcome,
    SwitchUndone,
)
from migrate.model.journal.run import Mark, StepFinished, StepStarted
from migrate.model.names import DriverName
from migrate.model.plan_steps import MoveNode, PlanStep
from migrate.model.run import StepState
from migrate.steps.base import change_of, changes_in

NOW = "2026-01-02T03:04:05.678Z"


def started(folder: RunFolder, *steps: PlanStep) -> Journal:
    folder.create()
    journal = Journal(folder.journal_path, lambda: NOW)
    journal.write(run_started(*steps))
    return journal


def node_step(name: str) -> PlanStep:
    return MoveNode(
        id=f"node/{name}", subject=f"node {name}", title=name, node=name, driver=DriverName.REREAD
    )


def test_a_step_without_an_end_is_running_and_the_run_interrupted(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "runs" / "r")
    journal = started(folder, node_step("a"), node_step("b"))
    journal.write(StepStarted(), step="node/a")
    journal.write(entry("intent", "switch"), step="node/a")
    run = derive(read_journal(folder.journal_path), "r", alive=False)
    assert run.state == "interrupted"
    assert "--resume" in run.next_command
    assert [s.state for s in run.steps] == [StepState.RUNNING, StepState.PENDING]
    assert run.steps[0].phases[0].outcome == ""


@pytest.mark.parametrize(
    ("changed", "told", "use"),
    [
        ({"kind": "move-house"}, "a step of kind 'move-house', which", "the version of migrate"),
        ({"later": 1}, "the journal has a step that this version cannot read", "(migrate 0)"),
    ],
)
def test_a_run_of_another_version_is_refused_in_one_sentence(
    tmp_path: Path, changed: dict[str, Any], told: str, use: str
) -> None:
    folder = RunFolder(tmp_path / "runs" / "r")
    started(folder, node_step("a")).close()
    line = json.loads(folder.journal_path.read_text())
    line["data"]["steps"][0]["step"] |= changed
    folder.journal_path.unlink()
    append_line(folder.journal_path, kind="run-started", data=line["data"])
    with pytest.raises(UsageProblem) as caught:
        read_journal(folder.journal_path)
    assert told in caught.value.cause and use in caught.value.next_command


def test_a_mark_settles_a_manual_step(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "runs" / "r")
    journal = started(folder, node_step("a"))
    journal.write(StepFinished(state=StepState.MANUAL, message="m"), step="node/a")
    journal.write(Mark(state="done", reason="CHG-1", by="ann"), step="node/a")
    run = derive(read_journal(folder.journal_path), "r", alive=True)
    assert run.steps[0].state is StepState.DONE
    assert "ann" in run.steps[0].message
    assert "CHG-1" in run.steps[0].message


def test_changes_tell_what_stands_and_what_was_undone(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "runs" / "r")
    journal = started(folder, node_step("a"))
    journal.write(entry("intent", "switch", tunnel="n"), step="node/a")
    journal.write(SwitchOutcome(ok=True), step="node/a")
    journal.write(entry("intent", "restart"), step="node/a")
    journal.write(RestartOutcome(ok=False), step="node/a")
    journal.write(SwitchUndone(), step="node/a")
    found = changes_in(journal.records())
    assert found[Action.SWITCH].undone
    assert found[Action.SWITCH].intent == entry("intent", "switch", tunnel="n")
    assert found[Action.RESTART].outcome is None
    assert not found[Action.RESTART].undone
    switched = change_of(journal.records(), SwitchIntent)
    assert switched is not None and switched.intent.tunnel == "n"
    assert change_of(journal.records(), LaunchIntent) is None


@pytest.mark.parametrize(
    ("text", "total", "allowed"),
    [("0", 10, 0), ("2", 10, 2), ("10%", 10, 1), ("5%", 10, 0), ("100%", 7, 7)],
)
def test_budget_arithmetic(text: str, total: int, allowed: int) -> None:
    budget = Budget.parse(text)
    assert budget.allowed(total) == allowed
    assert f"allowed {allowed}" in budget.told(1, total)


@pytest.mark.parametrize("text", ["", "x", "-1", "101%", "1.5"])
def test_a_bad_budget_is_a_usage_problem(text: str) -> None:
    with pytest.raises(UsageProblem):
        Budget.parse(text)


def test_backups_are_private_and_checked(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "runs" / "r")
    folder.create()
    ref = folder.save("node.config.xml", b"<slave/>")
    again = folder.save("node.config.xml", b"<slave/>")
    other = folder.save("node.config.xml", b"<slave>2</slave>")
    assert ref == again
    assert other.file != ref.file
    assert folder.load(ref) == b"<slave/>"
    assert stat.S_IMODE(folder.backups.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder.backups / ref.file).stat().st_mode) == 0o600
    (folder.backups / ref.file).write_bytes(b"changed")
    with pytest.raises(MigrateError, match="SHA-256"):
        folder.load(ref)
    with pytest.raises(MigrateError):
        folder.load(BackupRef("missing", "0"))


def test_two_processes_cannot_hold_the_lock(tmp_path: Path) -> None:
    script = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from migrate.engine.locks.file_lock import locked, me
        with locked(Path(sys.argv[1]), me("now", "apply other")):
            print("held", flush=True)
            sys.stdin.read()
        """
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == "held"
        assert is_held(tmp_path)
        with pytest.raises(Locked, match="apply other"), locked(tmp_path, me("now", "mine")):
            pass
        with pytest.raises(Locked):
            clear(tmp_path)
        other.kill()
    assert not is_held(tmp_path)
    known = holder(tmp_path)
    assert known is not None
    assert known.pid == other.pid
    assert clear(tmp_path) == known
    assert holder(tmp_path) is None


def test_a_run_is_found_by_plan_and_by_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = RunFolder(tmp_path / "plans" / "t" / "runs" / "20260101-000000")
    started(folder).close()
    (tmp_path / "plans" / "t" / "plan.json").write_text("")
    monkeypatch.chdir(tmp_path)
    for text in ("plans/t", "plans/t/runs/20260101-000000", "20260101-000000"):
        assert find_run(text).journal_path == folder.journal_path
    with pytest.raises(UsageProblem):
        find_run("nothing-here")
