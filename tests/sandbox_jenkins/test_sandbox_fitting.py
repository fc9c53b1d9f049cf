"""Agents of a scenario beside another release: fitted where that may be, and said; else refused."""

import pytest

from migrate.sandbox.fitting import Unfitting, fitted
from migrate.sandbox.fleet import FLEET, SCENARIOS
from migrate.sandbox.jenkins.changes import VERSIONS, minimum_remoting, release
from migrate.sandbox.spec import (
    CONTROLLER_VERSION,
    OLDEST_JAR,
    OWN_JAR,
    AgentSpec,
    NodeSpec,
    Scenario,
)

R3107 = "3107.v665000b_51092"


def of(agent: AgentSpec, *, adapts: bool = False) -> Scenario:
    return Scenario("one", "one node", (NodeSpec("n", agent=agent),), adapts=adapts)


def agent_of(scenario: Scenario, node: str = "n") -> AgentSpec:
    [found] = [n.agent for n in scenario.nodes if n.name == node]
    assert found is not None
    return found


@pytest.mark.parametrize("version", VERSIONS)
def test_own_and_oldest_are_those_of_the_release(version: str) -> None:
    for asked, wanted in (
        (OWN_JAR, release(version).jar),
        (OLDEST_JAR, minimum_remoting(version)),
    ):
        fit = fitted(of(AgentSpec(jar_version=asked)), version)
        assert (agent_of(fit.scenario).jar_version, fit.told) == (wanted, ())
        assert agent_of(fit.scenario).java == ("21.0.1" if version == "2.568.2" else "17.0.9")


@pytest.mark.parametrize(
    ("agent", "version", "told"),
    [
        (AgentSpec(jar_version=R3107), "2.541.3", ""),
        (
            AgentSpec(jar_version=R3107, java_version="21.0.1"),
            "2.568.2",
            f"n: agent.jar 3176.v207ec082a_8c0, since {R3107} is refused",
        ),
        (
            AgentSpec(java_version="11.0.21"),
            "2.541.3",
            "n: Java 17.0.9, since 11.0.21 is too old",
        ),
        (AgentSpec(java_version="11.0.21"), "2.426.2", ""),
        (AgentSpec(java_version="1.8.0_392"), "2.541.3", "since 1.8.0_392 is too old"),
    ],
)
def test_a_named_agent_is_changed_only_where_that_may_be(
    agent: AgentSpec, version: str, told: str
) -> None:
    fit = fitted(of(agent, adapts=True), version)
    assert told in "; ".join(fit.told)
    assert bool(fit.told) is bool(told)
    if not told:
        assert agent_of(fitted(of(agent), version).scenario).java == agent.java
        return
    with pytest.raises(Unfitting) as error:
        fitted(of(agent), version)
    assert f"the scenario one does not fit Jenkins {version}" in str(error.value)
    assert told in str(error.value)


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenarios_need_no_change_on_the_release_of_the_sandbox(name: str) -> None:
    assert fitted(SCENARIOS[name], CONTROLLER_VERSION).told == ()


def test_the_fleet_beside_a_newer_controller_says_what_was_changed() -> None:
    told = fitted(FLEET, "2.568.2").told
    assert f"bare-url-2: agent.jar 3176.v207ec082a_8c0, since {R3107} is refused" in told
    assert "bare-url-2: Java 21.0.1, since 17.0.9 is too old" in told
