"""The facts of a run."""

from collections import Counter

from migrate.model.finding import Severity
from migrate.model.run import Run, RunStep, StepState
from migrate.report.machine.facts import (
    Case,
    CaseState,
    Facts,
    Metric,
    Remark,
    Rows,
    counted,
    one,
)
from migrate.report.machine.time import between, seconds_of

_PASSED = (StepState.DONE, StepState.NOTHING)
_SKIPPED = (StepState.PENDING, StepState.RUNNING, StepState.MANUAL, StepState.ROLLED_BACK)
_BAD = (StepState.STUCK, StepState.FAILED)
_QUIET = (*_PASSED, StepState.PENDING, StepState.RUNNING, StepState.ROLLED_BACK)


def facts(run: Run) -> Facts:
    """Its steps."""
    return Facts(
        f"run/{run.plan_name}/{run.controller_url}",
        tuple(_remark(step) for step in run.steps if step.state not in _QUIET),
        tuple(_case(step) for step in run.steps),
        Rows(
            (
                "stage", "wave", "step", "kind", "subject", "state", "message", "needs",
                "started", "finished",
            ),
            tuple(
                (
                    s.stage, s.wave, s.id, s.kind, s.subject, s.state.value, s.message, s.needs,
                    s.started, s.finished,
                )
                for s in run.steps
            ),
        ),
        _metrics(run),
    )  # fmt: skip


def _remark(step: RunStep) -> Remark:
    severity = Severity.BLOCKER if step.state in _BAD else Severity.WARNING
    told = ": ".join(part for part in (step.title, step.state.value, step.message) if part)
    return Remark(f"run.{step.state.value}", severity, step.subject, told, step.needs)


def _case(step: RunStep) -> Case:
    state = CaseState.FAILED
    if step.state in _PASSED:
        state = CaseState.PASSED
    elif step.state in _SKIPPED:
        state = CaseState.SKIPPED
    told = ": ".join(part for part in (step.state.value, step.message) if part)
    phases = "\n".join(
        f"{p.at} {p.action} {p.outcome or 'under way'} {p.detail}".rstrip() for p in step.phases
    )
    detail = "\n".join(part for part in (step.needs, phases) if part)
    took = between(step.started, step.finished)
    return Case(f"migrate.run.{step.stage}", step.id, state, told, detail, took)


def _metrics(run: Run) -> tuple[Metric, ...]:
    labels = {"controller": run.controller_url, "plan": run.plan_name}
    seen = Counter(step.state for step in run.steps)
    code = () if run.exit_code is None else (run.exit_code,)
    return (
        counted(
            "migrate_run_steps",
            "Steps of the newest run by state.",
            "state",
            {state.value: seen[state] for state in StepState},
            **labels,
        ),
        one(
            "migrate_run_started_seconds",
            "When the run began, in seconds since 1970.",
            seconds_of(run.started),
            **labels,
        ),
        *(
            one("migrate_run_finished_seconds", "When the run ended.", seconds_of(t), **labels)
            for t in (run.finished,)
            if t
        ),
        *(one("migrate_run_exit_code", "Exit code of the run.", c, **labels) for c in code),
    )
