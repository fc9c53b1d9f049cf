"""The HTTP way to Jenkins: what ends, breaks or refuses a WebSocket before the agents move. Pure.

Remoting pings every 30 s (jenkins.websocket.pingInterval), so idle limits up to that end it.
"""

import re
from collections.abc import Iterator

from migrate.sources.base import FileEdit, Found
from migrate.sources.cuts import set_to, take_out
from migrate.sources.evidence import AGENT_PORT, words
from migrate.sources.kept import Kept, Notes
from migrate.sources.nested import Doc, Spot
from migrate.splice.text import NotEditable

KIND = "http-way"
PING = 30
"""Seconds."""
_NGINX = "nginx.ingress.kubernetes.io/"
_TIMEOUTS = {
    _NGINX + "proxy-read-timeout": "3600",
    _NGINX + "proxy-send-timeout": "3600",
    "nginx.org/proxy-read-timeout": "3600s",
    "nginx.org/proxy-send-timeout": "3600s",
    "haproxy.router.openshift.io/timeout": "1h",
    "haproxy-ingress.github.io/timeout-tunnel": "1h",
    "ingress.kubernetes.io/timeout-tunnel": "1h",
    "haproxy.org/timeout-tunnel": "1h",
    "konghq.com/read-timeout": "3600000",
    "konghq.com/write-timeout": "3600000",
}
_UNITS = {"": 1.0, "s": 1.0, "ms": 0.001, "m": 60.0, "h": 3600.0, "d": 86400.0}
_IDLE = re.compile(r"idle_timeout\.timeout_seconds=(\d+)")
_ALB = "alb.ingress.kubernetes.io/load-balancer-attributes"
_AUTH = (
    "alb.ingress.kubernetes.io/auth-type", _NGINX + "auth-url", _NGINX + "auth-signin",
    _NGINX + "auth-type",
)  # fmt: skip


def look(kept: Kept) -> Found:
    """Annotations and timeouts of what serves Jenkins' pages."""
    notes = Notes(KIND)
    inc = {
        doc.root.value("metadata", "name")
        for doc in kept.of_kind("IngressClass")
        if doc.root.value("spec", "controller") == "nginx.org/ingress-controller"
    }
    configs = _backend_configs(kept)
    for doc in kept.docs:
        if doc.kind == "Ingress" and _serves_jenkins(doc):
            _ingress(notes, doc, inc)
        elif doc.kind == "Route" and _serves_jenkins(doc):
            _route(notes, doc)
        elif doc.kind == "HTTPProxy" and _serves_jenkins(doc):
            _contour(notes, doc)
        elif doc.kind == "BackendConfig":
            name = doc.root.value("metadata", "name")
            if name in configs or "jenkins" in words(name):
                _backend_config(notes, doc)
        elif doc.kind == "HTTPRoute" and _serves_jenkins(doc):
            _http_route(notes, doc)
    return notes.found()


def _services(doc: Doc) -> Iterator[str]:
    for spot in doc.root.all():
        if spot.path[-1:] in (("service",), ("backend",), ("to",)) and spot.node.kind == "map":
            yield spot.value("name") or spot.value("serviceName")
        elif spot.path[-1:] == ("backendRefs",):
            yield from (s.value("name") for s in spot.children())


def _serves_jenkins(doc: Doc) -> bool:
    return any("jenkins" in words(name) for name in (doc.object_name, *_services(doc)))


def _annotations(doc: Doc) -> Spot | None:
    return doc.root.get("metadata", "annotations")


def _seconds(value: str) -> float | None:
    found = re.fullmatch(r"\s*(\d+)\s*(ms|s|m|h|d|)\s*", value)
    return int(found[1]) * _UNITS[found[2]] if found else None


