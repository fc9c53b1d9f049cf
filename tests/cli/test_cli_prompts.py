"""The questions of a run, read from the screen as a person sees it, and answered."""

import ast
import re
from pathlib import Path

import pyte
import pytest
from cli_lab import SCALE, Cli
from test_cli_terminal import Terminal

from migrate.cli import console
from migrate.sandbox.installation import Sandbox
from migrate.sandbox.spec import NodeSpec, Scenario

ONE = Scenario("one", "one node that the tool moves by itself", (NodeSpec("a-1"),))
APPLY = ("apply", "plans/t", "--soak", "0", "--poll", "0.1")


def screen(seen: str, columns: int) -> str:
    """What is on a screen of so many columns after these bytes, scrolled-off lines included."""
    shown = pyte.HistoryScreen(columns, 24, history=5000, ratio=0.5)
    pyte.Stream(shown).feed(seen)
    rows = ["".join(row[x].data for x in range(columns)) for row in shown.history.top]
    return "\n".join(row.rstrip() for row in [*rows, *shown.display])


def words(text: str) -> str:
    """Without the breaks that a narrow screen puts between and into words."""
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("columns", [80, 60])
def test_the_question_before_closing_can_be_read_and_answered(tmp_path: Path, columns: int) -> None:
    work = tmp_path / "work"
    work.mkdir()
    with Sandbox(tmp_path / "sandbox", scenario=ONE, time_scale=SCALE) as sandbox:
        cli = Cli(work, sandbox.environment())
        done = cli("plan", "--name", "t", "--probe-hold", "1", "-q")
        assert done.code == 0, done.err
        if columns == 60:
            refused(cli)
            return
        seen = Terminal(cli, *APPLY, columns=columns)
        seen.until("[y/N]")
        assert "close the TCP port?" in " ".join(screen(seen.seen, columns).split())
        seen.type("y\r")
        asked(seen, columns)
        seen.type("localhost")
        # What is typed stays where it was typed: nothing is painted over it.
        seen.until("localhost", after="port: ")
        seen.rest(1.0)
        last = screen(seen.seen, columns).rstrip()
        assert words(last).endswith(words("(localhost) to close the port: localhost"))
        seen.type("\r")
        assert seen.end() == 0, seen.seen
        assert "The port is closed" in seen.seen


def asked(seen: Terminal, columns: int) -> None:
    """Until the question stands there; nothing follows it, and it is all there."""
    seen.until("port: ", after="Type the")
    seen.rest(1.0)
    shown = screen(seen.seen, columns).rstrip()
    assert words("All agents are on WebSocket. Closing the port is next;") in words(shown)
    question = words("Type the controller's host name (localhost) to close the port:")
    assert words(shown).endswith(question), shown


def refused(cli: Cli) -> None:
    """Another word, then Ctrl-C: both leave the port open, and say how it is closed."""
    for answer in ("jenkins\r", "\x03"):
        resume = ("--resume",) if answer == "\x03" else ()
        seen = Terminal(cli, *APPLY, "--yes", *resume, columns=60)
        asked(seen, 60)
        seen.type(answer)
        assert seen.end() == 4, seen.seen
        shown = screen(seen.seen, 60)
        assert words("not confirmed") in words(shown)
        assert words("next: migrate apply plans/t --resume --confirm localhost") in words(shown)


def test_all_questions_go_through_one_place() -> None:
    """A question elsewhere would be painted over by the live part of a run."""
    folder = Path(console.__file__).parent
    asking = {"confirm", "prompt", "input", "getpass"}
    found = [
        (path.name, node.lineno)
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", getattr(node.func, "id", "")) in asking
        and path.name != "console.py"
        and "options" not in ast.dump(node.func)
    ]
    assert found == []
