"""The content of a report, apart from its form.

Each report is built once as a ``Document``; ``text``, ``markdown`` and ``html``
only give it a form, and they alone escape. So all formats say the same, and text from outside
(node names, labels, logs) has one door per format.
"""

from dataclasses import dataclass
from enum import StrEnum

MANY = 60
"""Nodes that a screen still shows one by one; above it a brief report tells them by their kinds."""


class Tone(StrEnum):
    """How loud something is."""

    PLAIN = "plain"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    MUTED = "muted"


@dataclass(frozen=True)
class Code:
    """A name, value or command, shown as such."""

    text: str


@dataclass(frozen=True)
class Strong:
    """Words that must not be missed."""

    text: str


@dataclass(frozen=True)
class Badge:
    """A state or severity."""

    text: str
    tone: Tone


Span = str | Code | Strong | Badge
Line = tuple[Span, ...]


@dataclass(frozen=True)
class Heading:
    """A section (level 2) or a part of one (level 3)."""

    level: int
    line: Line


@dataclass(frozen=True)
class Para:
    """A paragraph."""

    line: Line
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True)
class Bullets:
    """A list; ``ordered`` numbers it."""

    items: tuple[Line, ...]
    ordered: bool = False


@dataclass(frozen=True)
class Fields:
    """Names and their values."""

    pairs: tuple[tuple[str, Line], ...]


@dataclass(frozen=True)
class Table:
    """A table; never cut off, in no format."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]


@dataclass(frozen=True)
class Pre:
    """Commands or text of several lines, as they are."""

    text: str


@dataclass(frozen=True)
class Chart:
    """A line of numbers over time, from none upwards."""

    title: str
    values: tuple[int, ...]
    first: str
    """When the first value was."""
    last: str


@dataclass(frozen=True)
class Checks:
    """Lines for a pen: sign-off, things to tick."""

    items: tuple[Line, ...]


@dataclass(frozen=True)
class Callout:
    """What must be read first."""

    tone: Tone
    title: Line
    blocks: tuple["Block", ...] = ()


Block = Heading | Para | Bullets | Fields | Table | Pre | Chart | Checks | Callout


@dataclass(frozen=True)
class Document:
    """A whole report."""

    title: str
    blocks: tuple[Block, ...]


def line(*spans: Span) -> Line:
    """Spans as a line; empty strings are left out."""
    return tuple(span for span in spans if span != "")


def filled(columns: tuple[str, ...], rows: list[tuple[Line, ...]]) -> Table:
    """A table without the columns in which no row says anything."""
    kept = [i for i in range(len(columns)) if any(plain(row[i]).strip(" -") for row in rows)]
    return Table(
        tuple(columns[i] for i in kept), tuple(tuple(row[i] for i in kept) for row in rows)
    )


def by_kind(
    columns: tuple[str, ...],
    rows: list[tuple[Line, ...]],
    name: int,
    left_out: tuple[int, ...] = (),
) -> Table:
    """Rows that differ in their names alone as one row, with how many they are and the first few.

    ``name`` is the column of the names; ``left_out`` are columns that would tell all rows apart.
    """
    groups: dict[tuple[str, ...], list[tuple[Line, ...]]] = {}
    for row in rows:
        same = tuple(plain(c) for i, c in enumerate(row) if i != name and i not in left_out)
        groups.setdefault(same, []).append(row)
    made: list[tuple[Line, ...]] = []
    for group in groups.values():
        few = joined([row[name] for row in group[:2]])
        more = f", and {len(group) - 2} more" if len(group) > 2 else ""
        shown = [(*few, more) if i == name else cell for i, cell in enumerate(group[0])]
        made.append((line(str(len(group))), *(c for i, c in enumerate(shown) if i not in left_out)))
    heads = tuple(c for i, c in enumerate(columns) if i not in left_out)
    return filled(("Count", *heads), made)


def plain(of: Line) -> str:
    """The words of a line without their form."""
    return "".join(span if isinstance(span, str) else span.text for span in of)


def joined(lines: list[Line], separator: str = ", ") -> Line:
    """Lines joined into one."""
    out: list[Span] = []
    for index, one in enumerate(lines):
        if index:
            out.append(separator)
        out.extend(one)
    return tuple(out)


def plural(count: int, one: str, many: str = "") -> str:
    """``1 node``, ``2 nodes``."""
    return f"{count} {one if count == 1 else many or one + 's'}"
