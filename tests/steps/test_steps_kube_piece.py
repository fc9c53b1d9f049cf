"""Steps that take something out of the cluster, against the sandbox's API over real sockets."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest
from steps_kube_agents import Bench, bench
from typed import a

from migrate.model.inventory import Verdict
from migrate.model.plan_steps import KubeTarget, PlanStep, read_step, target_of
from migrate.model.ports import ClusterPort
from migrate.sandbox.kube.server import KubeServer
from migrate.steps.base import CheckState, Context, StepFailed
from migrate.steps.registry import kind_of

META = {"name": "agent", "namespace": "build"}
PORT = {"name": "agents", "port": 50000, "protocol": "TCP", "targetPort": 50000}
HOLE = {"name": "agents", "containerPort": 50000, "hostPort": 50000, "protocol": "TCP"}
OTHER = {"name": "http", "port": 80, "protocol": "TCP", "targetPort": 80}


def service(*ports: dict[str, Any]) -> dict[str, Any]:
    spec = {"type": "ClusterIP", "selector": {"app": "j"}, "ports": list(ports)}
    return {"apiVersion": "v1", "kind": "Service", "metadata": META, "spec": spec}


def deployment(*ports: dict[str, Any]) -> dict[str, Any]:
    labels = {"app": "edge"}
    pod = {"containers": [{"name": "c", "image": "edge:1", "ports": list(ports)}]}
    template = {"metadata": {"labels": labels}, "spec": pod}
    spec = {"selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": META, "spec": spec}


@dataclass(frozen=True)
class Case:
    """An object, how the step for it names its piece, and where in it the piece is."""

    body: dict[str, Any]
    key: str
    value: str
    path: tuple[str | int, ...]
    wrong: Any
    """Another value than the piece's."""

    @property
    def pointer(self) -> str:
        return "/" + "/".join(map(str, self.path))


CONFIG_MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": META}
CASES = {
    "remove-tcp-service": Case(
        {**CONFIG_MAP, "data": {"50000": "j/agent:50000", "5432": "db/sql:5432"}},
        "50000", "j/agent:50000", ("data", "50000"), "j/agent:50001",
    ),
    "remove-service-port": Case(
        service(OTHER, PORT), "agents", "", ("spec", "ports", 1), {**PORT, "targetPort": 1}
    ),
    "remove-container-port": Case(
        deployment({"containerPort": 80, "protocol": "TCP"}, HOLE), "c/agents", "",
        ("spec", "template", "spec", "containers", 0, "ports", 1), {**HOLE, "hostPort": 1},
    ),
    "remove-agent-service": Case(service(PORT), "", "", ("spec", "ports", 0), PORT),
}  # fmt: skip
PIECES = [name for name in CASES if name != "remove-agent-service"]


@pytest.fixture
def b(tmp_path: Path) -> Iterator[Bench]:
    with KubeServer(tmp_path / "kube") as server:
        server.add({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "build"}})
        yield bench(server, tmp_path)


def step_for(b: Bench, name: str) -> PlanStep:
    """The object as a scan sees it, and the step that its plan has."""
    case = CASES[name]
    b.kube.add(case.body)
    kind = case.body["kind"]
    uid = b.read(kind)["metadata"]["uid"]
    target = {"kind": kind, "namespace": "build", "name": "agent", "uid": uid}
    return read_step(
        {
            "kind": name,
            "id": f"close/{name}",
            "subject": "edge",
            "title": "close",
            "piece": {"target": target, "key": case.key, "value": case.value, "port": 50000},
        }
    )


def piece(b: Bench, name: str) -> Any:
    found: Any = b.read(CASES[name].body["kind"])
    for part in CASES[name].path:
        found = found[part]
    return found


class Interferes:
    """A cluster in which somebody acts right after each of the tool's patches."""

    def __init__(self, cluster: ClusterPort, act: Callable[[ClusterPort], object]) -> None:
        self._cluster, self._act = cluster, act

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cluster, name)

    def json_patch(self, *words: Any, **options: Any) -> dict[str, Any]:
        after = self._cluster.json_patch(*words, **options)
        self._act(self._cluster)
        return after


def meddled(b: Bench, name: str, operation: str, value: Any) -> Context:
    """The context where an owner's controller sets the piece right after each patch."""
    case = CASES[name]
    patch = [{"op": operation, "path": case.pointer, "value": value}]

    def act(cluster: ClusterPort) -> None:
        cluster.json_patch(case.body["kind"], "build", "agent", patch)

    return replace(b.ctx, cluster=cast(ClusterPort, Interferes(b.ctx.need_cluster(), act)))


@pytest.mark.parametrize("name", CASES)
def test_an_object_of_that_name_that_was_made_anew_is_another_object(b: Bench, name: str) -> None:
    step, kind = step_for(b, name), kind_of(name)
    assert kind.check(step, b.ctx).state is CheckState.READY
    cluster, what = b.ctx.need_cluster(), CASES[name].body["kind"]
    target = a(KubeTarget, target_of(step))
    cluster.delete(what, "build", "agent", uid=a(str, target.uid))
    b.kube.add(CASES[name].body)
    found = kind.check(step, b.ctx)
    assert (found.state, found.detail) == (
        CheckState.DRIFTED,
        f"{what} build/agent was deleted and created again",
    )
    # Unless it was a rollback of this plan that made it.
    made = frozenset({b.read(what)["metadata"]["uid"]})
    assert kind.check(step, replace(b.ctx, made_anew=made)).state is CheckState.READY


@pytest.mark.parametrize("name", PIECES)
def test_what_is_put_back_at_once_was_not_removed(b: Bench, name: str) -> None:
    step, kind = step_for(b, name), kind_of(name)
    before = piece(b, name)
    owned = meddled(b, name, "add", before)
    with pytest.raises(StepFailed, match="still has"):
        kind.apply(step, owned, b.log(step))
    assert piece(b, name) == before
    assert kind.verify(step, b.ctx).verdict is Verdict.FAIL


@pytest.mark.parametrize("name", PIECES)
def test_what_reads_otherwise_was_not_put_back(b: Bench, name: str) -> None:
    step, kind = step_for(b, name), kind_of(name)
    before = piece(b, name)
    kind.apply(step, b.ctx, b.log(step))
    assert kind.verify(step, b.ctx).verdict is Verdict.PASS
    owned = meddled(b, name, "replace", CASES[name].wrong)
    log = b.log(step)
    with pytest.raises(StepFailed, match="was put back, but reads"):
        kind.rollback(step, owned, log)
    assert piece(b, name) == CASES[name].wrong
    assert [r.kind for r in log.records()][-1] == "undo", "nobody may believe that it is undone"
    theirs = [{"op": "replace", "path": CASES[name].pointer, "value": before}]
    b.ctx.need_cluster().json_patch(CASES[name].body["kind"], "build", "agent", theirs)
    assert "as it was" in kind.rollback(step, b.ctx, b.log(step))
    assert piece(b, name) == before
