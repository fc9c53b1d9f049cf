"""Taking entries out of a document's text, and setting values in it. Pure.

What is left empty gets ``{}`` or ``[]``, or goes with what holds it: that differs by place, so
the caller says it.
"""

import re
from collections.abc import Sequence
from typing import Literal

from migrate.sources.base import FileEdit, Stage
from migrate.sources.nested import Doc, Spot, body_of
from migrate.splice.text import NotEditable
from migrate.splice.yaml_text import removed, value_set
from migrate.splice.yaml_tree import Node

Empty = Literal["braces", "holder"]
"""What becomes of a collection of which nothing is left: ``{}``/``[]``, or its own entry goes."""


def end_of(text: str, node: Node) -> int:
    """Where the node's own characters end, without comments that follow it."""
    if node.kind == "scalar":
        span = body_of(text, node)
        end = span[1] if span else node.end
        return node.start + len(text[node.start : end].rstrip())
    if node.style == "flow":
        return node.end
    last = node.pairs[-1] if node.pairs else None
    if last:
        unwritten = last[1].kind == "scalar" and last[1].start == last[1].end
        return _colon(text, last[0]) if unwritten else end_of(text, last[1])
    return end_of(text, node.items[-1]) if node.items else node.end


def _colon(text: str, key: Node) -> int:
    found = re.compile(r"\s*:").match(text, key.end)
    return found.end() if found else key.end


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _line_after(text: str, at: int) -> int:
    stop = text.find("\n", at)
    return len(text) if stop < 0 else stop + 1


def _begin(spot: Spot) -> int:
    return spot.key.start if spot.key is not None else spot.node.start


def _comment_above(text: str, start: int, indent: str) -> int:
    """Where the comment lines right above a line begin, that have its indentation."""
    while start:
        before = _line_start(text, start - 1)
        line = text[before:start]
        if not line.startswith(indent + "#"):
            return start
        start = before
    return start


def _entry_span(text: str, spot: Spot, following: Spot | None, comments: bool) -> tuple[int, int]:
    begin = _begin(spot)
    line = _line_start(text, begin)
    lead = text[line:begin]
    end = _line_after(text, _spot_end(text, spot))
    if spot.key is not None and "-" in lead:
        # The first entry of a list's item: the next one takes its place behind the dash.
        if following is None:
            raise NotEditable("it is the only entry of a list's item")
        return begin, _begin(following)
    if lead.strip(" -") or lead.count("-") > 1:
        raise NotEditable("it begins on the line of its key")
    indent = lead.replace("-", " ").rstrip(" ") if spot.key is None else lead
    indent = lead.split("-", 1)[0] if spot.key is None else indent
    return (_comment_above(text, line, indent) if comments else line), end


def _spot_end(text: str, spot: Spot) -> int:
    node = spot.node
    if spot.key is not None and node.kind == "scalar" and node.start == node.end:
        return _colon(text, spot.key)
    return end_of(text, node)


def take_out(
    doc: Doc,
    spots: Sequence[Spot],
    stage: Stage,
    why: str,
    *,
    empty: Empty = "braces",
    comments: bool = False,
) -> list[FileEdit]:
    """The edits that remove entries or items, all of one collection.

    ``comments``: with the comment right above each, where it is not the collection's own.
    ``NotEditable`` where that can't be told, or another place shares the collection.
    """
    text, holder = doc.file.text, spots[0].up
    if holder is None:
        raise NotEditable("it is a whole document")
    if holder.node.shared or any(spot.node.shared for spot in spots):
        raise NotEditable("an anchor shares it with other places")
    everything = list(holder.children())
    gone = {_begin(spot) for spot in spots}
    if all(_begin(spot) in gone for spot in everything):
        return _emptied(doc, holder, stage, why, empty)
    path = doc.file.path
    if holder.node.style == "flow":
        entries = [(str(_begin(s)), None, s.key or s.node, s.node) for s in everything]
        splices = removed(text, holder.node, entries, [str(one) for one in gone])
        return [FileEdit(path, a, b, new, stage, why) for a, b, new in splices]
    edits = []
    for number, spot in enumerate(everything):
        if _begin(spot) in gone:
            after = everything[number + 1] if number + 1 < len(everything) else None
            own = comments and (number > 0 or _has_comment(text, after))
            a, b = _entry_span(text, spot, after, own)
            edits.append(FileEdit(path, a, b, "", stage, why))
    return edits


def _has_comment(text: str, spot: Spot | None) -> bool:
    if spot is None:
        return False
    line = _line_start(text, _begin(spot))
    lead = text[line : _begin(spot)].split("-", 1)[0]
    return _comment_above(text, line, lead) < line


def _emptied(doc: Doc, holder: Spot, stage: Stage, why: str, empty: Empty) -> list[FileEdit]:
    text, path, node = doc.file.text, doc.file.path, holder.node
    everything = list(holder.children())
    if empty == "holder" and holder.up is not None:
        target = holder
        if holder.key is None and holder.up.node.kind == "scalar":
            # A document inside of a block scalar: with it goes the item that has the scalar.
            scalar = holder.up
            target = scalar.up if scalar.up and scalar.up.key is None else scalar
        return take_out(doc, [target], stage, why, empty="holder")
    braces = "{}" if node.kind == "map" else "[]"
    if node.style == "flow":
        return [FileEdit(path, node.start, node.end, braces, stage, why)]
    first, end = _begin(everything[0]), _spot_end(text, everything[-1])
    if any(spot.node.style in ("|", ">") for spot in everything[-1:]):
        end = len(text[:end].rstrip())
    line = _line_start(text, first)
    last_line_end = _line_after(text, end)
    tail = "\r\n" if text[:last_line_end].endswith("\r\n") else "\n"
    tail = tail if text[:last_line_end].endswith("\n") else ""
    if holder.key is not None:
        colon = _colon(text, holder.key)
        if not text[colon:line].strip():
            return [FileEdit(path, colon, last_line_end, f" {braces}{tail}", stage, why)]
    lead = text[line:first].split("-", 1)[0]
    return [FileEdit(path, line, last_line_end, f"{lead}{braces}{tail}", stage, why)]


