"""M011: no agent has ever connected for an inbound node."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.rules.nodes import inbound, subject
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import measured


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    for node in inbound(inventory):
        if not node.online and node.ever_connected is False:
            yield Hit(
                subject(node),
                "has never been connected",
                f"/computer/{node.name}/logText/progressiveText is empty",
                "The node was created and no agent was ever started for it, or its log was "
                "removed.",
                "Delete the node if it is not needed; else start its agent with -webSocket, or "
                "accept it by name when the port is closed: migrate apply PLAN --accept-offline "
                "NAME",
            )


RULE = Rule(
    id="M011",
    name="node-never-connected",
    title="A node has never been connected",
    severity=Severity.WARNING,
    find=_find,
    meaning="The agent log of an inbound node is empty.",
    why="Nothing is known of how its agent will be started. If that is over TCP, it fails once "
    "the port is closed.",
    by_hand="JENKINS_URL/computer/NAME/log is empty.",
    fix="Delete it, or start its agent over WebSocket, or accept it by name.",
    sources=(measured("recording of a node that was never started: 200 with an empty log"),),
)
