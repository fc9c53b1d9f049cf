"""New lines in nginx' configuration, and blocks taken out of it, by offsets. Pure.

Line ends, tabs and blanks are those of the text around.
"""

import re
from collections.abc import Sequence

from migrate.splice.nginx_text import Directive

Splice = tuple[int, int, str]
"""``text[start:end]`` becomes the third."""
_REST = re.compile(r"[ \t]*(?:#[^\n]*)?(?=\r?\n|\Z)")


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _line_after(text: str, at: int) -> int:
    stop = text.find("\n", at)
    return len(text) if stop < 0 else stop + 1


def newline_of(text: str) -> str:
    """How the text's lines end."""
    first = text.find("\n")
    return "\r\n" if first > 0 and text[first - 1] == "\r" else "\n"


def indent_of(text: str, at: int) -> str | None:
    """The blanks before ``at`` on its line; None when something else is there."""
    lead = text[_line_start(text, at) : at]
    return lead if not lead.strip(" \t\ufeff") else None


def unit_of(text: str, outer: Directive) -> str:
    """One step of indentation, as a block uses it; four blanks where it can't be told."""
    mine = indent_of(text, outer.start)
    for child in outer.children:
        lead = indent_of(text, child.start)
        if mine is not None and lead and lead.startswith(mine) and len(lead) > len(mine):
            return lead[len(mine) :]
    return "    "


def after(text: str, directive: Directive, rows: Sequence[str]) -> Splice:
    """Directives behind this one: each on a line of its own where this one has one, too."""
    lead = indent_of(text, directive.start)
    rest = _REST.match(text, directive.end)
    if lead is None or rest is None:
        return directive.end, directive.end, "".join(f" {row}" for row in rows)
    newline = newline_of(text)
    at = _line_after(text, rest.end())
    lead = lead.replace("\ufeff", "")
    if at == len(text) and not text.endswith("\n"):
        return at, at, "".join(newline + lead + row for row in rows)
    return at, at, "".join(lead + row + newline for row in rows)


def at_start(text: str, block: Directive, rows: Sequence[str]) -> Splice:
    """Directives in front of all others in a block."""
    begin = block.open + 1
    rest = _REST.match(text, begin)
    if rest is None:
        return begin, begin, "".join(f" {row}" for row in rows)
    lead = (indent_of(text, block.start) or "") + unit_of(text, block)
    newline = newline_of(text)
    at = _line_after(text, rest.end())
    return at, at, "".join(lead + row + newline for row in rows)


def before(text: str, directive: Directive, rows: Sequence[str], *, blank: bool) -> Splice:
    """Lines in front of a directive, with its indentation; ``blank``: then an empty one."""
    lead = indent_of(text, directive.start)
    if lead is None:
        return directive.start, directive.start, " ".join(row.strip() for row in rows) + " "
    newline = newline_of(text)
    start = directive.start
    lead = lead.replace("\ufeff", "")
    block = newline.join(row if number == 0 else lead + row for number, row in enumerate(rows))
    return start, start, block + newline * (2 if blank else 1) + lead


def replaced(start: int, end: int, new: str) -> Splice:
    """Another word."""
    return start, end, new


def out(text: str, directives: Sequence[Directive], within: Directive | None) -> list[Splice]:
    """Without these blocks, and without the empty lines that only parted them from others."""
    spans: list[tuple[int, int]] = []
    for one in directives:
        lead, rest = indent_of(text, one.start), _REST.match(text, one.end)
        if lead is None or rest is None:
            start = one.start
            while start and text[start - 1] in " \t":
                start -= 1
            spans.append((start, one.end))
            continue
        spans.append((_line_start(text, one.start), _line_after(text, rest.end())))
    floor = _line_after(text, within.open) if within else 0
    ceiling = _line_start(text, within.end - 1) if within else len(text)
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and not text[merged[-1][1] : start].strip():
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return [(*_with_blanks(text, start, end, floor, ceiling), "") for start, end in merged]


def _with_blanks(text: str, start: int, end: int, floor: int, ceiling: int) -> tuple[int, int]:
    if text[start - 1 : start] not in ("", "\n") or text[end - 1 : end] != "\n":
        return start, end
    above = text[_line_start(text, start - 1) : start] if start else ""
    if above.strip().startswith("#") and text[end:ceiling].strip():
        return start, end  # The empty line keeps that comment from what follows.
    while end < ceiling and not text[end : _line_after(text, end)].strip():
        end = _line_after(text, end)
    if end >= ceiling:
        while start > floor and not text[_line_start(text, start - 1) : start].strip():
            start = _line_start(text, start - 1)
    return start, end
