"""M008: an agent's Java is too old for the controller, or for its agent.jar."""

from collections.abc import Iterator

from migrate.agents.minimum import minimum
from migrate.model.finding import Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices
from migrate.model.versions import (
    AGENT_BLOCK_BELOW,
    Version,
    controller_java,
    java_feature,
    java_needed,
)
from migrate.rules.nodes import subject, to_move
from migrate.rules.rule import Hit, Rule
from migrate.rules.sources import jenkins, remoting


def _find(inventory: Inventory, choices: Choices | None) -> Iterator[Hit]:
    controller = inventory.controller
    served = Version.maybe(controller.jar_version)
    floor = controller_java(controller.version) or 0
    lowest = minimum(controller)
    for node in to_move(inventory):
        current = Version.maybe(node.remoting_version)
        java = node.launch.java_version if node.launch else None
        feature = java_feature(java)
        if current is None or feature is None:
            continue
        upgrades = served is not None and current < served
        upgrades = upgrades and (choices is None or choices.upgrade)
        for_jar = java_needed(controller.jar_version or "") if upgrades else 0
        if feature >= max(for_jar, floor):
            continue
        must = current < AGENT_BLOCK_BELOW or (lowest is not None and current < lowest.version)
        stuck = must and feature < for_jar
        evidence = (
            f"java.version on its host is {java}; agent.jar there is {node.remoting_version}, "
            f"the controller is {controller.version} with agent.jar "
            f"{controller.jar_version or 'of a version that was not read'}"
        )
        yield Hit(
            subject(node),
            _summary(feature, for_jar, floor, controller.version)
            + (
                f": its jar stays at {node.remoting_version}"
                if feature < for_jar and not must
                else ""
            ),
            evidence,
            _cause(feature, for_jar, floor),
            f"Install Java {max(for_jar, floor)} or newer for the agent and restart it with that, "
            "then run: migrate plan",
            Severity.BLOCKER if stuck else Severity.WARNING,
        )


def _summary(feature: int, for_jar: int, floor: int, core: str) -> str:
    if feature >= floor:
        return f"runs Java {feature}, and the controller's agent.jar needs {for_jar}"
    also = f", its agent.jar {for_jar}" if feature < for_jar else ""
    return f"runs Java {feature}, and Jenkins {core} needs {floor} on its agents{also}"


def _cause(feature: int, for_jar: int, floor: int) -> str:
    jar = f"The new agent.jar is compiled for Java {for_jar}"
    core = f"Jenkins' own classes, which its agents load, are compiled for Java {floor}"
    if feature >= floor:
        told = jar
    else:
        told = f"{jar}, and {core}" if feature < for_jar else core
    return f"{told}; an older one stops with UnsupportedClassVersionError."


RULE = Rule(
    id="M008",
    name="java-too-old",
    title="An agent's Java is too old",
    severity=Severity.WARNING,
    find=_find,
    meaning="The agent.jar that the controller serves, or the controller itself, needs a newer "
    "Java than the agent runs on.",
    why="An agent with a newer jar would not start, and the controller's classes, which its agents "
    "load, do not run there. The plan leaves such a jar as it is, so the agent moves with its old "
    "remoting; or not at all when that is too old to stay: below 4.13, or below the controller's "
    "minimum.",
    by_hand="On the host: java -version. The jar's need: Java 8 to 4.14, 11 from 3044, 17 from "
    "3299. The controller's: 11 from 2.357, 17 from 2.463 (LTS 2.479.1), 21 from 2.545 (LTS "
    "2.555.1).",
    fix="Install a newer Java on the host, point the agent's launch at it, restart the agent.",
    sources=(
        remoting("f932f947 (Java 11 from 3044), bcab1cb6 (Java 17 from 3299.v0d0d06908537)"),
        jenkins("war/src/main/java/executable/Main.java: c60ea9210c, 75f6c56c77, 5312d243cb"),
        "nodejs/build#4304: agents on old images stop with UnsupportedClassVersionError",
    ),
    levels="A blocker for the node when it can neither take the new jar nor stay: its remoting is "
    "below 4.13 or the controller's minimum.",
)
