"""The facts of a plan."""

from collections import Counter

from migrate.model.finding import Finding
from migrate.model.names import StageName
from migrate.model.plan import Plan, for_node
from migrate.model.plan_steps import Manual, NodeStep, PlanStep
from migrate.report.machine.facts import (
    Case,
    CaseState,
    Facts,
    Metric,
    Rows,
    Sample,
    cases_of,
    one,
    remarks_of,
)


def facts(plan: Plan, findings: tuple[Finding, ...]) -> Facts:
    """Steps and findings."""
    placed = [
        (stage.name, wave.name, step)
        for stage in plan.stages
        for wave in stage.waves
        for step in wave.steps
    ]
    return Facts(
        f"plan/{plan.choices.name}/{plan.target.controller_url}",
        remarks_of(findings),
        (*(_case(stage, step) for stage, _, step in placed), *cases_of(findings)),
        Rows(
            ("stage", "wave", "step", "kind", "subject", "title", "driver", "for a person"),
            tuple(_row(*each) for each in placed),
        ),
        _metrics(plan, placed),
    )


def why_by_hand(step: PlanStep) -> str:
    """Why a person does it; empty: this tool does."""
    if not isinstance(step, Manual):
        return ""
    note = for_node(step.node.note, step.node.name) if step.node else ""
    helps = f". To make it possible: {note}" if note else ""
    return f"{step.reason or 'a person does this'}{helps}"


def _case(stage: str, step: PlanStep) -> Case:
    group = f"migrate.plan.{stage}"
    why = why_by_hand(step)
    if why:
        return Case(group, step.id, CaseState.SKIPPED, f"for a person: {why}")
    return Case(group, step.id, CaseState.PASSED, step.title)


def _row(stage: str, wave: str, step: PlanStep) -> tuple[str, ...]:
    driver = step.driver if isinstance(step, NodeStep) else ""
    return (
        stage, wave, step.id, step.kind, step.subject, step.title, driver, why_by_hand(step),
    )  # fmt: skip


def _metrics(plan: Plan, placed: list[tuple[StageName, str, PlanStep]]) -> tuple[Metric, ...]:
    labels = {"controller": plan.target.controller_url, "plan": plan.choices.name}
    kinds = Counter((stage, step.kind) for stage, _, step in placed)
    return (
        Metric(
            "migrate_plan_steps",
            "Steps of the plan by stage and kind.",
            tuple(
                Sample(count, {**labels, "stage": stage, "kind": kind})
                for (stage, kind), count in kinds.items()
            ),
        ),
        one(
            "migrate_plan_by_hand",
            "Steps of the plan that a person does.",
            sum(bool(why_by_hand(step)) for _, _, step in placed),
            **labels,
        ),
        one("migrate_plan_left_out", "What the plan leaves out.", len(plan.skips), **labels),
    )
