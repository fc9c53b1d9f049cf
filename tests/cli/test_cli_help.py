"""Help: lean, complete, with an example each."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from migrate.cli.main import make_app

app = make_app()
HEAVY = (
    "rich",
    "msgspec",
    "requests",
    "jenkins",
    "kubernetes",
    "ruamel",
    "websockets",
    "tenacity",
    "filelock",
    "defusedxml",
    "aiohttp",
    "urllib3",
    "asyncio",
    "ssl",
)


def commands() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        found += [(name, sub) for sub in inner] if inner else [(name,)]
    return found


@pytest.mark.parametrize("words", [("--help",), ("apply", "--help"), ("--version",)])
def test_help_loads_nothing_heavy(words: tuple[str, ...]) -> None:
    code = (
        "import sys\n"
        "import migrate.cli.main as main\n"
        f"sys.argv = ['migrate', *{words!r}]\n"
        "try:\n    main.run()\n"
        "except SystemExit as end:\n    assert not end.code\n"
        f"print('LOADED', *sorted(set({HEAVY!r}) & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "LOADED"


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_has_an_example_and_explains_each_option(words: tuple[str, ...]) -> None:
    done = CliRunner().invoke(app, [*words, "--help"], terminal_width=200)
    assert done.exit_code == 0
    assert any(
        row.strip().startswith(f"migrate {' '.join(words)}") for row in done.output.splitlines()
    ), done.output
    command = get_command(app)
    for word in words:
        command = command.commands[word]  # type: ignore[attr-defined]
    for parameter in command.params:
        if parameter.param_type_name == "option":
            assert getattr(parameter, "help", None), parameter.name


def test_every_command_is_in_the_documents() -> None:
    page = (Path(__file__).parents[2] / "docs/commands.md").read_text()
    for words in commands():
        assert re.search(rf"^\| `migrate (\w+ / )?{words[0]}\b", page, re.M), words


def test_no_short_help_is_cut_off() -> None:
    done = CliRunner().invoke(app, ["--help"])
    assert "..." not in done.output.split("Commands:")[1]
