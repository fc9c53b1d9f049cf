"""What a run holds on the other side while it works: all remote locks, kept alive."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from migrate.engine.locks.file_lock import Held
from migrate.engine.locks.heartbeat import keeping
from migrate.engine.locks.remote_locks import remote_locks
from migrate.steps.base import Context


@dataclass(frozen=True)
class RunLocks:
    """Locks that are held now."""

    check: Callable[[], None]
    """``LockLost`` when one of them is not ours any more; before each change."""
    notes: tuple[str, ...]
    """Which locks could not be had, and why."""


@contextmanager
def run_locks(controller_url: str, namespace: str, ctx: Context, held: Held) -> Iterator[RunLocks]:
    """Hold what other machines see of a run on this controller; ``LockTaken`` by another run.

    ``namespace`` is that of the Lease, empty without a cluster.
    """
    notes: list[str] = []
    locks = remote_locks(
        controller_url, ctx.jenkins, ctx.cluster, namespace, ctx.clock, note=notes.append
    )
    with keeping(locks, held, ctx.clock, note=notes.append) as keeper:
        yield RunLocks(keeper.check, tuple(notes))
