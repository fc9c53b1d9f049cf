"""Keeps a run's remote locks alive, and says before each change whether they still are ours."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from migrate.engine.clock import wall
from migrate.engine.locks.file_lock import Held, Holder, Locked
from migrate.engine.locks.remote_lock import HEARTBEAT, LockGone, LockLost, RemoteLock
from migrate.model.errors import MigrateError
from migrate.steps.base import Clock
from migrate.steps.patience import AWAY_FOR

_AGAIN = 2.0
_STALE = 45.0
"""Seconds without a confirmed heartbeat after which a change waits for one: a missed beat and a
half, and less than the minute after which `migrate unlock` clears a lock."""


class Keeper:
    """Heartbeats in a thread of its own. ``check`` is for any thread."""

    def __init__(self, mine: Holder, clock: Clock, heartbeat: float = HEARTBEAT) -> None:
        self._mine, self._clock, self._heartbeat = mine, clock, heartbeat
        self._locks: list[RemoteLock] = []
        self._fresh: dict[str, tuple[datetime, float]] = {}
        self._lost = ""
        self._busy = threading.Lock()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="migrate-heartbeat", daemon=True)

    @property
    def names(self) -> tuple[str, ...]:
        """The locks that are held."""
        return tuple(lock.name for lock in self._locks)

    def take(self, lock: RemoteLock) -> None:
        """Take one lock and keep it."""
        lock.take(self._mine)
        self._locks.append(lock)
        self._confirmed(lock)

    def start(self) -> None:
        """Begin the heartbeats."""
        if self._locks:
            self._thread.start()

    def stop(self) -> bool:
        """End the heartbeats and give the locks up; False when one could not be given up."""
        self._end.set()
        if self._thread.is_alive():
            self._thread.join(30)
        all_free = True
        for lock in reversed(self._locks):
            try:
                lock.release(self._mine.token)
            except MigrateError:
                # It expires by itself, and the next run in this folder takes it over at once.
                all_free = False
        return all_free

    def check(self) -> None:
        """``LockLost`` when a lock is somebody else's, or was not confirmed for too long.

        After a sleep of this machine or a while without the other side, a lock may be
        expired: then it is looked at now, for as long as a restart may take.
        """
        for lock in self._locks:
            if not self._lost and self._age(lock) > _STALE:
                self._renew_now(lock)
        if self._lost:
            raise LockLost(
                f"{self._lost}; stopped before the next change",
                "migrate status PLAN    # and where the other run is; then --resume",
            )

    def _age(self, lock: RemoteLock) -> float:
        at, steady = self._fresh[lock.name]
        # The steady clock stands still while a machine sleeps; the wall clock may be set back.
        return max((wall(self._clock) - at).total_seconds(), self._clock.monotonic() - steady)

    def _confirmed(self, lock: RemoteLock) -> None:
        self._fresh[lock.name] = (wall(self._clock), self._clock.monotonic())

    def _renew(self, lock: RemoteLock) -> str:
        """Why it could not be renewed; empty: it was."""
        with self._busy:
            try:
                lock.renew(self._mine)
            except LockGone as gone:
                self._lost = self._lost or str(gone)
            except MigrateError as error:
                return error.cause
            except Exception as error:
                # An answer that nobody foresaw must not end the heartbeats for good.
                return f"internal error: {type(error).__name__}"
            else:
                self._confirmed(lock)
        return ""

    def _renew_now(self, lock: RemoteLock) -> None:
        until = self._clock.monotonic() + AWAY_FOR
        while (why := self._renew(lock)) and not self._lost:
            if self._age(lock) <= _STALE:
                return
            if self._clock.monotonic() >= until:
                self._lost = f"the {lock.name} could not be renewed: {why}"
                return
            self._clock.sleep(_AGAIN)

    def _beat(self) -> None:
        while not self._end.wait(self._heartbeat):
            for lock in self._locks:
                self._renew(lock)


@contextmanager
def keeping(
    locks: tuple[RemoteLock, ...],
    held: Held,
    clock: Clock,
    *,
    note: Callable[[str], None],
) -> Iterator[Keeper]:
    """Hold what can be held while the body runs.

    ``LockTaken`` when one is somebody else's; one that can't be had at all (no permission, no
    answer) is a ``note``, not an error. What a run that died here left is taken over at once.
    """
    keeper = Keeper(held.mine, clock)
    try:
        for lock in locks:
            try:
                keeper.take(lock)
            except Locked:
                raise
            except MigrateError as error:
                note(f"no {lock.name}: {error.cause}")
        keeper.start()
        yield keeper
    finally:
        held.leave_note = not keeper.stop()
