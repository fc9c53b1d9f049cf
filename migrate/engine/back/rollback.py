"""Back, from the journal alone: the port first, then the nodes, never waiting for a soak."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from migrate.engine.back.controller_way_back import closed_way, needs_tcp
from migrate.engine.clock import StopSignal
from migrate.engine.locks.file_lock import Holder
from migrate.engine.locks.remote_lock import Leave
from migrate.engine.record.folder import RunFolder, StepJournal
from migrate.engine.record.journal import Journal, JournalLost, read_journal
from migrate.engine.record.state import derive, planned_steps
from migrate.engine.run.left_behind import offline_now
from migrate.engine.run.options import is_of
from migrate.engine.run.outcome import Outcome
from migrate.engine.run.step_run import keep_crash, leave_without_access, nothing_left
from migrate.jenkins.errors import NodeGone
from migrate.model.errors import Blocked, ExitCode, MigrateError
from migrate.model.inventory import Verdict
from migrate.model.journal.base import MARKING, Action
from migrate.model.journal.node import UpgradeUndone
from migrate.model.journal.run import Mark, RollbackStarted, StepFinished
from migrate.model.names import EventKind, PhaseName, StageName
from migrate.model.next_command import Given
from migrate.model.plan_steps import PlanStep
from migrate.model.records import Record
from migrate.model.run import StepState
from migrate.model.secrets import mask
from migrate.model.text import visible
from migrate.steps.base import Context, Event, NeedsSource, NotPutBack, Stopped, changes_in
from migrate.steps.node.hold import held_in
from migrate.steps.node.jar import awaits_old_jar
from migrate.steps.registry import kind_of

BY_HAND = "by hand"
NOT_NAMED = "not put back:"
SOFT = (BY_HAND, NOT_NAMED)
"""What a person has to do or to say first: no failure."""
OLD_JAR = "start from the old agent.jar"
HOLD_ALONE = (Action.HOLD.value,)
_DONE = (StepState.DONE, StepState.NOTHING)


@dataclass(frozen=True)
class Undo:
    """One step that has something to put back."""

    stage: StageName
    step: PlanStep
    actions: tuple[str, ...]

    @property
    def told(self) -> str:
        """What of it is put back, for a person."""
        if self.actions == HOLD_ALONE:
            return f"{visible(self.step.subject)}: clear its offline mark"
        return kind_of(self.step.kind).describe_back(self.step)


def undo_plan(
    folder: RunFolder, *, stage: str | None = None, nodes: tuple[str, ...] = ()
) -> tuple[Undo, ...]:
    """What would be put back, in order: the close stage backwards, then the nodes."""
    records = read_journal(folder.journal_path)
    by_step: dict[str, list[Record]] = {}
    for record in records:
        by_step.setdefault(record.step, []).append(record)
    found: list[Undo] = []
    for name, _, step in planned_steps(records):
        if stage is not None and name != stage:
            continue
        if nodes and not is_of(step, nodes):
            continue
        own = by_step.get(step.id, [])
        open_actions: tuple[str, ...] = tuple(
            action.value
            for action, change in changes_in(own).items()
            if not change.undone and action not in MARKING
        )
        kept = any(isinstance(r.entry, UpgradeUndone) and r.entry.kept_for for r in own)
        if kept and awaits_old_jar(step.id, records):
            open_actions = (*open_actions, OLD_JAR)
        # A crash right after the hold leaves nothing but the offline mark to take back.
        if not open_actions and held_in(own):
            open_actions = HOLD_ALONE
        if open_actions or (step.kind == "manual" and _done_by_hand(own)):
            found.append(Undo(name, step, open_actions or (BY_HAND,)))
    return tuple(reversed(found))


def _done_by_hand(own: list[Record]) -> bool:
    """Whether a person's step was done, and not taken back since."""
    ends = [r.entry for r in own if isinstance(r.entry, StepFinished | Mark)]
    done = (e.done if isinstance(e, Mark) else e.state in _DONE for e in ends)
    last = ends[-1] if ends else None
    back = isinstance(last, StepFinished) and last.state is StepState.ROLLED_BACK
    return any(done) and not back


