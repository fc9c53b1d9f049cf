"""Agents in pods: workloads that somebody wrote, and pods that the controller's clouds make."""

import base64
import hashlib
import itertools
import threading
from typing import Any

from migrate.model.text import file_name
from migrate.sandbox.jenkins.clouds import Cloud, PodTemplate
from migrate.sandbox.jenkins.server import JenkinsServer
from migrate.sandbox.kube.checks import Target, Write
from migrate.sandbox.kube.kubelet import CLOUD_LABEL
from migrate.sandbox.kube.resources import of_kind
from migrate.sandbox.kube.server import KubeServer
from migrate.sandbox.spec import (
    KUBERNETES_NODE,
    AgentSpec,
    CloudSpec,
    NodeSpec,
    WorkloadSpec,
)

CLOUD_IMAGE = "jenkins/inbound-agent:3283.v92c105e0f819-1-jdk21"
_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"


def workload_objects(
    spec: WorkloadSpec, agent: AgentSpec, jenkins_url: str, secret: str
) -> list[dict[str, Any]]:
    """The Secret and the workload of one agent."""
    encoded = base64.b64encode(secret.encode()).decode()
    held = _object("v1", "Secret", spec.namespace, f"{spec.name}-secret")
    held |= {"type": "Opaque", "data": {"secret": encoded}}
    env: list[dict[str, Any]] = [{"name": "JENKINS_URL", "value": jenkins_url}]
    reference = {"secretKeyRef": {"name": f"{spec.name}-secret", "key": "secret"}}
    env.append({"name": "JENKINS_SECRET", "valueFrom": reference})
    if agent.tunnel:
        env.append({"name": "JENKINS_TUNNEL", "value": agent.tunnel})
    if agent.web_socket:
        env.append({"name": "JENKINS_WEB_SOCKET", "value": "true"})
    container: dict[str, Any] = {"name": "agent", "image": spec.image, "env": env}
    if spec.by_args:
        container["args"] = ["-name", spec.node]
    else:
        env.append({"name": "JENKINS_AGENT_NAME", "value": spec.node})
    labels = {"app": spec.name}
    if spec.kind == "Pod":
        body = _object("v1", "Pod", spec.namespace, spec.name, labels)
        body["spec"] = {"containers": [container]}
        return [held, body]
    body = _object("apps/v1", spec.kind, spec.namespace, spec.name, labels)
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    body["spec"] = {"selector": {"matchLabels": labels}, "template": template}
    if spec.kind != "DaemonSet":
        body["spec"]["replicas"] = 1
    if spec.kind == "StatefulSet":
        body["spec"]["serviceName"] = spec.name
    return [held, body]


def _object(
    version: str, kind: str, namespace: str, name: str, labels: dict[str, str] | None = None
) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name, "namespace": namespace}
    if labels:
        metadata["labels"] = labels
    return {"apiVersion": version, "kind": kind, "metadata": metadata}


class CloudPods:
    """The controller's clouds: keeps as many pods of each running as its spec says.

    A changed cloud reaches new pods only: the running ones finish their builds, end, and are
    replaced.
    """

    def __init__(
        self,
        jenkins: JenkinsServer,
        kube: KubeServer,
        specs: tuple[CloudSpec, ...],
        *,
        edge: str,
        time_scale: float,
    ) -> None:
        self._jenkins = jenkins
        self._kube = kube
        self._specs = {spec.name: spec for spec in specs}
        self._edge = edge
        self._scale = time_scale
        self._numbers = itertools.count(1)
        self._made: dict[str, Cloud] = {}
        """Nodes of this class, with the settings that their pods were made from."""
        self._timers: list[threading.Timer] = []
        self._lock = threading.Lock()
        self._stopped = False

    @property
    def nodes(self) -> list[str]:
        """Names of the nodes whose pods run now."""
        with self._lock:
            return sorted(self._made)

    def start(self) -> None:
        """Add the clouds to the controller and make their pods."""
        for spec in self._specs.values():
            tunnel = spec.tunnel.replace("{edge}", self._edge) if spec.tunnel else None
            template = PodTemplate(name=spec.label, label=spec.label, image=CLOUD_IMAGE)
            cloud = Cloud(
                name=spec.name,
                namespace=spec.namespace,
                jenkins_url=self._jenkins.root_url,
                web_socket=spec.web_socket,
                tunnel=tunnel,
                templates=(template,),
            )
            self._jenkins.add_cloud(cloud)
            for _ in range(spec.pods):
                self._make(cloud)
        self._jenkins.state.clouds.on_change = self._changed

    def stop(self) -> None:
        """Make no more pods."""
        with self._lock:
            self._stopped = True
            timers = list(self._timers)
        for timer in timers:
            timer.cancel()
        for timer in timers:
            timer.join(10)

    def _changed(self, cloud: Cloud) -> None:
        # On the controller's loop: the work is done elsewhere.
        spec = self._specs.get(cloud.name)
        if spec is None:
            return
        timer = threading.Timer(spec.finish_seconds * self._scale, self._replace, [cloud.name])
        timer.daemon = True
        with self._lock:
            if not self._stopped:
                self._timers.append(timer)
                timer.start()

    def _replace(self, name: str) -> None:
        now = self._jenkins.cloud(name)
        with self._lock:
            old = [n for n, made in self._made.items() if made.name == name and made != now]
        for node in old:
            if self._stopped:
                return
            self._end(node)
            self._make(now)

    def _end(self, node: str) -> None:
        with self._lock:
            made = self._made.pop(node)
        self._jenkins.remove_node(node)
        target = Target(of_kind("Pod"), made.namespace, node)
        self._kube.registry.delete(target, {}, Write(manager="jenkins"))

    def _make(self, cloud: Cloud) -> None:
        template = cloud.templates[0]
        digest = hashlib.sha256(f"{cloud.name} {next(self._numbers)}".encode()).digest()
        suffix = "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest[:5])
        name = f"{file_name(template.name)}-{suffix}"
        self._jenkins.add_node(
            NodeSpec(name, labels=template.label, node_class=KUBERNETES_NODE),
            remote_fs="/home/jenkins/agent",
        )
        key, value = CLOUD_LABEL
        body = _object("v1", "Pod", cloud.namespace, name, {key: value, "jenkins/label": name})
        env = _pod_environment(cloud, name, self._jenkins.secret(name))
        container = {"name": "jnlp", "image": template.image, "env": env}
        if template.args:
            container["args"] = template.args.split()
        body["spec"] = {"containers": [container], "restartPolicy": "Never"}
        self._kube.add(body, manager="jenkins")
        with self._lock:
            self._made[name] = cloud


def _pod_environment(cloud: Cloud, node: str, secret: str) -> list[dict[str, str]]:
    """PodTemplateBuilder.agentEnvVars (facts C2); what the template says beats it."""
    found = {
        "JENKINS_SECRET": secret,
        "JENKINS_NAME": node,
        "JENKINS_AGENT_NAME": node,
        "REMOTING_OPTS": "-noReconnectAfter 1d",
        "JENKINS_URL": cloud.jenkins_url,
    }
    if cloud.tunnel:
        found["JENKINS_TUNNEL"] = cloud.tunnel
    if cloud.web_socket:
        found["JENKINS_WEB_SOCKET"] = "true"
    found.update(cloud.templates[0].env)
    return [{"name": key, "value": value} for key, value in found.items()]
