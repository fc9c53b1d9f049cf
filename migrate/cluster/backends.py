"""From a Service and a port to the addresses, ports and pods behind it. Pure."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from migrate.cluster.selectors import selects
from migrate.cluster.snapshot import Snapshot
from migrate.cluster.tcp_services import atoi

Json = dict[str, Any]


@dataclass(frozen=True)
class Target:
    """One address behind a Service port."""

    address: str
    port: int | None
    pod: str | None
    """``ns/name``; None where the endpoint names no pod."""


@dataclass(frozen=True)
class Targets:
    """Where a Service port leads, and how that was found out."""

    ready: tuple[Target, ...]
    source: str
    """``EndpointSlices``, ``Endpoints``, ``selector and pods``."""


class Backends:
    """Index over the Services, endpoints and pods of a snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self.services = {key(s): s for s in snapshot.of("Service")}
        self.pods = {key(p): p for p in snapshot.of("Pod")}
        self._slices: dict[str, list[Json]] = defaultdict(list)
        for item in snapshot.of("EndpointSlice"):
            meta = item.get("metadata") or {}
            service = (meta.get("labels") or {}).get("kubernetes.io/service-name")
            if service:
                self._slices[f"{meta.get('namespace', '')}/{service}"].append(item)
        self._endpoints = {key(e): e for e in snapshot.of("Endpoints")}
        self._pods_in: dict[str, list[Json]] = defaultdict(list)
        for pod in snapshot.of("Pod"):
            self._pods_in[(pod.get("metadata") or {}).get("namespace", "")].append(pod)

    def service(self, namespace: str, name: str) -> Json | None:
        """A Service; None when it is not there or could not be read (``knows``)."""
        return self.services.get(f"{namespace}/{name}")

    def knows(self, namespace: str) -> bool:
        """Whether a Service that is not found in this namespace does not exist."""
        return self._snapshot.knows("Service", namespace)

    def pods_in(self, namespace: str) -> list[Json]:
        """The pods of a namespace that could be read."""
        return self._pods_in.get(namespace, [])

    def targets(self, service: Json, port: Json) -> Targets | None:
        """Ready endpoints of a Service port; None when nothing that tells could be read."""
        meta = service.get("metadata") or {}
        namespace = meta.get("namespace", "")
        if (service.get("spec") or {}).get("type") == "ExternalName":
            return None
        if self._snapshot.knows("EndpointSlice", namespace):
            return Targets(tuple(self._from_slices(service, port)), "EndpointSlices")
        if self._snapshot.knows("Endpoints", namespace):
            return Targets(tuple(self._from_endpoints(service, port)), "Endpoints")
        selector = (service.get("spec") or {}).get("selector")
        if selector and self._snapshot.knows("Pod", namespace):
            return Targets(tuple(self._from_pods(namespace, selector, port)), "selector and pods")
        return None

    def _from_slices(self, service: Json, port: Json) -> list[Target]:
        found: dict[Target, None] = {}
        for item in self._slices.get(key(service), []):
            number = _slice_port(item, port)
            if number is None:
                continue
            for endpoint in item["endpoints"]:
                # A condition that is not set counts as ready (EndpointSlice API).
                if (endpoint.get("conditions") or {}).get("ready") is False:
                    continue
                pod = _pod_of(endpoint.get("targetRef"), item)
                for address in endpoint.get("addresses") or []:
                    found[Target(str(address), number, pod)] = None
        return list(found)

    def _from_endpoints(self, service: Json, port: Json) -> list[Target]:
        found: dict[Target, None] = {}
        endpoints = self._endpoints.get(key(service)) or {}
        for subset in endpoints.get("subsets") or []:
            for item in subset.get("ports") or []:
                if (item.get("name") or "") != (port.get("name") or "") or not _tcp(item):
                    continue
                for address in subset.get("addresses") or []:
                    pod = _pod_of(address.get("targetRef"), endpoints)
                    found[Target(str(address.get("ip", "")), item.get("port"), pod)] = None
        return list(found)

    def _from_pods(self, namespace: str, selector: dict[str, str], port: Json) -> list[Target]:
        found: dict[Target, None] = {}
        for pod in self._pods_in.get(namespace, []):
            labels = (pod.get("metadata") or {}).get("labels") or {}
            if not selects(selector, labels) or not pod["status"]["ready"]:
                continue
            number = resolve_target_port(port, pod["spec"]["containers"])
            for address in pod["status"]["podIPs"]:
                found[Target(str(address), number, key(pod))] = None
        return list(found)


def key(obj: Json) -> str:
    """``ns/name`` of an object."""
    meta = obj.get("metadata") or {}
    return f"{meta.get('namespace', '')}/{meta.get('name', '')}"


def service_port(service: Json, wanted: str) -> Json | None:
    """A TCP port by ingress-nginx's rule: a number is the Service's port, else it is a name."""
    number = atoi(wanted)
    for port in (service.get("spec") or {}).get("ports") or []:
        if number is None and port.get("name") == wanted:
            return port if _tcp(port) else None
        if number is not None and port.get("port") == number and _tcp(port):
            return dict(port)
    return None


def resolve_target_port(port: Json, containers: list[Json]) -> int | None:
    """The number on the pod that a Service port leads to; None for a name that no pod has."""
    target = port.get("targetPort") or port.get("port")
    if isinstance(target, int):
        return target
    for container in containers:
        for item in container.get("ports") or []:
            if item.get("name") == target and _tcp(item):
                return int(item["containerPort"])
    return atoi(str(target))


def _slice_port(item: Json, port: Json) -> int | None:
    for candidate in item["ports"]:
        if (candidate.get("name") or "") == (port.get("name") or "") and _tcp(candidate):
            number = candidate.get("port")
            return int(number) if number is not None else None
    target = port.get("targetPort")
    # ingress-nginx endpointslices.go reads a slice without ports with the Service's number.
    return target if not item["ports"] and isinstance(target, int) else None


def _pod_of(reference: Any, holder: Json) -> str | None:
    if not isinstance(reference, dict) or reference.get("kind") != "Pod":
        return None
    namespace = reference.get("namespace") or (holder.get("metadata") or {}).get("namespace", "")
    return f"{namespace}/{reference.get('name', '')}"


def _tcp(port: Json) -> bool:
    return (port.get("protocol") or "TCP") == "TCP"
