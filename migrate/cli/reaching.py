"""Before anything runs: does the operator's ``--config`` say how the drivers reach their nodes?"""

from collections.abc import Iterable

from migrate.model.access import Access
from migrate.model.errors import UsageProblem
from migrate.model.plan_steps import PlanStep
from migrate.model.reach import not_configured, reach_obstacle, reach_of


def must_be_configured(steps: Iterable[PlanStep], access: Access, command: str) -> None:
    """``UsageProblem`` names the first node whose driver is not configured, and ``command`` with
    ``--config FILE``: a plan never says which program or which ssh settings are used."""
    for step in steps:
        if step.kind != "move-node":
            continue
        reach = reach_of(step.params["driver"], step.params.get("reach"))
        if not_configured(reach, access):
            cause = reach_obstacle(reach, access, step.params["node"])
            raise UsageProblem(cause, next_command=f"{command} --config FILE")
