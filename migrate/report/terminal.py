"""A document as rich renderables, for a terminal only. Imported lazily: rich is slow to load."""

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table as RichTable
from rich.text import Text

from migrate.model.text import visible, visible_lines
from migrate.report.document import (
    Badge,
    Block,
    Bullets,
    Callout,
    Checks,
    Code,
    Document,
    Fields,
    Heading,
    Line,
    Para,
    Pre,
    Strong,
    Table,
    Tone,
)

_STYLES = {
    Tone.PLAIN: "",
    Tone.GOOD: "green",
    Tone.WARN: "yellow",
    Tone.BAD: "bold red",
    Tone.MUTED: "dim",
}


def renderable(document: Document) -> Group:
    """The whole report. Everything is ``Text``: rich markup in a node's name stays text."""
    parts: list[RenderableType] = [Text(visible(document.title), style="bold"), Text()]
    for block in document.blocks:
        parts += [_block(block), Text()]
    return Group(*parts[:-1])


def inline(of: Line, style: str = "") -> Text:
    """A line with its colours."""
    out = Text(style=style)
    for span in of:
        match span:
            case Code(text):
                out.append(visible(text), style="cyan")
            case Strong(text):
                out.append(visible(text), style="bold")
            case Badge(text, tone):
                out.append(visible(text).upper(), style=_STYLES[tone])
            case str():
                out.append(visible(span))
    return out


def _list(items: list[tuple[str, Text]]) -> RenderableType:
    grid = RichTable.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for mark, text in items:
        grid.add_row(Text(mark), text)
    return grid


def _block(block: Block) -> RenderableType:
    match block:
        case Heading(level, of):
            return inline(of, "bold underline" if level == 2 else "bold")
        case Para(of, tone):
            return inline(of, _STYLES[tone])
        case Bullets(items, ordered):
            marks = [f"{n}." if ordered else "-" for n in range(1, len(items) + 1)]
            return _list([(m, inline(i)) for m, i in zip(marks, items, strict=True)])
        case Checks(items):
            return _list([("[ ]", inline(item)) for item in items])
        case Fields(pairs):
            return _list([(visible(name) + ":", inline(value)) for name, value in pairs])
        case Table(columns, rows):
            table = RichTable(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
            for name in columns:
                table.add_column(Text(visible(name)), overflow="fold")
            for row in rows:
                table.add_row(*(inline(cell) if cell else Text("-") for cell in row))
            return table
        case Pre(text):
            return Padding(Text(visible_lines(text)), (0, 0, 0, 4))
        case Callout(tone, title, blocks):
            body = Group(*(_block(inner) for inner in blocks)) if blocks else Text()
            heading = inline(title, "bold")
            return Panel(
                Group(heading, body) if blocks else heading,
                border_style=_STYLES[tone].removeprefix("bold ") or "dim",
            )
