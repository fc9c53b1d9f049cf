"""Dated summaries of scans, and what they say together: how far the move has come."""

from dataclasses import dataclass, field

from migrate.model.inventory import Transport

HISTORY_SCHEMA = 1


@dataclass(frozen=True)
class NodeThen:
    """An inbound node at the time of a scan."""

    name: str
    transport: Transport
    """``unknown`` of one that was offline."""
    by_hand: bool = False
    """Whether a plan made then would leave it to a person."""
    owner: str = ""
    """Who owns the machine, where the scan was told (``--owners``)."""


@dataclass(frozen=True)
class ScanSummary:
    """What is kept of one scan (``scan --history``)."""

    schema_version: int
    tool_version: str
    scanned_at: str
    """UTC, ISO 8601."""
    controller_url: str
    nodes: tuple[NodeThen, ...]
    """The inbound ones; agents of clouds come and go."""
    findings: dict[str, int] = field(default_factory=dict)
    """How many, by severity."""
    port_on: bool = True


@dataclass(frozen=True)
class Point:
    """Where the move stood at one scan."""

    at: str
    nodes: int
    moved: int
    """On WebSocket; of a node that was offline counts what was seen of it last."""
    by_hand: int
    """Not moved, and left to a person."""

    @property
    def left(self) -> int:
        """Not moved."""
        return self.nodes - self.moved


@dataclass(frozen=True)
class OwnerCount:
    """One owner's share at the newest scan."""

    owner: str
    nodes: int
    moved: int
    by_hand: int
    came_back: int


@dataclass(frozen=True)
class Trend:
    """The burn-down of one controller."""

    controller_url: str
    points: tuple[Point, ...]
    """Oldest first, at least one."""
    need_person: tuple[str, ...]
    """Nodes that a person moves, as of the newest scan."""
    came_back: tuple[str, ...]
    """Nodes that are on TCP at the newest scan and were on WebSocket at an earlier one."""
    owners: tuple[OwnerCount, ...] = ()
    """Empty where the newest scan was told of no owners."""

    @property
    def sentence(self) -> str:
        """``37 of 412 moved, 9 need a person, 3 came back to TCP``."""
        now = self.points[-1]
        told = [f"{now.moved} of {now.nodes} moved"]
        if now.by_hand:
            told.append(f"{now.by_hand} need{'s' if now.by_hand == 1 else ''} a person")
        if self.came_back:
            told.append(f"{len(self.came_back)} came back to TCP")
        return ", ".join(told)


def trends(summaries: tuple[ScanSummary, ...]) -> tuple[Trend, ...]:
    """A trend for each controller, by its address."""
    by_url: dict[str, list[ScanSummary]] = {}
    for summary in sorted(summaries, key=lambda s: s.scanned_at):
        by_url.setdefault(summary.controller_url, []).append(summary)
    return tuple(_trend(url, found) for url, found in sorted(by_url.items()))


def _trend(url: str, summaries: list[ScanSummary]) -> Trend:
    last_seen: dict[str, Transport] = {}
    was_moved: set[str] = set()
    points = []
    for summary in summaries:
        for node in summary.nodes:
            if node.transport is not Transport.UNKNOWN:
                last_seen[node.name] = node.transport
            if node.transport is Transport.WEBSOCKET:
                was_moved.add(node.name)
        moved = {n.name for n in summary.nodes if last_seen.get(n.name) is Transport.WEBSOCKET}
        by_hand = sum(n.by_hand and n.name not in moved for n in summary.nodes)
        points.append(Point(summary.scanned_at, len(summary.nodes), len(moved), by_hand))
    newest = summaries[-1].nodes
    back = {n.name for n in newest if n.name in was_moved and n.name not in moved}
    person = tuple(n.name for n in newest if n.by_hand and n.name not in moved)
    owners = []
    for owner in sorted({n.owner for n in newest if n.owner}):
        own = [n for n in newest if n.owner == owner]
        owners.append(
            OwnerCount(
                owner,
                len(own),
                sum(n.name in moved for n in own),
                sum(n.by_hand and n.name not in moved for n in own),
                sum(n.name in back for n in own),
            )
        )
    return Trend(url, tuple(points), person, tuple(sorted(back)), tuple(owners))
