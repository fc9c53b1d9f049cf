"""tcp-services: entries that lead a TCP port to Jenkins, in ConfigMaps and in chart values. Pure.

Recognised by the value's shape ``NS/SERVICE:PORT``, which the charts of ingress-nginx and of both
HAProxy controllers share: a map called ``tcp`` of another chart has other values.
"""

from collections.abc import Iterator

from migrate.sources.base import Found
from migrate.sources.cuts import take_out
from migrate.sources.evidence import Target, target_of, verdict
from migrate.sources.kept import Kept, Notes
from migrate.sources.nested import Doc, Spot

KIND = "tcp-services"
LITERALS = "literals"


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


def opened_ports(kept: Kept) -> set[str]:
    """Outer ports that an entry leads to Jenkins."""
    return {
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
                    lambda doc=doc, spots=spots: take_out(  # type: ignore[misc]
                        doc, spots, "close", "TCP port of the agents", comments=True
                    ),
                )
                annotation = "kubectl.kubernetes.io/last-applied-configuration"
                if doc.root.get("metadata", "annotations", annotation):
                    notes.tell(
                        doc, f"{annotation} has the same text; kubectl writes it anew", "nothing"
                    )
    return notes.found()
