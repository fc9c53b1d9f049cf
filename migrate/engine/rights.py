"""Whether the port can be closed at all by this user, asked before the first node is touched.

Else a night ends with all nodes moved and the port open, for want of one right.
"""

from migrate.model.plan import Plan, Step
from migrate.steps.base import Context, StepBlocked
from migrate.steps.kube_edit import Target
from migrate.steps.registry import kind_of


def lacking(plan: Plan, ctx: Context) -> tuple[Step, str] | None:
    """The first step of the close stage that this user may not do, and why; None: may do all."""
    for stage in plan.stages:
        for wave in stage.waves if stage.name == "close" else ():
            for step in wave.steps:
                verbs = getattr(kind_of(step.kind), "verbs", ())
                try:
                    if verbs:
                        Target.of(step).need(ctx, *verbs)
                except StepBlocked as blocked:
                    return step, f"{blocked.cause}, which closing the port needs"
    return None
