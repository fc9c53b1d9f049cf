"""From names to addresses: Services and their EndpointSlices."""

from dataclasses import dataclass
from typing import Any

from migrate.sandbox.kube.controllers import SERVICE_LABEL
from migrate.sandbox.kube.resources import of_kind
from migrate.sandbox.kube.store import Store


@dataclass(frozen=True)
class Backend:
    """A Service port and the addresses behind it (``host:port``, sorted)."""

    namespace: str
    service: str
    port: int
    addresses: tuple[str, ...]

    @property
    def upstream(self) -> str:
        """A name for nginx, as ingress-nginx makes it."""
        return f"{self.namespace}-{self.service}-{self.port}"


def service_port(
    store: Store, namespace: str, service: str, port: str, protocol: str = "TCP"
) -> Backend | None:
    """The backend of a Service port, by its number or its name; None when there is none."""
    found = store.read(("", "services", namespace, service))
    if found is None:
        return None
    for entry in found["spec"].get("ports", []):
        if entry.get("protocol", "TCP") != protocol:
            continue
        # A numeric port is the Service's own port, never the targetPort (controller.go:535).
        if (port.isdigit() and entry["port"] == int(port)) or entry.get("name") == port:
            addresses = _addresses(store, namespace, service, entry.get("name", ""), protocol)
            return Backend(namespace, service, entry["port"], addresses)
    return None


def _addresses(
    store: Store, namespace: str, service: str, port_name: str, protocol: str
) -> tuple[str, ...]:
    found: set[str] = set()
    for entry in store.items(of_kind("EndpointSlice"), namespace):
        if entry["metadata"].get("labels", {}).get(SERVICE_LABEL) != service:
            continue
        numbers = [
            port["port"]
            for port in entry.get("ports") or []
            if port.get("name", "") == port_name and port.get("protocol", "TCP") == protocol
        ]
        for endpoint in entry.get("endpoints") or []:
            if _ready(endpoint):
                found |= {f"{a}:{n}" for a in endpoint["addresses"] for n in numbers}
    return tuple(sorted(found))


def _ready(endpoint: dict[str, Any]) -> bool:
    return bool(endpoint.get("conditions", {}).get("ready", True))
