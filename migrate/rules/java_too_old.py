"""M008: an agent's Java is too old for the controller's agent.jar."""

from collections.abc import Iterator

from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.model.versions import AGENT_BLOCK_BELOW, Version, java_feature, java_needed
from migrate.rules.nodes import subject, to_move
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import remoting


def _find(inventory: Inventory, choices: Choices | None) -> Iterator[Hit]:
    served = Version.maybe(inventory.controller.jar_version)
    if served is None or (choices is not None and not choices.upgrade):
        return
    needed = java_needed(inventory.controller.jar_version or "")
    for node in to_move(inventory):
        current = Version.maybe(node.remoting_version)
        java = node.launch.java_version if node.launch else None
        feature = java_feature(java)
        if current is None or feature is None or current >= served or feature >= needed:
            continue
        must = current < AGENT_BLOCK_BELOW
        yield Hit(
            subject(node),
            f"runs Java {feature}, and the controller's agent.jar needs {needed}"
            + ("" if must else f": its jar stays at {node.remoting_version}"),
            f"java.version on its host is {java}; agent.jar there is "
            f"{node.remoting_version}, the controller's is {inventory.controller.jar_version}",
            f"The new agent.jar is compiled for Java {needed}; an older one stops with "
            "UnsupportedClassVersionError.",
            f"Install Java {needed} or newer for the agent and restart it with that, then run: "
            "migrate plan",
            Severity.BLOCKER if must else Severity.WARNING,
        )


RULE = Rule(
    id="M008",
    name="java-too-old",
    title="An agent's Java is too old for the new agent.jar",
    severity=Severity.WARNING,
    find=_find,
    meaning="The agent.jar that the controller serves needs a newer Java than the agent runs on.",
    why="The upgraded agent would not start. The plan leaves such a jar as it is, so the agent "
    "moves with its old remoting, or not at all when that is too old.",
    by_hand="On the host: java -version. The jar's need: Java 8 to 4.14, 11 from 3044, 17 from "
    "3299.",
    fix="Install a newer Java on the host, point the agent's launch at it, restart the agent.",
    sources=(
        remoting("f932f947 (Java 11 from 3044), bcab1cb6 (Java 17 from 3299.v0d0d06908537)"),
        "nodejs/build#4304: agents on old images stop with UnsupportedClassVersionError",
    ),
    levels="A blocker for the node when its remoting is below 4.13.",
)
