"""Istio: TCP routes of a VirtualService to Jenkins, and the Gateway's servers they use. Pure."""

from typing import NamedTuple

from migrate.sources.base import FileEdit, Found
from migrate.sources.cuts import document_out, take_out
from migrate.sources.evidence import Target, verdict
from migrate.sources.kept import Kept, Notes
from migrate.sources.nested import Doc, Spot

KIND = "istio"
_AFTER = ", after the agents moved"
_LISTS = ("tcp", "tls")


class _Route(NamedTuple):
    """One entry of ``tcp`` or ``tls``."""

    doc: Doc
    spot: Spot
    verdicts: frozenset[str]
    ports: frozenset[str]
    gateways: frozenset[str]


def look(kept: Kept) -> Found:
    """Routes to Jenkins, then the servers that no other route uses."""
    notes = Notes(KIND)
    routes = [one for doc in kept.of_kind("VirtualService") for one in _routes(doc, kept)]
    gone = [one for one in routes if one.verdicts == {"jenkins"}]
    for one in routes:
        if one not in gone and one.verdicts & {"jenkins", "unclear"}:
            notes.by_hand(
                one.doc, one.spot, f"VirtualService {one.doc.object_name} leads TCP to Jenkins and "
                "others, or may do so", f"take its route out{_AFTER}, then the Gateway's server",
            )  # fmt: skip
    for doc in {id(one.doc): one.doc for one in gone}.values():
        _out(notes, doc, [one.spot for one in gone if one.doc is doc])
    free = _entries(gone) - _entries([one for one in routes if one not in gone])
    for doc in kept.of_kind("Gateway"):
        if "istio.io" in doc.root.value("apiVersion"):
            _servers(notes, doc, free)
    return notes.found()


def _entries(routes: list[_Route]) -> set[tuple[str, str]]:
    return {(gateway, port) for one in routes for gateway in one.gateways for port in one.ports}


def _routes(doc: Doc, kept: Kept) -> list[_Route]:
    space = doc.object_name.split("/")[0]
    listed = doc.root.get("spec", "gateways")
    gateways = {s.node.value.rsplit("/", 1)[-1] for s in listed.children()} if listed else set()
    found = []
    for key in _LISTS:
        entries = doc.root.get("spec", key)
        for entry in entries.children() if entries else ():
            verdicts, ports = set(), set()
            for spot in entry.all():
                if spot.path[-1:] == ("destination",):
                    name, _, rest = spot.value("host").partition(".")
                    target = Target(rest.split(".")[0] or space, name, spot.value("port", "number"))
                    verdicts.add(verdict(target, kept.services))
                elif spot.path[-1:] == ("port",) and "match" in spot.path:
                    ports.add(spot.node.value)
            found.append(
                _Route(doc, entry, frozenset(verdicts), frozenset(ports), frozenset(gateways))
            )
    return found


def _out(notes: Notes, doc: Doc, spots: list[Spot]) -> None:
    spec = doc.root.get("spec")
    routing = [s for s in spec.children() if s.path[-1] in (*_LISTS, "http")] if spec else []
    everything = [entry for one in routing for entry in one.children()]
    name = f"VirtualService {doc.object_name}"

    def make() -> list[FileEdit]:
        if len(everything) == len(spots):
            return document_out(doc, "close", name)
        made: list[FileEdit] = []
        for key in _LISTS:
            mine = [spot for spot in spots if spot.path[-2] == key]
            if mine:
                made += take_out(doc, mine, "close", name, empty="holder")
        return made

    notes.edit(
        doc, spots[0], f"{name} leads TCP to the agent port",
        f"take it out{_AFTER}, before the Gateway's server", make,
    )  # fmt: skip


def _servers(notes: Notes, doc: Doc, free: set[tuple[str, str]]) -> None:
    name, servers = doc.root.value("metadata", "name"), doc.root.get("spec", "servers")
    gone = [
        s for s in (servers.children() if servers else ())
        if s.value("port", "protocol") in ("TCP", "TLS", "MONGO", "MYSQL")
        and (name, s.value("port", "number")) in free
    ]  # fmt: skip
    if gone:
        notes.edit(
            doc, gone[0], f"Gateway {doc.object_name} opens {gone[0].value('port', 'number')}",
            f"take the server out{_AFTER} and after the route that uses it",
            lambda: take_out(doc, gone, "close", "port of the agents", comments=True),
        )  # fmt: skip
