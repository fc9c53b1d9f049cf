"""One run at a time: a lock file beside the plan, with its owner, host and process."""

import getpass
import os
import socket
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from migrate.model.errors import ExitCode, MigrateError, UsageProblem
from migrate.model.serialize import from_json, to_json
from migrate.plan_store.private import LinkedAway, read_own, write_own

if TYPE_CHECKING:
    from collections.abc import Iterator


class Locked(MigrateError):
    """Another run holds the lock."""

    exit_code = ExitCode.LOCKED


@dataclass(frozen=True)
class Holder:
    """Who holds (or held) the lock."""

    user: str
    host: str
    pid: int
    since: str
    doing: str
    token: str = ""
    """A random word of this execution, by which remote locks know it."""

    def told(self) -> str:
        """For a person."""
        return f"{self.user}@{self.host} (pid {self.pid}) since {self.since}: {self.doing}"


def me(now: str, doing: str) -> Holder:
    """This process."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return Holder(user, socket.gethostname(), os.getpid(), now, doing)


def _paths(plan_folder: Path) -> tuple[Path, Path]:
    return plan_folder / ".lock", plan_folder / ".lock.json"


def holder(plan_folder: Path) -> Holder | None:
    """What the lock's note says; the note of a dead run stays until the next run or unlock."""
    try:
        return from_json(read_own(_paths(plan_folder)[1]), Holder)
    except (OSError, ValueError, LinkedAway):
        return None


def is_held(plan_folder: Path) -> bool:
    """Whether a living process holds the lock."""
    lock = FileLock(_paths(plan_folder)[0], mode=0o600)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False


@dataclass
class Held:
    """The lock file, while it is held."""

    mine: Holder
    """Who holds it: with the token of a run that died here, if one did (``heir``)."""
    leave_note: bool = False
    """Keep the note at the end: a lock elsewhere with its token may still be there, and the next
    run here shall know that it may take it over."""


@contextmanager
def locked(plan_folder: Path, mine: Holder) -> "Iterator[Held]":
    """Hold the lock; ``Locked`` names who has it. The system drops it when a process dies."""
    lock_path, note = _paths(plan_folder)
    lock = FileLock(lock_path, mode=0o600)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        other = holder(plan_folder)
        raise Locked(
            f"the plan is in use by {other.told() if other else 'another process'}",
            next_command=f"migrate status {plan_folder}",
        ) from None
    except OSError as error:
        raise _unwritable(plan_folder, error) from None
    try:
        inherits = heir(mine, holder(plan_folder))
        # Until the locks elsewhere were really taken and released, the token must not be lost.
        held = Held(inherits, leave_note=inherits.token != mine.token)
        try:
            # All of it or nothing: half a note would lose the token.
            write_own(note, to_json(held.mine))
        except OSError as error:
            raise _unwritable(plan_folder, error) from None
        try:
            yield held
        finally:
            if not held.leave_note:
                with suppress(OSError):
                    note.unlink(missing_ok=True)
    finally:
        lock.release()


def _unwritable(plan_folder: Path, error: OSError) -> UsageProblem:
    return UsageProblem(
        f"the plan's folder {plan_folder} cannot be written: {error.strerror}; nothing was changed",
        next_command="free the disk, or copy the folder to where it can be written",
    )


def died_here(dead: Holder | None) -> str:
    """The token of a run of which is sure that it is over: on this host, and its process gone."""
    if dead is None or dead.host != socket.gethostname() or dead.pid == os.getpid():
        return ""
    try:
        os.kill(dead.pid, 0)
    except ProcessLookupError:
        return dead.token
    except OSError:
        return ""
    return ""


def heir(mine: Holder, dead: Holder | None) -> Holder:
    """``mine`` with the token of the run that died here, if one did.

    So the remote locks are its own also when a crash came between the note and the locks,
    however often that happens.
    """
    token = died_here(dead)
    return replace(mine, token=token) if token else mine


def clear(plan_folder: Path) -> Holder | None:
    """Remove the note of a dead run and say whose it was; ``Locked`` when it lives."""
    known = holder(plan_folder)
    if is_held(plan_folder):
        raise Locked(
            f"the lock is held by a living process: {known.told() if known else 'unknown'}",
            next_command="stop that run first (Ctrl-C there)",
        )
    _paths(plan_folder)[1].unlink(missing_ok=True)
    return known
