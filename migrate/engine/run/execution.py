"""What one call of ``apply`` works with, and how it is ended in order."""

from collections.abc import Callable
from dataclasses import dataclass, field

from migrate import __version__
from migrate.engine.clock import StopSignal
from migrate.engine.locks.file_lock import Holder
from migrate.engine.record.folder import RunFolder
from migrate.engine.run.options import RunOptions
from migrate.engine.run.outcome import Outcome
from migrate.model.journal.run import PlannedStep, RunResumed, RunStarted
from migrate.model.plan import Plan
from migrate.model.serialize import SCHEMA_VERSION
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

    def started(self) -> RunStarted:
        """The first record of a run."""
        plan, mine = self.plan, self.holder
        steps = (
            PlannedStep(stage=stage.name, wave=wave.name, step=step)
            for stage in plan.stages
            for wave in stage.waves
            for step in wave.steps
        )
        return RunStarted(
            schema_version=SCHEMA_VERSION,
            tool_version=__version__,
            plan_id=plan.plan_id,
            plan_name=plan.choices.name,
            controller_url=plan.target.controller_url,
            lock_namespace=plan.target.lock_namespace,
            user=mine.user,
            host=mine.host,
            pid=mine.pid,
            options=self.options.recorded(),
            given=self.options.given,
            choices=plan.choices,
            steps=tuple(steps),
        )

    def resumed(self) -> RunResumed:
        """The record of a run that goes on."""
        mine = self.holder
        return RunResumed(
            user=mine.user,
            host=mine.host,
            pid=mine.pid,
            options=self.options.recorded(),
            given=self.options.given,
        )
