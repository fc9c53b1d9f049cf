"""Before anything runs: does the operator's ``--config`` say how the drivers reach their nodes?"""

from collections.abc import Iterable

from migrate.model.access import Access
from migrate.model.errors import UsageProblem
from migrate.model.plan_steps import MoveNode, PlanStep
from migrate.model.reach import not_configured, reach_obstacle


def must_be_configured(steps: Iterable[PlanStep], access: Access, command: str) -> None:
    """``UsageProblem`` names the first node whose driver is not configured, and ``command`` with
    ``--config FILE``: a plan never says which program or which ssh settings are used."""
    for step in steps:
        if not isinstance(step, MoveNode):
            continue
        reach = step.way()
        if not_configured(reach, access):
            cause = reach_obstacle(reach, access, step.node)
            raise UsageProblem(cause, next_command=f"{command} --config FILE")
