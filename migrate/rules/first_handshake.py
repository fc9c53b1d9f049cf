"""M040: agents that exit for good when their first handshake fails."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.model.versions import AGENT_RETRIES_FIRST_CONNECT
from migrate.rules.nodes import to_move, version_at_next_start
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import measured, remoting


def _find(inventory: Inventory, choices: Choices | None) -> Iterator[Hit]:
    found = [
        node.name
        for node in to_move(inventory)
        if node.online
        and (version := version_at_next_start(inventory, node, choices)) is not None
        and version < AGENT_RETRIES_FIRST_CONNECT
    ]
    if found:
        yield Hit(
            "agents",
            f"{len(found)} {'agent exits' if len(found) == 1 else 'agents exit'} for good if the "
            "first WebSocket handshake fails",
            f"remoting below 3283 after the switch: {', '.join(found)}",
            "Remoting before 3283 does not retry its first WebSocket connect.",
            "Nothing by hand: the handshake is proven before the first node, and from each "
            "agent's own host where the driver can run code there. Have access to the hosts "
            "ready, or upgrade the controller first.",
        )


RULE = Rule(
    id="M040",
    name="first-handshake",
    title="Agents that exit when their first handshake fails",
    severity=Severity.INFO,
    find=_find,
    meaning="After the switch these agents run a remoting below 3283.v92c105e0f819.",
    why="If the handshake fails just then, the process ends with status 255 and somebody has to "
    "start it on its host; nothing can be put back from the controller.",
    by_hand="java -jar agent.jar -version on the host.",
    fix="Prove the way first; that is what the probes are for.",
    sources=(
        remoting("src/main/java/hudson/remoting/Engine.java before 3283"),
        measured("3160: 'Response code was not 101', exit status 255"),
    ),
)
