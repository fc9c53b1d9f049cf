"""What a plan needs of Jenkins and of the Kubernetes API, and whether this user has it.

Asked before the first node is touched, else a night ends with all nodes moved and the port open,
for want of one right; and by `migrate doctor`, which asks for nothing that the plan does not need.
"""

from collections.abc import Callable
from dataclasses import dataclass

from migrate.cluster.kinds import kind_of as place_of
from migrate.engine.locks.lease import KIND, lease_name
from migrate.engine.run import permissions
from migrate.engine.run.options import RunOptions
from migrate.model.names import StageName
from migrate.model.plan import Plan
from migrate.model.plan_steps import PlanStep, target_of
from migrate.steps.base import Context, StepBlocked
from migrate.steps.cluster.kube_edit import Target
from migrate.steps.registry import kind_of

_LEASE_VERBS = ("get", "create", "patch", "delete")


@dataclass(frozen=True)
class Right:
    """One verb on one object."""

    verb: str
    object_kind: str
    namespace: str
    name: str
    """Empty for ``create``, which RBAC grants for a whole kind only."""
    optional: bool = False
    """Of the lock: without it the run says so and goes on."""

    @property
    def key(self) -> str:
        """``patch services jenkins/agent``; ``create services jenkins``."""
        where = f"{self.namespace}/{self.name}" if self.name else self.namespace
        return f"{self.verb} {place_of(self.object_kind).plural} {where}"


def needed(step: PlanStep) -> tuple[Right, ...]:
    """What a step does to its object, and on the way back; empty for what is no such object."""
    needs: Callable[[PlanStep], tuple[str, ...]] | None = getattr(kind_of(step.kind), "needs", None)
    target = target_of(step)
    if needs is None or target is None:
        return ()
    return tuple(
        Right(verb, target.kind, target.namespace, "" if verb == "create" else target.name)
        for verb in needs(step)
    )


def needed_by(plan: Plan) -> tuple[Right, ...]:
    """All that the plan's steps need, and the lock, each once and in the plan's order."""
    found = dict.fromkeys(right for step in plan.steps() for right in needed(step))
    if plan.target.lock_namespace:
        name = lease_name(plan.target.controller_url)
        for verb in _LEASE_VERBS:
            held = "" if verb == "create" else name
            found[Right(verb, KIND, plan.target.lock_namespace, held, optional=True)] = None
    return tuple(found)


def lacking(plan: Plan, ctx: Context, options: RunOptions) -> tuple[PlanStep, str, str] | None:
    """The first step of this run that this user may not do, why, and what grants it; None: nothing
    is known to lack. Of the cluster only what the close stage needs is asked for."""
    wanted = [
        step
        for stage in plan.stages
        if options.wants(stage.name)
        for wave in stage.waves
        for step in wave.steps
        if stage.name is not StageName.NODES or options.takes(step)
    ]
    if short := permissions.lacking(wanted, ctx):
        return *short, "grant it (docs/security.md, Permissions)"
    for stage in plan.stages:
        for wave in (
            stage.waves if stage.name is StageName.CLOSE and options.wants(StageName.CLOSE) else ()
        ):
            for step in wave.steps:
                verbs, target = [right.verb for right in needed(step)], target_of(step)
                try:
                    if verbs and target is not None:
                        Target.of(target).need(ctx, *verbs)
                except StepBlocked as blocked:
                    told = f"{blocked.cause}, which closing the port needs"
                    return step, told, "grant it (examples/rbac.yaml)"
    return None
