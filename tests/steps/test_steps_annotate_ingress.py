"""Annotations of an Ingress: only as planned, and never taken from agents that need them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from steps_kube_agents import Bench, bench

from migrate.model.inventory import Transport
from migrate.model.plan_steps import AnnotateIngress as Planned
from migrate.model.plan_steps import read_step
from migrate.model.ports import AgentLog, ControllerPort
from migrate.sandbox.kube.server import KubeServer
from migrate.steps.base import CheckState, Context, NotPutBack, StepFailed
from migrate.steps.cluster.annotate_ingress import AnnotateIngress

KIND = AnnotateIngress()
READ, SEND = (f"nginx.ingress.kubernetes.io/proxy-{way}-timeout" for way in ("read", "send"))


class Agents:
    """A controller that knows one agent's transport."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport

    def node_names(self) -> tuple[str, ...]:
        return ("a",)

    def agent_log(self, name: str) -> AgentLog:
        assert name == "a"
        return AgentLog(
            self.transport, None, None, None, connected=True, terminated=False,
            never_connected=False, session="1",
        )  # fmt: skip


@pytest.fixture
def b(tmp_path: Path) -> Iterator[Bench]:
    with KubeServer(tmp_path / "kube") as server:
        server.add({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "build"}})
        backend = {"service": {"name": "jenkins", "port": {"number": 8080}}}
        paths = [{"path": "/", "pathType": "Prefix", "backend": backend}]
        server.add(
            {
                "apiVersion": "networking.k8s.io/v1",
                "kind": "Ingress",
                "metadata": {
                    "name": "agent",
                    "namespace": "build",
                    "annotations": {READ: "20", "kept": "yes"},
                },
                "spec": {"rules": [{"host": "j.example", "http": {"paths": paths}}]},
            }
        )
        yield bench(server, tmp_path)


def step(before: str | None = "20") -> Planned:
    made = read_step(
        {
            "kind": "annotate-ingress",
            "id": "preflight/front",
            "subject": "edge",
            "title": "let WebSocket through",
            "target": {"kind": "Ingress", "namespace": "build", "name": "agent"},
            "annotations": [
                {"name": READ, "before": before, "after": "3600"},
                {"name": SEND, "before": None, "after": "3600"},
            ],
        }
    )
    assert isinstance(made, Planned)
    return made


def annotations(b: Bench) -> dict[str, Any]:
    found: dict[str, Any] = b.read("Ingress")["metadata"]["annotations"]
    return found


def over(b: Bench, transport: Transport) -> Context:
    return replace(b.ctx, jenkins=cast(ControllerPort, Agents(transport)))


def test_what_was_changed_since_the_plan_is_drift(b: Bench) -> None:
    changed = step(before="30")
    found = KIND.check(changed, b.ctx)
    assert found.state is CheckState.DRIFTED
    assert "'20'" in found.detail and "'30'" in found.detail
    with pytest.raises(Exception, match="not '30'"):
        KIND.apply(changed, b.ctx, b.log(changed))
    assert annotations(b) == {READ: "20", "kept": "yes"}


def test_the_old_ones_wait_until_no_agent_needs_the_new_ones(b: Bench) -> None:
    planned = step()
    KIND.apply(planned, b.ctx, b.log(planned))
    assert annotations(b) == {READ: "3600", SEND: "3600", "kept": "yes"}
    with pytest.raises(NotPutBack, match="a are on WebSocket and need it"):
        KIND.rollback(planned, over(b, Transport.WEBSOCKET), b.log(planned))
    assert annotations(b)[READ] == "3600"
    assert KIND.rollback(planned, over(b, Transport.TCP), b.log(planned))
    assert annotations(b) == {READ: "20", "kept": "yes"}
    assert KIND.rollback(planned, over(b, Transport.TCP), b.log(planned)) == ""


def test_a_value_of_a_person_is_not_overwritten_on_the_way_back(b: Bench) -> None:
    planned = step()
    KIND.apply(planned, b.ctx, b.log(planned))
    patch = [{"op": "replace", "path": f"/metadata/annotations/{READ.replace('/', '~1')}"}]
    b.ctx.need_cluster().json_patch("Ingress", "build", "agent", [patch[0] | {"value": "900"}])
    with pytest.raises(Exception, match="'900'"):
        KIND.rollback(planned, over(b, Transport.TCP), b.log(planned))
    assert annotations(b)[READ] == "900"


def test_a_change_that_does_not_stay_is_a_failure(b: Bench) -> None:
    planned = step()

    class PutsItBack:
        """An owner's controller."""

        def __getattr__(self, name: str) -> Any:
            return getattr(b.ctx.cluster, name)

        def json_patch(self, *words: Any, **options: Any) -> Any:
            after = b.ctx.need_cluster().json_patch(*words, **options)
            path = f"/metadata/annotations/{SEND.replace('/', '~1')}"
            b.ctx.need_cluster().json_patch(
                "Ingress", "build", "agent", [{"op": "remove", "path": path}]
            )
            return after

    ctx = replace(b.ctx, cluster=cast(Any, PutsItBack()))
    with pytest.raises(StepFailed, match="is not so yet"):
        KIND.apply(planned, ctx, b.log(planned))
