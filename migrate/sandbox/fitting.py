"""A scenario fitted to the version of its controller: nobody keeps agents that it refuses."""

from dataclasses import replace

from migrate.model.versions import v
from migrate.sandbox.jenkins.changes import JAVA_17, JAVA_21, minimum_remoting, release
from migrate.sandbox.spec import CONTROLLER_JAR, AgentSpec, NodeSpec, Scenario

_FLOORS = ((JAVA_21, 21, "21.0.1"), (JAVA_17, 17, "17.0.9"))


def fitted(scenario: Scenario, version: str) -> Scenario:
    """The scenario with the agents that it would have beside a controller of this version.

    ``CONTROLLER_JAR`` becomes the controller's own, a jar older than its minimum that minimum, and
    a Java older than the controller's floor the floor: its classes are run on the agents.
    """
    return replace(scenario, nodes=tuple(_node(node, version) for node in scenario.nodes))


def _node(node: NodeSpec, version: str) -> NodeSpec:
    return node if node.agent is None else replace(node, agent=_agent(node.agent, version))


def _agent(agent: AgentSpec, version: str) -> AgentSpec:
    jar, least = agent.jar_version, minimum_remoting(version)
    if jar == CONTROLLER_JAR:
        jar = release(version).jar
    elif v(jar) < v(least):
        jar = least
    return replace(agent, jar_version=jar, java_version=_java(agent.java_version, version))


def _java(java: str, version: str) -> str:
    feature = int(java.removeprefix("1.").partition(".")[0])
    for change, floor, known in _FLOORS:
        if change.is_in(version) and feature < floor:
            return known
    return java