def _timeouts(notes: Notes, doc: Doc) -> None:
    notes_at = _annotations(doc)
    for key, new in _TIMEOUTS.items():
        spot = notes_at.get(key) if notes_at else None
        if spot is None:
            continue
        told = _seconds(spot.node.value)
        told = told / 1000 if told is not None and key.startswith("konghq.com/") else told
        if told is not None and told <= PING and _class(doc) not in ("gce", "alb"):
            plain = "" if not new.isdigit() else '"'
            quote = spot.node.style if spot.node.style in ("'", '"') else plain
            _set(notes, doc, spot, f"{quote}{new}{quote}", f"{key} {spot.node.value}: too short")


def _route(notes: Notes, doc: Doc) -> None:
    key = "haproxy.router.openshift.io/timeout"
    at = _annotations(doc)
    if at is None or at.get(key) is None:
        notes.by_hand(
            doc, doc.root, f"Route {doc.object_name} has no {key}: its default, 30 s, meets the "
            "ping", f"the annotation {key}: 1h, before the agents move",
        )  # fmt: skip
    _timeouts(notes, doc)


def _contour(notes: Notes, doc: Doc) -> None:
    routes = doc.root.get("spec", "routes")
    for route in routes.children() if routes else ():
        if route.value("enableWebsockets") != "true":
            notes.by_hand(
                doc, route, f"HTTPProxy {doc.object_name}: a route does not let WebSockets through",
                "enableWebsockets: true, before the agents move",
            )  # fmt: skip


def _set(notes: Notes, doc: Doc, spot: Spot, new: str, what: str) -> None:
    notes.edit(
        doc, spot, f"{doc.kind} {doc.object_name}: {what}", f"{new}, before the agents move",
        lambda: set_to(doc, spot, new, "nodes", "the HTTP way keeps WebSockets"),
    )  # fmt: skip


def _class(doc: Doc) -> str:
    at = _annotations(doc)
    named = at.value("kubernetes.io/ingress.class") if at else ""
    return doc.root.value("spec", "ingressClassName") or named


def _ingress(notes: Notes, doc: Doc, inc: set[str]) -> None:
    at = _annotations(doc)
    _timeouts(notes, doc)
    _agent_paths(notes, doc)
    if at is not None:
        _alb(notes, doc, at)
        header = at.get(_NGINX + "connection-proxy-header")
        if header is not None and header.node.value.lower() != "upgrade":
            notes.edit(
                doc, header, f"Ingress {doc.object_name}: {_NGINX}connection-proxy-header "
                f"{header.node.value} breaks the upgrade", "no such annotation",
                lambda: take_out(doc, [header], "nodes", "the upgrade arrives"),
            )  # fmt: skip
        rewrite = at.get(_NGINX + "rewrite-target")
        if rewrite is not None and "$" not in rewrite.node.value:
            notes.by_hand(
                doc, rewrite, f"Ingress {doc.object_name}: rewrite-target {rewrite.node.value} "
                "makes one path of all: /wsagents/ cannot arrive", "no rewrite for Jenkins' paths",
            )  # fmt: skip
        for key in _AUTH:
            spot = at.get(key)
            if spot is not None and spot.node.value != "none":
                notes.by_hand(
                    doc, spot, f"Ingress {doc.object_name}: {key} asks agents to log in, too",
                    "a way for /wsagents/ without it: a decision about security",
                )  # fmt: skip
    if _class(doc) in inc or _class(doc) in ("nginx-inc", "nginx-org"):
        _nginx_inc(notes, doc, at)
    if doc.root.value("apiVersion") in ("extensions/v1beta1", "networking.k8s.io/v1beta1"):
        notes.by_hand(
            doc, doc.root, f"Ingress {doc.object_name} uses {doc.root.value('apiVersion')}, which "
            "Kubernetes has no more", "apiVersion: networking.k8s.io/v1, backend: service:",
        )  # fmt: skip


