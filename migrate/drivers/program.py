"""A program of the user's, or one that reaches a host, run so that nothing of it can hang a run.

It runs in a session and process group of its own. The time limit ends the whole group. What it
printed is kept up to a bound, the end of it. Once it has ended nothing is waited for any more: a
child that called setsid, or a daemon that it left behind, may hold its pipes for ever.
"""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO

KEPT = 64 << 10
"""Bytes of each output that are kept when the caller names no bound."""
SECRETS = ("JENKINS_API_TOKEN",)
"""Variables that are for this tool alone."""
_CHUNK = 64 << 10
_LOOK = 0.05
"""Seconds between looks at whether the program has ended while a pipe is still open."""
_KILL_WAIT = 5.0
"""Seconds that a killed program may take to be gone (one that hangs in the kernel takes longer)."""


@dataclass(frozen=True)
class Done:
    """How it ended."""

    code: int | None
    """Exit status, minus the signal that ended it; None: it was ended at the time limit."""
    out: bytes
    err: bytes
    """Empty when standard error goes into ``out``."""


def run_program(
    command: Sequence[str],
    *,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    timeout: float,
    kept: int = KEPT,
    one_output: bool = True,
) -> Done:
    """Run it to its end or the time limit. ``OSError`` when it can't be started.

    ``one_output``: standard error joins standard output. A program that ends in time may leave
    children of its own behind; at the time limit all of its group is ended. ``env`` (without it,
    what this process has) goes without the API token: no child is this tool.
    """
    given = os.environ if env is None else env
    process = subprocess.Popen(
        list(command),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if one_output else subprocess.PIPE,
        env={name: value for name, value in given.items() if name.upper() not in SECRETS},
        # A Ctrl-C is for this tool; a program ends when it has done its work.
        start_new_session=True,
    )
    pipes = _Pipes(process, stdin, kept)
    code: int | None = None
    try:
        pipes.serve(process, time.monotonic() + timeout)
        code = process.poll()
        return Done(code, pipes.said(process.stdout), pipes.said(process.stderr))
    finally:
        if code is None:
            _end_group(process)
        pipes.close()


@dataclass
class _Tail:
    """The end of what came through one pipe."""

    most: int
    body: bytearray = field(default_factory=bytearray)

    def add(self, more: bytes) -> None:
        self.body += more
        # Not at every chunk: cutting moves all that is kept.
        if len(self.body) > 2 * self.most:
            del self.body[: -self.most]


class _Pipes:
    """The program's pipes, none of which is ever waited for alone."""

    def __init__(self, process: "subprocess.Popen[bytes]", stdin: bytes, kept: int) -> None:
        self._selector = selectors.DefaultSelector()
        self._todo = memoryview(stdin)
        self._open: list[IO[bytes]] = []
        self._tails: dict[IO[bytes], _Tail] = {}
        self._most = kept
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                self._tails[pipe] = _Tail(kept)
                self._watch(pipe, selectors.EVENT_READ)
        if process.stdin is not None:
            self._watch(process.stdin, selectors.EVENT_WRITE)

    def _watch(self, pipe: IO[bytes], event: int) -> None:
        os.set_blocking(pipe.fileno(), False)
        self._selector.register(pipe, event)
        self._open.append(pipe)

    def serve(self, process: "subprocess.Popen[bytes]", until: float) -> None:
        """Until the program has ended (what it wrote before is read) or the time is over."""
        while True:
            # First: what it wrote before its end is in the pipe when it is seen to have ended.
            ended = process.poll() is not None
            left = until - time.monotonic()
            self._move(0.0 if ended or left <= 0 else min(left, _LOOK))
            if left <= 0 or ended:
                return

    def _move(self, wait: float) -> None:
        if not self._selector.get_map():
            time.sleep(wait)
            return
        for key, _ in self._selector.select(wait):
            pipe: IO[bytes] = key.fileobj  # type: ignore[assignment]
            if pipe in self._tails:
                self._read(pipe)
            else:
                self._write(pipe)

    def _read(self, pipe: IO[bytes]) -> None:
        # Bounded, so that one that prints without end can't keep its own time limit away.
        for _ in range(64):
            try:
                more = os.read(pipe.fileno(), _CHUNK)
            except BlockingIOError:
                return
            if not more:
                self._drop(pipe)
                return
            self._tails[pipe].add(more)

    def _write(self, pipe: IO[bytes]) -> None:
        try:
            while self._todo:
                self._todo = self._todo[os.write(pipe.fileno(), self._todo[:_CHUNK]) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            # One that does not read what it is told is fine.
            pass
        self._drop(pipe)

    def _drop(self, pipe: IO[bytes]) -> None:
        self._selector.unregister(pipe)
        self._open.remove(pipe)
        pipe.close()

    def said(self, pipe: IO[bytes] | None) -> bytes:
        """The end of what came through it."""
        return b"" if pipe is None else bytes(self._tails[pipe].body[-self._most :])

    def close(self) -> None:
        """Let go of what is still open, whoever holds the other end."""
        for pipe in tuple(self._open):
            self._drop(pipe)
        self._selector.close()


def _end_group(process: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_KILL_WAIT)
