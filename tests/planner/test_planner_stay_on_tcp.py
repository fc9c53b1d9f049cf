"""Nodes that nobody can move as they are: no step, a skip with the reason, the port stays open."""

from dataclasses import replace

import pytest
from planner_data import JAR, NEW_JAR, OLD_JAR, choices, controller, inventory, launch, node
from typed import a

from migrate.model.finding import Severity
from migrate.model.inventory import STAYS_ON_TCP, Controller, Inventory, Launch, ProxySettings
from migrate.model.plan import Choices, Plan
from migrate.model.plan_steps import JarUpgrade, Manual, MoveNode, node_of
from migrate.planner.plan import make_plan
from migrate.rules.registry import judge


def planned(seen: Inventory, chosen: Choices | None = None) -> Plan:
    chosen = chosen or choices()
    return make_plan(seen, judge(seen, chosen), chosen)


def moved(plan: Plan) -> set[str]:
    return {node_of(step) for step in plan.steps() if node_of(step)}


@pytest.mark.parametrize("name", ["漢字", "Łódź", "5 €", "e\u0301lan"])
@pytest.mark.parametrize("asked", [(), (("*", "manual"),), (("*", "reread"),)])
def test_a_name_that_cannot_be_sent(name: str, asked: tuple[tuple[str, str], ...]) -> None:
    plan = planned(inventory(node(name), node("élan")), choices(drivers=asked))
    assert moved(plan) == {"élan"}
    (skip,) = (s for s in plan.skips if s.subject == f"node {name}")
    assert skip.what == STAYS_ON_TCP
    assert "M049" in skip.reason and "it keeps the port open" in skip.reason
    assert "ISO-8859-1" in skip.needed


def proxied(**more: object) -> Launch:
    settings = ProxySettings(environment={"http_proxy": "http://proxy.example:3128/"})
    return launch(proxy=replace(settings, **more))  # type: ignore[arg-type]


def test_a_way_out_that_web_socket_does_not_take() -> None:
    seen = inventory(
        node("lost", launch=proxied(direct=False)),
        node("open", launch=proxied(direct=True)),
        node("java", launch=proxied(direct=False, properties={"https.proxyHost": "proxy.example"})),
    )
    plan = planned(seen)
    assert moved(plan) == {"open", "java"}
    (skip,) = (s for s in plan.skips if s.subject == "node lost")
    assert "http_proxy (proxy.example:3128)" in skip.reason
    assert "-Dhttps.proxyHost=proxy.example -Dhttps.proxyPort=3128" in skip.needed


@pytest.mark.parametrize(
    ("core", "minimum", "told"),
    [
        ("2.541.3", "3107", "as the controller says"),
        ("2.541.3", None, "by its version 2.541.3"),
    ],
)
def test_an_agent_below_the_minimum_moves_only_with_a_newer_jar(
    core: str, minimum: str | None, told: str
) -> None:
    held: Controller = controller(version=core, minimum_remoting=minimum, jar_version=NEW_JAR)
    seen = inventory(node("old", remoting_version=OLD_JAR), node("new"), controller=held)
    (step,) = (s for s in planned(seen).steps() if node_of(s) == "old")
    assert a(JarUpgrade, a(MoveNode, step).upgrade).to == NEW_JAR
    kept = choices(upgrade=False)
    (step,) = (s for s in planned(seen, kept).steps() if node_of(s) == "old")
    assert f"takes remoting 3107 and newer ({told}" in str(a(Manual, step).reason)
    assert JAR > "3107"
    assert {f.subject for f in judge(seen, kept) if f.severity is Severity.BLOCKER} == (
        {"node old"} if minimum else set()
    )
