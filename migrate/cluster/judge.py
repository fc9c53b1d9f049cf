"""Where a Service port ends: at this Jenkins, at somebody else's, nowhere, or not known. Pure.

JENKINS is said only when the same pods (or addresses) that answer at the controller's URL are
behind it **and** its target is the agent port. Everything that is not sure is UNKNOWN, and what
is not JENKINS is never touched.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from migrate.cluster.backends import Backends, Target, key, service_port
from migrate.cluster.identity import Identity, names_host, pod_looks_like_jenkins
from migrate.cluster.tcp_services import quoted
from migrate.model.cluster_facts import LeadsTo, TcpEntry
from migrate.model.text import visible

Json = dict[str, Any]
Verdict = tuple[LeadsTo, str]

_AGENT_PORT_NAMES = frozenset({"agent-listener", "slavelistener", "jnlp", "agent", "agents"})
"""Names that the charts and the usual manifests give to the agent port."""
_USUAL_AGENT_PORT = 50000


@dataclass(frozen=True)
class Judge:
    """Judges Service ports against one Jenkins."""

    backends: Backends
    identity: Identity | None
    agent_ports: tuple[int, ...]
    """Where the controller listens for agents; empty when that port is off."""
    url: str

    def entry(self, entry: TcpEntry) -> TcpEntry:
        """A parsed tcp-services entry with its verdict, and with ingress-nginx's problem."""
        judged = self._entry(entry)
        problem = visible(judged.problem) if judged.problem else None
        return replace(judged, reason=visible(judged.reason), problem=problem)

    def _entry(self, entry: TcpEntry) -> TcpEntry:
        if entry.problem or entry.namespace is None or entry.service is None:
            return replace(entry, leads_to=LeadsTo.NOWHERE, reason="ingress-nginx skips it")
        name = f"{entry.namespace}/{entry.service}"
        service = self.backends.service(entry.namespace, entry.service)
        if service is None:
            if not self.backends.knows(entry.namespace):
                reason = f"no permission to read Service {name}"
                return replace(entry, leads_to=LeadsTo.UNKNOWN, reason=reason)
            return replace(
                entry,
                problem=f"Error getting Service {quoted(name)}: no object matching key "
                f"{quoted(name)} in local store",
                leads_to=LeadsTo.NOWHERE,
                reason=f"there is no Service {name}",
            )
        port = service_port(service, entry.service_port or "")
        if port is None and (service.get("spec") or {}).get("type") != "ExternalName":
            verdict = (LeadsTo.NOWHERE, f"Service {name} has no TCP port {entry.service_port}")
        else:
            verdict = self.port(service, port or {})
        problem = None
        if verdict[0] is LeadsTo.NOWHERE:
            problem = (
                f"Service {quoted(name)} does not have any active Endpoint "
                f"for TCP port {entry.service_port}"
            )
        return replace(entry, leads_to=verdict[0], reason=verdict[1], problem=problem)

    def port(self, service: Json, port: Json) -> Verdict:
        """Where one port of a Service leads to."""
        spec = service.get("spec") or {}
        name = key(service)
        if spec.get("type") == "ExternalName":
            return (
                LeadsTo.UNKNOWN,
                f"Service {name} is an ExternalName for {spec.get('externalName')}",
            )
        targets = self.backends.targets(service, port)
        if targets is None:
            return LeadsTo.UNKNOWN, f"no permission to read the endpoints of Service {name}"
        if not targets.ready:
            return LeadsTo.NOWHERE, f"Service {name} has no ready endpoint ({targets.source})"
        verdicts = {self._target(t, port) for t in targets.ready}
        kinds = {kind for kind, _ in verdicts}
        shown = f"{targets.source} of {name}: {_shown(targets.ready)}"
        if len(kinds) > 1:
            return LeadsTo.UNKNOWN, f"{shown}; some are this Jenkins and some are not"
        kind = kinds.pop()
        return kind, f"{shown}; {min(reason for _, reason in verdicts)}"

    def numbers(self, service: Json, port: Json) -> frozenset[int]:
        """The ports on the pods that one port of a Service leads to."""
        targets = self.backends.targets(service, port)
        ready = targets.ready if targets else ()
        return frozenset(t.port for t in ready if t.port is not None)

    def _target(self, target: Target, port: Json) -> Verdict:
        if self.identity is None:
            return self._without_identity(target)
        on_port = target.port in self.agent_ports
        if self.identity.holds(target):
            if on_port:
                return LeadsTo.JENKINS, f"same as where {self.url} leads ({self.identity.evidence})"
            called = self._called(target, port)
            if called:
                return LeadsTo.JENKINS, f"this Jenkins ({self.identity.evidence}), and {called}"
            return LeadsTo.OTHER, f"this Jenkins, but {target.port} is not its agent port"
        if self.agent_ports and not on_port:
            return LeadsTo.OTHER, f"not this Jenkins, and {target.port} is not its agent port"
        return self._elsewhere(target)

    def _called(self, target: Target, port: Json) -> str | None:
        """Why a port of this Jenkins is its agent port though the controller names another.

        The controller's port may be off already, and with hudson.TcpSlaveAgentListener.port it
        tells agents another number than the one it listens on.
        """
        name = port.get("name")
        if name in _AGENT_PORT_NAMES:
            return f"the port is called {name}"
        pod = self.backends.pods.get(target.pod or "") or {}
        for container in (pod.get("spec") or {}).get("containers") or []:
            for item in container.get("ports") or []:
                if (
                    item.get("containerPort") == target.port
                    and item.get("name") in _AGENT_PORT_NAMES
                ):
                    return f"its container calls the port {item['name']}"
            for variable in container.get("env") or []:
                if variable.get("name") != "JENKINS_SLAVE_AGENT_PORT":
                    continue
                if variable.get("value") == str(target.port):
                    return f"its JENKINS_SLAVE_AGENT_PORT is {target.port}"
        if not self.agent_ports and target.port == _USUAL_AGENT_PORT:
            return f"{target.port} is the usual agent port, and it is off"
        return None

    def _elsewhere(self, target: Target) -> Verdict:
        """The agent port's number on other pods than those that answer at the URL."""
        identity = self.identity
        if identity is None or identity.is_controller:
            return LeadsTo.OTHER, f"not the pods where {self.url} leads"
        pod = self.backends.pods.get(target.pod or "")
        if pod is None:
            return LeadsTo.UNKNOWN, f"not where {self.url} leads, and no pod tells what it is"
        if not pod_looks_like_jenkins(pod):
            return LeadsTo.OTHER, "the pods are not a Jenkins controller's"
        namespace = (target.pod or "").partition("/")[0]
        # The URL leads to a proxy; the only Jenkins beside it is the one behind it.
        alone = self._controllers(namespace) == {_workload(pod)}
        if alone and namespace in identity.namespaces and self.agent_ports:
            return (
                LeadsTo.JENKINS,
                f"the only Jenkins controller in namespace {namespace}, where {self.url} "
                f"leads to a proxy ({identity.evidence})",
            )
        return LeadsTo.UNKNOWN, f"a Jenkins controller, but nothing ties it to {self.url}"

    def _without_identity(self, target: Target) -> Verdict:
        if self.agent_ports and target.port not in self.agent_ports:
            return LeadsTo.OTHER, f"{target.port} is not the agent port of this Jenkins"
        pod = self.backends.pods.get(target.pod or "")
        if pod and pod_looks_like_jenkins(pod) and self.agent_ports and names_host(pod, self.url):
            return LeadsTo.JENKINS, f"a Jenkins controller whose environment names {self.url}"
        return LeadsTo.UNKNOWN, f"nothing that was read ties this to {self.url}"

    def _controllers(self, namespace: str) -> set[str]:
        pods = self.backends.pods_in(namespace)
        return {_workload(p) for p in pods if pod_looks_like_jenkins(p)}


def _workload(pod: Mapping[str, Any]) -> str:
    """What a pod belongs to, so that replicas count once."""
    meta = pod.get("metadata") or {}
    for reference in meta.get("ownerReferences") or []:
        if reference.get("controller"):
            return f"{reference.get('kind')}/{reference.get('name')}"
    return str(meta.get("name", ""))


def _shown(targets: tuple[Target, ...]) -> str:
    names = [f"{t.address}:{t.port}" + (f" ({t.pod})" if t.pod else "") for t in targets[:3]]
    more = f" and {len(targets) - 3} more" if len(targets) > 3 else ""
    return ", ".join(names) + more
