"""One step, from its check to its journalled end, with put-back on failure."""

import traceback
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from migrate.cluster.errors import Unauthorized
from migrate.engine.locks.remote_lock import AccessLost
from migrate.engine.record.folder import RunFolder, StepJournal
from migrate.engine.record.journal import Journal, JournalLost
from migrate.jenkins.errors import AuthFailed, NodeGone
from migrate.model.errors import MigrateError
from migrate.model.journal.base import Action
from migrate.model.journal.run import Mark, StepFinished, StepStarted
from migrate.model.names import EventKind, PhaseName
from migrate.model.plan_steps import Manual, PlanStep
from migrate.model.records import undone
from migrate.model.run import StepState
from migrate.model.secrets import mask
from migrate.plan_store.private import write_own
from migrate.steps.base import (
    Check,
    CheckState,
    Context,
    Event,
    NotPutBack,
    Postponed,
    StepBlocked,
    StepFailed,
    StepKind,
    Stopped,
    changes_in,
)
from migrate.steps.patience import patiently
from migrate.steps.registry import kind_of

FAILURES = (StepState.FAILED, StepState.PUT_BACK, StepState.STUCK)

_CHECKED = {
    CheckState.DRIFTED: StepState.DRIFTED,
    CheckState.BLOCKED: StepState.BLOCKED,
    CheckState.MANUAL: StepState.MANUAL,
}


def leave_without_access(error: MigrateError) -> None:
    """``AccessLost`` when the login was refused: no other node would fare better, and nothing
    can be put back, so every step leaves as it is, to be resumed with a new token."""
    if isinstance(error, AuthFailed | Unauthorized):
        raise AccessLost(error.cause, error.next_command) from error


def nothing_left(journal: Journal, step_id: str, log: StepJournal, cause: str) -> str:
    """Close what the journal has open of a node that somebody deleted or renamed; what to say."""
    told = f"nothing is left to put back: {cause}"
    left = [name for name, change in changes_in(log.records()).items() if not change.undone]
    for action in left:
        journal.write(undone(action, told), step=step_id)
    on_host = sorted({Action.UPGRADE, Action.LAUNCH} & set(left))
    return told + (f"; what was changed on its host stays ({', '.join(on_host)})" * bool(on_host))


def keep_crash(folder: RunFolder) -> str:
    """Write the traceback of the exception at hand into the run's folder; the file's name."""
    crash = folder.path / "crash.txt"
    with suppress(OSError):
        write_own(crash, mask(traceback.format_exc()))
    return crash.name


@dataclass(frozen=True)
class StepEnd:
    """How a step ended in this execution."""

    step: PlanStep
    state: StepState
    message: str = ""
    needs: str = ""
    unreachable: bool = False
    """Not begun, since a node that was connected when it was planned is away."""


