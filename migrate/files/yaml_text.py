"""Changes of a YAML file in its text: entries taken out, set, or put in. Pure.

Whatever no splice covers stays as it is, byte for byte.
"""

import re
from collections.abc import Iterable, Sequence

from migrate.files.launch.base import NotEditable
from migrate.files.yaml_tree import Node

Splice = tuple[int, int, str]
"""What replaces ``text[start:end]``."""


def spliced(text: str, splices: Iterable[Splice]) -> str:
    """``text`` with all of them, which do not overlap, made."""
    for start, end, replacement in sorted(splices, reverse=True):
        text = text[:start] + replacement + text[end:]
    return text


def removed(text: str, parent: Node, first: Node, last: Node) -> Splice:
    """The removal of one entry, with its line or its comma."""
    if parent.style == "flow":
        end = last.end if not _unwritten(last) else _entry_end(text, first, last)
        if comma := re.compile(r"\s*,\s*").match(text, end):
            return first.start, comma.end(), ""
        before = re.search(r",\s*$", text[: first.start])
        return before.start() if before else first.start, end, ""
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
