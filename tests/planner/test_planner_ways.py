"""What a plan makes of ways in and of agents' workloads that this tool does not edit."""

from dataclasses import replace
from typing import Any

from planner_data import choices, cluster, controller, exposure, inventory, node
from typed import a

from migrate.model.cluster_facts import AgentWorkload, ExposureKind, Owner, Way, WayKind
from migrate.model.inventory import Skip
from migrate.model.plan_steps import Manual
from migrate.model.ways import ways_in
from migrate.planner.plan import make_plan, runbooks

HEADLESS = Skip("Service ci/x", "agent port", "it is headless", "decide by hand", leaves_open=True)
PERSON = Owner("kubectl", "kubectl", "managedFields: kubectl (Apply) manages it")


def workload(**more: Any) -> AgentWorkload:
    values: dict[str, Any] = {
        "kind": "DeploymentConfig",
        "namespace": "ci",
        "name": "agent",
        "container": "a",
        "image": "jenkins/inbound-agent",
        "nodes": ("b1",),
        "obstacle": "OpenShift rolls it out",
        "by_hand": "oc set env dc/agent -n ci JENKINS_WEB_SOCKET=true; then oc rollout status",
    }
    return AgentWorkload(**{**values, **more})


def test_what_the_scan_could_not_decide_is_left_out_by_name() -> None:
    other = Skip("Deployment x/web", "TCP routes", "its image looks like a proxy")
    plan = make_plan(inventory(cluster=cluster(), skips=(HEADLESS, other)), (), choices())
    assert HEADLESS in plan.skips
    assert other not in plan.skips


def test_a_way_that_is_not_edited_is_a_step_for_a_person() -> None:
    entry = exposure(
        ExposureKind.TCP_SERVICES_ENTRY, obstacle="it is immutable", by_hand="kubectl replace it"
    )
    plan = make_plan(inventory(cluster=cluster(entry)), (), choices())
    (step,) = [s for s in plan.steps() if s.id.startswith("close/tcp-services-entry")]
    told = a(Manual, step)
    assert told.reason == "it is immutable"
    assert "kubectl replace it" in told.instructions
    live = make_plan(inventory(cluster=cluster(entry)), (), choices(allow_live_edit=True))
    assert {s.kind for s in live.steps() if s.id == step.id} == {"manual"}


def test_what_a_person_applied_is_edited_and_its_manifest_named() -> None:
    entry = exposure(ExposureKind.EDGE_SERVICE_PORT, owner=PERSON)
    plan = make_plan(inventory(cluster=cluster(entry)), (), choices())
    (step,) = [s for s in plan.steps() if s.id.startswith("close/edge-service-port")]
    assert step.kind == "remove-service-port"
    assert "take it out of the manifest" in step.title
    argo = exposure(ExposureKind.EDGE_SERVICE_PORT, owner=Owner("argocd", "ci", "label"))
    plan = make_plan(inventory(cluster=cluster(argo)), (), choices())
    assert {s.kind for s in plan.steps() if s.id == step.id} == {"manual"}


def test_a_node_in_a_workload_of_another_kind_is_handed_over_to_the_letter() -> None:
    found = inventory(node("b1"), cluster=replace(cluster(), agents=(workload(),)))
    plan = make_plan(found, (), choices())
    (step,) = [s for s in plan.steps() if s.id == "node/b1"]
    told = a(Manual, step)
    assert "DeploymentConfig ci/agent" in told.reason
    assert "In the cluster: oc set env dc/agent -n ci JENKINS_WEB_SOCKET=true" in told.instructions
    (text,) = runbooks(plan, found).values()
    assert "oc set env dc/agent -n ci" in text


def test_the_lock_lies_where_the_controller_does_whatever_is_closed() -> None:
    one = make_plan(
        inventory(node(), cluster=replace(cluster(), jenkins_namespace="ci")),
        (),
        choices(close=False),
    )
    edge = exposure(ExposureKind.EDGE_SERVICE_PORT, namespace="edge")
    other = make_plan(
        inventory(cluster=replace(cluster(edge), jenkins_namespace="ci")), (), choices()
    )
    assert one.target.lock_namespace == other.target.lock_namespace == "ci"
    assert make_plan(inventory(cluster=cluster()), (), choices()).target.lock_namespace == "default"
    assert make_plan(inventory(cluster=None), (), choices()).target.lock_namespace == ""


def test_all_ways_in_one_list() -> None:
    balancer = Way(WayKind.LOAD_BALANCER, "Service edge/e", ("192.0.2.1",), 6000)
    port, made = controller().agent_port, replace(cluster(), ways=(balancer, balancer))
    found = ways_in(controller().url, port, made, ("agents.example:7000",))
    assert [(w.kind, w.hosts, w.port) for w in found] == [
        (WayKind.GIVEN, ("agents.example",), 7000),
        (WayKind.ADVERTISED, ("jenkins.example.org",), 50000),
        (WayKind.LOAD_BALANCER, ("192.0.2.1",), 6000),
    ]
    assert [w.kind for w in ways_in(controller().url, port, None)] == [WayKind.ADVERTISED]
