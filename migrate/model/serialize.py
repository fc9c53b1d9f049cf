"""The one serializer: frozen dataclasses to plain data, JSON and back.

msgspec checks types on the way in, keeps the field order on the way out (so
the same data gives the same bytes) and derives the published JSON Schemas.
"""

import hashlib
import inspect
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

SCHEMA_VERSION = 1
"""Of inventory, plan and journal. Raised when a reader of the old form would misread the new."""


def to_data(value: Any) -> Any:
    """Dataclasses as dicts and lists of plain values; tuples become lists."""
    # to_builtins alone leaves a tuple inside of a dataclass one.
    return msgspec.json.decode(msgspec.json.encode(value))


def to_json(value: Any, *, indent: int = 2) -> str:
    """Readable JSON with a final newline, non-ASCII kept."""
    return msgspec.json.format(msgspec.json.encode(value), indent=indent).decode() + "\n"


def to_line(value: Any) -> bytes:
    """Compact JSON on one line, without the newline."""
    return msgspec.json.encode(value)


def from_data(data: Any, type_: type[T]) -> T:
    """Build ``type_`` from plain data; ``ValueError`` names the first wrong field."""
    return msgspec.convert(data, type_, strict=True)


def from_json(text: str | bytes, type_: type[T]) -> T:
    """Read JSON into ``type_``; ``ValueError`` for bad JSON and for wrong fields."""
    return msgspec.json.decode(text, type=type_, strict=True)


def digest(value: Any) -> str:
    """SHA-256 of the canonical (sorted keys, compact) JSON of ``value``, as hex."""
    return hashlib.sha256(msgspec.json.encode(value, order="sorted")).hexdigest()


def schema(type_: type[Any], *, title: str) -> dict[str, object]:
    """JSON Schema (2020-12) of a dataclass, for ``docs/schema/``: the same text with every
    supported version of Python and msgspec."""
    out = _settled(msgspec.json.schema(type_))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **out}


def schema_parts(types: Sequence[type[Any]]) -> tuple[list[Any], Any]:
    """The schema of each type, and ``$defs`` for all of them, as ``schema`` settles them."""
    each, defs = msgspec.json.schema_components(types, ref_template="#/$defs/{name}")
    return _settled(list(each)), _settled(defs)


def _settled(part: Any) -> Any:
    """Docstrings without their indentation, which Python 3.13 takes away itself; no empty object
    as a default, which some versions of msgspec write and others do not."""
    if isinstance(part, list):
        return [_settled(each) for each in part]
    if not isinstance(part, dict):
        return part
    kept = {k: _settled(v) for k, v in part.items() if not (k == "default" and v == {})}
    if isinstance(kept.get("description"), str):
        kept["description"] = inspect.cleandoc(kept["description"])
    return kept