def set_to(doc: Doc, spot: Spot, value: str, stage: Stage, why: str) -> list[FileEdit]:
    """The edit that gives an entry another value, written as YAML."""
    if spot.node.shared:
        raise NotEditable("an anchor shares it with other places")
    if spot.node.style in ("|", ">") or spot.node.kind != "scalar":
        raise NotEditable("its value has several lines")
    a, b, new = value_set(doc.file.text, spot.key or spot.node, spot.node, value)
    return [FileEdit(doc.file.path, a, b, new, stage, why)]


def add_after(doc: Doc, spot: Spot, row: str, stage: Stage, why: str) -> list[FileEdit]:
    """A new entry behind this one, of the same mapping."""
    text, path = doc.file.text, doc.file.path
    end = _spot_end(text, spot)
    if spot.up and spot.up.node.style == "flow":
        return [FileEdit(path, end, end, f", {row}", stage, why)]
    begin = _begin(spot)
    column = begin - _line_start(text, begin)
    newline = "\r\n" if "\r\n" in text else "\n"
    at = _line_after(text, end)
    if at == len(text) and not text.endswith("\n"):
        return [FileEdit(path, at, at, newline + " " * column + row, stage, why)]
    return [FileEdit(path, at, at, " " * column + row + newline, stage, why)]


def document_out(doc: Doc, stage: Stage, why: str) -> list[FileEdit]:
    """The edit that removes a whole document; ``NotEditable`` for a file's only one."""
    text, at, holder = doc.file.text, doc.root.node.start, doc.root.up
    if doc.level:
        raise NotEditable("it stands inside of another document: take it out there")
    if holder is not None and len(list(holder.children())) > 1:
        return take_out(doc, [doc.root], stage, why)
    marks = [m.start() for m in re.finditer(r"^---(?=\s|$)", text, re.MULTILINE)]
    before = max((m for m in marks if m <= at), default=-1)
    after = min((m for m in marks if m > at), default=-1)
    if holder is not None or (after < 0 and (before < 0 or not _said(text[:before]))):
        raise NotEditable("it is the file's only object: remove the file")
    if before >= 0:
        span = (before, after if after >= 0 else len(text))
    else:
        span = (0, _line_after(text, after))
    return [FileEdit(doc.file.path, *span, "", stage, why)]


def _said(text: str) -> bool:
    return any(line.strip(" -\r") and line[:1] != "#" for line in text.split("\n"))


def nothing_below(
    doc: Doc, spot: Spot, rows: Sequence[str], stage: Stage, why: str
) -> list[FileEdit]:
    """``rows``, each one level below the one before, as the value of an entry that has none.

    A row that is not the last is a key.
    """
    text, path, key, node = doc.file.text, doc.file.path, spot.key, spot.node
    if key is None or node.shared:
        raise NotEditable("an anchor shares it with other places")
    if spot.up is not None and (spot.up.node.style == "flow" or node.style == "flow"):
        inner = "{" + ": {".join(rows) + "}" * len(rows)
        if node.start == node.end:
            at = _colon(text, key)
            return [FileEdit(path, at, at, " " + inner, stage, why)]
        return [FileEdit(path, node.start, end_of(text, node), inner, stage, why)]
    column = key.start - _line_start(text, key.start)
    newline = "\r\n" if "\r\n" in text else "\n"
    colon = _colon(text, key)
    new = ""
    for number, row in enumerate(rows, start=1):
        new += newline + " " * (column + 2 * number) + row + (":" if number < len(rows) else "")
    if node.start == node.end:
        stop = _line_after(text, colon)
        line = text[colon:stop].rstrip()
        return [FileEdit(path, colon + len(line), colon + len(line), new, stage, why)]
    return [FileEdit(path, colon, end_of(text, node), new, stage, why)]


def item_before(doc: Doc, spot: Spot, value: str, stage: Stage, why: str) -> list[FileEdit]:
    """A new scalar, written as YAML, in front of this item of a list."""
    text, path, start = doc.file.text, doc.file.path, spot.node.start
    if spot.up is not None and spot.up.node.style == "flow":
        return [FileEdit(path, start, start, f"{value}, ", stage, why)]
    lead = text[_line_start(text, start) : start]
    if lead.strip(" ") != "-":
        raise NotEditable("it begins on the line of its key")
    newline = "\r\n" if "\r\n" in text else "\n"
    return [FileEdit(path, start, start, f"{value}{newline}{lead}", stage, why)]


def item_after(doc: Doc, spot: Spot, rows: Sequence[str], stage: Stage, why: str) -> list[FileEdit]:
    """A new item, a map of ``rows``, behind this one of a list."""
    text, path = doc.file.text, doc.file.path
    end = end_of(text, spot.node)
    if spot.up is not None and spot.up.node.style == "flow":
        return [FileEdit(path, end, end, ", {" + ", ".join(rows) + "}", stage, why)]
    line = _line_start(text, spot.node.start)
    lead = text[line : spot.node.start]
    if lead.strip(" ") != "-":
        raise NotEditable("it begins on the line of its key")
    newline = "\r\n" if "\r\n" in text else "\n"
    block = lead + (newline + " " * len(lead)).join(rows)
    at = _line_after(text, end)
    if at == len(text) and not text.endswith("\n"):
        return [FileEdit(path, at, at, newline + block, stage, why)]
    return [FileEdit(path, at, at, block + newline, stage, why)]
