"""Whether the operator's configuration still reaches a node as planned, and what it runs there."""

from migrate.model.access import Access
from migrate.model.plan_steps import PlanStep
from migrate.model.reach import CommandReach, SshReach, reach_obstacle, reach_of
from migrate.model.text import visible


def move_obstacle(step: PlanStep, access: Access) -> str:
    """Why the move may not begin with this configuration; empty when it may."""
    reach = reach_of(step.params["driver"], step.params.get("reach"))
    found = reach_obstacle(reach, access, step.params["node"])
    if found or not isinstance(reach, CommandReach) or access.command is None:
        return found
    needed = {"switch": step.params.get("launch_edit"), "upgrade": step.params.get("upgrade")}
    gone = [name for name, used in needed.items() if used and name not in access.command.actions]
    if not gone:
        return ""
    return (
        f"the plan has the program of drivers: command: do {', '.join(gone)}, which is no longer "
        "among its actions"
    )


def reached(step: PlanStep, access: Access) -> str:
    """What will run for the node, as the tail of a sentence; empty without anything to tell."""
    reach = reach_of(step.params["driver"], step.params.get("reach"))
    if isinstance(reach, SshReach):
        return f"; restarts {reach.unit} on {reach.host}"
    if isinstance(reach, CommandReach) and access.command is not None:
        return f"; calls {visible(access.command.program[0])}"
    return ""
