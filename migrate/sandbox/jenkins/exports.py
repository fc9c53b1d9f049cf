"""Jenkins' exported beans: ``depth`` and ``tree``, as Stapler prunes them.

A field is shown at depth N when its visibility reaches the level; an inline field keeps the
level of its parent (stapler ModelBuilder, TreePruner; shapes of recordings 06-, 09-, 10-).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Field:
    """One exported property; its value is asked for only when it is shown."""

    name: str
    value: Callable[[], Any]
    visibility: int = 1
    inline: bool = False


@dataclass(frozen=True)
class Bean:
    """An exported object."""

    class_name: str | None
    fields: tuple[Field, ...]


class Pruner(Protocol):
    """Decides what is shown."""

    def accept(self, field: Field) -> "Pruner | None":
        """The pruner of the field's value, or None to leave it out."""

    def cut(self, values: list[Any]) -> list[Any]:
        """The part of a list that was asked for."""


@dataclass(frozen=True)
class Depth:
    """``?depth=N``: level 1 - N at the root."""

    level: int

    def accept(self, field: Field) -> "Depth | None":
        """Shown when the visibility reaches this level."""
        if field.visibility < self.level:
            return None
        return self if field.inline else Depth(self.level + 1)

    def cut(self, values: list[Any]) -> list[Any]:
        """All of it."""
        return values


@dataclass(frozen=True)
class Tree:
    """``?tree=a,b[c]{0,2}``: only what is named."""

    children: dict[str, "Tree"]
    start: int = 0
    end: int | None = None

    def accept(self, field: Field) -> "Tree | None":
        """Shown when it is named, or ``*``."""
        return self.children.get(field.name) or self.children.get("*")

    def cut(self, values: list[Any]) -> list[Any]:
        """The range in braces."""
        return values[self.start : self.end]


class BadTree(ValueError):
    """The tree expression does not parse: Jenkins answers 400."""


_TOKEN = re.compile(r"\s*([\w$*]+|[\[\],]|\{[^}]*\})")


def parse_tree(text: str) -> Tree:
    """Parse a tree expression; ``BadTree`` when it is malformed."""
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != re.sub(r"\s", "", text):
        raise BadTree(text)
    children, rest = _names(tokens)
    if rest:
        raise BadTree(text)
    return Tree(children)


def _names(tokens: list[str]) -> tuple[dict[str, Tree], list[str]]:
    children: dict[str, Tree] = {}
    while tokens and tokens[0] != "]":
        name, *tokens = tokens
        if not re.match(r"[\w$*]+$", name):
            raise BadTree(name)
        inner: dict[str, Tree] = {}
        if tokens and tokens[0] == "[":
            inner, tokens = _names(tokens[1:])
            if not tokens or tokens[0] != "]":
                raise BadTree(name)
            tokens = tokens[1:]
        start, end = 0, None
        if tokens and tokens[0].startswith("{"):
            start, end = _range(tokens[0])
            tokens = tokens[1:]
        children[name] = Tree(inner, start, end)
        if tokens and tokens[0] == ",":
            tokens = tokens[1:]
    return children, tokens


def _range(text: str) -> tuple[int, int | None]:
    match = re.match(r"\{(\d*)(,?)(\d*)\}$", text)
    if not match:
        raise BadTree(text)
    if not match[2]:
        at = int(match[1] or 0)
        return at, at + 1
    return int(match[1] or 0), int(match[3]) if match[3] else None


def render(value: Any, pruner: Pruner) -> Any:
    """JSON data of a bean, a list, a map or a plain value."""
    if isinstance(value, Bean):
        shown: dict[str, Any] = {} if value.class_name is None else {"_class": value.class_name}
        for field in value.fields:
            inner = pruner.accept(field)
            if inner is not None:
                shown[field.name] = render(field.value(), inner)
        return shown
    if isinstance(value, list):
        return [render(item, pruner) for item in pruner.cut(value)]
    if isinstance(value, dict):
        return _render_map(value, pruner)
    return value


def _render_map(values: dict[str, Any], pruner: Pruner) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for key, item in values.items():
        # A map is exported like a bean whose fields are all inline.
        inner = pruner.accept(Field(key, lambda: None, visibility=99, inline=True))
        if inner is not None:
            shown[key] = render(item, inner)
    return shown
