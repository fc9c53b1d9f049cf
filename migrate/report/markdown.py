"""A document as Markdown (GitHub's flavour): the change ticket."""

import re

from migrate.model.text import code_span, visible, visible_lines
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
    Span,
    Strong,
    Table,
    Tone,
)

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>&~|!$#])")
_START = re.compile(r"^(\s*)(?:([-+=])|(\d+)([.)]))")
_SIGNS = {Tone.BAD: "❌ ", Tone.WARN: "⚠️ ", Tone.GOOD: "✅ ", Tone.PLAIN: "", Tone.MUTED: ""}


def render(document: Document) -> str:
    """The whole report, with a final newline."""
    parts = [f"# {escape(document.title)}"]
    parts += [_block(block) for block in document.blocks]
    return "\n\n".join(part for part in parts if part) + "\n"


def escape(text: str) -> str:
    """Text that Markdown shows as it is, wherever it stands in a line or a table.

    Only what has a meaning is escaped, so that the file reads well unrendered too.
    """
    text = _SPECIAL.sub(r"\\\1", visible(text))
    # A bare address or e-mail would become a link of somebody else's making.
    text = re.sub(r"(?i)\b(https?|ftp)://", r"\1:&#47;&#47;", text)
    return re.sub(r"(?i)\bwww\.", "www&#46;", text).replace("@", "&#64;")


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
        return escape(span)
    if isinstance(span, Code):
        code = code_span(span.text)
        return code if cell else code.replace("\\|", "|")
    if isinstance(span, Strong):
        return f"**{escape(span.text.strip())}**"
    sign = _SIGNS[span.tone] if isinstance(span, Badge) else ""
    return f"{sign}**{escape(span.text)}**"


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
            rows = (f"- **{escape(name)}:** {inline(value) or '-'}" for name, value in pairs)
            return "\n".join(rows)
        case Table(columns, rows):
            return _table(columns, rows)
        case Pre(text):
            return _fence(visible_lines(text))
        case Callout(tone, title, blocks):
            sign = "" if title and isinstance(title[0], Badge) else _SIGNS[tone]
            body = [f"{sign}{inline(title)}", *(_block(inner) for inner in blocks)]
            return "\n".join(f"> {row}".rstrip() for row in "\n\n".join(body).split("\n"))


def _fence(text: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"


def _table(columns: tuple[str, ...], rows: tuple[tuple[Line, ...], ...]) -> str:
    head = "| " + " | ".join(escape(name) for name in columns) + " |"
    body = [
        "| " + " | ".join(inline(cell, cell=True) or "-" for cell in row) + " |" for row in rows
    ]
    return "\n".join([head, "|" + "---|" * len(columns), *body])
