"""YAML and TOML documents as plain values, with the line that each is told by. Pure."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

from migrate.sources.base import SourceText
from migrate.sources.kept import Kept
from migrate.sources.nested import Spot

Plain = Any
"""Maps, lists and texts."""


def plain(spot: Spot) -> Plain:
    """The values below a node; numbers and the like as they are written."""
    if spot.node.kind == "map":
        return {child.path[-1]: plain(child) for child in spot.children()}
    if spot.node.kind == "seq":
        return [plain(child) for child in spot.children()]
    return spot.node.value


def tables(kept: Kept) -> Iterator[tuple[SourceText, Plain]]:
    """Every document of YAML and TOML that is a map."""
    for doc in kept.docs:
        if doc.root.node.kind == "map":
            yield doc.file, plain(doc.root)
    for file in kept.files:
        if file.path.lower().endswith(".toml"):
            try:
                yield file, tomllib.loads(file.text)
            except (tomllib.TOMLDecodeError, RecursionError):
                continue


def section(table: Plain, *keys: str) -> dict[str, Plain]:
    """A map below by these keys, whatever their letters' case; empty when there is none."""
    for key in keys:
        if not isinstance(table, dict):
            return {}
        table = next((value for name, value in table.items() if name.lower() == key.lower()), None)
    return table if isinstance(table, dict) else {}


def text_of(table: Plain, *keys: str) -> str:
    """A scalar below, as text; empty when there is none."""
    *way, last = keys
    value: Plain = next(
        (v for k, v in section(table, *way).items() if k.lower() == last.lower()), ""
    )
    return "" if isinstance(value, dict | list) else str(value)


def listed(table: Plain, *keys: str) -> list[Plain]:
    """A list below; empty when there is none."""
    *way, last = keys
    value: Plain = next(
        (v for k, v in section(table, *way).items() if k.lower() == last.lower()), []
    )
    return value if isinstance(value, list) else []


def place(text: str, *names: str) -> int:
    """Where the last of these keys stands, each behind the one before; 0 when it does not."""
    at = 0
    for name in names:
        found = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])", re.I).search(text, at)
        at = found.start() if found else at
    return at
