"""What the owners of machines are given: who has which nodes, and a script that looks at a
machine without any right on Jenkins. Pure."""

import shlex
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from migrate.model.inventory import Inventory
from migrate.model.owners import Owners
from migrate.model.plan import Plan
from migrate.model.plan_steps import Manual
from migrate.model.text import visible
from migrate.planner.by_people import by_people

_BODY = Path(__file__).with_name("handover_check.sh")


@dataclass(frozen=True)
class HandedNode:
    """A node that a person has to move."""

    name: str
    why: str
    """Why this tool does not do it."""
    host: str = ""
    runbook: str = ""
    """``runbooks/FILE`` below the plan; empty where there is none."""
    script_sha256: str = ""
    instructions: str = ""


@dataclass(frozen=True)
class Share:
    """What one owner gets."""

    owner: str
    contact: str
    nodes: tuple[HandedNode, ...]


def shares(plan: Plan, inventory: Inventory, owners: Owners) -> tuple[Share, ...]:
    """The nodes that need a person, by owner; owners in the order of their names."""
    known = {node.name: node for node in inventory.nodes}
    steps = {s.node.name: s for s in plan.steps() if isinstance(s, Manual) and s.node is not None}
    groups: dict[str, list[HandedNode]] = {}
    for name, why in sorted(by_people(plan).items()):
        owner = owners.owner_of(known[name]) if name in known else owners.default
        step = steps.get(name)
        by_hand = step.node if step is not None else None
        groups.setdefault(owner, []).append(
            HandedNode(
                name,
                why,
                (by_hand.host or "") if by_hand is not None else "",
                by_hand.runbook if by_hand is not None else "",
                by_hand.script_sha256 if by_hand is not None else "",
                step.instructions if step is not None else "",
            )
        )
    return tuple(
        Share(owner, owners.contact_of(owner), tuple(nodes))
        for owner, nodes in sorted(groups.items())
    )


def check_script(plan: Plan, inventory: Inventory, share: Share) -> str:
    """A POSIX script (Linux) that tells of each node of the owner whether its agent, if it runs on
    that machine, is on WebSocket. It reads /proc alone, and shows no command line."""
    address = urlsplit(inventory.controller.url)
    http = address.port or (443 if address.scheme == "https" else 80)
    looks = "\n".join(
        f"look {shlex.quote(node.name)} {shlex.quote(quote(node.name, safe=''))}"
        for node in share.nodes
    )
    return (
        "#!/bin/sh\n"
        "# Whether these agents, where they run on this machine, are on WebSocket.\n"
        "# Changes nothing, and needs no right on Jenkins.\n"
        f"# For {visible(share.owner)}, from the plan {visible(plan.choices.name)}.\n"
        "#\n"
        "#   exit 0: all that run here are on WebSocket; 1: not all are; 2: none runs here\n"
        "set -u\n"
        f"PORTS={shlex.quote(' '.join(map(str, _ports(inventory))))}\n"
        f"HTTP_PORT={http}\n"
        "export PORTS HTTP_PORT\n"
        "found='' left=''\n\n"
        f"{_BODY.read_text(encoding='utf-8')}\n"
        "[ -d /proc/self ] || { echo 'this needs /proc (Linux)'; exit 2; }\n"
        f"{looks}\n"
        '[ -n "$found" ] || exit 2\n'
        '[ -z "$left" ]\n'
    )


def _ports(inventory: Inventory) -> list[int]:
    port = inventory.controller.agent_port
    ports = {port.configured or 0, port.advertised or 0}
    for way in inventory.cluster.exposures if inventory.cluster else ():
        ports |= {way.port, way.node_port or 0}
    return sorted(p for p in ports if p > 0)
