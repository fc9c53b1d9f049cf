"""Each command's ``-o json`` fits the schema that is published for it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cli_lab import Cli, lab
from jsonschema import Draft202012Validator

SCHEMAS = Path(__file__).parents[2] / "docs" / "schema"
CORPUS = Path(__file__).parents[1] / "sources" / "corpus"


@pytest.fixture(scope="module")
def cli(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cli]:
    with lab(tmp_path_factory.mktemp("json")) as (_, cli):
        assert cli("plan", "--name", "t", "-q").code == 0
        assert cli("apply", "plans/t", "--dry-run", "-q").code == 0
        assert cli("scan", "--history", "history", "-q").code == 0
        assert cli("apply", "plans/t", "--yes", "-q", "--until", "preflight").code in (0, 4)
        yield cli


def fits(name: str, text: str) -> Any:
    told = json.loads(text)
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(told)
    assert told["schema_version"] == 1
    return told


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ("scan", ("scan", "-q")),
        ("doctor", ("doctor", "-q")),
        ("verify", ("verify", "-q")),
        ("show", ("show", "plans/t")),
        ("run", ("status", "plans/t")),
        ("run", ("report", "plans/t")),
        ("rehearsal", ("report", "plans/t/rehearsals")),
        ("handover", ("handover", "plans/t")),
        ("trend", ("trend", "history")),
        ("diff", ("diff", "plans/t", "plans/t/rehearsals")),
    ],
)
def test_what_a_command_answers_fits_its_schema(
    cli: Cli, schema: str, words: tuple[str, ...]
) -> None:
    fits(schema, cli(*words, "-o", "json").out)


def test_what_files_say_fits_its_schema(cli: Cli) -> None:
    case = next(folder for folder in sorted((CORPUS / "jcasc").iterdir()) if folder.is_dir())
    words = ("scan", "--source", str(case), "--patch", "out", "-o", "json")
    told = fits("scan-files", cli(*words).out)
    assert told["edits"] or told["by_hand"]
