"""The JSON Schema of a line of journal.jsonl: one form for each kind of record and each action."""

from typing import Any

from migrate.model import serialize
from migrate.model.journal.base import Acted, Entry, action_of
from migrate.model.journal.run import RUN_ENTRIES, Named
from migrate.model.records import ACTED, hoisted


def line_schema(*, title: str) -> dict[str, object]:
    """For ``docs/schema/``."""
    types: tuple[type[Entry], ...] = (*RUN_ENTRIES, *ACTED)
    refs, defs = serialize.schema_parts(types)
    for of in types:
        _beside_the_data(defs[of.__name__], hoisted(of))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "oneOf": [_line(of, ref) for of, ref in zip(types, refs, strict=True)],
        "$defs": defs,
    }


def _line(of: type[Entry], ref: Any) -> Any:
    action: Any = {"const": ""}
    if issubclass(of, Acted):
        action = {"const": action_of(of).value}
    elif issubclass(of, Named):
        action = {"type": "string", "description": "The name of the stage or wave."}
    properties = {
        "seq": {"type": "integer", "description": "1, 2, 3 ..."},
        "at": {"type": "string", "description": "UTC, ISO 8601 with milliseconds."},
        "kind": {"const": of.kind.value},
        "step": {"type": "string", "description": "The id of its step; empty: of the run."},
        "action": action,
        "data": ref,
        "sum": {"type": "string", "description": "Of the line before and this one."},
    }
    return {"type": "object", "properties": properties, "required": list(properties)}


def _beside_the_data(definition: Any, field: str) -> None:
    """What stands beside ``data`` in a line is no part of it."""
    definition["properties"].pop(field, None)
    if field in definition.get("required", ()):
        definition["required"].remove(field)
