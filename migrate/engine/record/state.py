"""The state of a run, from its journal alone."""

import shlex
from collections.abc import Iterable, Iterator

from migrate.model.errors import UsageProblem
from migrate.model.journal.base import Action, Intent, Note, Outcome, Undone
from migrate.model.journal.run import (
    AcceptedNote,
    Mark,
    PurgedNote,
    RollbackStarted,
    RunFinished,
    RunResumed,
    RunStarted,
    StepFinished,
    StepStarted,
)
from migrate.model.names import StageName
from migrate.model.next_command import Given, plan_folder
from migrate.model.plan_steps import PlanStep
from migrate.model.records import Record
from migrate.model.run import Phase, Run, RunStep, StepState

NOTED = (
    Action.RUN,
    Action.LOCK,
    Action.HELD,
    Action.CLOCK,
    Action.NO_PROGRESS,
    Action.HOOK,
    Action.PURGED,
)
"""Notes of a run that its report shows."""


def start_of(records: Iterable[Record]) -> RunStarted:
    """The first record; ``UsageProblem`` where there is none."""
    first = next(iter(records), None)
    if first is None or not isinstance(first.entry, RunStarted):
        raise UsageProblem("the journal is empty", next_command="migrate apply PLAN")
    return first.entry


def planned_steps(records: Iterable[Record]) -> list[tuple[StageName, str, PlanStep]]:
    """(stage, wave, step) of the plan that this run runs, as its first record keeps them."""
    return [(each.stage, each.wave, each.step) for each in start_of(records).steps]


def _phases(records: list[Record]) -> tuple[Phase, ...]:
    phases: list[Phase] = []
    for record in records:
        entry = record.entry
        if isinstance(entry, Intent):
            phases.append(Phase(entry.action, record.at, ""))
        elif isinstance(entry, Outcome | Undone):
            _close(phases, entry)
    return tuple(phases)


def _close(phases: list[Phase], entry: Outcome | Undone) -> None:
    """Tell the last phase of this action how it ended."""
    for index in range(len(phases) - 1, -1, -1):
        if phases[index].action != entry.action:
            continue
        if isinstance(entry, Undone):
            ended, detail = "undone", entry.text
        else:
            ended, detail = "ok" if entry.ok else "failed", entry.error or entry.text
        phases[index] = Phase(entry.action, phases[index].at, ended, detail)
        return


def _step(stage: StageName, wave: str, step: PlanStep, records: list[Record]) -> RunStep:
    state, message, needs, started, finished = StepState.PENDING, "", "", "", ""
    for record in records:
        entry = record.entry
        if isinstance(entry, StepStarted):
            state, started, finished = StepState.RUNNING, started or record.at, ""
        elif isinstance(entry, StepFinished):
            state, message, needs = entry.state, entry.message, entry.needs
            finished = record.at
        elif isinstance(entry, Mark):
            state = StepState.DONE if entry.done else StepState.MANUAL
            message = f"marked {entry.state} by {entry.by}: {entry.reason}"
            needs = "" if entry.done else needs
    return RunStep(
        step.id,
        step.kind,
        step.subject,
        step.title,
        stage,
        wave,
        state,
        message,
        needs,
        started,
        finished,
        _phases(records),
    )


def _given(records: tuple[Record, ...]) -> Given:
    """Connection options of the last start that had any, else the plan's."""
    starts = (r.entry for r in reversed(records))
    found = (e.given for e in starts if isinstance(e, RunStarted | RunResumed | RollbackStarted))
    return next((given for given in found if given), start_of(records).choices.given)


def _end(records: tuple[Record, ...]) -> tuple[RunFinished | None, str]:
    """How the last execution ended, and when; None: it has not."""
    for record in reversed(records):
        if isinstance(record.entry, RunFinished):
            return record.entry, record.at
        if isinstance(record.entry, RunResumed | RollbackStarted):
            break
    return None, ""


def derive(records: tuple[Record, ...], run_id: str, *, alive: bool) -> Run:
    """The run as its journal tells it; ``alive``: its process holds the lock."""
    first, planned = start_of(records), planned_steps(records)
    by_step: dict[str, list[Record]] = {}
    for record in records:
        if record.step:
            by_step.setdefault(record.step, []).append(record)
    end, finished = _end(records)
    state = end.state if end else ("running" if alive else "interrupted")
    given = _given(records)
    resume = f"migrate apply {shlex.quote(plan_folder(given, first.plan_name))} --resume"
    return Run(
        run_id=run_id,
        plan_name=first.plan_name,
        plan_id=first.plan_id,
        controller_url=first.controller_url,
        tool_version=first.tool_version,
        user=first.user,
        host=first.host,
        started=records[0].at,
        finished=finished,
        state=state,
        summary=end.summary if end else "",
        exit_code=end.exit_code if end else None,
        steps=tuple(_step(a, b, step, by_step.get(step.id, [])) for a, b, step in planned),
        accepted=tuple(
            f"{r.entry.text} ({r.at})" for r in records if isinstance(r.entry, AcceptedNote)
        ),
        notes=tuple(note.text for note in _notes(records) if note.text),
        given=given,
        next_command=end.next_command if end else (resume if state == "interrupted" else ""),
    )


def purged(records: Iterable[Record]) -> str:
    """When the run's backups were removed, and by whom; empty: they were not."""
    for record in records:
        if isinstance(record.entry, PurgedNote):
            return f"{record.entry.text} ({record.at})"
    return ""


def _notes(records: Iterable[Record]) -> Iterator[Note]:
    """Of the run itself, those that its report shows."""
    for record in records:
        if isinstance(record.entry, Note) and not record.step and record.entry.action in NOTED:
            yield record.entry
