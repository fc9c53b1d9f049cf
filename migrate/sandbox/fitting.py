"""A scenario fitted to the release of its controller: nobody keeps agents that it refuses."""

from dataclasses import dataclass, replace

from migrate.model.errors import MigrateError
from migrate.model.versions import v
from migrate.sandbox.jenkins.changes import JAVA_17, JAVA_21, minimum_remoting, release
from migrate.sandbox.spec import OLDEST_JAR, OWN_JAR, AgentSpec, NodeSpec, Scenario

_FLOORS = ((JAVA_21, 21, "21.0.1"), (JAVA_17, 17, "17.0.9"))


class Unfitting(MigrateError):
    """A scenario names an agent that the release refuses, and may not be changed."""


@dataclass(frozen=True)
class Fitted:
    """A scenario as it runs, and one sentence for each agent that was changed for it."""

    scenario: Scenario
    told: tuple[str, ...]


def fitted(scenario: Scenario, version: str) -> Fitted:
    """The scenario beside a controller of this version.

    ``OWN_JAR`` and ``OLDEST_JAR`` become versions. Where the scenario is one that ``adapts``, a jar
    that the release refuses becomes its minimum, and a Java below its floor the floor (its classes
    are run on the agents), each with a sentence; ``Unfitting`` for such an agent elsewhere.
    """
    told: list[str] = []
    nodes = tuple(_node(node, version, told) for node in scenario.nodes)
    if told and not scenario.adapts:
        raise Unfitting(
            f"the scenario {scenario.name} does not fit Jenkins {version}: {'; '.join(told)}",
            next_command="migrate sandbox up --help",
        )
    return Fitted(replace(scenario, nodes=nodes), tuple(told))


def settled(agent: AgentSpec, version: str) -> AgentSpec:
    """The agent with a version for ``OWN_JAR`` and ``OLDEST_JAR``."""
    known = {OWN_JAR: release(version).jar, OLDEST_JAR: minimum_remoting(version)}
    return replace(agent, jar_version=known.get(agent.jar_version, agent.jar_version))


def _node(node: NodeSpec, version: str, told: list[str]) -> NodeSpec:
    if node.agent is None:
        return node
    agent, least = settled(node.agent, version), minimum_remoting(version)
    if node.launcher == "inbound" and v(agent.jar_version) < v(least):
        told.append(f"{node.name}: agent.jar {least}, since {agent.jar_version} is refused")
        agent = replace(agent, jar_version=least)
    java = _java(agent.java, version)
    if java != agent.java and agent.java_version:
        told.append(f"{node.name}: Java {java}, since {agent.java_version} is too old")
    return replace(node, agent=replace(agent, java_version=java))


def _java(java: str, version: str) -> str:
    feature = int(java.removeprefix("1.").partition(".")[0])
    for change, floor, known in _FLOORS:
        if change.is_in(version) and feature < floor:
            return known
    return java
