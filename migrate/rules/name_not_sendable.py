"""M049: a node's name does not get through the header of a WebSocket agent."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory, Transport
from migrate.model.node_name import name_obstacle
from migrate.model.plan import Choices
from migrate.rules.nodes import inbound, subject
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import remoting

_FIX = (
    "Make a node with a name of letters that ISO-8859-1 has, start its agent with that name and "
    "its new secret, and move the jobs that name the old one; or leave it on TCP, and the port "
    "open."
)


def _find(inventory: Inventory, _choices: Choices | None) -> Iterator[Hit]:
    for node in inbound(inventory):
        why = name_obstacle(node.name)
        if why and node.transport is not Transport.WEBSOCKET:
            yield Hit(
                subject(node),
                "has a name that no WebSocket agent can send: it stays on TCP",
                why,
                "The controller looks the node up by the header Node-Name and answers 400 'no such "
                "agent'. Over TCP the name is sent in UTF-8, which works.",
                _FIX,
            )


RULE = Rule(
    id="M049",
    name="name-not-sendable",
    title="A node's name that no WebSocket agent can send",
    severity=Severity.BLOCKER,
    find=_find,
    meaning="The node's name has a character outside ISO-8859-1 (such as Ł, €, 漢 or an accent of "
    "its own behind a letter), a control character, or a blank at its beginning or end.",
    why="Its agent works over TCP and can never connect over WebSocket: moved, it would be gone. "
    "The plan has no step for it, and the TCP port stays open as long as it is there.",
    by_hand="printf '%s' 'NAME' | iconv -t ISO-8859-1 fails for such a name; é and ü pass.",
    fix=_FIX,
    sources=(
        remoting("src/main/java/hudson/remoting/Engine.java: header Node-Name"),
        "measured on Jenkins 2.541.3 with remoting 3352: 漢字 arrives as ??, 400 'no such agent'; "
        "é arrives as it is",
        "Jetty HttpParser: blanks at the ends of a header's value are cut, control characters "
        "refused",
    ),
)
