"""``-o`` takes the same formats on every command that has it, and each can be read."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cli_lab import Cli, lab
from defusedxml import ElementTree
from typer.main import get_command

from migrate.cli.console import FORMATS
from migrate.cli.main import make_app
from migrate.report import dispatch

CORPUS = Path(__file__).parents[1] / "sources" / "corpus"
COMMANDS: dict[str, tuple[str, ...]] = {
    "scan": ("scan", "-q"),
    "scan files": ("scan", "--source", str(CORPUS / "jcasc")),
    "doctor": ("doctor", "-q"),
    "verify": ("verify", "-q"),
    "show": ("show", "plans/t"),
    "status": ("status", "plans/t"),
    "report": ("report", "plans/t"),
    "report of a rehearsal": ("report", "plans/t/rehearsals"),
    "handover": ("handover", "plans/t"),
    "trend": ("trend", "history"),
    "diff": ("diff", "plans/t", "now", "-q"),
}
READ: dict[str, Callable[[str], object]] = {
    "text": str.strip,
    "json": json.loads,
    "md": lambda text: text.startswith("# "),
    "html": lambda text: text.startswith("<!doctype html>") and text.endswith("</html>\n"),
    "sarif": lambda text: json.loads(text)["version"] == "2.1.0",
    "junit": lambda text: len(ElementTree.fromstring(text.encode())),
    "csv": lambda text: len({len(row) for row in csv.reader(io.StringIO(text))}) == 1,
    "prometheus": lambda text: text.startswith("# HELP migrate_"),
}


@pytest.fixture(scope="module")
def cli(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cli]:
    with lab(tmp_path_factory.mktemp("formats")) as (_, cli):
        assert cli("plan", "--name", "t", "-q").code == 0
        assert cli("apply", "plans/t", "--dry-run", "-q").code == 0
        assert cli("scan", "--history", "history", "-q").code == 0
        assert cli("apply", "plans/t", "--yes", "-q", "--until", "preflight").code in (0, 4)
        yield cli


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_answers_in_each_format(cli: Cli, name: str) -> None:
    for fmt in FORMATS:
        done = cli(*COMMANDS[name], "-o", fmt)
        assert "Traceback" not in done.err
        assert READ[fmt](done.out), f"-o {fmt}: {done.out[:300]} {done.err}"


@pytest.mark.parametrize("name", COMMANDS)
def test_another_format_is_refused_by_name(cli: Cli, name: str) -> None:
    done = cli(*COMMANDS[name], "-o", "xml")
    assert done.code == 2
    assert done.problem == f"there is no output format 'xml'; known: {', '.join(FORMATS)}"


def test_one_list_of_formats() -> None:
    assert FORMATS == dispatch.FORMATS
    assert set(READ) == set(FORMATS)
    having = set()
    for name, command in get_command(make_app()).commands.items():  # type: ignore[attr-defined]
        for option in command.params:
            if "-o" in option.opts:
                having.add(name)
                assert set(option.help.rstrip(".").replace(" or ", ", ").split(", ")) == set(
                    FORMATS
                )
    assert having == {name.split(" ")[0] for name in COMMANDS}
