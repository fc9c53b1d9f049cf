"""The published JSON Schemas are those of the code, and the examples fit them."""

import json
from pathlib import Path
from typing import Any

import pytest
from journal_entries import entry
from jsonschema import Draft202012Validator

from migrate.engine.run.verify import Sight
from migrate.model import serialize
from migrate.model.history import ScanSummary
from migrate.model.inventory import Inventory
from migrate.model.journal.base import Acted, Entry, Intent, Outcome, Undone, action_of
from migrate.model.journal.run import RUN_ENTRIES
from migrate.model.journal_schema import line_schema
from migrate.model.plan import Plan
from migrate.model.records import ACTED, Record, to_line
from migrate.report.json import (
    DifferenceAnswer,
    DoctorAnswer,
    HandoverAnswer,
    PlanAnswer,
    RehearsalAnswer,
    RunAnswer,
    ScanAnswer,
    TrendAnswer,
)
from migrate.sources.answer import SourcesAnswer

ROOT = Path(__file__).parents[2]
PUBLISHED: dict[str, type[Any] | None] = {
    "inventory": Inventory,
    "plan": Plan,
    "journal-record": None,
    "scan": ScanAnswer,
    "scan-files": SourcesAnswer,
    "show": PlanAnswer,
    "run": RunAnswer,
    "trend": TrendAnswer,
    "handover": HandoverAnswer,
    "rehearsal": RehearsalAnswer,
    "diff": DifferenceAnswer,
    "history": ScanSummary,
    "doctor": DoctorAnswer,
    "verify": Sight,
}


def schema_text(name: str) -> str:
    of, title = PUBLISHED[name], f"migrate {name}, version 1"
    made = line_schema(title=title) if of is None else serialize.schema(of, title=title)
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_published_schemas_are_in_step(name: str, update_examples: bool) -> None:
    file = ROOT / "docs" / "schema" / f"{name}.json"
    if update_examples:
        file.write_text(schema_text(name), encoding="utf-8")
    assert file.read_text(encoding="utf-8") == schema_text(name), (
        "docs/schema is out of step: python -m pytest tests/model tests/planner --update-examples"
    )
    Draft202012Validator.check_schema(json.loads(file.read_text(encoding="utf-8")))


def published(name: str) -> Draft202012Validator:
    text = (ROOT / "docs" / "schema" / f"{name}.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))


def example(name: str) -> Any:
    text = (ROOT / "plans" / "example" / name).read_text(encoding="utf-8")
    return json.loads(text)


def test_the_examples_fit() -> None:
    published("inventory").validate(example("inventory.json"))
    published("plan").validate(example("plan.json"))


def line(of: type[Entry]) -> dict[str, Any]:
    """A line with an entry of this type, as plain data."""
    action = action_of(of).value if issubclass(of, Acted) else ""
    record = Record(1, "2026-11-21T20:00:00.000Z", entry(of.kind.value, action), "node/a")
    return {**json.loads(json.dumps(to_line(record))), "sum": "0123456789abcdef"}


@pytest.mark.parametrize("of", [*RUN_ENTRIES, *ACTED])
def test_each_kind_of_record_has_its_own_form(of: type[Entry]) -> None:
    schema, good = published("journal-record"), line(of)
    schema.validate(good)
    assert not schema.is_valid({**good, "kind": "prophecy"})
    if issubclass(of, Acted):
        assert not schema.is_valid({**good, "action": "teleport"})
    if issubclass(of, Intent):
        assert not schema.is_valid({**good, "data": {**good["data"], "sh": "x"}})
    for name in good["data"]:
        assert not schema.is_valid({**good, "data": {**good["data"], name: {"no": 1}}}) or (
            name in ("sessions", "options")
        )


def test_each_change_has_its_outcome_and_its_way_back() -> None:
    actions = {
        of: {action_of(each) for each in ACTED if issubclass(each, of)}
        for of in (Intent, Outcome, Undone)
    }
    assert actions[Intent] == actions[Outcome] == actions[Undone]
    assert len({(of.kind, action_of(of)) for of in ACTED}) == len(ACTED)


@pytest.mark.parametrize(
    ("name", "file", "path", "wrong"),
    [
        ("inventory", "inventory.json", ("nodes", 1, "transport"), "pigeon"),
        ("inventory", "inventory.json", ("controller", "version"), None),
        ("plan", "plan.json", ("stages", 0, "waves"), "all"),
        ("plan", "plan.json", ("schema_version",), "1"),
    ],
)
def test_what_is_wrong_does_not_fit(
    name: str, file: str, path: tuple[str | int, ...], wrong: object
) -> None:
    data = example(file)
    place = data
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = wrong
    assert not published(name).is_valid(data)
