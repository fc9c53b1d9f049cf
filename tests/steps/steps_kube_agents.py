"""Agents that live in a cluster: a real sandbox API, and a controller that sees their pods."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from journal_entries import run_started

from migrate.cluster.client import ClusterClient
from migrate.engine.record.folder import RunFolder, StepJournal
from migrate.engine.record.journal import Journal
from migrate.model.inventory import OfflineMark, Transport
from migrate.model.plan import Choices
from migrate.model.plan_steps import PlanStep
from migrate.model.ports import AgentLog, ControllerPort, NodeState, ProbePort
from migrate.sandbox.kube.controllers import Controllers
from migrate.sandbox.kube.resources import of_kind
from migrate.sandbox.kube.server import KubeServer
from migrate.steps.base import Context, Event, RunSettings

IMAGE = "jenkins/inbound-agent:3206.vb_15dcf73f6a_9-1"
SECRET = "ab" * 32


def environment(name: str = "k1", **more: str) -> list[dict[str, Any]]:
    """Variables of an agent on TCP."""
    plain = {
        "JENKINS_URL": "http://j/",
        "JENKINS_AGENT_NAME": name,
        "JENKINS_SECRET": SECRET,
        "DATABASE_PASSWORD": "do-not-show",
        **more,
    }
    return [{"name": key, "value": value} for key, value in plain.items()]


def workload(kind: str, container: dict[str, Any], name: str = "agent", **spec: Any) -> Any:
    """A workload with one agent."""
    meta = {"name": name, "namespace": "build"}
    pod = {"containers": [{"name": "jnlp", "image": IMAGE, **container}]}
    if kind == "Pod":
        return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": pod}
    labels = {"app": name}
    body: dict[str, Any] = {
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": pod},
        **spec,
    }
    if kind == "StatefulSet":
        body["serviceName"] = name
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": meta, "spec": body}


@dataclass
class Watcher:
    """As much of a controller as a step needs; what an agent runs on is what its pod says."""

    kube: KubeServer
    url: str = "http://j/"
    marks: dict[str, OfflineMark] = field(default_factory=dict)
    stubborn: bool = False
    """Agents come back over TCP, whatever their pod says."""
    gone: bool = False

    def _pod(self, node: str) -> dict[str, Any] | None:
        Controllers(self.kube.registry).sync()
        for pod in self.kube.registry.store.items(of_kind("Pod"), "build"):
            env = {e["name"]: e.get("value") for e in pod["spec"]["containers"][0].get("env", [])}
            if env.get("JENKINS_AGENT_NAME") == node:
                return {"uid": pod["metadata"]["uid"], "env": env}
        return None

    def node_state(self, name: str) -> NodeState:
        here = self._pod(name) is not None and not self.gone
        return NodeState(name, here, 0, self.marks.get(name))

    def agent_log(self, name: str) -> AgentLog:
        pod = None if self.gone else self._pod(name)
        env = pod["env"] if pod else {}
        moved = env.get("JENKINS_WEB_SOCKET") == "true" and not self.stubborn
        return AgentLog(
            transport=Transport.WEBSOCKET if moved else Transport.TCP,
            protocol="WebSocket" if moved else "JNLP4-connect",
            remoting_version="3206.vb_15dcf73f6a_9",
            address=None,
            connected=pod is not None,
            terminated=False,
            never_connected=False,
            session=str(pod["uid"]) if pod else "",
        )

    def mark_offline(self, name: str, reason: str) -> None:
        self.marks[name] = OfflineMark("me", reason)

    def clear_mark(self, name: str) -> None:
        self.marks.pop(name, None)


class QuickClock:
    """A clock on which waiting takes no time; the cluster goes on meanwhile."""

    def __init__(self, tick: Callable[[], None]) -> None:
        self.at = 0.0
        self.tick = tick

    def now(self) -> str:
        return "2026-01-01T00:00:00.000Z"

    def monotonic(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds
        self.tick()


def cluster_goes_on(kube: KubeServer) -> None:
    """What the cluster's own controllers and kubelets do."""
    controllers = Controllers(kube.registry)
    controllers.sync()
    for pod in kube.registry.store.items(of_kind("Pod"), "build"):
        if not pod.get("status", {}).get("phase") or pod["status"]["phase"] == "Pending":
            name = pod["metadata"]["name"]
            controllers._status("Pod", "build", name, {"phase": "Running"})


@dataclass
class Bench:
    """Everything that a step is given."""

    kube: KubeServer
    jenkins: Watcher
    ctx: Context
    folder: RunFolder
    events: list[Event]
    journal: Journal | None = None

    def log(self, step: PlanStep) -> StepJournal:
        """The step's journal, read from disk again. The one before is closed: one writer."""
        if self.journal is not None:
            self.journal.close()
        self.journal = Journal(self.folder.journal_path, self.ctx.clock.now)
        return StepJournal(self.folder, self.journal, step.id)

    def read(self, kind: str, name: str = "agent") -> dict[str, Any]:
        """An object of the cluster."""
        assert self.ctx.cluster is not None
        return self.ctx.cluster.get(kind, "build", name)


def bench(kube: KubeServer, folder: Path) -> Bench:
    """A context around a running sandbox API."""
    run, events = RunFolder(folder / "run"), list[Event]()
    run.create()
    journal = Journal(run.journal_path, lambda: "2026-01-01T00:00:00.000Z")
    journal.write(run_started())
    journal.close()
    watcher = Watcher(kube)
    ctx = Context(
        jenkins=cast(ControllerPort, watcher),
        cluster=ClusterClient(kube.kubeconfig("admin")),
        prober=cast(ProbePort, None),
        inventory=None,
        choices=Choices(name="t", verify_timeout=30),
        settings=RunSettings(poll=0.5),
        clock=QuickClock(lambda: cluster_goes_on(kube)),
        emit=events.append,
    )
    return Bench(kube, watcher, ctx, run, events)
