"""M044: a connected agent whose log does not say its transport."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory, Transport
from migrate.model.plan import Choices
from migrate.rules.nodes import inbound, subject
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import jenkins


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    for node in inbound(inventory):
        if node.online and node.transport is Transport.UNKNOWN:
            yield Hit(
                subject(node),
                "is connected, and its log does not say over what",
                f"/computer/{node.name}/logText/progressiveText: no 'Communication Protocol'; "
                f"connected from {node.address or 'not said'}",
                "The line came with 2.343 and LTS 2.346.1 and needs remoting 4.8; or the log "
                "could not be read (Agent/Connect or Agent/ExtendedRead).",
                "Give the user the permission, or upgrade the controller; without the line a "
                "move can't be verified.",
            )


RULE = Rule(
    id="M044",
    name="transport-unknown",
    title="The transport of a connected agent is not known",
    severity=Severity.WARNING,
    find=_find,
    meaning="The agent log lacks the line 'Communication Protocol', or was not readable.",
    why="The transport is in the log only: neither the node's configuration nor the REST API has "
    "it.",
    by_hand="JENKINS_URL/computer/NAME/log",
    fix="Make the log readable, or upgrade the controller to LTS 2.346.1 or newer.",
    sources=(
        jenkins("e31e94a408: core/src/main/java/hudson/slaves/SlaveComputer.java, setChannel"),
    ),
)
