"""Agents' pods of every kind of owner: seen, named, and handed over where they are not edited."""

import copy
from typing import Any

import pytest

from migrate.cluster.agents import find_agents
from migrate.cluster.snapshot import Snapshot
from migrate.model.cluster_facts import AgentWorkload

SECRET = "ab" * 32
CONTAINER = {
    "name": "a",
    "image": "jenkins/inbound-agent:latest-jdk17",
    "env": [
        {"name": "JENKINS_URL", "value": "https://ci.example.test/"},
        {"name": "JENKINS_NAME", "value": "b1"},
        {"name": "JENKINS_SECRET", "value": SECRET},
        {"name": "JENKINS_TUNNEL", "value": "ci:50000"},
    ],
}


def form(**meta: Any) -> dict[str, Any]:
    return {"metadata": {"labels": {"app": "agent"}, **meta}, "spec": {"containers": [CONTAINER]}}


def made(
    kind: str, name: str = "agent", owner: tuple[str, str] | None = None, **spec: Any
) -> dict[str, Any]:
    meta: dict[str, Any] = {"namespace": "ci", "name": name}
    if owner:
        meta["ownerReferences"] = [{"kind": owner[0], "name": owner[1], "controller": True}]
    return copy.deepcopy({"kind": kind, "metadata": meta, "spec": {"template": form(), **spec}})


def pod(
    name: str,
    owner: tuple[str, str] | None = None,
    labels: dict[str, str] | None = None,
    **meta: Any,
) -> dict[str, Any]:
    references = [{"kind": owner[0], "name": owner[1], "controller": True}] if owner else []
    full = {"namespace": "ci", "name": name, "labels": labels or {}, **meta}
    return copy.deepcopy(
        {
            "kind": "Pod",
            "metadata": {**full, "ownerReferences": references},
            "spec": {"containers": [CONTAINER]},
            "status": {"phase": "Running", "podIPs": [], "ready": True},
        }
    )


def found(*objects: dict[str, Any]) -> dict[str, AgentWorkload]:
    snapshot = Snapshot()
    for obj in objects:
        snapshot.objects.setdefault(obj["kind"], []).append(obj)
    return {f"{w.kind} {w.namespace}/{w.name}": w for w in find_agents(snapshot)}


CRON = {
    "kind": "CronJob",
    "metadata": {"namespace": "ci", "name": "nightly"},
    "spec": {"jobTemplate": {"spec": {"template": form()}}},
}


@pytest.mark.parametrize(
    ("obj", "place", "command"),
    [
        (
            made("DeploymentConfig"),
            "DeploymentConfig ci/agent",
            "oc set env dc/agent -n ci -c a JENKINS_WEB_SOCKET=true JENKINS_TUNNEL-",
        ),
        (
            made("ReplicationController"),
            "ReplicationController ci/agent",
            "kubectl set env replicationcontroller/agent -n ci -c a JENKINS_WEB_SOCKET=true",
        ),
        (
            made("ReplicaSet", selector={"matchLabels": {"app": "agent"}}),
            "ReplicaSet ci/agent",
            "kubectl get pods -n ci -l app=agent",
        ),
        (made("Job"), "Job ci/agent", "kubectl replace --force -n ci -f FILE"),
        (CRON, "CronJob ci/nightly", "kubectl set env cronjob/nightly -n ci -c a"),
        (
            made("Rollout"),
            "Rollout ci/agent",
            '{"op":"remove","path":"/spec/template/spec/containers/0/env/3"}',
        ),
        (pod("w-1", ("Widget", "w")), "Widget ci/w", "where Widget ci/w describes its pods"),
    ],
)
def test_each_kind_is_named_and_handed_over(obj: dict[str, Any], place: str, command: str) -> None:
    workload = found(obj)[place]
    assert workload.nodes == ("b1",)
    assert workload.obstacle
    assert command in workload.by_hand
    assert SECRET not in workload.by_hand
    assert workload.url == "https://ci.example.test/"


def test_what_is_edited_has_no_obstacle() -> None:
    for kind in ("Deployment", "StatefulSet", "DaemonSet"):
        assert found(made(kind))[f"{kind} ci/agent"].obstacle == ""
    assert found(pod("bare"))["Pod ci/bare"].obstacle == ""


def test_pods_belong_to_the_top_of_their_owners_and_count_once() -> None:
    assert list(
        found(
            made("Deployment"),
            made("ReplicaSet", "agent-7c9d", ("Deployment", "agent")),
            pod("agent-7c9d-x", ("ReplicaSet", "agent-7c9d")),
        )
    ) == ["Deployment ci/agent"]
    job = made("Job", "nightly-1", ("CronJob", "nightly"))
    assert list(found(CRON, job, pod("nightly-1-x", ("Job", "nightly-1")))) == [
        "CronJob ci/nightly"
    ]
    controller = made("ReplicationController", "agent-3", ("DeploymentConfig", "agent"))
    assert list(found(controller, pod("agent-3-x", ("ReplicationController", "agent-3")))) == [
        "DeploymentConfig ci/agent"
    ]


def test_an_owner_that_could_not_be_read_is_named_all_the_same() -> None:
    hashed = pod("d-7c9d-x", ("ReplicaSet", "d-7c9d"), {"pod-template-hash": "7c9d"})
    workload = found(hashed)["Deployment ci/d"]
    assert "could not be read" in workload.obstacle
    assert "kubectl set env deployment/d" in workload.by_hand
    noted = {"openshift.io/deployment-config.name": "dc"}
    deployed = pod("dc-1-x", ("ReplicationController", "dc-1"), annotations=noted)
    assert "DeploymentConfig ci/dc" in found(deployed)
    rolled = pod("r-5f-x", ("ReplicaSet", "r-5f"), {"rollouts-pod-template-hash": "5f"})
    assert "Rollout ci/r" in found(rolled)
    # A static pod belongs to its kubelet alone.
    assert "Pod ci/static" in found(pod("static", ("Node", "worker-1")))


def test_a_rollout_that_refers_to_a_deployment_stands_for_it() -> None:
    reference = {"workloadRef": {"kind": "Deployment", "name": "agent"}}
    rollout = {"kind": "Rollout", "metadata": {"namespace": "ci", "name": "r"}, "spec": reference}
    workloads = found(made("Deployment"), rollout)
    assert list(workloads) == ["Rollout ci/r"]
    assert "kubectl set env deployment/agent" in workloads["Rollout ci/r"].by_hand


def test_what_is_over_or_of_a_cloud_is_left_out() -> None:
    done = made("Job")
    done["status"] = {"conditions": [{"type": "Complete", "status": "True"}]}
    ended = pod("x")
    ended["status"]["phase"] = "Succeeded"
    assert found(done, ended, pod("cloud", labels={"jenkins/label": "x"})) == {}
