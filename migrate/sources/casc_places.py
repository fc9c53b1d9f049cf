"""Configuration as code wherever it lives: files, chart values, ConfigMaps, maps in Ansible. Pure.

A map is taken for it when its ``jenkins`` entry has a port, nodes or clouds of the shape that the
plugin reads; what the file is called does not matter.
"""

from collections.abc import Iterator

from migrate.sources.base import FileEdit, Found
from migrate.sources.cuts import add_after, nothing_below, set_to, take_out
from migrate.sources.kept import Kept, Notes
from migrate.sources.nested import Doc, Spot
from migrate.splice.text import NotEditable
from migrate.splice.yaml_tree import MERGE

KIND = "jcasc"
_PERMANENT = ("permanent", "dumb", "slave")
_INBOUND = ("inbound", "jnlp")
_NEAR = ("jenkinsUrl", "name")
_ANOTHERS = ("ecs", "azureContainer", "aci", "docker", "nomad", "azureVM")
"""Clouds of other plugins whose agents may dial in."""


def look(kept: Kept) -> Found:
    """Tunnels and WebSocket of nodes and clouds before the agents move; the port after it."""
    notes = Notes(KIND)
    for doc in kept.docs:
        for spot in doc.root.all():
            if spot.node.kind == "map" and spot.path[-1:] == ("jenkins",):
                _jenkins(notes, doc, spot)
    return notes.found()


def _jenkins(notes: Notes, doc: Doc, jenkins: Spot) -> None:
    port = jenkins.get("slaveAgentPort")
    if port is not None and port.node.kind == "scalar" and port.node.value != "-1":
        value = port.node.value
        notes.edit(
            doc,
            port,
            f"{'.'.join(port.path)} is {value}" + (", from a variable" if "${" in value else ""),
            "slaveAgentPort: -1, after the agents moved",
            lambda: set_to(doc, port, "-1", "close", "TCP agent port off"),
        )
    for cloud, node in _typed(jenkins.get("clouds")):
        if cloud == "kubernetes" and node.get("name"):
            switch(notes, doc, node, f"cloud {node.value('name')}", "jenkinsTunnel")
        elif cloud in _ANOTHERS and _dials_in(cloud, node):
            tunnel = " and has a tunnel" if node.value("tunnel") else ""
            notes.by_hand(
                doc,
                node,
                f"cloud {cloud} is another plugin's{tunnel}: its agents dial in",
                "what that plugin needs for WebSocket agents",
            )
    for symbol, node in _typed(jenkins.get("nodes")):
        if symbol in _PERMANENT and node.get("name"):
            _permanent(notes, doc, node)


def _dials_in(cloud: str, node: Spot) -> bool:
    keys = {spot.path[-1].lower(): spot for spot in node.all() if spot.key is not None}
    flag = next((spot for key, spot in keys.items() if "websocket" in key), None)
    if flag is not None and flag.node.value.lower() == "true":
        return False
    return cloud not in ("docker", "azureVM") or bool({"jnlp", "tunnel"} & set(keys))


def _typed(listed: Spot | None) -> Iterator[tuple[str, Spot]]:
    for item in listed.children() if listed else ():
        for child in item.children():
            if child.node.kind == "map":
                yield child.path[-1], child


def _permanent(notes: Notes, doc: Doc, node: Spot) -> None:
    who, launcher = f"node {node.value('name')}", node.get("launcher")
    if launcher is None:
        notes.edit(
            doc,
            node,
            f"{who} has no launcher: it is an inbound one on TCP",
            "launcher: inbound: webSocket: true",
            lambda: _refused("what to write depends on its other settings"),
        )
        return
    if launcher.node.kind == "scalar":
        if launcher.node.value in _INBOUND or launcher.node.null:
            symbol = launcher.node.value or "inbound"
            notes.edit(
                doc,
                launcher,
                f"{who}: launcher {symbol} is on TCP",
                f"launcher: {symbol}: webSocket: true",
                lambda: nothing_below(doc, launcher, (symbol, "webSocket: true"), "nodes", who),
            )
        return
    for settings in launcher.children():
        if settings.path[-1] in _INBOUND:
            if settings.node.kind == "map" and settings.node.pairs:
                switch(notes, doc, settings, who, "tunnel")
            elif settings.node.kind == "map" or settings.node.null:
                _empty_launcher(notes, doc, settings, who)


