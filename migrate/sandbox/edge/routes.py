"""Ingress objects as ingress-nginx takes them: hosts, paths, backends and the annotations."""

import re
from dataclasses import dataclass, field
from typing import Any

from migrate.sandbox.edge.backends import Backend, service_port
from migrate.sandbox.kube.resources import of_kind
from migrate.sandbox.kube.store import Store

CONTROLLER = "k8s.io/ingress-nginx"
_CLASS_ANNOTATION = "kubernetes.io/ingress.class"
_PREFIX = "nginx.ingress.kubernetes.io/"
_HOST = re.compile(r"(\*\.)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
_PATH = re.compile(r"/[-A-Za-z0-9._~/%+@]*")
_SECONDS = re.compile(r"[0-9]+")
_WORD = re.compile(r"[-A-Za-z0-9_]+")


@dataclass(frozen=True)
class Location:
    """A path of a host and where it leads."""

    path: str
    exact: bool
    backend: Backend | None
    """None: no such Service or port, answered with 503."""
    read_timeout: int = 60
    """proxy-read-timeout in seconds (ingress-nginx: 60)."""
    send_timeout: int = 60
    connection: str = ""
    """The annotation connection-proxy-header, which breaks WebSocket."""


@dataclass(frozen=True)
class Route:
    """A host and its locations."""

    host: str
    locations: tuple[Location, ...] = field(default=())


def routes(store: Store) -> tuple[Route, ...]:
    """All hosts that ingress-nginx serves, sorted; hosts and paths that nginx could not hold
    as they are, are left out, as its admission refuses them."""
    classes = {
        item["metadata"]["name"]
        for item in store.items(of_kind("IngressClass"))
        if item.get("spec", {}).get("controller") == CONTROLLER
    }
    found: dict[str, dict[tuple[str, bool], Location]] = {}
    for ingress in store.items(of_kind("Ingress")):
        if _class_of(ingress) not in classes:
            continue
        for rule in ingress["spec"].get("rules", []):
            host = rule.get("host") or "_"
            if host != "_" and not _HOST.fullmatch(host):
                continue
            locations = found.setdefault(host, {})
            for path in rule.get("http", {}).get("paths", []):
                location = _location(store, ingress, path)
                if location is not None:
                    locations.setdefault((location.path, location.exact), location)
    return tuple(
        Route(host, tuple(locations[key] for key in sorted(locations)))
        for host, locations in sorted(found.items())
    )


def _class_of(ingress: dict[str, Any]) -> str | None:
    named = ingress["metadata"].get("annotations", {}).get(_CLASS_ANNOTATION)
    chosen: str | None = named or ingress["spec"].get("ingressClassName")
    return chosen


def _location(store: Store, ingress: dict[str, Any], path: dict[str, Any]) -> Location | None:
    text = path.get("path") or "/"
    if not _PATH.fullmatch(text):
        return None
    annotations = ingress["metadata"].get("annotations", {})
    service = path.get("backend", {}).get("service", {})
    port = service.get("port", {})
    backend = service_port(
        store,
        ingress["metadata"]["namespace"],
        service.get("name", ""),
        str(port.get("number") or port.get("name") or ""),
    )
    header = annotations.get(f"{_PREFIX}connection-proxy-header", "")
    return Location(
        path=text,
        exact=path.get("pathType") == "Exact",
        backend=backend,
        read_timeout=_seconds(annotations.get(f"{_PREFIX}proxy-read-timeout")),
        send_timeout=_seconds(annotations.get(f"{_PREFIX}proxy-send-timeout")),
        connection=header if _WORD.fullmatch(header) else "",
    )


def _seconds(value: str | None) -> int:
    """Unitless seconds; anything else is ignored, as ingress-nginx does."""
    return int(value) if value and _SECONDS.fullmatch(value) and int(value) > 0 else 60
