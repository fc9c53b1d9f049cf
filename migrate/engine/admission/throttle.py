"""What makes a run wait before its next node: a person, a file, the build queue, load, a hook."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from migrate.engine.record.folder import RunFolder
from migrate.model.amounts import share
from migrate.model.errors import MigrateError, UsageProblem
from migrate.model.ports import ControllerPort
from migrate.model.text import visible


class Throttle(Protocol):
    """One reason to wait; asked again right before each node."""

    def reason(self) -> str:
        """Why no node may start now; empty: it may."""


@dataclass(frozen=True)
class Paused:
    """``migrate pause``."""

    folder: RunFolder

    def reason(self) -> str:
        """Whose pause it is."""
        if not self.folder.pause_file.exists():
            return ""
        return "paused: `migrate continue` goes on"


@dataclass(frozen=True)
class FileThrottle:
    """``--wait-file PATH``: it exists, so wait."""

    path: Path

    def reason(self) -> str:
        """The file. One that can't be looked at counts, too: nobody knows whether it is there."""
        try:
            self.path.stat()
        except FileNotFoundError:
            return ""
        except OSError as error:
            return f"the wait file {self.path} cannot be looked at: {error.strerror}"
        return f"the wait file {self.path} exists"


@dataclass(frozen=True)
class QueueThrottle:
    """``--max-queue N``: more builds than this wait on the controller."""

    jenkins: ControllerPort
    most: int

    def reason(self) -> str:
        """The queue's length now. One that can't be read counts: the controller is in trouble."""
        try:
            waiting = self.jenkins.queue_length()
        except MigrateError as error:
            return f"the build queue cannot be read: {error.cause}"
        return f"{waiting} builds wait (--max-queue {self.most})" if waiting > self.most else ""


@dataclass(frozen=True)
class LoadThrottle:
    """``--max-busy P%``: more of the executors than this are at work."""

    jenkins: ControllerPort
    percent: int

    def reason(self) -> str:
        """The load now."""
        try:
            busy, total = self.jenkins.load()
        except MigrateError as error:
            return f"the load cannot be read: {error.cause}"
        if total == 0 or busy * 100 <= self.percent * total:
            return ""
        return f"{busy} of {total} executors are busy (--max-busy {self.percent}%)"


@dataclass(frozen=True)
class HookThrottle:
    """The ``may-start`` hook: it ends with 0 to go on, with anything else to wait."""

    ask: Callable[[], tuple[bool, str]]
    """(may go on, what it said)."""

    def reason(self) -> str:
        """The hook's first line."""
        goes_on, told = self.ask()
        return "" if goes_on else f"the hook `may-start` says: {visible(told) or 'wait'}"


def percent(text: str) -> int:
    """``--max-busy 80%`` or ``80``; ``UsageProblem`` for anything else."""
    found = share(text)
    if found is None or found.number > 100:
        raise UsageProblem(
            f"--max-busy takes a percentage, not {text!r}", next_command="--max-busy 80%"
        )
    return found.number


def reasons(throttles: tuple[Throttle, ...]) -> tuple[str, ...]:
    """Every reason to wait now."""
    return tuple(told for throttle in throttles if (told := throttle.reason()))
