"""move-workload against the sandbox's Kubernetes API over real sockets."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from steps_kube_agents import SECRET, Bench, bench, environment, workload

from migrate.cluster.agents import find_agents
from migrate.cluster.snapshot import read
from migrate.model import plan_steps
from migrate.model.cluster_facts import AgentWorkload
from migrate.model.inventory import Verdict
from migrate.model.names import DriverName
from migrate.sandbox.kube.controllers import Controllers
from migrate.sandbox.kube.server import KubeServer
from migrate.steps.base import CheckState, NotPutBack, StepFailed
from migrate.steps.cluster.move_workload import MoveWorkload

KIND = MoveWorkload()
TUNNELLED = {"env": environment(JENKINS_TUNNEL="edge:50000", JENKINS_WEB_SOCKET="false")}


@pytest.fixture
def b(tmp_path: Path) -> Iterator[Bench]:
    with KubeServer(tmp_path / "kube") as server:
        server.add({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "build"}})
        yield bench(server, tmp_path)


def agents(b: Bench) -> tuple[AgentWorkload, ...]:
    Controllers(b.kube.registry).sync()
    kinds = ("Deployment", "StatefulSet", "DaemonSet", "Pod")
    return find_agents(read(b.ctx.cluster, kinds, ("build",)))  # type: ignore[arg-type]


def step_for(found: AgentWorkload) -> plan_steps.MoveWorkload:
    return plan_steps.MoveWorkload(
        id=f"workload/{found.namespace}/{found.kind}/{found.name}",
        subject=f"node {found.nodes[0]}",
        title="move",
        node=found.nodes[0],
        driver=DriverName.KUBERNETES,
        nodes=found.nodes,
        target=plan_steps.KubeTarget(
            kind=found.kind, namespace=found.namespace, name=found.name, uid=found.uid
        ),
        container=found.container,
        fingerprint={"container_sha256": found.container_sha256 or ""},
    )


def add(b: Bench, kind: str, container: dict[str, Any], **spec: Any) -> plan_steps.MoveWorkload:
    b.kube.add(workload(kind, container, **spec))
    (found,) = agents(b)
    assert found.obstacle == ""
    return step_for(found)


def variables(b: Bench, kind: str) -> dict[str, Any]:
    body = b.read(kind)
    pod = body if kind == "Pod" else body["spec"]["template"]
    return {e["name"]: e.get("value") for e in pod["spec"]["containers"][0]["env"]}


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet", "Pod"])
def test_there_and_back_and_there_again(b: Bench, kind: str) -> None:
    step = add(b, kind, TUNNELLED)
    before = b.read(kind)
    assert KIND.check(step, b.ctx).state is CheckState.READY
    assert KIND.dry_run(step, b.ctx).startswith("would change")
    assert b.read(kind)["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]
    for _ in range(2):
        log = b.log(step)
        seen = KIND.apply(step, b.ctx, log)
        assert seen == "WebSocket, remoting 3206.vb_15dcf73f6a_9"
        assert variables(b, kind)["JENKINS_WEB_SOCKET"] == "true"
        assert "JENKINS_TUNNEL" not in variables(b, kind)
        assert KIND.verify(step, b.ctx).verdict is Verdict.PASS
        assert KIND.check(step, b.ctx, log).state is CheckState.DONE
        assert b.jenkins.marks == {}
        told = KIND.rollback(step, b.ctx, b.log(step))
        assert "pod template is as it was" in told
        after = b.read(kind)
        if kind != "Pod":
            assert json.dumps(after["spec"]["template"]) == json.dumps(before["spec"]["template"])
        assert variables(b, kind) == variables_of(before, kind)
        assert b.jenkins.agent_log("k1").protocol == "JNLP4-connect"
        assert b.jenkins.marks == {}
        assert KIND.rollback(step, b.ctx, b.log(step)) == ""
    journal = b.folder.journal_path.read_text()
    assert SECRET not in journal
    assert "do-not-show" not in journal
    assert "do-not-show" not in KIND.diff(step, b.ctx)


def variables_of(body: dict[str, Any], kind: str) -> dict[str, Any]:
    pod = body if kind == "Pod" else body["spec"]["template"]
    return {e["name"]: e.get("value") for e in pod["spec"]["containers"][0]["env"]}


def test_a_crash_after_the_patch_goes_on_and_back(b: Bench, monkeypatch: Any) -> None:
    step = add(b, "Deployment", TUNNELLED)

    def dies(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("migrate.steps.cluster.move_workload.await_rollout", dies)
        with pytest.raises(KeyboardInterrupt):
            KIND.apply(step, b.ctx, b.log(step))
    version = b.read("Deployment")["metadata"]["generation"]
    assert KIND.check(step, b.ctx, b.log(step)).state in (CheckState.READY, CheckState.DONE)
    KIND.apply(step, b.ctx, b.log(step))
    assert b.read("Deployment")["metadata"]["generation"] == version
    assert "as it was" in KIND.rollback(step, b.ctx, b.log(step))


def test_agents_that_come_back_over_tcp_are_put_back(b: Bench) -> None:
    step = add(b, "Deployment", TUNNELLED)
    before = b.read("Deployment")["spec"]["template"]
    b.jenkins.stubborn = True
    with pytest.raises(StepFailed, match="came back over JNLP4-connect"):
        KIND.apply(step, b.ctx, b.log(step))
    KIND.rollback(step, b.ctx, b.log(step))
    assert b.read("Deployment")["spec"]["template"] == before
    assert b.jenkins.marks == {}


def test_what_somebody_else_changed_is_left(b: Bench) -> None:
    step = add(b, "Deployment", TUNNELLED)
    KIND.apply(step, b.ctx, b.log(step))
    where = "/spec/template/spec/containers/0/env"
    theirs = [{"op": "replace", "path": where, "value": environment(JENKINS_WEB_SOCKET="maybe")}]
    b.ctx.need_cluster().json_patch("Deployment", "build", "agent", theirs)
    with pytest.raises(NotPutBack, match="changed by somebody else") as caught:
        KIND.rollback(step, b.ctx, b.log(step))
    assert "kubectl describe deployment agent" in caught.value.needs
    assert variables(b, "Deployment")["JENKINS_WEB_SOCKET"] == "maybe"


def test_other_edits_of_the_template_are_kept(b: Bench) -> None:
    step = add(b, "Deployment", {"env": environment(), "args": ["-tunnel", "edge:1", "-headless"]})
    KIND.apply(step, b.ctx, b.log(step))
    container = b.read("Deployment")["spec"]["template"]["spec"]["containers"][0]
    assert container["args"] == ["-headless"]
    image = [{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "x:1"}]
    b.ctx.need_cluster().json_patch("Deployment", "build", "agent", image)
    assert "other edits of the template were kept" in KIND.rollback(step, b.ctx, b.log(step))
    container = b.read("Deployment")["spec"]["template"]["spec"]["containers"][0]
    assert container["image"] == "x:1"
    assert container["args"] == ["-tunnel", "edge:1", "-headless"]
    assert container["env"] == environment()


def test_drift_and_offline_nodes(b: Bench) -> None:
    step = add(b, "Deployment", TUNNELLED)
    b.jenkins.gone = True
    blocked = KIND.check(step, b.ctx)
    assert (blocked.state, "offline: k1" in blocked.detail) == (CheckState.BLOCKED, True)
    b.jenkins.gone = False
    where = "/spec/template/spec/containers/0/env/0/value"
    b.ctx.need_cluster().json_patch(
        "Deployment", "build", "agent", [{"op": "replace", "path": where, "value": "http://x/"}]
    )
    assert KIND.check(step, b.ctx).state is CheckState.DRIFTED


@pytest.mark.parametrize(
    ("container", "why"),
    [
        ({"image": "jenkins/jnlp-slave:3.27-1", "env": environment()}, "older than 4.0.1-1"),
        ({"env": environment(), "command": ["java", "-jar"]}, "a command of its own"),
        ({"env": environment(), "args": ["-jnlpUrl", "u"]}, "arguments have -jnlpUrl"),
        ({"env": environment(REMOTING_OPTS="-jnlpUrl u")}, "REMOTING_OPTS have -jnlpUrl"),
        ({"env": environment(REMOTING_OPTS="-quick")}, "(-quick)"),
        (
            {
                "env": [
                    {"name": "JENKINS_AGENT_NAME", "value": "k1"},
                    {"name": "JENKINS_DIRECT_CONNECTION", "value": "j:50000"},
                ]
            },
            "no JENKINS_URL",
        ),
        ({"env": [{"name": "JENKINS_URL", "value": "http://j/"}]}, "nothing in its pod template"),
        (
            {
                "env": [
                    {
                        "name": "JENKINS_NAME",
                        "valueFrom": {"secretKeyRef": {"name": "s", "key": "n"}},
                    },
                ]
            },
            "comes from secretKeyRef",
        ),
    ],
)
def test_what_cannot_be_edited_says_why(b: Bench, container: dict[str, Any], why: str) -> None:
    b.kube.add(workload("Deployment", container))
    (found,) = agents(b)
    assert why in found.obstacle


def test_whose_pods_serve_which_node(b: Bench) -> None:
    own_name = {
        "name": "JENKINS_AGENT_NAME",
        "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}},
    }
    rows: list[tuple[str, str, dict[str, Any]]] = [
        ("StatefulSet", "set", {"env": [own_name, {"name": "JENKINS_URL", "value": "x"}]}),
        ("Deployment", "args", {"args": ["-url", "http://j/", SECRET, "by-args"]}),
        ("DaemonSet", "option", {"args": ["-name", "by-option", "-secret", "@f"]}),
        ("Pod", "bare", {"env": environment("first", JENKINS_NAME="second")}),
    ]
    for kind, name, container in rows:
        b.kube.add(workload(kind, container, name))
    cloud = workload("Pod", {"env": environment("cloud-1")}, "cloud-1")
    cloud["metadata"]["labels"] = {"jenkins/label": "x"}
    b.kube.add(cloud)
    other = workload("Deployment", {"image": "postgres:16"}, "db")
    b.kube.add(other)
    assert {w.name: w.nodes for w in agents(b)} == {
        "set": ("set-0",),
        "args": ("by-args",),
        "option": ("by-option",),
        "bare": ("second",),
    }
