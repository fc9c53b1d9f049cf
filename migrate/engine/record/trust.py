"""Whether a journal may be acted on: its records fit each other, its intents name what their steps
are about, its backups lie in the run, and its steps are those of the plan. Looked at before
anything is done."""

from migrate.engine.record.backups import own_folder, read_backup
from migrate.engine.record.bounds import stranger
from migrate.engine.record.folder import RunFolder
from migrate.engine.record.journal import JournalDamaged
from migrate.engine.record.state import planned_steps, start_of
from migrate.model.errors import Blocked, UsageProblem
from migrate.model.journal.base import Intent, Outcome, Undo, Undone
from migrate.model.journal.run import RunStarted
from migrate.model.plan import Plan
from migrate.model.plan_steps import PlanStep
from migrate.model.records import Record
from migrate.model.text import visible
from migrate.plan_store.plan_folder import read_plan


def verified_plan(folder: RunFolder, records: tuple[Record, ...]) -> tuple[Plan | None, str]:
    """The plan of this run, where the plan's folder still has it, and else why it has not.

    ``Blocked`` when the journal has a step that this plan does not have.
    """
    try:
        plan = read_plan(folder.plan_folder)
    except UsageProblem as error:
        return None, error.cause
    if plan.plan_id != start_of(records).plan_id:
        return None, f"{folder.plan_folder.name} holds another plan than the one that was run"
    check_steps(plan, records)
    return plan, ""


def check_steps(plan: Plan, records: tuple[Record, ...]) -> None:
    """``Blocked`` when the journal has a step that the plan does not have."""
    known = {
        step.id: (stage.name, wave.name, step)
        for stage in plan.stages
        for wave in stage.waves
        for step in wave.steps
    }
    for entry in planned_steps(records):
        if known.get(entry[2].id) != entry:
            raise Blocked(
                f"the journal names a step that the plan does not have: {visible(entry[2].id)}; "
                "nothing was changed",
                next_command="do not run it: look who wrote the journal in the run's folder",
            )


def check_journal(folder: RunFolder, records: tuple[Record, ...]) -> None:
    """``JournalDamaged`` or ``UnsafeBackup``, in one sentence, for what no run has written."""
    if not records or not isinstance(records[0].entry, RunStarted):
        raise _bad("it does not begin with run-started")
    steps = {step.id: step for _, _, step in planned_steps(records)}
    _check_order(records, steps)
    for record in records:
        if isinstance(record.entry, Intent):
            for kept in record.entry.backups():
                _check_backup(folder, kept.file)


def _check_order(records: tuple[Record, ...], steps: dict[str, PlanStep]) -> None:
    intents: set[tuple[str, str]] = set()
    touched: set[str] = set()
    for number, record in enumerate(records, 1):
        entry, step = record.entry, steps.get(record.step)
        if record.seq != number:
            raise _bad(f"record {number} has the number {record.seq}")
        if record.step and step is None:
            raise _bad(f"record {number} is about {record.step!r}, which is no step of the run")
        if isinstance(entry, Intent):
            strange = stranger(step, entry) if step is not None else "a change of no step"
            if strange:
                raise _bad(f"record {number} names {strange}, which its step does not")
            intents.add((record.step, entry.action))
            touched.add(record.step)
        elif isinstance(entry, Outcome) and (record.step, entry.action) not in intents:
            raise _bad(f"record {number} is the outcome of '{entry.action}', which never began")
        elif isinstance(entry, Undo | Undone) and record.step not in touched:
            raise _bad(f"record {number} puts '{entry.action}' back, which was never done")


def _check_backup(folder: RunFolder, name: str) -> None:
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