def _alb(notes: Notes, doc: Doc, at: Spot) -> None:
    spot = at.get(_ALB)
    if spot is None:
        return
    found = _IDLE.search(doc.file.text, spot.node.start, spot.node.end)
    if found is None or int(found[1]) > 2 * PING:
        return
    edit = FileEdit(doc.file.path, *found.span(1), "3600", "nodes", "idle timeout above the ping")
    notes.edit(
        doc, spot, f"Ingress {doc.object_name}: {found[0]} is not above 60 s",
        "idle_timeout.timeout_seconds=3600", lambda: [edit],
    )  # fmt: skip


def _agent_paths(notes: Notes, doc: Doc) -> None:
    for spot in doc.root.all():
        if spot.path[-1:] != ("paths",) or spot.node.kind != "seq":
            continue
        gone = [
            s for s in spot.children()
            if AGENT_PORT in (
                s.value("backend", "service", "port", "number"), s.value("backend", "servicePort"),
            )
        ]  # fmt: skip
        if gone:
            notes.edit(
                doc, gone[0], f"Ingress {doc.object_name}: path {gone[0].value('path')} leads to "
                "the agent port, over HTTP: it never worked", "no such path",
                lambda gone=gone, spot=spot: _paths_out(doc, spot, gone),  # type: ignore[misc]
            )  # fmt: skip


def _paths_out(doc: Doc, paths: Spot, gone: list[Spot]) -> list[FileEdit]:
    if len(gone) == len(list(paths.children())):
        raise NotEditable("a rule without paths is not valid")
    return take_out(doc, gone, "close", "no path to the agent port")


def _nginx_inc(notes: Notes, doc: Doc, at: Spot | None) -> None:
    key = "nginx.org/websocket-services"
    names = ",".join(dict.fromkeys(n for n in _services(doc) if "jenkins" in words(n)))
    have = at.get(key) if at else None
    if not names or (have and set(names.split(",")) <= set(have.node.value.split(","))):
        return

    def make() -> list[FileEdit]:
        why = "NGINX Inc passes upgrades on only for these"
        if have is not None:
            return set_to(doc, have, f'"{have.node.value},{names}"', "nodes", why)
        first = next(at.children(), None) if at else None
        if first is None or first.key is None:
            raise NotEditable("it has no annotations")
        start, text = first.key.start, doc.file.text
        if at is not None and at.node.style == "flow":
            return [FileEdit(doc.file.path, start, start, f'{key}: "{names}", ', "nodes", why)]
        newline = "\r\n" if "\r\n" in text else "\n"
        column = start - text.rfind("\n", 0, start) - 1
        row = f'{key}: "{names}"{newline}{" " * column}'
        return [FileEdit(doc.file.path, start, start, row, "nodes", why)]

    notes.edit(doc, doc.root, f"Ingress {doc.object_name} lacks {key}", f'{key}: "{names}"', make)


def _backend_configs(kept: Kept) -> set[str]:
    found: set[str] = set()
    for doc in kept.of_kind("Service"):
        at = _annotations(doc)
        value = at.value("cloud.google.com/backend-config") if at else ""
        if "jenkins" in words(doc.object_name):
            found |= set(re.findall(r':\s*"([^"]+)"', value))
    return found


def _backend_config(notes: Notes, doc: Doc) -> None:
    spot = doc.root.get("spec", "timeoutSec")
    told = _seconds(spot.node.value) if spot else None
    if spot is not None and told is not None and told < 3600:
        _set(notes, doc, spot, "86400", f"timeoutSec {spot.node.value} is a WebSocket's age")


def _http_route(notes: Notes, doc: Doc) -> None:
    rules = doc.root.get("spec", "rules")
    for rule in rules.children() if rules else ():
        timeouts = rule.get("timeouts")
        for one in timeouts.children() if timeouts else ():
            told = _seconds(one.node.value)
            if told:
                what = f"timeouts.{one.path[-1]} {one.node.value} may end a WebSocket"
                _set(notes, doc, one, "0s", what)
