"""What differs between two scans, or two rehearsals. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from migrate.model.cluster_facts import Exposure
from migrate.model.inventory import Inventory, LauncherKind, LaunchKind, Node, Transport
from migrate.model.rehearsal import Rehearsal, RehearsedStep

ADDED, LOST, MOVED, BACK, CHANGED = "added", "lost", "moved", "came back", "changed"
KINDS = (BACK, LOST, ADDED, MOVED, CHANGED)
"""The loudest first. ``moved`` is from TCP to WebSocket, ``came back`` the other way."""


@dataclass(frozen=True)
class Change:
    """One thing that is not as it was."""

    kind: str
    """One of ``KINDS``."""
    what: str
    """``node``, ``way in``, ``controller``, ``cloud``, ``step``."""
    name: str
    before: str = ""
    after: str = ""


def inventories(a: Inventory, b: Inventory) -> tuple[Change, ...]:
    """From ``a`` to ``b``: controller, nodes, ways in, clouds. Names order what is alike."""
    return _sorted(
        [
            *_fields("controller", b.controller.url, _controller(a), _controller(b)),
            *_nodes(a, b),
            *_keyed("way in", _ways(a), _ways(b)),
            *_keyed("cloud", _clouds(a), _clouds(b)),
        ]
    )


def rehearsals(a: Rehearsal, b: Rehearsal) -> tuple[Change, ...]:
    """Steps whose verdict is another one, and what came and went."""
    before, after = ({step.id: _told(step) for step in each.steps} for each in (a, b))
    return _sorted(list(_keyed("step", before, after)))


def _told(step: RehearsedStep) -> str:
    return f"{step.verdict}: {step.detail}" if step.detail else step.verdict


def _sorted(changes: list[Change]) -> tuple[Change, ...]:
    return tuple(sorted(changes, key=lambda c: (KINDS.index(c.kind), c.what, c.name, c.after)))


def _controller(inventory: Inventory) -> dict[str, str]:
    c = inventory.controller
    return {
        "url": c.url,
        "Jenkins URL": c.root_url or "",
        "version": c.version,
        "agent port": f"{c.agent_port.mode} {c.agent_port.configured}",
        "agent.jar": c.jar_version or "",
    }


def _fields(
    what: str, name: str, before: dict[str, str], after: dict[str, str]
) -> Iterator[Change]:
    for key, value in after.items():
        if before.get(key, "") != value:
            yield Change(CHANGED, what, name, f"{key} {before.get(key, '')}", f"{key} {value}")


def _keyed(what: str, before: dict[str, str], after: dict[str, str]) -> Iterator[Change]:
    for name in sorted(before.keys() | after.keys()):
        if name not in before:
            yield Change(ADDED, what, name, "", after[name])
        elif name not in after:
            yield Change(LOST, what, name, before[name], "")
        elif before[name] != after[name]:
            yield Change(CHANGED, what, name, before[name], after[name])


def _ways(inventory: Inventory) -> dict[str, str]:
    ways: tuple[Exposure, ...] = inventory.cluster.exposures if inventory.cluster else ()
    return {_way(w): f"{w.port} {w.value}".strip() for w in ways}


def _way(way: Exposure) -> str:
    return f"{way.kind.value} {way.object_kind} {way.namespace}/{way.name} {way.key}".strip()


def _clouds(inventory: Inventory) -> dict[str, str]:
    return {
        c.name: f"webSocket {_flag(c.web_socket)}, tunnel {c.tunnel or 'none'}"
        for c in inventory.clouds
    }


def _flag(value: bool | None) -> str:
    return "not read" if value is None else str(value).lower()


def _nodes(a: Inventory, b: Inventory) -> Iterator[Change]:
    before, after = ({node.name: node for node in each.nodes} for each in (a, b))
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            seen = new or old
            # Agents of clouds come and go by the minute, and that says nothing.
            if seen is not None and seen.launcher is not LauncherKind.CLOUD:
                told = f"{seen.launcher.value}, {seen.transport.value}"
                yield (
                    Change(ADDED, "node", name, "", told)
                    if old is None
                    else Change(LOST, "node", name, told, "")
                )
        else:
            yield from _node(old, new)


def _node(old: Node, new: Node) -> Iterator[Change]:
    kinds = {
        (Transport.TCP, Transport.WEBSOCKET): MOVED,
        (Transport.WEBSOCKET, Transport.TCP): BACK,
    }
    kind = kinds.get((old.transport, new.transport))
    if kind is not None:
        yield Change(kind, "node", new.name, old.transport.value, new.transport.value)
    before, after = _node_fields(old, kind), _node_fields(new, kind)
    changed = list(_fields("node", new.name, before, after))
    yield from changed
    known = old.config_sha256 and new.config_sha256
    if known and not changed and kind is None and old.config_sha256 != new.config_sha256:
        yield Change(CHANGED, "node", new.name, "config.xml", "config.xml differs")


def _node_fields(node: Node, kind: str | None) -> dict[str, str]:
    known = node.launch is not None and node.launch.kind is not LaunchKind.UNKNOWN
    fields = {
        "launcher": node.launcher.value,
        "launch": node.launch.kind.value if node.launch is not None and known else "not known",
        "webSocket": _flag(node.web_socket),
        "tunnel": node.tunnel or "none",
        "remoting": node.remoting_version or "not known",
        "state": "online" if node.online else "offline",
        "labels": " ".join(node.labels),
    }
    return fields if kind is not None else {**fields, "transport": node.transport.value}
