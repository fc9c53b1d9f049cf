"""Entries of a journal for tests: what a test is not about is filled in."""

import hashlib
import json
import types
import typing
from enum import Enum
from pathlib import Path
from typing import Any

import msgspec

from migrate.model.journal.base import Entry
from migrate.model.journal.run import PlannedStep, RunStarted
from migrate.model.names import StageName
from migrate.model.plan import Choices
from migrate.model.plan_steps import JarUpgrade, PlanStep
from migrate.model.records import Record, entry_type, read_entry, to_line
from migrate.model.serialize import SCHEMA_VERSION


def entry(kind: str, action: str = "", **data: Any) -> Entry:
    """An entry with these fields; required ones that are not given are empty."""
    fields = msgspec.structs.fields(entry_type(kind, action))
    missing = [f for f in fields if f.required and f.encode_name not in data]
    return read_entry(kind, action, {**data, **{f.encode_name: _empty(f.type) for f in missing}})


def run_started(*steps: PlanStep, stage: StageName = StageName.NODES, **changed: Any) -> RunStarted:
    """The first record of a run of these steps."""
    found = RunStarted(
        schema_version=SCHEMA_VERSION,
        tool_version="0",
        plan_id="p",
        plan_name="t",
        controller_url="http://localhost/",
        user="u",
        host="h",
        choices=Choices(name="t"),
        steps=tuple(PlannedStep(stage=stage, wave="canary", step=step) for step in steps),
    )
    return msgspec.structs.replace(found, **changed)


def jar_upgrade(jar: str, sha256: str, **changed: Any) -> JarUpgrade:
    """A planned agent.jar."""
    known = {"from_version": None, "from_sha256": None, "to": "3160", "url": "http://j/"}
    return JarUpgrade(jar=jar, sha256=sha256, **known | changed)


def data_of(record: Record) -> Any:
    """The ``data`` of a record as its line has it."""
    return to_line(record)["data"]


def append_line(path: Path, **line: Any) -> None:
    """A line that nobody but its checksum vouches for: seq, at, kind, step, action, data."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    previous = json.loads(lines[-1])["sum"] if lines else ""
    whole = {"seq": len(lines) + 1, "at": "2026-01-02T03:04:05.678Z", **line}
    body = json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
    digest = hashlib.sha256(f"{previous}{body}".encode()).hexdigest()[:16]
    with path.open("a", encoding="utf-8") as file:
        file.write(f'{body[:-1]},"sum":"{digest}"}}\n')


def _empty(of: Any) -> Any:
    if typing.get_origin(of) in (types.UnionType, typing.Union):
        return None if type(None) in typing.get_args(of) else _empty(typing.get_args(of)[0])
    if of is bool:
        return False
    if isinstance(of, type) and issubclass(of, msgspec.Struct):
        wanted = (f for f in msgspec.structs.fields(of) if f.required)
        return {f.encode_name: _empty(f.type) for f in wanted}
    if isinstance(of, type) and issubclass(of, Enum):
        return next(iter(of)).value
    if typing.get_origin(of) is typing.Literal:
        return typing.get_args(of)[0]
    if of is Choices:
        return {"name": "t"}
    known = {str: "", int: 0, tuple: [], dict: {}}
    return known[typing.get_origin(of) or of]
