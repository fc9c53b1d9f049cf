"""M045: an agent is on TCP while the port is off."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory, Transport
from migrate.model.plan import Choices
from migrate.rules.nodes import inbound, subject
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import jenkins, measured


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    if inventory.controller.agent_port.mode != "off":
        return
    for node in inbound(inventory):
        if node.online and node.transport is Transport.TCP:
            yield Hit(
                subject(node),
                "is on TCP though the port is off: once disconnected it can't come back",
                "slaveAgentPort is -1; its log says Communication Protocol: "
                f"{node.protocol or 'a TCP one'}",
                "An established connection outlives the closed port. After a disconnect the "
                "agent waits for /tcpSlaveAgentListener/ before it restarts itself, and that "
                "stays 404.",
                "Open the port again (Manage Jenkins, Security, TCP port for inbound agents), "
                "then run: migrate plan --name NAME",
            )


RULE = Rule(
    id="M045",
    name="tcp-while-off",
    title="An agent is on TCP while the port is off",
    severity=Severity.BLOCKER,
    find=_find,
    meaning="The port was closed before all agents were moved.",
    why="Such an agent looks healthy until its first disconnect. Moving it needs that disconnect.",
    by_hand="The node's log says JNLP4-connect, and JENKINS_URL/tcpSlaveAgentListener/ is 404.",
    fix="Open the port, move the node, close the port.",
    sources=(
        measured("the port closed, a TCP agent disconnected: it loops, and recovers when reopened"),
        jenkins("core/src/main/java/hudson/TcpSlaveAgentListener.java, shutdown()"),
    ),
)
