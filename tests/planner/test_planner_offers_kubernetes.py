"""What the driver ``kubernetes`` offers, and why not."""

from dataclasses import replace
from typing import Any

import pytest
from planner_data import choices, facts, inventory, launch, node, of_node
from typed import a

from migrate.model.cluster_facts import AgentWorkload, Cluster, Owner
from migrate.model.inventory import Inventory, LaunchKind
from migrate.model.plan_steps import Manual, MoveWorkload, PlanStep
from migrate.planner.nodes import plan_nodes
from migrate.planner.offers.base import Offer, Refusal
from migrate.planner.offers.kubernetes import offer

HELM = Owner("helm", "r", "label")


def workload(*nodes: str, **changes: Any) -> AgentWorkload:
    known = AgentWorkload(
        "StatefulSet", "build", "agents", "jnlp", "jenkins/inbound-agent:3160", nodes, tunnel=True
    )
    return replace(known, uid="u", container_sha256="5" * 64, **changes)


def in_cluster(made: AgentWorkload, *names: str) -> Inventory:
    seen = inventory(*(node(name, launch=launch(LaunchKind.CONTAINER)) for name in names))
    return replace(seen, cluster=Cluster("c", "v1.31.0", agents=(made,)))


def only(inv: Inventory, **more: Any) -> PlanStep:
    stage = plan_nodes(inv, (), choices(**more))
    both: list[PlanStep] = [*stage.moves, *stage.by_hand]
    (step,) = both
    return step


def test_the_pod_template_of_its_workload_is_edited() -> None:
    made = a(Offer, offer(node(), facts(workload=workload("a"))))
    assert "StatefulSet build/agents" in made.reason


@pytest.mark.parametrize(
    ("made", "changes", "why"),
    [
        (None, {}, "no workload of the cluster serves it"),
        (workload("a", obstacle="no way"), {}, "no way"),
        (workload("a", owner=HELM), {}, "helm r owns"),
        (workload("a"), {"remoting_version": None}, "version in the image"),
        (workload("a"), {"remoting_version": "4.11.2"}, "does not hold a WebSocket connection"),
    ],
)
def test_why_no_pod_template_is_edited(
    made: AgentWorkload | None, changes: dict[str, Any], why: str
) -> None:
    told = a(Refusal, offer(node(**changes), facts(workload=made)))
    assert why in told.reason


def test_a_live_edit_of_an_owned_workload_can_be_allowed() -> None:
    owned = facts(workload=workload("a", owner=HELM))
    told = a(Refusal, offer(node(), owned))
    assert "--allow-live-edit" in told.possible
    allowed = replace(owned, choices=choices(allow_live_edit=True))
    assert isinstance(offer(node(), allowed), Offer)


def test_what_a_person_does_instead_is_handed_on() -> None:
    served = workload("a", obstacle="no way", by_hand="kubectl patch")
    assert a(Refusal, offer(node(), facts(workload=served))).by_hand == "kubectl patch"
    assert of_node(only(in_cluster(served, "a"))).by_hand == "kubectl patch"


def test_a_workload_is_one_step_for_all_its_nodes() -> None:
    made = only(in_cluster(workload("agents-0", "agents-1"), "agents-0", "agents-1"))
    step = a(MoveWorkload, made)
    assert step.nodes == ("agents-0", "agents-1")
    assert step.fingerprint["container_sha256"] == "5" * 64
    assert step.driver == "kubernetes"


def test_no_pod_template_is_edited_for_some_of_its_nodes() -> None:
    stage = plan_nodes(in_cluster(workload("a", "b"), "a"), (), choices())
    assert stage.moves == []
    (told,) = stage.refused
    assert (told.driver, told.nodes) == ("kubernetes", ("a",))
    assert "also serves b" in told.reason
    assert a(Manual, stage.by_hand[0]).reason == told.reason
