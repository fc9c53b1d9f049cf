"""YAML and JSON documents of a file, and those inside of their block scalars, with offsets. Pure.

A literal block is read where it stands, with its indentation: YAML allows a document that is
indented as a whole, so each offset, at any level, is one of the file's own text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from migrate.sources.base import SourceText
from migrate.splice.text import NotEditable
from migrate.splice.yaml_tree import Node, read_documents

LEVELS = 3
"""Of documents inside of documents."""
SUFFIXES = (".yaml", ".yml", ".json")
APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
"""What kubectl applied last; it writes it anew each time."""
Path = tuple[str, ...]
"""Keys and numbers from a document's root; those of the outer documents come first."""


@dataclass(frozen=True, eq=False)
class Spot:
    """A node with its way up."""

    node: Node
    path: Path = ()
    key: Node | None = None
    """Of an entry of a mapping."""
    up: "Spot | None" = None
    """What holds it; for a nested document's root, the scalar."""

    def children(self) -> Iterator["Spot"]:
        """Entries and items."""
        for key, value in self.node.pairs:
            yield Spot(value, (*self.path, key.value), key, self)
        for number, item in enumerate(self.node.items):
            yield Spot(item, (*self.path, str(number)), None, self)

    def all(self) -> Iterator["Spot"]:
        """Itself and all below it in this document."""
        yield self
        for child in self.children():
            yield from child.all()

    def get(self, *keys: str) -> "Spot | None":
        """The one below by these keys; None when there is none."""
        spot: Spot | None = self
        for key in keys:
            spot = next((s for s in spot.children() if s.path[-1] == key), None) if spot else None
        return spot

    def value(self, *keys: str) -> str:
        """A scalar below; empty when there is none."""
        spot = self.get(*keys)
        return spot.node.value if spot and spot.node.kind == "scalar" else ""


@dataclass(frozen=True, eq=False)
class Doc:
    """A document, the file's own (``level`` 0) or one in a block scalar."""

    file: SourceText
    root: Spot
    level: int = 0

    @property
    def kind(self) -> str:
        """Of a Kubernetes object; empty of anything else."""
        return self.root.value("kind") if self.root.value("apiVersion") else ""

    @property
    def object_name(self) -> str:
        """``NS/NAME``, ``default`` where no namespace is written."""
        space = self.root.value("metadata", "namespace") or "default"
        return f"{space}/{self.root.value('metadata', 'name')}"


def body_of(text: str, node: Node) -> tuple[int, int, int] | None:
    """(start, end, indentation) of a block scalar's lines; None of another scalar."""
    if node.style not in ("|", ">"):
        return None
    start = text.find("\n", node.start) + 1
    if not start:
        return None
    at, indent, end = start, -1, start
    while at < len(text):
        stop = text.find("\n", at)
        stop = len(text) if stop < 0 else stop + 1
        line = text[at:stop]
        if line.strip():
            column = len(line) - len(line.lstrip(" "))
            if indent < 0:
                indent = column
            if column < indent or at >= max(node.end, start + 1):
                break
            end = stop
        at = stop
    return (start, end, indent) if indent > 0 else None


def documents(file: SourceText) -> tuple[Doc, ...]:
    """All documents of a file; ``NotEditable`` for one that is no YAML."""
    found: list[Doc] = []
    for root in read_documents(file.text, file.path):
        for outer in _objects(Doc(file, Spot(_at_aliases(root, file.text)))):
            found += (outer, *_inside(outer))
    return tuple(found)


_MARK = re.compile(r"^ +---[ \t]*\r?\n", re.MULTILINE)
_ALIAS = re.compile(r"\s*:\s*(\*[^\s,\]}]+)")


def _at_aliases(node: Node, text: str) -> Node:
    """The tree with scalars that an alias stands for where the alias is: it is that entry's own."""
    if node.kind == "scalar":
        return node
    pairs = tuple((key, _at_alias(key, value, text)) for key, value in node.pairs)
    return replace(node, pairs=pairs, items=tuple(_at_aliases(i, text) for i in node.items))


def _at_alias(key: Node, value: Node, text: str) -> Node:
    outside = value.shared and value.start < key.start and value.kind == "scalar"
    alias = _ALIAS.match(text, key.end) if outside else None
    if alias is None:
        return _at_aliases(value, text)
    return replace(value, start=alias.start(1), end=alias.end(1), style="", shared=False)


def _objects(doc: Doc) -> Iterator[Doc]:
    """The document, or the objects of a ``List``, as kubectl writes them."""
    items = doc.root.get("items") if doc.kind == "List" else None
    if items is None or items.node.kind != "seq":
        yield doc
        return
    for item in items.children():
        yield Doc(doc.file, item)


def _inside(doc: Doc) -> Iterator[Doc]:
    if doc.level >= LEVELS:
        return
    text = doc.file.text
    for spot in doc.root.all():
        if spot.node.kind != "scalar" or spot.path[-1:] == (APPLIED,):
            continue
        span = _literal(text, spot.node)
        if span is None or not (":" in spot.node.value or "[" in spot.node.value):
            continue
        for start, end in _parts(text, *span):
            try:
                roots = read_documents(text[start:end], doc.file.path)
            except NotEditable:
                break
            for root in roots:
                if root.kind in ("map", "seq") and (root.pairs or root.items):
                    inner = Doc(
                        doc.file, Spot(_moved(root, start), spot.path, None, spot), doc.level + 1
                    )
                    yield inner
                    yield from _inside(inner)


def _parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The documents of a block: a mark that is indented with it is none to the reader."""
    for mark in _MARK.finditer(text, start, end):
        yield start, mark.start()
        start = mark.end()
    yield start, end


def _literal(text: str, node: Node) -> tuple[int, int] | None:
    """Where a scalar's characters stand, if they are the value's own: no escapes, no folds."""
    if node.style == "|":
        span = body_of(text, node)
        return span[:2] if span else None
    inner = text[node.start + 1 : node.end - 1]
    plain = node.style == "'" and inner == node.value and inner[:1] in ("[", "{")
    return (node.start + 1, node.end - 1) if plain else None


def _moved(node: Node, by: int) -> Node:
    return replace(
        node,
        start=node.start + by,
        end=node.end + by,
        items=tuple(_moved(one, by) for one in node.items),
        pairs=tuple((_moved(key, by), _moved(value, by)) for key, value in node.pairs),
    )


def is_yaml(file: SourceText) -> bool:
    """Whether its name says YAML or JSON."""
    return file.path.lower().endswith(SUFFIXES)
