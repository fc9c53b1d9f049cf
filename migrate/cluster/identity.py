"""Which pods or addresses are the Jenkins that the controller's URL names. Pure.

Two Jenkinses in one cluster are usual and both listen on 50000, so a name or a port proves
nothing. What proves it is the way that the URL itself goes: the Ingress that serves its host and
path, or a Service that is the host. Without such a tie nothing is taken for this Jenkins, unless
the pods themselves name the URL's host.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from migrate.cluster.args import image_path
from migrate.cluster.backends import Backends, Target, key, service_port
from migrate.cluster.routes import Address, Backend, Routes

Json = dict[str, Any]

_SERVICE_HOST = re.compile(r"([a-z0-9-]+)\.([a-z0-9-]+)(?:\.svc(?:\.[a-z0-9.-]+)?)?\Z")
_DNS_HOSTS = "external-dns.alpha.kubernetes.io/hostname"


@dataclass(frozen=True)
class Identity:
    """The pods, or where no pods are known the addresses, that answer at the URL."""

    pods: frozenset[str]
    addresses: frozenset[str]
    namespaces: frozenset[str]
    services: tuple[str, ...]
    """``ns/name`` of the Services that the URL leads to."""
    evidence: str
    is_controller: bool
    """The pods themselves look like a Jenkins controller, and not like a proxy before it."""

    def holds(self, target: Target) -> bool:
        """Whether a target is this Jenkins. Pods are compared where both sides name them."""
        if target.pod and self.pods:
            return target.pod in self.pods
        return target.address in self.addresses


def identify(
    backends: Backends,
    routes: Routes,
    url: str,
    *,
    jenkins_service: str = "",
    edges: frozenset[str] = frozenset(),
) -> Identity | None:
    """Find this Jenkins; None when nothing ties the URL to anything in the cluster.

    ``jenkins_service`` (``ns/name``): what a person said, which goes before all else.
    ``edges``: Services of ingress controllers, which have the URL's address and are not Jenkins.
    """
    if jenkins_service:
        namespace, _, name = jenkins_service.partition("/")
        service = backends.service(namespace, name)
        return _of(backends, [service] if service else [], f"Service {jenkins_service} as given")
    by_route = [_resolve(backends, b) for b in routes.backends]
    names = ", ".join(f"{r.namespace}/{r.name}" for r in routes.ingresses)
    found = _of(backends, by_route, f"Ingress {names} serves {url}")
    return found or _by_host(backends, url, edges)


def looks_like_jenkins(labels: Mapping[str, str], containers: list[Json]) -> bool:
    """Labels of the usual charts, or an image of a controller (never of an agent)."""
    component = labels.get("app.kubernetes.io/component", "")
    if component in {"jenkins-controller", "jenkins-master"}:
        return True
    for container in containers:
        image = image_path(str(container.get("image", "")))
        last = image.rsplit("/", 1)[-1]
        if re.match(r"jenkins(-lts|-2-rhel\d+|-2-centos\d+|-rhel\d+|ci)?\Z", last):
            return True
        if last in {"cloudbees-core-mm", "cloudbees-core-oc", "blueocean"}:
            return True
    return False


def pod_looks_like_jenkins(pod: Json) -> bool:
    """``looks_like_jenkins`` of a pod."""
    labels = (pod.get("metadata") or {}).get("labels") or {}
    return looks_like_jenkins(labels, (pod.get("spec") or {}).get("containers") or [])


def names_host(pod: Json, url: str) -> bool:
    """Whether a variable of the pod holds the URL's host, as JENKINS_URL and the like do."""
    host = Address.of(url).host
    if "." not in host:
        return False
    whole = re.compile(rf"(?<![\w.-]){re.escape(host)}(?![\w.-])", re.IGNORECASE)
    values = (
        str(variable.get("value") or "")
        for container in (pod.get("spec") or {}).get("containers") or []
        for variable in container.get("env") or []
    )
    return any(whole.search(value) for value in values)


def _resolve(backends: Backends, backend: Backend) -> tuple[Json, Json] | None:
    service = backends.service(backend.namespace, backend.service)
    port = service_port(service, backend.port) if service else None
    return (service, port) if service and port else None


def _of(backends: Backends, found: list[Any], evidence: str) -> Identity | None:
    """Gather the targets of Services, or of (Service, port) pairs."""
    targets: list[Target] = []
    services: list[str] = []
    for item in found:
        if item is None:
            continue
        service, ports = (item[0], [item[1]]) if isinstance(item, tuple) else (item, None)
        services.append(key(service))
        for port in ports or (service.get("spec") or {}).get("ports") or []:
            result = backends.targets(service, port)
            targets += result.ready if result else ()
    if not targets:
        return None
    pods = frozenset(t.pod for t in targets if t.pod)
    known = [backends.pods[p] for p in pods if p in backends.pods]
    return Identity(
        pods=pods,
        addresses=frozenset(t.address for t in targets),
        namespaces=frozenset(name.partition("/")[0] for name in services),
        services=tuple(dict.fromkeys(services)),
        evidence=evidence,
        is_controller=any(pod_looks_like_jenkins(p) for p in known),
    )


def _by_host(backends: Backends, url: str, edges: frozenset[str]) -> Identity | None:
    """A Service whose own name or address is the URL's host."""
    host = Address.of(url).host
    match = _SERVICE_HOST.match(host)
    if match:
        service = backends.service(match[2], match[1])
        found = _of(backends, [service], f"{url} names the Service itself") if service else None
        if found:
            return found
    others = (s for name, s in backends.services.items() if name not in edges)
    matching = [s for s in others if host and host in _hosts(s)]
    names = ", ".join(key(s) for s in matching)
    return _of(backends, list(matching), f"{host} is the address of Service {names}")


def _hosts(service: Json) -> set[str]:
    spec, status = service.get("spec") or {}, service.get("status") or {}
    notes = (service.get("metadata") or {}).get("annotations") or {}
    hosts = {str(spec.get("clusterIP", "")), *map(str, spec.get("externalIPs") or [])}
    for item in (status.get("loadBalancer") or {}).get("ingress") or []:
        hosts |= {str(item.get("ip", "")), str(item.get("hostname", "")).lower()}
    hosts |= {h.strip().lower() for h in str(notes.get(_DNS_HOSTS, "")).split(",")}
    return hosts - {"", "None"}
