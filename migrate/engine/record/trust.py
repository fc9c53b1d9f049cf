"""Whether a journal may be acted on: its records fit each other, its backups lie in the run, and
its steps are those of the plan. Looked at before anything is done."""

from collections.abc import Iterable
from typing import Any

from migrate.engine.record.backups import own_folder, read_backup
from migrate.engine.record.folder import RunFolder
from migrate.engine.record.journal import JournalDamaged
from migrate.engine.record.state import choices_of, planned_steps
from migrate.model.errors import Blocked, MigrateError, UsageProblem
from migrate.model.plan import Plan
from migrate.model.records import Record
from migrate.model.text import visible
from migrate.plan_store.plan_folder import read_plan

_HEAD = ("plan_name", "plan_id", "controller_url", "tool_version", "user", "host")
_BACKUPS = ("backup", "before_backup", "after_backup")


def verified_plan(folder: RunFolder, records: tuple[Record, ...]) -> tuple[Plan | None, str]:
    """The plan of this run, where the plan's folder still has it, and else why it has not.

    ``Blocked`` when the journal has a step that this plan does not have.
    """
    try:
        plan = read_plan(folder.plan_folder)
    except UsageProblem as error:
        return None, error.cause
    if plan.plan_id != records[0].data["plan_id"]:
        return None, f"{folder.plan_folder.name} holds another plan than the one that was run"
    known = [(s.name, w.name, step) for s in plan.stages for w in s.waves for step in w.steps]
    for entry in planned_steps(records):
        if entry not in known:
            raise Blocked(
                f"the journal names a step that the plan does not have: {visible(entry[2].id)}; "
                "nothing was changed",
                next_command="do not run it: look who wrote the journal in the run's folder",
            )
    return plan, ""


def check_journal(folder: RunFolder, records: tuple[Record, ...]) -> None:
    """``JournalDamaged`` or ``UnsafeBackup``, in one sentence, for what no run has written."""
    if not records or records[0].kind != "run-started":
        raise _bad("it does not begin with run-started")
    head = records[0].data
    if not all(isinstance(head.get(key), str) for key in _HEAD):
        raise _bad("its first record does not say which plan was run")
    try:
        known = {step.id for _, _, step in planned_steps(records)}
        choices_of(records)
    except MigrateError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError):
        raise _bad("its first record does not hold the plan's steps") from None
    _check_order(records, known)
    for record in records:
        if record.kind == "intent":
            for name in _backups_of(record.data):
                _check_backup(folder, name)


def _check_order(records: tuple[Record, ...], known: set[str]) -> None:
    intents: set[tuple[str, str]] = set()
    touched: set[str] = set()
    for number, record in enumerate(records, 1):
        if record.seq != number:
            raise _bad(f"record {number} has the number {record.seq}")
        if record.step and record.step not in known:
            raise _bad(f"record {number} is about {record.step!r}, which is no step of the run")
        if record.kind == "intent":
            intents.add((record.step, record.action))
            touched.add(record.step)
        elif record.kind == "outcome" and (record.step, record.action) not in intents:
            raise _bad(f"record {number} is the outcome of {record.action!r}, which never began")
        elif record.kind in ("undo", "undone") and record.step not in touched:
            raise _bad(f"record {number} puts {record.action!r} back, which was never done")


def _backups_of(data: dict[str, Any]) -> Iterable[object]:
    files = data.get("files")
    kept = [data, *(files if isinstance(files, list) else [])]
    for each in kept:
        if not isinstance(each, dict):
            raise _bad("it names files in a form that no run writes")
        yield from (each[key] for key in _BACKUPS if key in each)


def _check_backup(folder: RunFolder, name: object) -> None:
    try:
        own_folder(folder.backups)
        read_backup(folder.backups, name)
    except OSError:
        return  # Missing: its step alone can't be put back, and says so.


def _bad(why: str) -> JournalDamaged:
    return JournalDamaged(
        f"the journal is not one that migrate wrote: {visible(why)}; nothing was changed",
        next_command="restore the file from a backup",
    )
