"""Changes of a YAML file in its text: entries taken out, set, or put in. Pure.

Whatever no splice covers stays as it is, byte for byte.
"""

import re
from collections.abc import Iterable, Sequence

from migrate.splice.text import NotEditable
from migrate.splice.yaml_tree import Node

Splice = tuple[int, int, str]
"""What replaces ``text[start:end]``."""
Entry = tuple[str, str | None, Node, Node]
"""Key, value, first and last node of an entry of a mapping, or of a list of KEY=VALUE."""


def spliced(text: str, splices: Iterable[Splice]) -> str:
    """``text`` with all of them, which do not overlap, made."""
    for start, end, replacement in sorted(splices, reverse=True):
        text = text[:start] + replacement + text[end:]
    return text


def removed(text: str, parent: Node, entries: Sequence[Entry], gone: Sequence[str]) -> list[Splice]:
    """The removal of the entries with these keys, each with its line or its comma.

    ``entries``: all of the parent's, in order.
    """
    if parent.style == "flow":
        return _removed_from_flow(text, entries, gone)
    return [_removed_line(text, first, last) for key, _, first, last in entries if key in gone]


def _removed_from_flow(text: str, entries: Sequence[Entry], gone: Sequence[str]) -> list[Splice]:
    """Of a run of entries that go, no comma stays but the one between two that stay."""
    cuts: list[Splice] = []
    stays = False
    """Whether an entry before this one stays: then the white space before it goes, too."""
    for number, (key, _, first, last) in enumerate(entries):
        end = _entry_end(text, first, last)
        following = entries[number + 1 :]
        comma = _comma(text, end, following[0][2].start) if following else None
        if key not in gone:
            stays = True
            if comma is not None and all(later[0] in gone for later in following):
                cuts.append((comma, comma + 1, ""))
            continue
        start = first.start
        before = len(text[:start].rstrip(" \t"))
        line = _whole_lines(text, start, comma + 1 if comma is not None else end)
        if line is not None:
            cuts.append((*line, ""))
            continue
        if stays and text[before - 1] != "\n":
            # Not where it begins its line: what follows, a bracket, keeps its indentation.
            start = before
        cuts.append((start, end, ""))
        if comma is not None:
            after = comma + 1
            if not stays:
                after += len(text[after:]) - len(text[after:].lstrip(" \t"))
            cuts.append((comma, after, ""))
    return cuts


def _whole_lines(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The lines that an entry has for itself, its comma included."""
    first = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", end)
    alone = stop >= 0 and not text[first:start].strip() and not text[end:stop].strip()
    return (first, stop + 1) if alone else None


def _comma(text: str, start: int, end: int) -> int | None:
    """Where the comma between two entries stands; one in a comment is none."""
    gap = re.compile(r"(?:[^,#]|#[^\n]*)*,").match(text, start, end)
    return gap.end() - 1 if gap else None


def _removed_line(text: str, first: Node, last: Node) -> Splice:
    start = text.rfind("\n", 0, first.start) + 1
    _own_line(text[start : first.start])
    return start, line_end(text, first, last), ""


def value_set(text: str, first: Node, last: Node, value: str) -> Splice:
    """``value``, written as YAML, in the place of an entry's old one."""
    if _unwritten(last):
        at = _entry_end(text, first, last)
        return at, at, " " + value
    return last.start, told_end(text, last), value


def added(text: str, parent: Node, rows: Sequence[str], first: Node, last: Node) -> Splice:
    """New entries, each written as YAML, right after this one and indented like it."""
    if parent.style == "flow":
        at = _entry_end(text, first, last)
        return at, at, "".join(f", {row}" for row in rows)
    line = text.rfind("\n", 0, first.start) + 1
    lead = text[line : first.start]
    _own_line(lead)
    at = line_end(text, first, last)
    newline = "\r\n" if "\r\n" in text else "\n"
    block = "".join(f"{lead}{row}{newline}" for row in rows)
    if at == len(text) and not text.endswith("\n"):
        block = newline + block.removesuffix(newline)
    return at, at, block


def _own_line(lead: str) -> None:
    if lead.strip(" \t-"):
        raise NotEditable("what is to be changed begins on the line of its key")


def line_end(text: str, first: Node, last: Node) -> int:
    """Just after the line on which an entry ends."""
    stop = text.find("\n", max(first.end, _entry_end(text, first, last)))
    return len(text) if stop < 0 else stop + 1


def _unwritten(node: Node) -> bool:
    """A null that nobody wrote: its place is after the comment that follows."""
    return node.null and node.start == node.end


def _entry_end(text: str, first: Node, last: Node) -> int:
    colon = re.compile(r"\s*:").match(text, first.end) if _unwritten(last) else None
    return colon.end() if colon else told_end(text, last)


def told_end(text: str, node: Node) -> int:
    """Where a node's own characters end, without the blanks that the reader counts to it."""
    return node.start + len(text[node.start : node.end].rstrip())
