"""What one call of ``apply`` works with, and how it is ended in order."""

from collections.abc import Callable
from dataclasses import dataclass, field

from migrate.engine.clock import StopSignal
from migrate.engine.locks.file_lock import Holder
from migrate.engine.record.folder import RunFolder
from migrate.engine.run.options import RunOptions
from migrate.engine.run.outcome import Outcome
from migrate.model.plan import Plan
from migrate.steps.base import Context


@dataclass
class Halt(Exception):
    """Ends the run in an orderly way, with the reason."""

    why: str
    outcome: Outcome | None = None


@dataclass(frozen=True)
class Execution:
    """What one call of ``apply`` works with."""

    plan: Plan
    plan_path: str
    folder: RunFolder
    ctx: Context
    options: RunOptions
    stop: StopSignal
    holder: Holder
    check_lock: Callable[[], None] = lambda: None
    """Raises ``LockLost`` when the run may not change anything any more."""
    notes: tuple[str, ...] = field(default=())
    """Of the start, for the record: which locks could not be had."""
