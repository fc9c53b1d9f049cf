"""A document as plain text: readable in a mail, a log or a pipe. Nothing is cut off."""

import textwrap
import unicodedata

from migrate.model.text import visible, visible_lines
from migrate.report.document import (
    Badge,
    Block,
    Bullets,
    Callout,
    Checks,
    Document,
    Fields,
    Heading,
    Line,
    Para,
    Pre,
    Table,
    Tone,
)

WIDTH = 98
"""Columns at which prose is wrapped. Names and commands are never broken."""
_LAST_COLUMN = 40
"""The last column of a table is wrapped, but never narrower than this."""
_MARKS = {Tone.BAD: "!! ", Tone.WARN: "!  ", Tone.GOOD: "", Tone.PLAIN: "", Tone.MUTED: ""}


def render(document: Document) -> str:
    """The whole report, with a final newline."""
    title = visible(document.title)
    parts = [f"{title}\n{'=' * width(title)}"]
    parts += [_block(block) for block in document.blocks]
    return "\n\n".join(part for part in parts if part) + "\n"


def width(text: str) -> int:
    """Columns that ``text`` takes on a terminal."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def inline(of: Line) -> str:
    """A line's words; badges in capitals."""
    return "".join(
        visible(span)
        if isinstance(span, str)
        else visible(span.text.upper() if isinstance(span, Badge) else span.text)
        for span in of
    )


def _wrap(text: str, first: str = "", rest: str = "", columns: int = WIDTH) -> str:
    return textwrap.fill(
        text,
        columns,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _block(block: Block) -> str:
    match block:
        case Heading(level, of):
            text = inline(of)
            return f"{text}\n{'-' * width(text)}" if level == 2 else f"* {text}"
        case Para(of, tone):
            mark = _MARKS[tone]
            return _wrap(inline(of), mark, mark)
        case Bullets(items, ordered):
            return "\n".join(_item(item, f"{n}." if ordered else "-") for n, item in _count(items))
        case Checks(items):
            return "\n".join(_item(item, "[ ]") for item in items)
        case Fields(pairs):
            return _fields(pairs)
        case Table():
            return _table(block)
        case Pre(text):
            return textwrap.indent(visible_lines(text), "    ")
        case Callout(tone, title, blocks):
            body = [_wrap(inline(title)), *(_block(inner) for inner in blocks)]
            return textwrap.indent("\n".join(body), _MARKS[tone] or "   ", lambda _: True)


def _count(items: tuple[Line, ...]) -> list[tuple[int, Line]]:
    return list(enumerate(items, start=1))


def _item(item: Line, mark: str) -> str:
    return _wrap(inline(item), f"{mark} ", " " * (len(mark) + 1)) if item else mark


def _fields(pairs: tuple[tuple[str, Line], ...]) -> str:
    wide = max((width(visible(name)) for name, _ in pairs), default=0) + 2
    rows = []
    for name, value in pairs:
        head = visible(name) + ":"
        rows.append(_wrap(inline(value) or "-", head + " " * (wide - width(head)), " " * wide))
    return "\n".join(rows)


def _table(table: Table) -> str:
    rows = [[inline(cell) or "-" for cell in row] for row in table.rows]
    widths = [
        max([width(name), *(width(row[index]) for row in rows)])
        for index, name in enumerate(table.columns)
    ]
    left = sum(widths[:-1]) + 2 * (len(widths) - 1)
    last = max(_LAST_COLUMN, WIDTH - left)
    widths[-1] = min(widths[-1], last)
    out = [_row(list(table.columns), widths), _row(["-" * size for size in widths], widths)]
    for row in rows:
        pieces = _wrap(row[-1], columns=last).split("\n")
        out.append(_row([*row[:-1], pieces[0]], widths))
        out += [" " * left + piece for piece in pieces[1:]]
    return "\n".join(out)


def _row(cells: list[str], widths: list[int]) -> str:
    padded = [c + " " * (size - width(c)) for c, size in zip(cells, widths, strict=True)]
    return "  ".join(padded).rstrip()
