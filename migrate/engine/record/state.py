"""The state of a run, from its journal alone."""

import shlex
from collections.abc import Iterable
from typing import Any

from migrate.model.errors import UsageProblem
from migrate.model.next_command import Given, plan_folder
from migrate.model.plan import Choices
from migrate.model.plan_steps import PlanStep, read_step, refuse_unknown
from migrate.model.records import Record
from migrate.model.run import Phase, Run, RunStep, StepState
from migrate.model.serialize import from_data
from migrate.model.text import visible

PURGED = "purged"
"""A note: the run's backups were removed."""
NOTED = ("run", "lock", "held", "clock", "no-progress", "hook", PURGED)
"""Notes of a run that its report shows."""
OUTCOME_OF = {True: "ok", False: "failed"}


def planned_steps(records: Iterable[Record]) -> list[tuple[str, str, PlanStep]]:
    """(stage, wave, step) of the plan that this run runs, as its first record keeps them."""
    first = next(iter(records), None)
    if first is None or first.kind != "run-started":
        raise UsageProblem("the journal is empty", next_command="migrate apply PLAN")
    return [(e["stage"], e["wave"], _read(e["step"], first)) for e in first.data["steps"]]


def _read(data: Any, first: Record) -> PlanStep:
    try:
        return read_step(data)
    except ValueError as error:
        refuse_unknown(error)
        raise UsageProblem(
            f"the journal has a step that this version cannot read: {visible(str(error))}",
            next_command=f"use migrate {visible(str(first.data['tool_version']))}, which ran it",
        ) from error


def choices_of(records: Iterable[Record]) -> Choices:
    """The plan's choices, as the first record keeps them."""
    first = next(iter(records))
    return from_data(first.data["choices"], Choices)


def _phases(records: list[Record]) -> tuple[Phase, ...]:
    phases: list[Phase] = []
    for record in records:
        if record.kind == "intent":
            phases.append(Phase(record.action, record.at, ""))
        elif record.kind in ("outcome", "undone"):
            for index in range(len(phases) - 1, -1, -1):
                if phases[index].action == record.action:
                    told = OUTCOME_OF[bool(record.data.get("ok", True))]
                    outcome = "undone" if record.kind == "undone" else told
                    detail = str(record.data.get("error", "") or record.data.get("text", ""))
                    phases[index] = Phase(record.action, phases[index].at, outcome, detail)
                    break
    return tuple(phases)


def _step(stage: str, wave: str, step: PlanStep, records: list[Record]) -> RunStep:
    state, message, needs, started, finished = StepState.PENDING, "", "", "", ""
    for record in records:
        if record.kind == "step-started":
            state, started, finished = StepState.RUNNING, started or record.at, ""
        elif record.kind == "step-finished":
            state = StepState(record.data["state"])
            message, needs = record.data.get("message", ""), record.data.get("needs", "")
            finished = record.at
        elif record.kind == "mark":
            done = record.data["state"] == "done"
            state = StepState.DONE if done else StepState.MANUAL
            message = f"marked {record.data['state']} by {record.data['by']}: " + str(
                record.data["reason"]
            )
            needs = "" if done else needs
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
    starts = [r for r in records if r.kind in ("run-started", "run-resumed", "rollback-started")]
    found = next((r.data["given"] for r in reversed(starts) if r.data.get("given")), None)
    if found is None:
        found = records[0].data["choices"].get("given") or ()
    return tuple((str(option), str(value)) for option, value in found)


def derive(records: tuple[Record, ...], run_id: str, *, alive: bool) -> Run:
    """The run as its journal tells it; ``alive``: its process holds the lock."""
    planned = planned_steps(records)
    by_step: dict[str, list[Record]] = {}
    for record in records:
        if record.step:
            by_step.setdefault(record.step, []).append(record)
    steps = tuple(_step(a, b, step, by_step.get(step.id, [])) for a, b, step in planned)
    first = records[0].data
    ends = [r for r in records if r.kind in ("run-finished", "run-resumed", "rollback-started")]
    last = ends[-1] if ends and ends[-1].kind == "run-finished" else None
    end: dict[str, Any] = last.data if last else {}
    state = end.get("state", "") if last else ("running" if alive else "interrupted")
    given = _given(records)
    resume = f"migrate apply {shlex.quote(plan_folder(given, first['plan_name']))} --resume"
    return Run(
        run_id=run_id,
        plan_name=first["plan_name"],
        plan_id=first["plan_id"],
        controller_url=first["controller_url"],
        tool_version=first["tool_version"],
        user=first["user"],
        host=first["host"],
        started=records[0].at,
        finished=last.at if last else "",
        state=state,
        summary=end.get("summary", ""),
        exit_code=end.get("exit_code"),
        steps=steps,
        accepted=tuple(
            f"{r.data['text']} ({r.at})" for r in records if r.action == "accepted" and not r.step
        ),
        notes=tuple(
            str(r.data["text"])
            for r in records
            if r.kind == "note" and not r.step and r.action in NOTED and r.data.get("text")
        ),
        given=given,
        next_command=end.get("next_command", resume if state == "interrupted" else ""),
    )


def purged(records: Iterable[Record]) -> str:
    """When the run's backups were removed, and by whom; empty: they were not."""
    for record in records:
        if record.kind == "note" and record.action == PURGED and not record.step:
            return f"{record.data.get('text', '')} ({record.at})"
    return ""