def port_first(folder: RunFolder, undo: tuple[Undo, ...]) -> None:
    """``Blocked`` when nodes would go back to a port that this run closed and ``undo`` leaves so:
    an agent that is told to use TCP while the port is closed does not come back at all."""
    nodes = [
        u for u in undo if u.stage is StageName.NODES and set(u.actions) - {*HOLD_ALONE, BY_HAND}
    ]
    chosen = {u.step.id for u in undo}
    closed = [
        u
        for u in undo_plan(folder, stage=StageName.CLOSE)
        if u.step.id not in chosen and u.actions != (BY_HAND,)
    ]
    if nodes and closed:
        raise Blocked(
            f"the run closed the port ({visible(closed[0].step.subject)}), and no node can come "
            "back to it over TCP; nothing was changed",
            next_command=f"migrate rollback {folder.path} --stage close    # then this again",
        )


class Rollback:
    """Puts back what a run did."""

    def __init__(
        self,
        folder: RunFolder,
        ctx: Context,
        plan_path: str,
        who: Holder,
        *,
        check_lock: Callable[[], None],
        stop: StopSignal,
        given: Given = (),
    ) -> None:
        self.folder, self.ctx, self.plan_path, self.who = folder, ctx, plan_path, who
        self.given = given
        self.stop = stop
        self._leave = ""
        """Why nothing further is put back in this execution."""
        self.journal = Journal(folder.journal_path, ctx.clock.now)
        self.journal.guard = check_lock

    def run(self, undo: tuple[Undo, ...], workers: int) -> Outcome:
        """Close stage first, one by one; if the port can't be reopened, no node is moved. The
        front goes last.

        A journal that can't be written any more is the one end that it does not hold.
        """
        try:
            who = self.who
            start = RollbackStarted(user=who.user, host=who.host, pid=who.pid, given=self.given)
            self.journal.write(start)
            return self._all(undo, workers)
        except JournalLost as lost:
            return Outcome(ExitCode.PARTIAL, "stopped", lost.cause, lost.next_command)

    def _all(self, undo: tuple[Undo, ...], workers: int) -> Outcome:
        close = [u for u in undo if u.stage.closes]
        front = [u for u in undo if u.stage is StageName.PREFLIGHT]
        rest = [u for u in undo if u.stage is StageName.NODES]
        left = [text for u in close for text in self._one(u)]
        if self._leave:
            return self._end(left, self._leave)
        # What a person closed is looked at below: it may be open again.
        if rest and any(not text.startswith(SOFT) for text in left):
            return self._end(
                left, "the port could not be reopened, so no node was moved back to it"
            )
        rest, stays = self._with_a_way_back(rest, just_opened=bool(close))
        with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
            for told in pool.map(self._one, rest):
                left += told
            # Those whose jar stayed for the sake of others that are back as well by now.
            again = [u for u in undo_plan(self.folder) if OLD_JAR in u.actions]
            for told in pool.map(self._one, again):
                left += told
        if not stays:
            # Last: an agent that is on WebSocket still would be cut off by it.
            left += [text for u in front for text in self._one(u)]
        self._leave = self._leave or stays
        return self._end(left, self._leave, offline_now(self.ctx, (u.step for u in undo)))

    def _with_a_way_back(self, undo: list[Undo], *, just_opened: bool) -> tuple[list[Undo], str]:
        """What may be put back now, and why the rest may not: a closed port strands agents."""
        if not any(needs_tcp(u.step, u.actions) for u in undo):
            return undo, ""
        shut = ", ".join(visible(step.subject) for step in self._shut())
        why = f"a person closed {shut}"
        if not shut:
            steps = [step for _, _, step in planned_steps(self.journal.records())]
            why = closed_way(self.ctx, steps, just_opened=just_opened)
        if not why:
            return undo, ""
        safe = [u for u in undo if not needs_tcp(u.step, u.actions)]
        return safe, f"{why}, so no node was moved back to it: open it, then run this again"

    def _one(self, undo: Undo) -> list[str]:
        """What of it could not be put back. Nothing is begun any more once one had to leave."""
        if self.stop.soft:
            self._leave = self._leave or "stopped before the end: run the rollback again"
        if self._leave:
            return []
        try:
            self.journal.guard()
            return self._put_back(undo)
        except Leave as leave:
            self._leave = leave.cause
        except Stopped:
            self._leave = "stopped at the next record: run the rollback again"
        return []

    def _shut(self) -> list[PlanStep]:
        """What a person closed and must open first, also after the run had ended."""
        found = []
        for stage, _, step in planned_steps(self.journal.records()):
            if stage == StageName.CLOSE and step.kind == "manual":
                with suppress(MigrateError):
                    if kind_of(step.kind).verify(step, self.ctx).verdict is Verdict.PASS:
                        found.append(step)
        return found

    def _put_back(self, undo: Undo) -> list[str]:
        step = undo.step
        log = StepJournal(self.folder, self.journal, step.id)
        self.ctx.emit(Event(EventKind.STEP, step.id, PhaseName.PUT_BACK, undo.told))
        try:
            told = kind_of(step.kind).rollback(step, self.ctx, log)
        except NodeGone as gone:
            # Deleted or renamed by somebody: not now, and not by a later rollback either.
            left = nothing_left(self.journal, step.id, log, gone.cause)
            self._record(step, StepState.ROLLED_BACK, left, "")
            return []
        except NeedsSource as error:
            self._record(step, StepState.STUCK, error.cause, error.needs)
            return [f"{NOT_NAMED} {error.cause}"]
        except NotPutBack as error:
            return [self._stuck(step, error.cause, error.needs)]
        except MigrateError as error:
            leave_without_access(error)
            return [self._stuck(step, error.cause, error.next_command)]
        except (Stopped, JournalLost):
            raise
        except Exception as error:
            # A fault of ours must not end the others' way back.
            told = f"internal error, see {keep_crash(self.folder)} in the run's folder: "
            return [
                self._stuck(
                    step,
                    told + type(error).__name__,
                    f"migrate rollback {self.plan_path}    # again",
                )
            ]
        self._record(step, StepState.ROLLED_BACK, told or "nothing was left to put back", "")
        return []

    def _stuck(self, step: PlanStep, cause: str, needs: str) -> str:
        by_hand = step.kind == "manual"
        self._record(step, StepState.MANUAL if by_hand else StepState.STUCK, cause, needs)
        return f"by hand: {step.subject}" if by_hand else f"{step.subject}: {cause}"

    def _record(self, step: PlanStep, state: StepState, message: str, needs: str) -> None:
        end = StepFinished(state=state, message=mask(message), needs=mask(needs))
        self.journal.write(end, step=step.id)
        self.ctx.emit(Event(EventKind.STEP, step.id, str(state), end.message, end.needs))

    def _end(self, left: list[str], why: str, offline: str = "") -> Outcome:
        hard = [text for text in left if not text.startswith(SOFT)]
        run = derive(self.journal.records(), self.folder.run_id, alive=True)
        back = sum(1 for s in run.steps if s.state is StepState.ROLLED_BACK)
        told = "; ".join(x for x in [f"{back} step(s) put back", why, *left[:5], offline] if x)
        report = f"migrate report {self.plan_path}"
        again = f"migrate rollback {self.plan_path}"
        if self._leave and not hard:
            outcome = Outcome(ExitCode.PARTIAL, "stopped", told, again)
        elif hard or why:
            outcome = Outcome(ExitCode.FAILED, "failed", told, report)
        elif left:
            # Once a person has done their part, it looks at that and closes the record.
            outcome = Outcome(ExitCode.PARTIAL, "rolled-back", told, again)
        elif open_still := undo_plan(self.folder):
            # Not over: a later whole rollback must find this run, and a resume go on with it.
            told = f"{told}; {len(open_still)} step(s) of the run stand as they were asked to"
            outcome = Outcome(ExitCode.OK, "stopped", told, f"{again}   (puts back the rest)")
        else:
            # `migrate verify` would call an open port a failure; here it is what was asked for.
            outcome = Outcome(ExitCode.OK, "rolled-back", told, "migrate scan")
        self.journal.write(outcome.recorded())
        self.journal.close()
        return outcome
