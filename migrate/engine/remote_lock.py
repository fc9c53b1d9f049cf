"""Locks that two machines see, whatever folder each works in: the contract and its failures."""

import uuid
from dataclasses import dataclass, replace
from typing import Protocol

from migrate.engine.lock import Holder, Locked
from migrate.model.errors import ExitCode
from migrate.model.text import visible
from migrate.steps.base import Stopped

TTL = 180.0
"""Seconds after the last heartbeat until a lock may be taken over: longer than the restart of a
controller or an API server, short enough for a night."""
HEARTBEAT = 30.0


class LockTaken(Locked):
    """Another run on another machine (or in another folder) holds it."""


class LockGone(Exception):
    """It was ours, and now it is somebody else's, or nobody's."""


class Leave(Stopped):
    """Steps leave at their next record and nothing is put back: the run may not change anything.

    ``cause`` and ``next_command`` as in ``MigrateError``.
    """

    def __init__(self, cause: str, next_command: str = "") -> None:
        super().__init__(cause)
        self.cause, self.next_command = cause, next_command
        self.exit_code = ExitCode.PARTIAL


class LockLost(Leave):
    """A lock of this run is somebody else's now, or could not be kept alive."""


class AccessLost(Leave):
    """The login is not accepted any more: nothing can be changed, and nothing put back."""


@dataclass(frozen=True)
class Seen:
    """A lock as it is now."""

    holder: Holder | None
    """None: held by something that left no readable note."""
    token: str
    age: float
    """Seconds since its last heartbeat."""
    left: float
    """Seconds until it may be taken over; 0 and less: it may."""

    def told(self) -> str:
        """Owner, host, heartbeat and expiry, for a person."""
        who = visible(self.holder.told()) if self.holder else "an unknown run"
        ends = f"expires in {self.left:.0f} s" if self.left > 0 else "expired"
        return f"{who}; last heartbeat {max(0.0, self.age):.0f} s ago, {ends}"


class RemoteLock(Protocol):
    """One lock outside of the plan's folder. Every method may raise ``MigrateError``."""

    @property
    def name(self) -> str:
        """What and where it is, for a person."""

    def look(self) -> Seen | None:
        """Who holds it now; None: nobody."""

    def take(self, mine: Holder) -> None:
        """Take it when it is free or expired, or when it has our token already (``lock.heir``:
        of a run that died here). ``LockTaken`` names who has it."""

    def renew(self, mine: Holder) -> None:
        """A heartbeat; ``LockGone`` when it is not ours any more."""

    def release(self, token: str) -> None:
        """Give it up, if it is still the one with this token."""


def with_token(mine: Holder) -> Holder:
    """This process, told apart from every other by a random word."""
    return replace(mine, token=uuid.uuid4().hex)


def taken(lock: RemoteLock, seen: Seen) -> LockTaken:
    """What ``take`` raises."""
    return LockTaken(
        f"another run holds the {lock.name}: {seen.told()}",
        next_command="wait for it; or migrate unlock PLAN, when that run is dead for sure",
    )
