"""Journal records: what a run intended, did and saw. The types are in ``migrate.model.journal``.

A line of journal.jsonl has ``seq``, ``at``, ``kind``, ``step``, ``action`` and ``data``; its
checksum is of engine/record/journal.py.
"""

from dataclasses import dataclass
from typing import Any

import msgspec

from migrate.model import serialize
from migrate.model.journal.base import Acted, Action, Entry, RecordKind, Undone, action_of
from migrate.model.journal.cluster import CLUSTER_ENTRIES
from migrate.model.journal.controller import CONTROLLER_ENTRIES
from migrate.model.journal.node import NODE_ENTRIES
from migrate.model.journal.run import RUN_ENTRIES, RUN_NOTES, Named, RunStarted
from migrate.model.steps.schema_1 import is_of_schema_1, of_schema_1
from migrate.model.text import visible

ACTED: tuple[type[Acted], ...] = (
    *NODE_ENTRIES,
    *CLUSTER_ENTRIES,
    *CONTROLLER_ENTRIES,
    *RUN_NOTES,
)
_BY_KIND: dict[str, type[Entry]] = {of.kind.value: of for of in RUN_ENTRIES}
_BY_ACTION: dict[tuple[str, str], type[Acted]] = {
    (of.kind.value, action_of(of).value): of for of in ACTED
}
_UNDONE = {action_of(of): of for of in ACTED if issubclass(of, Undone)}
_WITH_ACTIONS = frozenset(kind for kind, _ in _BY_ACTION)
_ACTION, _NAME = "action", "name"
"""Fields of an entry that stand beside ``data`` in a line."""


class UnknownEntry(ValueError):
    """A kind of record, or an action, that this version does not know."""


@dataclass(frozen=True)
class Record:
    """One line of journal.jsonl."""

    seq: int
    at: str
    """UTC, ISO 8601 with milliseconds."""
    entry: Entry
    step: str = ""
    """The id of the step that it is of; empty: it is of the run."""

    @property
    def kind(self) -> RecordKind:
        """What it is about."""
        return self.entry.kind

    @property
    def action(self) -> str:
        """What is done within the step (``Action``); of a stage or a wave its name."""
        return _action(self.entry)


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    seq: int
    at: str
    kind: str
    step: str = ""
    action: str = ""
    data: Any = msgspec.field(default_factory=dict)
    """``read_entry`` judges it."""


def to_line(record: Record) -> Any:
    """As plain data, in the order in which it stands in a line."""
    data = serialize.to_data(record.entry)
    data.pop(hoisted(type(record.entry)), None)
    head = {"seq": record.seq, "at": record.at, "kind": record.kind.value, "step": record.step}
    return {**head, "action": record.action, "data": data}


def from_line(line: Any) -> Record:
    """The record; ``ValueError`` names the first wrong field, ``UnknownEntry`` what this version
    does not know."""
    found = serialize.from_data(line, _Line)
    entry = read_entry(found.kind, found.action, found.data)
    return Record(found.seq, found.at, entry, found.step)


def read_entry(kind: str, action: str, data: Any) -> Entry:
    """An entry from plain data, also with steps of schema 1; raises as ``from_line``."""
    of = entry_type(kind, action)
    if of is RunStarted:
        data = _with_steps_of_now(data)
    if issubclass(of, Named) and isinstance(data, dict):
        data = {**data, _NAME: action}
    return serialize.from_data(data, of)


def entry_type(kind: str, action: str) -> type[Entry]:
    """The type of an entry; ``UnknownEntry``."""
    found = _BY_KIND.get(kind) or _BY_ACTION.get((kind, action))
    if found is None:
        told = f"{kind} {action}" if kind in _WITH_ACTIONS else kind
        raise UnknownEntry(f"a record '{visible(told)}'")
    return found


def undone(action: Action, text: str) -> Undone:
    """Nothing of ``action`` is left to put back, for the reason ``text``."""
    return _UNDONE[action](text=text)


def hoisted(of: type[Entry]) -> str:
    """Which field of an entry stands beside ``data`` in a line; empty: none."""
    if issubclass(of, Acted):
        return _ACTION
    return _NAME if issubclass(of, Named) else ""


def _action(entry: Entry) -> str:
    if isinstance(entry, Acted):
        return entry.action
    return entry.name if isinstance(entry, Named) else ""


def _with_steps_of_now(data: Any) -> Any:
    steps = data.get("steps") if isinstance(data, dict) else None
    if not isinstance(steps, list):
        return data
    return {**data, "steps": [_step_of_now(each) for each in steps]}


def _step_of_now(entry: Any) -> Any:
    if not isinstance(entry, dict) or not is_of_schema_1(entry.get("step")):
        return entry
    try:
        return {**entry, "step": of_schema_1(entry["step"])}
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"a step of schema 1 lacks {error}") from error
