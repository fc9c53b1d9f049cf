"""M032: webSocket is set, and the agent is on TCP."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory, Transport
from migrate.model.plan import Choices
from migrate.rules.nodes import inbound, subject
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import measured


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    for node in inbound(inventory):
        if node.online and node.web_socket and node.transport is Transport.TCP:
            yield Hit(
                subject(node),
                "has WebSocket set, and its agent is connected over TCP",
                "config.xml has <webSocket>true</webSocket>; its log says Communication Protocol: "
                f"{node.protocol or 'a TCP one'}",
                "The flag changes only what the JNLP file says: the agent has not read it again "
                "since, or it was not started with -jnlpUrl at all.",
                "Nothing by hand: the plan restarts it if it was started with -jnlpUrl, and has "
                "a runbook for its host otherwise.",
            )


RULE = Rule(
    id="M032",
    name="flag-without-effect",
    title="WebSocket is set, and the agent is on TCP",
    severity=Severity.WARNING,
    find=_find,
    meaning="The node's configuration and the agent's log disagree.",
    why="Who looks at the configuration alone believes that this node is done. It is not, and it "
    "is lost when the port is closed.",
    by_hand="JENKINS_URL/computer/NAME/log: the line 'Communication Protocol'.",
    fix="Move it like any other node.",
    sources=(
        measured("a node with webSocket=true accepts TCP and the other way round"),
        measured("POST config.xml does not disconnect a connected agent"),
    ),
)
