"""A YAML file as a tree of nodes with their places in the text. Pure; reads with ruamel.

Only places are taken from the reader: the text itself is never written anew, so that
comments, order, quotes and indentation stay byte for byte.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from migrate.splice.text import BOM, MAX_CHARS, NotEditable

MERGE = "<<"


@dataclass(frozen=True)
class Node:
    """A scalar, mapping or sequence. ``text[start:end]`` is all of it."""

    kind: str
    """``scalar``, ``map`` or ``seq``."""
    value: str
    """Of a scalar."""
    null: bool
    style: str
    """Of a scalar: quote or block mark; empty when plain. ``flow`` for collections in brackets."""
    start: int
    end: int
    items: tuple["Node", ...]
    pairs: tuple[tuple["Node", "Node"], ...]
    shared: bool
    """Another place refers to it by an alias."""

    def get(self, key: str) -> "Node | None":
        """Value of a key of its own; None when there is none."""
        return next((value for name, value in self.pairs if name.value == key), None)

    def merged(self) -> "Iterator[Node]":
        """Mappings that ``<<`` brings in, first wins."""
        for name, value in self.pairs:
            if name.value == MERGE:
                for one in value.items or (value,):
                    yield one
                    yield from one.merged()


def read_tree(text: str, path: str) -> Node:
    """The document's root; ``NotEditable`` for bad YAML or several documents."""
    roots = read_documents(text, path)
    if not roots:
        raise NotEditable("it is empty", path)
    if len(roots) > 1:
        raise NotEditable("it holds several documents", path)
    return roots[0]


def read_documents(text: str, path: str) -> tuple[Node, ...]:
    """The root of each document that is not empty; ``NotEditable`` for bad YAML."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    if len(text) > MAX_CHARS:
        raise NotEditable(f"it has {len(text)} characters, too many for such a file", path)
    offset = len(text) - len(text.removeprefix(BOM))
    try:
        found = [root for root in YAML(pure=True).compose_all(text[offset:]) if not _nothing(root)]
    except MarkedYAMLError as error:
        mark = error.problem_mark
        where = f" in line {mark.line + 1}" if mark else ""
        raise NotEditable(f"it is no YAML: {error.problem or 'unreadable'}{where}", path) from None
    except (YAMLError, RecursionError, ValueError) as error:
        raise NotEditable(f"it is no YAML: {str(error).splitlines()[0]}", path) from None
    counts: Counter[int] = Counter()
    for root in found:
        _count(root, counts, 0, path)
    return tuple(_node(root, counts, offset) for root in found)


def _nothing(raw: Any) -> bool:
    return raw is None or (raw.value == "" and str(raw.tag).endswith(":null"))


def _children(raw: Any) -> list[Any]:
    if isinstance(raw.value, str):
        return []
    return [one for entry in raw.value for one in (entry if isinstance(entry, tuple) else (entry,))]


def _count(raw: Any, counts: Counter[int], depth: int, path: str) -> None:
    if depth > 40:
        raise NotEditable("it is nested too deeply", path)
    counts[id(raw)] += 1
    if sum(counts.values()) > 100_000:
        raise NotEditable("its aliases stand for too many values", path)
    for child in _children(raw):
        _count(child, counts, depth + 1, path)


def _node(raw: Any, counts: Counter[int], offset: int) -> Node:
    span = (raw.start_mark.index + offset, raw.end_mark.index + offset)
    shared = counts[id(raw)] > 1
    if isinstance(raw.value, str):
        style = raw.style or ""
        null = str(raw.tag).endswith(":null")
        return Node("scalar", raw.value, null, style, *span, (), (), shared)
    style = "flow" if raw.flow_style else ""
    pairs = tuple(
        (_node(e[0], counts, offset), _node(e[1], counts, offset))
        for e in raw.value
        if isinstance(e, tuple)
    )
    items = tuple(_node(e, counts, offset) for e in raw.value if not isinstance(e, tuple))
    kind = "map" if pairs or str(raw.tag).endswith(":map") else "seq"
    return Node(kind, "", False, style, *span, items, pairs, shared)
