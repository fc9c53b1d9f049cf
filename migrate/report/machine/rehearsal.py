"""The facts of a dry run."""

from collections import Counter

from migrate.model.finding import Severity
from migrate.model.rehearsal import IN_ORDER, Rehearsal, RehearsedStep
from migrate.report.machine.facts import Case, CaseState, Facts, Remark, Rows, counted, one
from migrate.report.machine.time import seconds_of

_BAD = ("drifted", "blocked")
_GOOD = ("would change", "no change")


def facts(rehearsal: Rehearsal) -> Facts:
    """Its steps."""
    labels = {"controller": rehearsal.controller_url, "plan": rehearsal.plan_name}
    seen = Counter(step.verdict for step in rehearsal.steps)
    return Facts(
        f"rehearsal/{rehearsal.plan_name}/{rehearsal.controller_url}",
        tuple(_remark(step) for step in rehearsal.steps if step.verdict not in _GOOD),
        tuple(_case(step) for step in rehearsal.steps),
        Rows(
            ("stage", "wave", "step", "kind", "subject", "verdict", "detail", "title"),
            tuple(
                (s.stage, s.wave, s.id, s.kind, s.subject, s.verdict, s.detail, s.title)
                for s in rehearsal.steps
            ),
        ),
        (
            counted(
                "migrate_rehearsed_steps",
                "Steps of the rehearsal by verdict.",
                "verdict",
                {verdict: seen[verdict] for verdict in IN_ORDER},
                **labels,
            ),
            one(
                "migrate_rehearsal_exit_code",
                "Exit code of the rehearsal.",
                rehearsal.exit_code,
                **labels,
            ),
            one(
                "migrate_rehearsal_time_seconds",
                "When it was, in seconds since 1970.",
                seconds_of(rehearsal.at),
                **labels,
            ),
        ),
    )


def _remark(step: RehearsedStep) -> Remark:
    severity = Severity.BLOCKER if step.verdict in _BAD else Severity.WARNING
    rule = f"rehearsal.{step.verdict.replace(' ', '-')}"
    told = ": ".join(part for part in (step.title, step.verdict, step.detail) if part)
    return Remark(rule, severity, step.subject, told)


def _case(step: RehearsedStep) -> Case:
    state = CaseState.SKIPPED
    if step.verdict in _BAD:
        state = CaseState.FAILED
    elif step.verdict in _GOOD:
        state = CaseState.PASSED
    told = ": ".join(part for part in (step.verdict, step.detail) if part)
    return Case(f"migrate.rehearsal.{step.stage}", step.id, state, told, step.diff)
