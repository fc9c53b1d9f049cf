"""``apply --dry-run``: reads, permission checks, server-side dry runs; changes nothing at all."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from migrate.engine.run.options import RunOptions
from migrate.model.errors import MigrateError
from migrate.model.names import StageName
from migrate.model.plan import Plan
from migrate.model.plan_steps import PlanStep
from migrate.steps.base import CheckState, Context
from migrate.steps.registry import kind_of


@dataclass(frozen=True)
class Rehearsal:
    """What a dry run says of one step."""

    stage: str
    wave: str
    step: PlanStep
    verdict: str
    """``would change``, ``no change``, ``cannot tell``, ``by hand``, ``drifted``, ``blocked``."""
    detail: str
    diff: str = ""


def rehearse(plan: Plan, ctx: Context, options: RunOptions) -> Iterator[Rehearsal]:
    """Every step that a run with these options would include, in order; read side by side."""
    wanted = [
        (stage.name, wave.name, step)
        for stage in plan.stages
        if options.wants(stage.name)
        for wave in stage.waves
        for step in wave.steps
        if stage.name is not StageName.NODES or options.takes(step)
    ]
    with ThreadPoolExecutor(max_workers=max(1, options.concurrency)) as pool:
        yield from pool.map(lambda found: _one(ctx, *found), wanted)


def _one(ctx: Context, stage: str, wave: str, step: PlanStep) -> Rehearsal:
    kind = kind_of(step.kind)

    def told(verdict: str, detail: str, diff: str = "") -> Rehearsal:
        return Rehearsal(stage, wave, step, verdict, detail, diff)

    try:
        found = kind.check(step, ctx)
        if found.state is CheckState.DONE:
            return told("no change", found.detail or "already as wanted")
        if found.state is CheckState.MANUAL:
            return told("by hand", found.detail, kind.diff(step, ctx))
        if found.state is not CheckState.READY:
            return told(str(found.state), found.detail)
        verdict, _, detail = kind.dry_run(step, ctx).partition(": ")
        return told(verdict, detail, kind.diff(step, ctx))
    except MigrateError as error:
        return told("blocked", f"{error.cause} (next: {error.next_command})")
