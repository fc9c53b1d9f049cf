"""A document as plain text: readable in a mail, a log or a pipe. Nothing is cut off."""

import re
import textwrap
import unicodedata
from dataclasses import dataclass, replace

from migrate.model.text import visible, visible_lines
from migrate.report.chart import spark
from migrate.report.document import (
    Badge,
    Block,
    Bullets,
    Callout,
    Chart,
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
"""Columns at which prose is wrapped. Names and commands are never broken there."""
TABLE_WIDTH = 110
"""Columns that a table takes at most, unless parts of names are longer."""
_NARROWEST = 12
_SEAM = re.compile(r"(?<=[^\s/\-,;&?][/\-,;&?])(?![/\-])")
"""Where a name too long for its column may go on in the next line: a/b, a-b; not in https://."""
_FINE_SEAM = re.compile(r"(?<=[/\-,;&?._:=\[@])(?![/\-])")
"""Where a name is broken on a terminal that is too narrow for any other way."""
_MARKS = {Tone.BAD: "!! ", Tone.WARN: "!  ", Tone.GOOD: "", Tone.PLAIN: "", Tone.MUTED: ""}


@dataclass(frozen=True)
class _Page:
    """How wide the text may be."""

    prose: int = WIDTH
    table: int = TABLE_WIDTH
    narrowest: int = _NARROWEST
    seams: tuple[re.Pattern[str], ...] = (_SEAM,)
    """Where long names may be broken; the next only where the one before does not suffice."""


def _page(columns: int | None) -> _Page:
    if columns is None or columns >= TABLE_WIDTH:
        return _Page()
    wide = max(columns, 40)
    return _Page(min(WIDTH, wide), wide, 6, (_SEAM, _FINE_SEAM))


def render(document: Document, columns: int | None = None) -> str:
    """The whole report, with a final newline; ``columns``: those of the terminal that shows it."""
    page = _page(columns)
    title = visible(document.title)
    parts = [f"{title}\n{'=' * width(title)}"]
    parts += [_block(block, page) for block in document.blocks]
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


def _wrap(text: str, page: _Page, first: str = "", rest: str = "") -> str:
    return textwrap.fill(
        text,
        page.prose,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _block(block: Block, page: _Page) -> str:
    match block:
        case Heading(level, of):
            if level != 2:
                return f"* {inline(of)}"
            text = _wrap(inline(of), page)
            return f"{text}\n{'-' * max(map(width, text.splitlines()), default=0)}"
        case Para(of, tone):
            mark = _MARKS[tone]
            return _wrap(inline(of), page, mark, mark)
        case Bullets(items, ordered):
            return "\n".join(
                _item(item, f"{n}." if ordered else "-", page) for n, item in _count(items)
            )
        case Checks(items):
            return "\n".join(_item(item, "[ ]", page) for item in items)
        case Fields(pairs):
            return _fields(pairs, page)
        case Table():
            return _table(block, page)
        case Pre(text):
            return textwrap.indent(visible_lines(text), "    ")
        case Chart(name, values, first, last):
            return f"{visible(name)}:\n    {spark(values)}  {visible(f'{first} - {last}')}"
        case Callout(tone, title, blocks):
            mark = _MARKS[tone] or "   "
            inside = replace(page, prose=min(page.prose, page.table - len(mark)))
            body = [_wrap(inline(title), inside), *(_inner(inner, inside) for inner in blocks)]
            return textwrap.indent("\n".join(body), mark, lambda _: True)


def _inner(block: Block, page: _Page) -> str:
    """A block inside a callout, whose mark stands for its own."""
    return _block(Para(block.line) if isinstance(block, Para) else block, page)


def _count(items: tuple[Line, ...]) -> list[tuple[int, Line]]:
    return list(enumerate(items, start=1))


def _item(item: Line, mark: str, page: _Page) -> str:
    return _wrap(inline(item), page, f"{mark} ", " " * (len(mark) + 1)) if item else mark


def _fields(pairs: tuple[tuple[str, Line], ...], page: _Page) -> str:
    wide = max((width(visible(name)) for name, _ in pairs), default=0) + 2
    rows = []
    for name, value in pairs:
        head = visible(name) + ":"
        first = head + " " * (wide - width(head))
        rows.append(_wrap(inline(value) or "-", page, first, " " * wide))
    return "\n".join(rows)


def _table(table: Table, page: _Page) -> str:
    rows = [[inline(cell) or "-" for cell in row] for row in table.rows]
    names = [visible(name) for name in table.columns]
    columns = [[name, *(row[i] for row in rows)] for i, name in enumerate(names)]
    natural = [max(width(cell) for cell in cells) for cells in columns]
    widths = natural
    for seam in page.seams:
        parts = [
            max(width(part) for cell in cells for part in _parts(cell, seam)) for cells in columns
        ]
        widths = _fit(natural, [max(page.narrowest, part) for part in parts], page.table)
        if _sum(widths) <= page.table:
            break
    out = []
    for row in (names, ["-" * size for size in widths], *rows):
        pieces = [_pieces(cell, size, seam) for cell, size in zip(row, widths, strict=True)]
        for number in range(max(len(piece) for piece in pieces)):
            cells = [piece[number] if number < len(piece) else "" for piece in pieces]
            out.append(_row(cells, widths))
    return "\n".join(out)


def _sum(widths: list[int]) -> int:
    return sum(widths) + 2 * (len(widths) - 1)


def _fit(natural: list[int], floor: list[int], most: int) -> list[int]:
    """Column widths that make the table fit as far as the parts of names allow."""
    widths = list(natural)
    while _sum(widths) > most:
        wide = [i for i in range(len(widths)) if widths[i] > floor[i]]
        if not wide:
            break
        widths[max(wide, key=lambda i: widths[i])] -= 1
    return widths


def _parts(cell: str, seam: re.Pattern[str]) -> list[str]:
    """What is never broken: words, and the parts of long ones."""
    return [part for word in cell.split(" ") for part in seam.split(word)]


def _pieces(cell: str, size: int, seam: re.Pattern[str]) -> list[str]:
    """A cell's lines. Only what is too wide is touched, so that names keep their spaces."""
    if width(cell) <= size:
        return [cell]
    lines = [""]
    for word in cell.split(" "):
        gap = " " if lines[-1] else ""
        if width(lines[-1] + gap + word) <= size:
            lines[-1] += gap + word
            continue
        for number, part in enumerate(seam.split(word)):
            # A word that fits into a line of its own is kept whole.
            fresh = number == 0 and (width(word) <= size or width(lines[-1] + gap + part) > size)
            if (fresh or width(lines[-1] + part) > size) and lines[-1]:
                lines.append(part)
            else:
                lines[-1] += (gap if number == 0 else "") + part
    return lines


def _row(cells: list[str], widths: list[int]) -> str:
    padded = [c + " " * (size - width(c)) for c, size in zip(cells, widths, strict=True)]
    return "  ".join(padded).rstrip()
