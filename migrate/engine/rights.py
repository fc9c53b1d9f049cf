"""Whether the port can be closed at all by this user, asked before the first node is touched.

Else a night ends with all nodes moved and the port open, for want of one right.
"""

from migrate.model.plan import Plan, Step
from migrate.steps.base import Context, StepBlocked
from migrate.steps.kube_edit import Target

_VERBS = {
    "remove-tcp-service": ("patch",),
    "remove-service-port": ("patch",),
    "remove-container-port": ("patch",),
    "remove-agent-service": ("delete", "create"),
}
"""What the step kinds of the close stage do to their object; ``create`` is the way back."""


def lacking(plan: Plan, ctx: Context) -> tuple[Step, str] | None:
    """The first step of the close stage that this user may not do, and why; None: may do all."""
    for stage in plan.stages:
        for wave in stage.waves if stage.name == "close" else ():
            for step in wave.steps:
                for verb in _VERBS.get(step.kind, ()):
                    try:
                        Target.of(step).need(ctx, verb)
                    except StepBlocked as blocked:
                        return step, f"{blocked.cause}, which closing the port needs"
    return None
