"""TCP routes to Jenkins of proxies that have objects of their own, and their entry points. Pure.

Traefik IngressRouteTCP, NGINX Inc TransportServer, Gateway API TCPRoute and TLSRoute. The route
goes before its entry point, and the entry point only when no other route uses it.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from migrate.sources.base import FileEdit, Found
from migrate.sources.cuts import document_out, take_out
from migrate.sources.evidence import AGENT_PORT, AGENT_PORT_NAMES, Target, verdict
from migrate.sources.kept import Kept, Notes
from migrate.sources.layers import chart_of
from migrate.sources.nested import Doc, Spot

KIND = "tcp-route"
KINDS = ("IngressRouteTCP", "TransportServer", "TCPRoute", "TLSRoute")
NAMED = {
    "TCPIngress": "take the rule out (Kong), then the proxy's stream listener",
    "HTTPProxy": "take its tcpproxy out (Contour)",
}
"""Kinds that are told only."""


class Route(NamedTuple):
    """A route, where it leads, and by which entries it is reached."""

    doc: Doc
    verdicts: tuple[str, ...]
    entries: frozenset[str]


def look(kept: Kept) -> Found:
    """Routes to Jenkins, then the entry points that nothing else uses."""
    notes = Notes(KIND)
    routes, gone, free, used = _routes(kept)
    for one in routes:
        if "jenkins" in one.verdicts or "unclear" in one.verdicts:
            _route_out(notes, one, sure=one in gone)
    for doc in kept.docs:
        _entry_points(notes, doc, free, used)
        _named(notes, doc, kept)
    return notes.found()


def _routes(kept: Kept) -> tuple[list[Route], list[Route], set[str], set[str]]:
    """(all routes, those to Jenkins alone, the entries that only these use, those of others)."""
    routes = [_route(doc, kept) for doc in kept.of_kind(*KINDS)]
    gone = [one for one in routes if one.verdicts and set(one.verdicts) == {"jenkins"}]
    used = {entry for one in routes if one not in gone for entry in one.entries}
    return routes, gone, {entry for one in gone for entry in one.entries} - used, used


def entry_ports(kept: Kept) -> set[str]:
    """Numbers and names of ports that only routes to Jenkins use."""
    free = _routes(kept)[2]
    found = {entry for entry in free if "#" not in entry and ":" not in entry}
    for doc in kept.docs if free else ():
        name = doc.root.value("metadata", "name")
        for spot in doc.root.all():
            key = spot.path[-1] if spot.path else ""
            if key == "address" or spot.key is None:
                found |= _argument_port(spot.node.value, free)
            told = spot.value("name")
            listener = "listeners" in spot.path and {told, f"{name}#{told}"} & free
            if listener or (spot.path[-2:-1] == ("ports",) and key in free):
                found |= {spot.value("port"), spot.value("exposedPort")}
    return found - {""}


def _argument_port(value: str, free: set[str]) -> set[str]:
    parts = re.fullmatch(r"--entry[pP]oints\.([\w-]+)\.address=[^:]*:(\d+)(?:/tcp)?", value)
    return {parts[2]} if parts and parts[1] in free else set()


def _backends(doc: Doc) -> Iterator[Spot]:
    for spot in doc.root.all():
        listed = spot.path[-1:] in (("services",), ("backendRefs",), ("upstreams",))
        if listed and spot.node.kind == "seq":
            yield from spot.children()


def _route(doc: Doc, kept: Kept) -> Route:
    space = doc.object_name.split("/")[0]
    told = []
    for one in _backends(doc):
        name = one.value("service") or one.value("name")
        target = Target(one.value("namespace") or space, name, one.value("port"))
        told.append(verdict(target, kept.services))
    spec = doc.root.get("spec")
    points = spec.get("entryPoints") if spec else None
    entries = {s.node.value for s in points.children()} if points else set()
    entries.add(spec.value("listener", "name") if spec else "")
    parents = spec.get("parentRefs") if spec else None
    for parent in parents.children() if parents else ():
        entries.add(f"{parent.value('name')}#{parent.value('sectionName')}")
        entries.add(f"{parent.value('name')}:{parent.value('port')}")
    entries = {e for e in entries if e and not e.endswith(("#", ":"))}
    return Route(doc, tuple(told), frozenset(entries))


def _route_out(notes: Notes, route: Route, *, sure: bool) -> None:
    doc = route.doc
    subject = f"{doc.kind} {doc.object_name}"
    write = "take it out, after the agents moved, before its entry point; kubectl delete it"
    if not sure:
        notes.by_hand(doc, doc.root, f"{subject} leads to Jenkins and others, or may do so", write)
        return
    notes.edit(
        doc, doc.root, f"{subject} leads TCP to the agent port", write,
        lambda: document_out(doc, "close", subject),
    )  # fmt: skip


def _entry_points(notes: Notes, doc: Doc, free: set[str], used: set[str]) -> None:
    if doc.kind == "GlobalConfiguration":
        listeners = doc.root.get("spec", "listeners")
        _out(notes, doc, [s for s in _items(listeners) if s.value("name") in free])
    elif doc.kind == "Gateway":
        name = doc.root.value("metadata", "name")
        listeners = doc.root.get("spec", "listeners")
        _out(
            notes, doc,
            [
                s for s in _items(listeners)
                if s.value("protocol") in ("TCP", "TLS")
                and {f"{name}#{s.value('name')}", f"{name}:{s.value('port')}"} & free
                and not {f"{name}#{s.value('name')}", f"{name}:{s.value('port')}"} & used
            ],
        )  # fmt: skip
    for spot in doc.root.all():
        if spot.path[-1:] == ("ports",) and spot.node.kind == "map" and _is_traefik(doc, spot):
            _out(
                notes, doc,
                [
                    s for s in spot.children()
                    if s.path[-1] in free
                    or (s.path[-1] in AGENT_PORT_NAMES and s.path[-1] not in used
                        and AGENT_PORT in (s.value("port"), s.value("exposedPort")))
                ],
            )  # fmt: skip
        elif spot.path[-1:] in (("additionalArguments",), ("args",)) and spot.node.kind == "seq":
            _out(notes, doc, [s for s in spot.children() if _argument(s.node.value) in free])


def _argument(value: str) -> str:
    parts = value.lstrip("-").split(".")
    return parts[1] if len(parts) > 2 and parts[0].lower() == "entrypoints" else ""


def _items(listed: Spot | None) -> Iterator[Spot]:
    yield from listed.children() if listed else ()


def _is_traefik(doc: Doc, ports: Spot) -> bool:
    if chart_of(ports) == "traefik" or doc.root.value("metadata", "name") == "traefik":
        return True
    entries = [s for s in ports.children() if s.node.kind == "map"]
    return bool(entries) and any(s.get("exposedPort") or s.get("expose") for s in entries)


def _out(notes: Notes, doc: Doc, spots: list[Spot]) -> None:
    if not spots:
        return
    told = f"{'.'.join(spots[0].path)} ({spots[0].value('name') or spots[0].path[-1]})"

    def make() -> list[FileEdit]:
        return take_out(doc, spots, "close", "entry point of the agents", comments=True)

    notes.edit(
        doc, spots[0], f"{told} opens the agent port",
        "take it out, after the route that uses it", make,
    )  # fmt: skip


def _named(notes: Notes, doc: Doc, kept: Kept) -> None:
    if doc.kind not in NAMED:
        return
    space = doc.object_name.split("/")[0]
    for spot in doc.root.all():
        name = spot.value("serviceName") or spot.value("name") or spot.value("host")
        port = spot.value("servicePort") or spot.value("port") or spot.value("port", "number")
        if name and port and verdict(Target(space, name.split(".")[0], port), kept.services) in (
            "jenkins", "unclear",
        ):  # fmt: skip
            notes.by_hand(
                doc, spot, f"{doc.kind} {doc.object_name} leads to port {port} of {name}",
                NAMED[doc.kind] + ", after the agents moved",
            )  # fmt: skip