class StepRunner:
    """Runs single steps; every end is in the journal before it is returned."""

    def __init__(self, ctx: Context, folder: RunFolder, journal: Journal, on_failure: str) -> None:
        self.ctx, self.folder, self.journal = ctx, folder, journal
        self.on_failure = on_failure

    def log(self, step: PlanStep) -> StepJournal:
        """The journal as this step sees it."""
        return StepJournal(self.folder, self.journal, step.id)

    def run(self, step: PlanStep) -> StepEnd:
        """Check, apply, and on failure put back. ``Stopped`` and ``JournalLost`` pass through."""
        kind, log = kind_of(step.kind), self.log(step)
        try:
            found = self._check(step, kind, log)
        except MigrateError as error:
            leave_without_access(error)
            return self._end(step, StepState.FAILED, f"could not be checked: {error.cause}")
        under_way = self._under_way(step)
        if found.state is CheckState.DONE and not under_way:
            return self._end(step, *self._seen_done(step, found.detail))
        if found.state in _CHECKED and not under_way:
            needs = step.instructions if isinstance(step, Manual) else ""
            end = self._end(step, _CHECKED[found.state], found.detail, needs)
            return replace(end, unreachable=found.passing)
        return self._apply(step, kind, log)

    def _check(self, step: PlanStep, kind: StepKind[Any], log: StepJournal) -> Check:
        if step.kind == "probe-websocket":
            # The first step: a controller that is not there at all is said at once.
            return kind.check(step, self.ctx, log)
        ctx = self.ctx
        found = patiently(ctx, lambda: kind.check(step, ctx, log))
        deadline = ctx.clock.monotonic() + ctx.settings.rejoin
        while found.passing and ctx.clock.monotonic() < deadline:
            ctx.emit(
                Event(
                    EventKind.PHASE, step.id, PhaseName.WAIT, "was connected, and is away for now"
                )
            )
            ctx.clock.sleep(ctx.settings.poll)
            found = patiently(ctx, lambda: kind.check(step, ctx, log))
        return found

    def _seen_done(self, step: PlanStep, detail: str) -> tuple[StepState, str]:
        """As this run itself ended it, else nothing to do (a person's step: done)."""
        last = self._last_end(step)
        if isinstance(last, StepFinished) and last.state is StepState.DONE:
            return StepState.DONE, last.message
        if (isinstance(last, Mark) and last.done) or step.kind == "manual":
            return StepState.DONE, detail
        return StepState.NOTHING, detail

    def _under_way(self, step: PlanStep) -> bool:
        records = self.log(step).records()
        starts = [r.seq for r in records if isinstance(r.entry, StepStarted)]
        ends = [r.seq for r in records if isinstance(r.entry, StepFinished)]
        return bool(starts) and (not ends or ends[-1] < starts[-1])

    def _last_end(self, step: PlanStep) -> StepStarted | StepFinished | Mark | None:
        for record in reversed(self.log(step).records()):
            if isinstance(record.entry, StepStarted | StepFinished | Mark):
                return record.entry
        return None

    def _apply(self, step: PlanStep, kind: StepKind[Any], log: StepJournal) -> StepEnd:
        self.journal.write(StepStarted(), step=step.id)
        self.ctx.emit(Event(EventKind.STEP, step.id, PhaseName.STARTED, kind.describe(step).text))
        try:
            return self._end(step, StepState.DONE, kind.apply(step, self.ctx, log))
        except (Stopped, JournalLost):
            raise
        except StepBlocked as error:
            return self._end(step, StepState.BLOCKED, error.cause, error.next_command)
        except Postponed as error:
            return self._postponed(step, kind, log, error.cause)
        except MigrateError as error:
            leave_without_access(error)
            needs = error.needs if isinstance(error, StepFailed) else ""
            return self._failed(step, kind, log, error.cause, needs)
        except Exception as error:
            # A fault of ours must not leave a node between two transports.
            return self._failed(step, kind, log, self._internal(error), "")

    def _postponed(
        self, step: PlanStep, kind: StepKind[Any], log: StepJournal, cause: str
    ) -> StepEnd:
        try:
            kind.rollback(step, self.ctx, log)
        except MigrateError as error:
            leave_without_access(error)
            cause = f"{cause}; NOT let go: {error.cause}"
            return self._end(step, StepState.STUCK, cause, "clear its offline mark in Jenkins")
        return self._end(step, StepState.PENDING, cause)

    def _internal(self, error: Exception) -> str:
        name = keep_crash(self.folder)
        return f"internal error, see {name} in the run's folder: {type(error).__name__}"

    def _failed(
        self, step: PlanStep, kind: StepKind[Any], log: StepJournal, cause: str, needs: str
    ) -> StepEnd:
        if self.on_failure == "leave":
            left = needs or "left as it is (--on-failure leave): look at it, then migrate rollback"
            return self._end(step, StepState.STUCK, cause, left)

        self.ctx.emit(Event(EventKind.PHASE, step.id, PhaseName.PUT_BACK, cause))
        self.journal.guard()
        try:
            told = kind.rollback(step, self.ctx, log)
        except NodeGone as gone:
            told = nothing_left(self.journal, step.id, log, gone.cause)
            return self._end(step, StepState.FAILED, f"{cause}; {told}")
        except NotPutBack as error:
            return self._end(
                step, StepState.STUCK, f"{cause}; NOT put back: {error.cause}", error.needs
            )
        except MigrateError as error:
            leave_without_access(error)
            return self._end(
                step, StepState.STUCK, f"{cause}; NOT put back: {error.cause}", error.next_command
            )
        except (Stopped, JournalLost):
            raise
        except Exception as error:
            # Of this node alone: those beside it go on, or are put back.
            told = f"{cause}; NOT put back: {self._internal(error)}"
            return self._end(
                step,
                StepState.STUCK,
                told,
                f"migrate rollback {self.folder.plan_word}    # again",
            )
        if told:
            return self._end(step, StepState.PUT_BACK, f"{cause}; put back: {told}", needs)
        return self._end(step, StepState.FAILED, cause, needs)

    def _end(self, step: PlanStep, state: StepState, message: str, needs: str = "") -> StepEnd:
        end = StepFinished(state=state, message=mask(message), needs=mask(needs))
        # A second look that finds the same must not move the time that the soak counts from, and
        # what was done before is not told as if it were done now.
        again = self._last_end(step) == end
        if not again:
            self.journal.write(end, step=step.id)
        if not again or state not in (StepState.DONE, StepState.NOTHING):
            self.ctx.emit(Event(EventKind.STEP, step.id, str(state), end.message, end.needs))
        return StepEnd(step, state, end.message, end.needs)
