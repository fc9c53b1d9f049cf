"""Which permissions of Jenkins the steps of a plan need. Pure.

Agent/Configure and Agent/Disconnect imply Agent/ExtendedRead and Agent/Connect, and
Overall/Administer all of them (hudson.model.Computer; recordings 40-perm-*).
"""

from collections.abc import Iterable

from migrate.model.plan_steps import PlanStep
from migrate.model.reach import InbandReach
from migrate.model.steps.controller import CloseControllerPort, ProbeWebSocket, SwitchCloud
from migrate.model.steps.node import MoveNode, NodeMove

READ = "Overall/Read"
ADMINISTER = "Overall/Administer"
CONFIGURE = "Agent/Configure"
EXTENDED_READ = "Agent/ExtendedRead"
CONNECT = "Agent/Connect"
DISCONNECT = "Agent/Disconnect"
CREATE = "Agent/Create"
DELETE = "Agent/Delete"
ALL = (READ, EXTENDED_READ, CONFIGURE, CONNECT, DISCONNECT, CREATE, DELETE, ADMINISTER)


def needed(step: PlanStep) -> tuple[str, ...]:
    """What this step needs, on the way back too."""
    found = [READ]
    if isinstance(step, NodeMove):
        found += [EXTENDED_READ, CONFIGURE, CONNECT, DISCONNECT]
    if isinstance(step, MoveNode) and isinstance(step.reach, InbandReach):
        found.append(ADMINISTER)
    if isinstance(step, ProbeWebSocket):
        found += [CREATE, CONNECT, DELETE]
    if isinstance(step, CloseControllerPort | SwitchCloud):
        found.append(ADMINISTER)
    return tuple(found)


def needed_by(steps: Iterable[PlanStep]) -> tuple[str, ...]:
    """What all of them need, each once, in the order of ``ALL``."""
    found = {name for step in steps for name in needed(step)}
    return tuple(name for name in ALL if name in found)
