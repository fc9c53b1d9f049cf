"""Whether the operator's configuration still reaches a node as planned, and what it runs there."""

from migrate.model.access import Access
from migrate.model.plan_steps import MoveNode
from migrate.model.reach import CommandReach, SshReach, reach_obstacle
from migrate.model.text import visible


def move_obstacle(step: MoveNode, access: Access) -> str:
    """Why the move may not begin with this configuration; empty when it may."""
    reach = step.way()
    found = reach_obstacle(reach, access, step.node)
    if found or not isinstance(reach, CommandReach) or access.command is None:
        return found
    needed = {"switch": step.launch_edit, "upgrade": step.upgrade}
    gone = [name for name, used in needed.items() if used and name not in access.command.actions]
    if not gone:
        return ""
    return (
        f"the plan has the program of drivers: command: do {', '.join(gone)}, which is no longer "
        "among its actions"
    )


def reached(step: MoveNode, access: Access) -> str:
    """What will run for the node, as the tail of a sentence; empty without anything to tell."""
    reach = step.way()
    if isinstance(reach, SshReach):
        return f"; restarts {reach.unit} on {reach.host}"
    if isinstance(reach, CommandReach) and access.command is not None:
        return f"; calls {visible(access.command.program[0])}"
    return ""
