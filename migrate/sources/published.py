"""Ports of Jenkins' containers that compose files and Ansible publish, and rules of hosts. Pure.

They are told, not edited: the host's ports are a person's to close.
"""

import re

from migrate.sources.base import Found
from migrate.sources.evidence import AGENT_PORT, words
from migrate.sources.kept import Kept, Notes
from migrate.sources.nested import Doc, Spot

KIND = "published-port"
_WRITE = "take it out, after the agents moved"
_LISTS = ("ports", "published_ports", "publish", "expose_ports")
_MAPPING = re.compile(
    r"(?:(?:\[[^\]]*\]|[\d.]+):)?(?:(?P<outer>\d+(?:-\d+)?):)?(?P<inner>\d+(?:-\d+)?)(?:/(?:tcp|udp))?"
)
_FIREWALL = (
    "to_port", "from_port", "FromPort", "ToPort", "port", "ports", "destination_port", "dport",
    "proto_port", "rule_port",
)  # fmt: skip
_AGENTS = {"agent", "inbound", "jnlp", "slave", "swarm"}
_LISTENER = re.compile(r"slaveAgentPort=(?!-1\b)(\S+)")
_JENKINS = re.compile(r"jenkins|jnlp", re.IGNORECASE)


def look(kept: Kept) -> Found:
    """Services and containers of Jenkins with the port; firewall rules where Jenkins is named."""
    notes = Notes(KIND)
    for doc in kept.docs:
        if doc.kind:
            continue
        for spot in doc.root.all():
            if spot.path[-1:] and spot.path[-1] in _LISTS and spot.node.kind == "seq":
                _container(notes, doc, spot)
            if spot.node.kind == "scalar" and doc.root.get("services"):
                _options(notes, doc, spot)
        if _JENKINS.search(doc.file.text) and doc.level == 0:
            _rules(notes, doc)
    return notes.found()


def _is_controller(holder: Spot) -> bool:
    image = holder.value("image")
    for one in holder.node.merged():
        found = one.get("image")
        image = image or (found.value if found else "")
    told = words(image.split(":")[0].rsplit("/", 1)[-1]) or words(
        f"{holder.path[-1] if holder.path else ''} {holder.value('container_name')}"
    )
    return "jenkins" in told and not told & _AGENTS


def _container(notes: Notes, doc: Doc, ports: Spot) -> None:
    holder = ports.up
    if holder is None or not _is_controller(holder):
        return
    who = holder.value("name") or holder.path[-1]
    for port in ports.children():
        if port.node.kind == "map":
            inner, outer = port.value("target"), port.value("published")
            if inner == AGENT_PORT:
                notes.by_hand(doc, port, f"{who} publishes {outer or 'a port'} for its agents",
                              _WRITE)  # fmt: skip
            continue
        found = _MAPPING.fullmatch(port.node.value)
        if found and _holds(found["inner"]):
            notes.by_hand(doc, port, f"{who} publishes {port.node.value} for its agents", _WRITE)


def _options(notes: Notes, doc: Doc, spot: Spot) -> None:
    port = _LISTENER.search(spot.node.value)
    if port and spot.path[:1] == ("services",):
        notes.by_hand(
            doc, spot, f"{'.'.join(spot.path[1:])} sets slaveAgentPort={port[1]}",
            "slaveAgentPort=-1, after the agents moved",
        )  # fmt: skip


def _holds(ports: str) -> bool:
    first, _, last = ports.partition("-")
    return int(first) <= int(AGENT_PORT) <= int(last or first)


def _rules(notes: Notes, doc: Doc) -> None:
    """Ansible's and CloudFormation's rules."""
    cloud = doc.root.get("Resources") or doc.root.get("AWSTemplateFormatVersion")
    if doc.root.node.kind != "seq" and not cloud:
        return
    for spot in doc.root.all():
        if not spot.path or spot.node.kind != "scalar":
            continue
        key = spot.path[-1] if not spot.path[-1].isdigit() else "".join(spot.path[-2:-1])
        if key in _FIREWALL and re.fullmatch(rf"{AGENT_PORT}(?:/tcp)?", spot.node.value):
            holder = ".".join(spot.path[-4:-1])
            notes.by_hand(doc, spot, f"{holder} opens {spot.node.value} where Jenkins is", _WRITE)
