"""Locks that two machines see, whatever folder each works in: the contract and its failures."""

import uuid
from dataclasses import dataclass, replace
from typing import Protocol

from migrate.engine.locks.file_lock import Holder, Locked
from migrate.model.errors import ExitCode
from migrate.model.text import visible
from migrate.steps.base import Stopped

TTL = 180.0
"""Seconds after the last heartbeat until a lock may be taken over: longer than the restart of a
controller or an API server, short enough for a night."""
HEARTBEAT = 30.0
FRESH = 60.0
"""Seconds: a lock with a younger heartbeat belongs to a run that lives (it beats every 30 s)."""
WATCH = FRESH
"""Seconds that a lock is watched where the clocks of two machines can't be compared: two beats,
and longer than a run goes on without a confirmed one (``keeper``)."""


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
    """Seconds since its last heartbeat; negative: it lies ahead of this machine's clock."""
    left: float
    """Seconds until it may be taken over; 0 and less: it may."""

    beat: str = ""
    """The last heartbeat as it stands there: another text is another beat, whatever the clocks."""

    def told(self) -> str:
        """Owner, host, heartbeat and expiry, for a person."""
        who = visible(self.holder.told()) if self.holder else "an unknown run"
        ends = f"expires in {self.left:.0f} s" if self.left > 0 else "expired"
        if self.age < 0:
            return (
                f"{who}; last heartbeat {-self.age:.0f} s ahead of this machine's clock, so one of "
                "the two clocks is wrong"
            )
        return f"{who}; last heartbeat {max(0.0, self.age):.0f} s ago, {ends}"


class RemoteLock(Protocol):
    """One lock outside of the plan's folder. Every method may raise ``MigrateError``."""

    @property
    def name(self) -> str:
        """What and where it is, for a person."""

    def look(self) -> Seen | None:
        """Who holds it now; None: nobody."""

    def lives(self, seen: Seen) -> bool:
        """Whether the run behind ``seen`` has given a sign of life lately. Where the clocks can't
        tell, it is watched for a heartbeat: ``WATCH`` seconds at most."""

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
        next_command="migrate status PLAN    # wait for it, or, if it is dead: migrate unlock PLAN",
    )
