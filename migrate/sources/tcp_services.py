"""tcp-services: entries that lead a TCP port to Jenkins, in ConfigMaps and in chart values. Pure.

Recognised by the value's shape ``NS/SERVICE:PORT``, which the charts of ingress-nginx and of both
HAProxy controllers share: a map called ``tcp`` of another chart has other values.
"""

import posixpath
import re
from collections.abc import Iterator

from migrate.sources.base import FileEdit, Found, finding
from migrate.sources.cuts import take_out
from migrate.sources.evidence import Target, target_of, verdict
from migrate.sources.json_patches import json_patches
from migrate.sources.kept import Kept, Notes
from migrate.sources.nested import APPLIED, Doc, Spot

KIND = "tcp-services"
LITERALS = "literals"
_OF_A_PATCH = ("apiVersion", "kind", "metadata", "data")
_PATCHES = ("patches", "patchesStrategicMerge")
_ENV_ENTRY = re.compile(r"^(?P<port>\d+)=(?P<value>[^\r\n]*)(?:\r?\n|\Z)", re.MULTILINE)


def entries(doc: Doc) -> Iterator[tuple[Spot, list[tuple[Spot, str, Target]]]]:
    """Each map or list of tcp entries, with (entry, outer port, target)."""
    for spot in doc.root.all():
        if spot.node.kind == "map" and _may_hold(doc, spot):
            found = [
                (child, child.path[-1], target)
                for child in spot.children()
                if child.node.kind == "scalar"
                and child.path[-1].isdigit()
                and (target := target_of(child.node.value))
            ]
        elif spot.node.kind == "seq" and spot.path[-1:] == (LITERALS,):
            found = list(_literals(spot))
        else:
            continue
        if found:
            yield spot, found


def _literals(spot: Spot) -> Iterator[tuple[Spot, str, Target]]:
    for child in spot.children():
        key, sign, value = child.node.value.partition("=")
        target = target_of(value.strip("\"'")) if sign and key.isdigit() else None
        if target:
            yield child, key, target


def _may_hold(doc: Doc, spot: Spot) -> bool:
    if doc.kind == "ConfigMap" and spot.path[-1:] == ("data",):
        return not doc.root.value("metadata", "name").lower().startswith("udp")
    return spot.path[-1:] == ("tcp",) or (doc.level > 0 and spot.path[-1:] == ("data",))


def tcp_entry(op: Spot, kept: Kept) -> str:
    """The outer port that an operation of a JSON patch leads to Jenkins; empty of any other."""
    key, value = op.value("path").rsplit("/", 1)[-1], op.get("value")
    if "/data/" not in op.value("path") or not key.isdigit() or value is None:
        return ""
    target = target_of(value.node.value) if value.node.kind == "scalar" else None
    return key if target and verdict(target, kept.services) == "jenkins" else ""


def opened_ports(kept: Kept) -> set[str]:
    """Outer ports that an entry leads to Jenkins."""
    by_patch = {
        port for one in json_patches(kept) for op in one.ops if (port := tcp_entry(op, kept))
    }
    return by_patch | {
        port
        for doc in kept.docs
        for _, found in entries(doc)
        for _, port, target in found
        if verdict(target, kept.services) == "jenkins"
    }


def look(kept: Kept) -> Found:
    """Entries that lead to Jenkins go; those of which it is not sure are told."""
    notes = Notes(KIND)
    for doc in kept.docs:
        for holder, found in entries(doc):
            gone = [
                (spot, port, target)
                for spot, port, target in found
                if verdict(target, kept.services) == "jenkins"
            ]
            for spot, port, target in found:
                if verdict(target, kept.services) == "unclear":
                    notes.by_hand(
                        doc,
                        spot,
                        f"TCP port {port} leads to {target.shown}, which may be Jenkins or not",
                        "if it is: --jenkins-service "
                        f"{target.service}, or take the entry out once no agent uses the port",
                    )
            if gone:
                where = ".".join(holder.path) or "the document"
                told = ", ".join(f"{port} to {target.shown}" for _, port, target in gone)
                spots = [spot for spot, _, _ in gone]
                notes.edit(
                    doc,
                    spots[0],
                    f"{where} opens TCP port {told}",
                    "take the entry out, after the agents moved",
                    lambda doc=doc, holder=holder, spots=spots: _out(  # type: ignore[misc]
                        doc, holder, spots
                    ),
                )
                same = doc.root.get("metadata", "annotations", APPLIED)
                if same is not None:
                    told = f"{APPLIED} has the same text; kubectl writes it anew"
                    notes.tell(doc, same, told, "nothing")
    return notes.found() + _env_files(kept)


def _out(doc: Doc, holder: Spot, spots: list[Spot]) -> list[FileEdit]:
    why = "TCP port of the agents"
    others = [s for s in doc.root.children() if s.path[-1] not in _OF_A_PATCH]
    if doc.level and len(spots) == len(list(holder.children())) and others == []:
        scalar = doc.root.up
        if scalar is not None and scalar.path and scalar.path[0] in _PATCHES:
            # A strategic patch of which nothing is left.
            whole = scalar.up if scalar.up and scalar.up.key is None else scalar
            return take_out(doc, [whole or scalar], "close", why, empty="holder")
    return take_out(doc, spots, "close", why, comments=True)


def _env_files(kept: Kept) -> Found:
    """Files of variables that a generator makes the ConfigMap of."""
    named = {
        posixpath.basename(item.node.value)
        for doc in kept.docs
        for spot in doc.root.all()
        if spot.path[-1:] in (("envs",), ("env",)) and spot.node.kind in ("seq", "scalar")
        for item in (spot.children() if spot.node.kind == "seq" else (spot,))
        if item.node.kind == "scalar"
    }
    found = Found()
    for file in kept.files:
        if posixpath.basename(file.path) not in named:
            continue
        for match in _ENV_ENTRY.finditer(file.text):
            target = target_of(match["value"].strip("\"' "))
            if target and verdict(target, kept.services) == "jenkins":
                edit = FileEdit(file.path, *match.span(), "", "close", "TCP port of the agents")
                summary = f"opens TCP port {match['port']} to {target.shown}"
                fix = "take it out, after the agents moved"
                line = file.line(edit.start)
                at_line = finding(KIND, file.path, summary, fix=fix, line=line)
                found += Found((edit,), (), (at_line,))
    return found
