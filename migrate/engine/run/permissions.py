"""Whether this user of Jenkins may do what a run is about to, as far as reading shows it.

Asked before the first change: else a night ends with all nodes moved and the port open, for want of
one permission. Jenkins tells nobody what a user may do; what only a change would show is left to
the first one (Agent/Disconnect, Create, Delete).
"""

from collections.abc import Iterable

from migrate.jenkins.errors import Forbidden, JenkinsError, RedactedConfig
from migrate.model.permissions import ADMINISTER, CONFIGURE, EXTENDED_READ, needed
from migrate.model.plan_steps import PlanStep
from migrate.model.steps.node import NodeMove
from migrate.model.text import visible
from migrate.steps.base import Context


def lacking(steps: Iterable[PlanStep], ctx: Context) -> tuple[PlanStep, str] | None:
    """The first step that this user certainly may not do, and what lacks; None: nothing is known
    to lack."""
    lacks: dict[str, bool] = {}
    for step in steps:
        for name in needed(step):
            if name not in lacks:
                lacks[name] = _lacks(name, step, ctx)
            if lacks[name]:
                return step, f"this user of Jenkins lacks {name}, which {visible(step.title)} needs"
    return None


def _lacks(name: str, step: PlanStep, ctx: Context) -> bool:
    if name == ADMINISTER:
        try:
            return not ctx.jenkins.can_script()
        except JenkinsError:
            # Away for a moment: what needs it waits for it.
            return False
    if name not in (EXTENDED_READ, CONFIGURE) or not isinstance(step, NodeMove):
        return False
    try:
        ctx.jenkins.read_node_config(step.node)
    except Forbidden:
        # Either of the two lets it be read.
        return True
    except RedactedConfig:
        return name == CONFIGURE
    except JenkinsError:
        # Gone, or away for a moment: the step itself says so.
        return False
    return False