def _empty_launcher(notes: Notes, doc: Doc, settings: Spot, who: str) -> None:
    notes.edit(
        doc,
        settings,
        f"{who}: launcher {settings.path[-1]} is on TCP",
        "webSocket: true",
        lambda: nothing_below(doc, settings, ("webSocket: true",), "nodes", who),
    )


def _refused(reason: str) -> list[FileEdit]:
    raise NotEditable(reason)


def is_set(spot: Spot | None) -> bool:
    """Whether an entry is there and not idle: neither empty nor false."""
    if spot is None or spot.node.kind != "scalar":
        return False
    return bool(spot.node.value) and not spot.node.null and spot.node.value.lower() != "false"


def switch(notes: Notes, doc: Doc, settings: Spot, who: str, tunnel_key: str) -> None:
    """``webSocket: true`` and no tunnel in a cloud's or launcher's settings."""
    # The charts of Jenkins write it in small letters.
    flag_key = "websocket" if settings.get("websocket") else "webSocket"
    flag, tunnel = settings.get(flag_key), settings.get(tunnel_key)
    direct = settings.get("directConnection")
    on = flag is not None and flag.node.value.lower() == "true"
    gone = [one for one in (tunnel, direct) if one is not None and is_set(one)]
    merged = [
        key for one in settings.node.merged() for key in (flag_key, tunnel_key) if one.get(key)
    ]
    if on and not gone and not merged:
        return
    what = ", ".join(f"{one.path[-1]} is set" for one in gone) or "is on TCP"
    if not on and gone:
        what += f", {flag_key} is not on"

    def make() -> list[FileEdit]:
        if merged:
            base = next(one for one in settings.node.merged() if one.get(merged[0]))
            told = f"{merged[0]} comes from another mapping by {MERGE}"
            raise NotEditable(told + _sharers(doc, base.start, settings))
        if settings.node.shared:
            told = "an anchor shares it with other places"
            raise NotEditable(told + _sharers(doc, settings.node.start, settings))
        why = f"{who} to WebSocket"
        row = f"{flag_key}: true"
        if flag is not None:
            made = [] if on else set_to(doc, flag, "true", "nodes", why)
            return made + (take_out(doc, gone, "nodes", why) if gone else [])
        if gone:
            return replace_entry(doc, gone[0], row, why) + (
                take_out(doc, gone[1:], "nodes", why) if gone[1:] else []
            )
        near = next((s for key in _NEAR if (s := settings.get(key))), None)
        near = near or list(settings.children())[-1]
        return add_after(doc, near, row, "nodes", why)

    notes.edit(doc, settings, f"{who}: {what}", f"{flag_key}: true, no {tunnel_key}", make)


def _sharers(doc: Doc, start: int, own: Spot) -> str:
    """Who else uses the mapping at ``start``, by name or place."""
    users = [
        spot for spot in doc.root.all()
        if spot.node.kind == "map" and spot.node.pairs
        and (spot.node.start == start or any(one.start == start for one in spot.node.merged()))
        and spot.path != own.path and spot.path[-1:] != (MERGE,)
    ]  # fmt: skip
    names = [spot.value("name") or ".".join(spot.path) for spot in users]
    return ": so do " + ", ".join(dict.fromkeys(names)) if names else ""


def replace_entry(doc: Doc, spot: Spot, row: str, why: str) -> list[FileEdit]:
    """The entry's key and value, which stand on one line, become another entry."""
    key, node = spot.key, spot.node
    if key is None or node.shared or node.style in ("|", ">"):
        raise NotEditable("a value to be changed spans lines, or is shared by an anchor")
    end = node.start + len(doc.file.text[node.start : node.end].rstrip())
    if "\n" in doc.file.text[key.start : end]:
        raise NotEditable("a value to be changed spans lines")
    return [FileEdit(doc.file.path, key.start, end, row, "nodes", why)]
