"""The front is opened before any node is moved, by the tool or by who owns it."""

from dataclasses import replace

import msgspec
import pytest
from planner_data import choices, cluster, inventory, node

from migrate.model.cluster_facts import IngressRoute, Owner
from migrate.model.inventory import Inventory
from migrate.model.plan_steps import (
    AnnotateIngress,
    AnnotationEdit,
    FrontAnnotation,
    Manual,
    read_step,
    target_of,
)
from migrate.model.serialize import to_data
from migrate.planner.plan import make_plan
from migrate.report.dispatch import render_plan
from migrate.report.plan import sentence
from migrate.rules.front_annotations import INC

HELM = Owner("helm", "jenkins", "label app.kubernetes.io/managed-by")
INC_ROUTE = IngressRoute(
    namespace="jenkins",
    name="web",
    api_version="networking.k8s.io/v1",
    hosts=("jenkins.example.org",),
    class_name="nginx",
    class_controller=INC,
    backend="jenkins:8080",
)


def with_route(route: IngressRoute) -> Inventory:
    return inventory(node("a"), cluster=replace(cluster(), ingresses=(route,)))


def test_it_comes_before_the_proof_and_says_what_it_costs() -> None:
    plan = make_plan(with_route(INC_ROUTE), (), choices())
    preflight = plan.stages[0]
    (front,), (probe,) = (wave.steps for wave in preflight.waves)
    assert isinstance(front, AnnotateIngress)
    assert probe.kind == "probe-websocket"
    assert front.annotations == (
        AnnotationEdit(name=FrontAnnotation.INC_WEBSOCKET_SERVICES, after="jenkins"),
    )
    assert "lets WebSocket through the front in 1 step" in sentence(plan)
    for fmt in ("text", "md", "html"):
        told = render_plan(plan, (), fmt)
        assert "nginx.org/websocket-services" in told
    assert "may be made anew" in " ".join(render_plan(plan, (), "md").split())


def test_who_owns_the_ingress_changes_it_at_the_source() -> None:
    owned = replace(INC_ROUTE, owner=HELM)
    (step, _) = make_plan(with_route(owned), (), choices()).steps()[:2]
    assert isinstance(step, Manual)
    assert 'nginx.org/websocket-services: "jenkins"' in step.instructions
    assert step.would_be is not None
    found = target_of(step)
    assert found is not None and str(found) == "Ingress jenkins/web"
    assert "1 step by hand" in sentence(make_plan(with_route(owned), (), choices()))
    live = make_plan(with_route(owned), (), choices(allow_live_edit=True)).steps()[0]
    assert isinstance(live, AnnotateIngress)
    assert live.owner is not None and "helm jenkins" in live.owner


def test_a_front_that_lets_it_through_needs_no_step() -> None:
    told = replace(INC_ROUTE, annotations={"nginx.org/websocket-services": "jenkins"})
    plan = make_plan(with_route(told), (), choices())
    assert [step.kind for step in plan.stages[0].waves[0].steps] == ["probe-websocket"]


@pytest.mark.parametrize(
    ("name", "after"),
    [
        ("nginx.ingress.kubernetes.io/configuration-snippet", "1"),
        ("nginx.org/server-snippets", "1"),
        ("nginx.org/proxy-read-timeout", "1s; return 302 https://evil.example/"),
        ("nginx.org/websocket-services", "a\n"),
    ],
)
def test_a_plan_cannot_write_nginx_configuration(name: str, after: str) -> None:
    step = make_plan(with_route(INC_ROUTE), (), choices()).steps()[0]
    forged = to_data(step) | {"annotations": [{"name": name, "after": after}]}
    with pytest.raises(msgspec.ValidationError):
        read_step(forged)
