"""Nodes whose agents are started from one agent.jar of one host."""

from typing import Any

from planner_data import choices, controller, inventory, launch, node
from typed import a

from migrate.model.inventory import Node
from migrate.model.plan_steps import JarUpgrade, MoveNode, node_of
from migrate.planner.nodes import plan_nodes

OLD = "4.14"


def on(host: str, name: str, **changes: Any) -> Node:
    more = {"host": host, "jar": "/opt/agent.jar", "jar_sha256": "a" * 64, "jar_writable": True}
    return node(name, remoting_version=OLD, launch=launch(**{**more, **changes}))


def moves(*nodes: Node) -> dict[str, MoveNode]:
    steps, by_hand, _, _ = plan_nodes(inventory(*nodes), (), choices())
    return {node_of(step): a(MoveNode, step) for step in (*steps, *by_hand)}


def upgrade(step: MoveNode) -> JarUpgrade:
    return a(JarUpgrade, step.upgrade)


def test_same_host_and_path_share_it_and_the_plan_says_so() -> None:
    steps = moves(on("h1", "a"), on("h1", "b"), on("h2", "c"), on("h1", "d", jar="/srv/agent.jar"))
    assert upgrade(steps["a"]).shared_with == ("b",)
    assert upgrade(steps["b"]).shared_with == ("a",)
    assert upgrade(steps["a"]).host == "h1"
    told = steps["a"].driver_reason
    assert "/opt/agent.jar on h1 also serves b, and is replaced once" in told
    for alone in ("c", "d"):
        assert not upgrade(steps[alone]).shared_with


def test_without_a_host_nobody_knows() -> None:
    steps = moves(on("", "a"), on("", "b"))
    assert not upgrade(steps["a"]).shared_with


def test_a_file_that_one_of_them_could_not_run_stays_for_all() -> None:
    # The controller's jar needs Java 11; the file is the same for both.
    steps = moves(on("h1", "a"), on("h1", "b", java_version="1.8.0_392"))
    assert controller().jar_version
    assert steps["a"].upgrade is None
    assert "b on the same host is started from it" in steps["a"].note
    assert "Java" in steps["a"].note
