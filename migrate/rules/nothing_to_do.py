"""M020: there is nothing to do."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory, LauncherKind, Transport
from migrate.model.plan import Choices
from migrate.rules.nodes import inbound, to_move
from migrate.rules.rule import Hit, Rule

_UNCLEAR = (LauncherKind.UNKNOWN, LauncherKind.CLOUD, LauncherKind.OTHER)


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    unclear = [
        n
        for n in inventory.nodes
        if n.launcher in _UNCLEAR and n.transport is not Transport.WEBSOCKET
    ]
    if any(True for _ in to_move(inventory)) or unclear:
        return
    count = sum(1 for _ in inbound(inventory))
    evidence = f"{count} inbound nodes, each with 'Communication Protocol: WebSocket' in its log"
    if count == 0:
        evidence = "no inbound node among the nodes that were read"
    exposures = inventory.cluster.exposures if inventory.cluster else ()
    # What was not read may hold a way in: then nothing is said of there being none.
    partly = any(s.subject == "cluster" or s.leaves_open for s in inventory.skips)
    if inventory.controller.agent_port.mode == "off" and not exposures and partly:
        yield Hit(
            "controller",
            "no agent is left to move, and the port is off; the cluster was not read to its end",
            f"{evidence}; slaveAgentPort is -1; see what was not read",
            "Something in the cluster may still listen on the port for nobody.",
            "Look at what was not read, then run: migrate verify",
        )
    elif inventory.controller.agent_port.mode == "off" and not exposures:
        yield Hit(
            "controller",
            "nothing to do: no agent uses the TCP port, and it is off",
            f"{evidence}; slaveAgentPort is -1",
            "The migration is complete, or this controller never used inbound TCP agents.",
            "Nothing to do.",
        )
    elif inventory.controller.agent_port.mode != "unknown":
        yield Hit(
            "controller",
            "no agent is left to move; what remains is closing the port",
            f"{evidence}; slaveAgentPort is {inventory.controller.agent_port.configured}, "
            f"{len(exposures)} exposures {'known ' if partly else ''}in the cluster",
            "All inbound agents are on WebSocket already.",
            "Close the port: migrate plan --name NAME, then migrate apply plans/NAME",
        )


RULE = Rule(
    id="M020",
    name="nothing-to-do",
    title="There is nothing to do, or nothing but closing the port",
    severity=Severity.INFO,
    find=_find,
    meaning="No node is on TCP or unknown.",
    why="A plan would have no node to move.",
    by_hand="Each node's log says 'Communication Protocol: WebSocket', and "
    "JENKINS_URL/tcpSlaveAgentListener/ is 404.",
    fix="Nothing to do; or make a plan that only closes the port.",
    sources=("the agent logs and slaveAgentPort, as scanned",),
)
