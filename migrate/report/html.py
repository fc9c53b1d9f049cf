"""A document as one HTML file: no script, nothing loaded, prints well, light and dark."""

from migrate.model.text import html_lines, html_text
from migrate.report.chart import svg
from migrate.report.document import (
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
)
from migrate.report.style import CSS


def render(document: Document) -> str:
    """The whole page, with a final newline."""
    title = html_text(document.title)
    body = "\n".join(_block(block) for block in document.blocks)
    # The policy lets a browser load nothing at all, whatever slipped into the text.
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{title}</title>\n<style>\n{CSS}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{title}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )


def inline(of: Line) -> str:
    """A line."""
    return "".join(_span(span) for span in of)


def _span(span: Span) -> str:
    if isinstance(span, str):
        return html_text(span)
    if isinstance(span, Code):
        return f"<code>{html_text(span.text)}</code>"
    if isinstance(span, Strong):
        return f"<strong>{html_text(span.text)}</strong>"
    return f'<span class="badge {span.tone}">{html_text(span.text)}</span>'


def _block(block: Block) -> str:
    match block:
        case Heading(level, of):
            return f"<h{level}>{inline(of)}</h{level}>"
        case Para(of, tone):
            return f'<p class="{tone}">{inline(of)}</p>'
        case Bullets(items, ordered):
            tag = "ol" if ordered else "ul"
            return f"<{tag}>" + "".join(f"<li>{inline(i)}</li>" for i in items) + f"</{tag}>"
        case Checks(items):
            rows = "".join(f"<li>{inline(item)}</li>" for item in items)
            return f'<ul class="checks">{rows}</ul>'
        case Fields(pairs):
            rows = "".join(
                f"<dt>{html_text(name)}</dt><dd>{inline(value) or '-'}</dd>"
                for name, value in pairs
            )
            return f"<dl>{rows}</dl>"
        case Table(columns, rows):
            head = "".join(f'<th scope="col">{html_text(name)}</th>' for name in columns)
            body = "\n".join(
                "<tr>" + "".join(f"<td>{inline(cell) or '-'}</td>" for cell in row) + "</tr>"
                for row in rows
            )
            return (
                f'<div class="scroll"><table>\n<thead><tr>{head}</tr></thead>\n'
                f"<tbody>\n{body}\n</tbody>\n</table></div>"
            )
        case Pre(text):
            return f"<pre>{html_lines(text)}</pre>"
        case Chart(name, values, first, last):
            caption = f"<figcaption>{html_text(name)}</figcaption>"
            return f"<figure>{svg(name, values, first, last)}{caption}</figure>"
        case Callout(tone, title, blocks):
            inner = "".join(_block(one) for one in blocks)
            head = f'<p class="title">{inline(title)}</p>'
            return f'<section class="callout {tone}">{head}{inner}</section>'
