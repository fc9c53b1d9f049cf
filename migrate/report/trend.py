"""The report of a history of scans: the burn-down."""

from migrate.model.history import Trend
from migrate.report.document import (
    Block,
    Bullets,
    Callout,
    Chart,
    Code,
    Document,
    Heading,
    Line,
    Para,
    Tone,
    filled,
    line,
)

_POINTS = 30
"""Scans that the table shows, the newest ones."""


def document(found: tuple[Trend, ...]) -> Document:
    """A part for each controller."""
    blocks: list[Block] = []
    for trend in found:
        blocks += _part(trend)
    return Document("How far the move to WebSocket has come", tuple(blocks))


def _part(trend: Trend) -> list[Block]:
    points = trend.points
    done = points[-1].left == 0
    tone = Tone.BAD if trend.came_back else Tone.GOOD if done else Tone.PLAIN
    blocks: list[Block] = [
        Heading(2, line(Code(trend.controller_url))),
        Callout(tone, line(f"{trend.sentence}.")),
        Chart(
            "Nodes that are not moved yet",
            tuple(point.left for point in points),
            points[0].at[:10],
            points[-1].at[:10],
        ),
    ]
    for title, names in (
        ("Came back to TCP", trend.came_back),
        ("Need a person", trend.need_person),
    ):
        if names:
            items = tuple(line(Code(name)) for name in names)
            blocks += [Heading(3, line(title)), Bullets(items)]
    if trend.owners:
        rows: list[tuple[Line, ...]] = [
            (line(o.owner), *_numbers(o.nodes, o.moved, o.by_hand, o.came_back))
            for o in trend.owners
        ]
        columns = ("Owner", "Nodes", "Moved", "Need a person", "Came back")
        blocks += [Heading(3, line("By owner")), filled(columns, rows)]
    if len(points) > _POINTS:
        blocks.append(Para(line(f"The newest {_POINTS} of {len(points)} scans:"), Tone.MUTED))
    scans: list[tuple[Line, ...]] = [
        (line(p.at), *_numbers(p.nodes, p.moved, p.left, p.by_hand)) for p in points[-_POINTS:]
    ]
    blocks.append(filled(("Scan", "Nodes", "Moved", "Left", "Need a person"), scans))
    return blocks


def _numbers(*values: int) -> tuple[Line, ...]:
    return tuple(line(str(value)) for value in values)
