"""What a terminal sees, and what a pipe does."""

import io
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from typing import Any

import pytest
from cli_lab import LIMIT, Cli, lab

from migrate.cli.interrupt import Interruptible
from migrate.engine.clock import StopSignal
from migrate.sandbox.installation import Sandbox

ESCAPE = "\x1b"
MOVE = ("apply", "plans/t", "--yes", "--until", "nodes", "--poll", "0.1")
BACK = ("rollback", "plans/t", "--yes", "--poll", "0.1")
PLAIN: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "NO_COLOR": ((), {"NO_COLOR": "1", "TERM": "xterm-256color"}),
    "TERM=dumb": ((), {"TERM": "dumb"}),
    "--no-color": (("--no-color",), {"TERM": "xterm-256color"}),
}

OWN_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, "-m", "migrate", *sys.argv[1:]])
"""
"""The pseudo terminal becomes the controlling one, so that Ctrl-C is a signal."""


class Terminal:
    """A command on a pseudo terminal (of 100 columns), with a person who types."""

    def __init__(self, cli: Cli, *words: str, columns: int = 100, **extra: str) -> None:
        self.seen = ""
        self._fd, inner = pty.openpty()
        termios.tcsetwinsize(inner, (24, columns))
        self.process = subprocess.Popen(
            [sys.executable, "-c", OWN_TERMINAL, *words],
            cwd=cli.folder,
            env=cli.environment(**{"TERM": "xterm-256color", "COLUMNS": str(columns), **extra}),
            stdin=inner,
            stdout=inner,
            stderr=inner,
            start_new_session=True,
        )
        os.close(inner)

    def until(self, text: str, after: str = "") -> None:
        """Read until ``text`` was shown, behind ``after``."""
        limit = time.monotonic() + LIMIT
        while text not in self.seen.rpartition(after)[2] if after else text not in self.seen:
            assert time.monotonic() < limit, self.seen
            if not self._read():
                break
        assert text in self.seen, self.seen

    def rest(self, seconds: float) -> None:
        """Read on for so long: whatever repaints the screen does it meanwhile."""
        limit = time.monotonic() + seconds
        while time.monotonic() < limit and self._read(0.1):
            pass

    def type(self, keys: str) -> None:
        os.write(self._fd, keys.encode())

    def end(self) -> int:
        """Read all that is left; the exit code."""
        limit = time.monotonic() + LIMIT
        while self._read():
            assert time.monotonic() < limit, self.seen
        os.close(self._fd)
        return self.process.wait(LIMIT)

    def hang_up(self) -> None:
        """The window is closed, or the SSH session lost."""
        os.close(self._fd)

    def _read(self, wait: float = 1.0) -> bool:
        ready, _, _ = select.select([self._fd], [], [], wait)
        if not ready:
            return True
        try:
            part = os.read(self._fd, 65536)
        except OSError:  # the other side is closed
            return False
        self.seen += part.decode(errors="replace")
        return bool(part)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, Cli]]:
    with lab(tmp_path_factory.mktemp("terminal")) as (sandbox, cli):
        done = cli("plan", "--name", "t", "--probe-hold", "1", "--exclude", "builder", "-q")
        assert done.code == 0, done.err
        yield sandbox, cli


@pytest.fixture
def cli(running: tuple[Sandbox, Cli]) -> Cli:
    return running[1]


def lines(seen: str) -> list[str]:
    """What stays on the screen: without the sequences, and of rewritten lines the last form."""
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen)
    return [row.rsplit("\r", 1)[-1] for row in text.replace("\r\n", "\n").split("\n")]


@pytest.mark.parametrize("command", [("scan",), ("--help",), ("scan", "--bogus"), ("show", "x")])
def test_a_pipe_gets_no_escapes(cli: Cli, command: tuple[str, ...]) -> None:
    done = cli(*command, TERM="xterm-256color", FORCE_COLOR="1")
    assert ESCAPE not in done.out + done.err


@pytest.mark.parametrize("way", PLAIN)
def test_a_plain_terminal_gets_no_escapes(cli: Cli, way: str) -> None:
    words, extra = PLAIN[way]
    seen = Terminal(cli, "scan", *words, **extra)
    assert seen.end() == 0
    assert ESCAPE not in seen.seen
    assert "Nodes" in seen.seen


def test_a_terminal_that_is_closed_ends_the_run_after_the_nodes_in_hand(
    running: tuple[Sandbox, Cli],
) -> None:
    sandbox, cli = running
    seen = Terminal(cli, *MOVE)
    seen.until("node linux-1")
    seen.hang_up()
    assert seen.process.wait(LIMIT) == 130
    told = cli("status", "plans/t", "-o", "json")
    run = json.loads(told.out)["run"]
    assert run["state"] == "stopped", run
    states = {step["state"] for step in run["steps"] if step["stage"] == "nodes"}
    assert "running" not in states, "nothing is left in the middle"
    assert not any(c.mark for c in sandbox.jenkins.state.computers.values())
    back = Terminal(cli, *BACK)
    assert back.end() == 0, back.seen


def test_a_ctrl_c_in_the_middle_of_a_line_is_told_and_harmless(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    stop = StopSignal()

    class Interrupted(io.RawIOBase):
        """A terminal that is written to when Ctrl-C comes."""

        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            if not stop.soft:
                signal.raise_signal(signal.SIGINT)
            return len(bytes(data))  # type: ignore[call-overload]

    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(io.BufferedWriter(Interrupted())))
    with Interruptible(stop):
        sys.stderr.write("a line of progress\n")
        sys.stderr.flush()
    assert stop.soft
    assert "Finishing the nodes in hand" in capfd.readouterr().err


def test_progress_on_a_terminal_is_live_and_leaves_a_line_a_node(cli: Cli) -> None:
    seen = Terminal(cli, *MOVE, COLUMNS="70")
    assert seen.end() == 0, seen.seen
    assert ESCAPE in seen.seen
    # Broken between words, except for the steps by hand, whose commands are copied.
    stay = [row for row in lines(seen.seen) if not row.startswith(("     ", "report: ", "run "))]
    assert max(map(len, stay)) <= 70
    assert any(row.startswith("   ") and "handshake" not in row for row in stay)
    # The live part: a node with its phase and seconds, and the total.
    assert re.search(r"node linux-1 +(\x1b\[\S+)?\s*(hold|probe|switch|restart|verify)", seen.seen)
    assert re.search(r"\d/\d nodes, \d+ s", seen.seen)
    stays = lines(seen.seen)
    for name in ("linux-1", "linux-old", "tunnelled", "node c é"):
        assert any(row.startswith(f"ok node {name}: done: WebSocket") for row in stays), stays
    back = Terminal(cli, *BACK)
    assert back.end() == 0, back.seen
    assert any("node linux-1: rolled-back" in row for row in lines(back.seen)), back.seen


def test_a_no_changes_nothing(cli: Cli) -> None:
    before = list(cli.folder.glob("plans/t/runs/*"))
    seen = Terminal(cli, "apply", "plans/t", NO_COLOR="1")
    seen.until("[y/N]")
    seen.type("n\n")
    assert seen.end() == 130
    assert "migrate: cancelled; nothing was changed" in seen.seen
    assert "next: migrate show plans/t" in seen.seen
    assert list(cli.folder.glob("plans/t/runs/*")) == before


def test_ctrl_c_at_a_question_cancels(cli: Cli) -> None:
    seen = Terminal(cli, "apply", "plans/t", NO_COLOR="1")
    seen.until("[y/N]")
    # A person is slower than this: the signal must not come in before the read has begun.
    time.sleep(0.5)
    seen.type("\x03")
    assert seen.end() == 130
    assert "migrate: cancelled" in seen.seen
    assert "Traceback" not in seen.seen


def test_ctrl_c_while_reading_cancels(cli: Cli) -> None:
    with_silent: dict[str, Any] = {"NO_COLOR": "1", "JENKINS_URL": silent_server()}
    seen = Terminal(cli, "scan", **with_silent)
    seen.until("reading: controller")
    seen.type("\x03")
    assert seen.end() == 130
    assert "migrate: cancelled" in seen.seen
    assert "Traceback" not in seen.seen


@pytest.mark.long
def test_ctrl_c_in_a_run_finishes_the_nodes_in_hand(cli: Cli) -> None:
    seen = Terminal(cli, *MOVE, "--concurrency", "1", NO_COLOR="1")
    seen.until("node linux-1: restart")
    seen.type("\x03")
    assert seen.end() in (4, 130)
    assert "Finishing the nodes in hand" in seen.seen
    assert any(row.startswith("ok node linux-1: done") for row in lines(seen.seen)), seen.seen
    assert "next: migrate apply plans/t --resume" in seen.seen
    assert "Traceback" not in seen.seen
    again = cli(*MOVE, "--resume")
    assert again.code == 0, again.err
    assert cli(*BACK).code == 0


def test_a_reader_that_goes_away_is_no_failure(cli: Cli) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "migrate", "scan", "-q"],
        cwd=cli.folder,
        env=cli.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.wait(LIMIT) == 0
    assert process.stderr.read() == b""
    process.stderr.close()


def test_a_terminal_without_the_signs_gets_their_codes(cli: Cli) -> None:
    done = cli("scan", "-q", "-o", "md", PYTHONIOENCODING="ascii")
    assert done.code == 0, done.err
    assert "node c \\xe9" in done.out


def silent_server() -> str:
    """An address that takes a connection and says nothing."""
    import socket

    server = socket.create_server(("127.0.0.1", 0))
    OPEN.append(server)
    return f"http://127.0.0.1:{server.getsockname()[1]}/"


OPEN: list[object] = []
"""Kept, so that the address stays taken until the tests end."""


def test_a_narrow_terminal_gets_whole_words(cli: Cli) -> None:
    """Tables of 110 columns and lines broken inside of words could not be read at 80."""
    for words in (("scan",), ("show", "plans/t"), ("plan", "--name", "narrow", "-q")):
        seen = Terminal(cli, *words, COLUMNS="80", NO_COLOR="1")
        assert seen.end() == 0
        shown = lines(seen.seen)
        copied = [
            row
            for row in shown
            if row.startswith("    ") or max(map(len, row.split()), default=0) > 60
        ]
        assert [row for row in shown if len(row) > 80 and row not in copied] == []
