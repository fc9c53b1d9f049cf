"""A document as Markdown (GitHub's flavour): the change ticket."""

import re

from migrate.model.text import code_block, code_span, markdown
from migrate.report.chart import spark
from migrate.report.document import (
    Badge,
    Block,
    Bullets,
    Callout,
    Chart,
    Checks,
    Code,
    Document,
    Fields,
    Heading,
    Line,
    Para,
    Pre,
    Span,
    Strong,
    Table,
    Tone,
)

_START = re.compile(r"^(\s*)(?:([-+=])|(\d+)([.)]))")
_SIGNS = {Tone.BAD: "❌ ", Tone.WARN: "⚠️ ", Tone.GOOD: "✅ ", Tone.PLAIN: "", Tone.MUTED: ""}


def render(document: Document) -> str:
    """The whole report, with a final newline."""
    parts = [f"# {markdown(document.title)}"]
    parts += [_block(block) for block in document.blocks]
    return "\n\n".join(part for part in parts if part) + "\n"


def _line_start(text: str) -> str:
    """A line's beginning that is no list item, heading line or rule."""
    return _START.sub(
        lambda m: f"{m[1]}\\{m[2]}" if m[2] else f"{m[1]}{m[3]}\\{m[4]}", text, count=1
    )


def inline(of: Line, *, cell: bool = False) -> str:
    """A line; ``cell`` inside a table, where a bar is escaped in code too."""
    return "".join(_span(span, cell) for span in of)


def _span(span: Span, cell: bool) -> str:
    if isinstance(span, str):
        return markdown(span)
    if isinstance(span, Code):
        code = code_span(span.text)
        return code if cell else code.replace("\\|", "|")
    if isinstance(span, Strong):
        return f"**{markdown(span.text.strip())}**"
    sign = _SIGNS[span.tone] if isinstance(span, Badge) else ""
    return f"{sign}**{markdown(span.text)}**"


def _block(block: Block) -> str:
    match block:
        case Heading(level, of):
            return f"{'#' * level} {inline(of)}"
        case Para(of, tone):
            return _line_start(_SIGNS[tone] + inline(of))
        case Bullets(items, ordered):
            return "\n".join(
                f"{f'{n}.' if ordered else '-'} {_line_start(inline(item))}"
                for n, item in enumerate(items, start=1)
            )
        case Checks(items):
            return "\n".join(f"- [ ] {inline(item)}" for item in items)
        case Fields(pairs):
            rows = (f"- **{markdown(name)}:** {inline(value) or '-'}" for name, value in pairs)
            return "\n".join(rows)
        case Table(columns, rows):
            return _table(columns, rows)
        case Pre(text):
            return code_block(text)
        case Chart(name, values, first, last):
            return f"{markdown(name)}: {code_span(spark(values))} ({markdown(f'{first} - {last}')})"
        case Callout(tone, title, blocks):
            sign = "" if title and isinstance(title[0], Badge) else _SIGNS[tone]
            body = [f"{sign}{inline(title)}", *(_block(inner) for inner in blocks)]
            return "\n".join(f"> {row}".rstrip() for row in "\n\n".join(body).split("\n"))


def _table(columns: tuple[str, ...], rows: tuple[tuple[Line, ...], ...]) -> str:
    head = "| " + " | ".join(markdown(name) for name in columns) + " |"
    body = [
        "| " + " | ".join(inline(cell, cell=True) or "-" for cell in row) + " |" for row in rows
    ]
    return "\n".join([head, "|" + "---|" * len(columns), *body])
