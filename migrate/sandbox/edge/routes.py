"""Ingress objects as ingress-nginx and NGINX Inc's controller take them: hosts, paths, backends and
the annotations that each of them reads."""

import re
from dataclasses import dataclass, field, replace
from typing import Any

from migrate.sandbox.edge.backends import Backend, service_port
from migrate.sandbox.kube.resources import of_kind
from migrate.sandbox.kube.store import Store

COMMUNITY, INC = "k8s.io/ingress-nginx", "nginx.org/ingress-controller"
_CLASS_ANNOTATION = "kubernetes.io/ingress.class"
_PREFIX = "nginx.ingress.kubernetes.io/"
_INC_PREFIX = "nginx.org/"
_HOST = re.compile(r"(\*\.)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
_PATH = re.compile(r"/[-A-Za-z0-9._~/%+@]*")
_SECONDS = re.compile(r"[0-9]+")
_INC_SECONDS = re.compile(r"([0-9]+)s?")
_INC_MINUTES = re.compile(r"([0-9]+)m")
_WORD = re.compile(r"[-A-Za-z0-9_]+")
_URL = re.compile(r"https?://[-A-Za-z0-9._/]+")


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
    upgrade: bool = True
    """Upgrade is passed on; by NGINX Inc's controller only to the Services that it is told of."""
    sign_in: str = ""
    """auth-signin of an Ingress with auth-url: where who shows no login is sent."""


@dataclass(frozen=True)
class Route:
    """A host and its locations."""

    host: str
    locations: tuple[Location, ...] = field(default=())


def routes(store: Store) -> tuple[Route, ...]:
    """All hosts that an ingress controller serves, sorted; hosts and paths that nginx could not
    hold as they are, are left out, as its admission refuses them."""
    classes = {
        item["metadata"]["name"]: item.get("spec", {}).get("controller")
        for item in store.items(of_kind("IngressClass"))
    }
    found: dict[str, dict[tuple[str, bool], Location]] = {}
    for ingress in store.items(of_kind("Ingress")):
        controller = classes.get(_class_of(ingress))
        if controller not in (COMMUNITY, INC):
            continue
        for rule in ingress["spec"].get("rules", []):
            host = rule.get("host") or "_"
            if host != "_" and not _HOST.fullmatch(host):
                continue
            locations = found.setdefault(host, {})
            for path in rule.get("http", {}).get("paths", []):
                location = _location(store, ingress, path, controller)
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


def _location(
    store: Store, ingress: dict[str, Any], path: dict[str, Any], controller: str
) -> Location | None:
    text = path.get("path") or "/"
    if not _PATH.fullmatch(text):
        return None
    service = path.get("backend", {}).get("service", {})
    name, port = service.get("name", ""), service.get("port", {})
    backend = service_port(
        store,
        ingress["metadata"]["namespace"],
        name,
        str(port.get("number") or port.get("name") or ""),
    )
    made = Location(text, path.get("pathType") == "Exact", backend)
    annotations = ingress["metadata"].get("annotations", {})
    return _as_inc(made, annotations, name) if controller == INC else _as(made, annotations)


def _as(location: Location, annotations: dict[str, str]) -> Location:
    """As ingress-nginx reads them."""
    header = annotations.get(f"{_PREFIX}connection-proxy-header", "")
    sign_in = annotations.get(f"{_PREFIX}auth-signin", "")
    asks = f"{_PREFIX}auth-url" in annotations and _URL.fullmatch(sign_in)
    return replace(
        location,
        read_timeout=_seconds(annotations.get(f"{_PREFIX}proxy-read-timeout")),
        send_timeout=_seconds(annotations.get(f"{_PREFIX}proxy-send-timeout")),
        connection=header if _WORD.fullmatch(header) else "",
        sign_in=sign_in if asks else "",
    )


def _as_inc(location: Location, annotations: dict[str, str], service: str) -> Location:
    """As NGINX Inc's controller reads them."""
    named = annotations.get(f"{_INC_PREFIX}websocket-services", "").split(",")
    return replace(
        location,
        read_timeout=_inc_seconds(annotations.get(f"{_INC_PREFIX}proxy-read-timeout", "")),
        send_timeout=_inc_seconds(annotations.get(f"{_INC_PREFIX}proxy-send-timeout", "")),
        upgrade=service in (name.strip() for name in named),
    )


def _seconds(value: str | None) -> int:
    """Unitless seconds; anything else is ignored, as ingress-nginx does."""
    return int(value) if value and _SECONDS.fullmatch(value) and int(value) > 0 else 60


def _inc_seconds(value: str) -> int:
    minutes, seconds = _INC_MINUTES.fullmatch(value), _INC_SECONDS.fullmatch(value)
    return 60 * int(minutes[1]) if minutes else int(seconds[1]) if seconds else 60
