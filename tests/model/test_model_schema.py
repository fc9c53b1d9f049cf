"""The published JSON Schemas are those of the code, and the examples fit them."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from migrate.engine.run.verify import Sight
from migrate.model import serialize
from migrate.model.inventory import Inventory
from migrate.model.plan import Plan
from migrate.model.records import Record
from migrate.report.json import DoctorAnswer, PlanAnswer, RunAnswer, ScanAnswer
from migrate.sources.answer import SourcesAnswer

ROOT = Path(__file__).parents[2]
PUBLISHED: dict[str, type[Any]] = {
    "inventory": Inventory,
    "plan": Plan,
    "journal-record": Record,
    "scan": ScanAnswer,
    "scan-files": SourcesAnswer,
    "show": PlanAnswer,
    "run": RunAnswer,
    "doctor": DoctorAnswer,
    "verify": Sight,
}


def schema_text(name: str) -> str:
    made = serialize.schema(PUBLISHED[name], title=f"migrate {name}, version 1")
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
    record = Record(1, "2026-11-21T20:00:00.000Z", "intent", "node/a", "switch", {"sha256": "x"})
    published("journal-record").validate(json.loads(serialize.to_line(record)))


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
