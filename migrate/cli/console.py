"""What goes to stdout and stderr, and how: results, messages, colour, prompts."""

import contextlib
import os
import shutil
import signal
import sys
import textwrap
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TextIO, TypeVar

import typer

from migrate.model.errors import ExitCode, MigrateError, UsageProblem
from migrate.model.known_secrets import known
from migrate.model.next_command import Given, with_given
from migrate.model.text import visible

T = TypeVar("T")
FORMATS = ("text", "json", "md", "html", "sarif", "junit", "csv", "prometheus")
"""What ``-o`` takes on every command that has it: ``migrate.report.dispatch`` makes them."""


def check_format(name: str) -> str:
    """The format; ``UsageProblem`` for an unknown one."""
    if name not in FORMATS:
        raise UsageProblem(
            f"there is no output format {name!r}; known: {', '.join(FORMATS)}",
            next_command=f"the same command with -o {FORMATS[0]}",
        )
    return name


def result(text: str) -> None:
    """The command's result, on stdout, without any secret that is known."""
    text = known().hide(text)
    try:
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
        sys.stdout.flush()
    except OSError:
        # The reader of a pipe (head, less) or the terminal is gone: no reason to end otherwise.
        _nowhere(sys.stdout)


def say(text: str) -> None:
    """A message, on stderr. A terminal or log that went away never stops a run."""
    try:
        typer.echo(known().hide(text), err=True)
    except OSError:
        _nowhere(sys.stderr)


def say_proxy(what: str, proxy: str) -> None:
    """Name the proxy through which ``what`` is reached; nothing for an empty one."""
    if proxy:
        say(f"{what} is reached through the proxy {visible(proxy)}")


def say_next(command: str, given: Given = ()) -> None:
    """What to run next, with the connection options that this command was given."""
    say(f"next: {visible(with_given(command, given))}")


def say_at_once(text: str) -> None:
    """A message from a signal handler: past the buffer, whose writer it may have interrupted.

    Python raises ``RuntimeError`` for a second write in the middle of one, which would end a run
    with its nodes in hand.
    """
    with contextlib.suppress(OSError):
        os.write(2, f"{text}\n".encode())


def _nowhere(stream: TextIO) -> None:
    """What is left in it goes nowhere: Python would end with a code of its own (120) else."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def animated(no_color: bool) -> bool:
    """Whether stderr may have colour and animation."""
    plain = no_color or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return sys.stderr.isatty() and not plain


def columns() -> int | None:
    """How wide the terminal is that shows the results; None where they go elsewhere."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def can_ask() -> bool:
    """Whether a person can answer: prompts only on a terminal."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def must_agree(question: str, flag: str, next_command: str) -> None:
    """Ask for a yes; without a terminal ``UsageProblem`` names the flag that answers it.

    ``MigrateError`` with exit code 130 for a no.
    """
    if not can_ask():
        raise UsageProblem(
            f"this needs a yes, and there is no terminal to ask on: {question}",
            next_command=f"the same command with {flag}",
        )
    if not _asked(lambda: typer.confirm(_fitting(question), err=True), False):
        raise MigrateError(
            "cancelled; nothing was changed",
            next_command=next_command,
            exit_code=ExitCode.CANCELLED,
        )


def ask_text(why: str, question: str, clear: AbstractContextManager[None]) -> str:
    """Say ``why`` and ask for a line of text on the terminal; empty for Ctrl-C.

    ``clear`` keeps the screen free of anything else meanwhile (``Progress.paused``).
    """

    def ask() -> str:
        say(_fitting(why))
        answer: str = typer.prompt(_fitting(question), err=True, default="", show_default=False)
        return answer.strip()

    with clear:
        return _asked(ask, "")


def _fitting(text: str) -> str:
    """Broken between words, with room for `` [y/N]: `` at the end of a line."""
    width = max(shutil.get_terminal_size().columns - 10, 30)
    return textwrap.fill(text, width, break_long_words=False, break_on_hyphens=False)


def _asked(ask: Callable[[], T], no_answer: T) -> T:
    """The one place where a command waits for a person; ``no_answer`` for Ctrl-C or Ctrl-D.

    While a run goes on, Ctrl-C only asks it to stop (``Interruptible``); a question ends by it.
    """
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return ask()
    except typer.Abort:
        say("")
        return no_answer
    finally:
        signal.signal(signal.SIGINT, before)


@dataclass
class Ticker:
    """Progress of something that counts: a live line on a terminal, sparse lines elsewhere."""

    quiet: bool
    live: bool
    last: str = ""

    def __call__(self, text: str, done: int, total: int) -> None:
        """Show ``text done/total``."""
        if self.quiet:
            return
        line = visible(text) + (f" {done}/{total}" if total else "")
        if self.live:
            sys.stderr.write(f"\r\x1b[2K{line}")
            sys.stderr.flush()
            self.last = line
        elif text.split(" ", maxsplit=1)[0] != self.last:
            # Off a terminal one line per kind of work is enough.
            self.last = text.split(" ", maxsplit=1)[0]
            say("reading: " + visible(self.last) + (f" ({total})" if total else ""))

    def end(self) -> None:
        """Clear the live line."""
        if self.live and self.last:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()
