"""Back, from the journal alone: the port first, then the nodes, never waiting for a soak."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatchcase

from migrate.engine.clock import StopSignal
from migrate.engine.folder import RunFolder, StepJournal
from migrate.engine.journal import Journal, JournalLost, read_journal
from migrate.engine.outcome import Outcome
from migrate.engine.remote_lock import Leave
from migrate.engine.state import derive, planned_steps
from migrate.engine.step_run import leave_without_access
from migrate.engine.way_back import closed_way, needs_tcp
from migrate.model.errors import ExitCode, MigrateError
from migrate.model.plan import Step
from migrate.model.run import StepState
from migrate.model.secrets import mask
from migrate.steps.base import Context, Event, NotPutBack, Stopped, changes_in
from migrate.steps.node_hold import held_in
from migrate.steps.registry import kind_of


@dataclass(frozen=True)
class Undo:
    """One step that has something to put back."""

    stage: str
    step: Step
    actions: tuple[str, ...]


def undo_plan(
    folder: RunFolder, *, stage: str | None = None, nodes: tuple[str, ...] = ()
) -> tuple[Undo, ...]:
    """What would be put back, in order: the close stage backwards, then the nodes."""
    records = read_journal(folder.journal_path)
    found: list[Undo] = []
    for name, _, step in planned_steps(records):
        if stage is not None and name != stage:
            continue
        if nodes and not any(fnmatchcase(str(step.params.get("node")), p) for p in nodes):
            continue
        own = [r for r in records if r.step == step.id]
        open_actions = tuple(
            action
            for action, change in changes_in(own).items()
            if not change.undone and action not in ("hold", "release")
        )
        # A crash right after the hold leaves nothing but the offline mark to take back.
        if not open_actions and held_in(own):
            open_actions = ("hold",)
        by_hand = step.kind == "manual" and any(
            r.kind in ("step-finished", "mark") and r.data.get("state") in ("done", "nothing-to-do")
            for r in own
        )
        if open_actions or by_hand:
            found.append(Undo(name, step, open_actions or ("by hand",)))
    return tuple(reversed(found))


class Rollback:
    """Puts back what a run did."""

    def __init__(
        self,
        folder: RunFolder,
        ctx: Context,
        plan_path: str,
        who: dict[str, object],
        *,
        check_lock: Callable[[], None],
        stop: StopSignal,
    ) -> None:
        self.folder, self.ctx, self.plan_path, self.who = folder, ctx, plan_path, who
        self.stop = stop
        self._leave = ""
        """Why nothing further is put back in this execution."""
        self.journal = Journal(folder.journal_path, ctx.clock.now)
        self.journal.guard = check_lock

    def run(self, undo: tuple[Undo, ...], workers: int) -> Outcome:
        """Close stage first, one by one; if the port can't be reopened, no node is moved.

        A journal that can't be written any more is the one end that it does not hold.
        """
        try:
            self.journal.write("rollback-started", data=dict(self.who))
            return self._all(undo, workers)
        except JournalLost as lost:
            return Outcome(ExitCode.PARTIAL, "stopped", lost.cause, lost.next_command)

    def _all(self, undo: tuple[Undo, ...], workers: int) -> Outcome:
        close = [u for u in undo if u.stage in ("close", "verify")]
        rest = [u for u in undo if u.stage not in ("close", "verify")]
        left = [text for u in close for text in self._one(u)]
        hard = [text for text in left if not text.startswith("by hand")]
        if self._leave:
            return self._end(left, self._leave)
        if hard and rest:
            return self._end(
                left, "the port could not be reopened, so no node was moved back to it"
            )
        rest, stays = self._with_a_way_back(rest, just_opened=bool(close))
        with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
            for told in pool.map(self._one, rest):
                left += told
        self._leave = self._leave or stays
        return self._end(left, self._leave)

    def _with_a_way_back(self, undo: list[Undo], *, just_opened: bool) -> tuple[list[Undo], str]:
        """What may be put back now, and why the rest may not: a closed port strands agents."""
        if not any(needs_tcp(u.step, u.actions) for u in undo):
            return undo, ""
        steps = [step for _, _, step in planned_steps(self.journal.records())]
        why = closed_way(self.ctx, steps, just_opened=just_opened)
        if not why:
            return undo, ""
        safe = [u for u in undo if not needs_tcp(u.step, u.actions)]
        return safe, f"{why}, so no node was moved back to it: open it first"

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

    def _put_back(self, undo: Undo) -> list[str]:
        step = undo.step
        log = StepJournal(self.folder, self.journal, step.id)
        self.ctx.emit(Event("step", step.id, "put back", step.title))
        try:
            told = kind_of(step.kind).rollback(step, self.ctx, log)
        except NotPutBack as error:
            return [self._stuck(step, error.cause, error.needs)]
        except MigrateError as error:
            leave_without_access(error)
            return [self._stuck(step, error.cause, error.next_command)]
        self._record(step, StepState.ROLLED_BACK, told or "nothing was left to put back", "")
        return []

    def _stuck(self, step: Step, cause: str, needs: str) -> str:
        by_hand = step.kind == "manual"
        self._record(step, StepState.MANUAL if by_hand else StepState.STUCK, cause, needs)
        return f"by hand: {step.subject}" if by_hand else f"{step.subject}: {cause}"

    def _record(self, step: Step, state: StepState, message: str, needs: str) -> None:
        data = {"state": str(state), "message": mask(message), "needs": mask(needs)}
        self.journal.write("step-finished", step=step.id, data=data)
        self.ctx.emit(Event("step", step.id, str(state), mask(message), {"needs": mask(needs)}))

    def _end(self, left: list[str], why: str) -> Outcome:
        hard = [text for text in left if not text.startswith("by hand")]
        run = derive(self.journal.records(), self.folder.run_id, alive=True)
        back = sum(1 for s in run.steps if s.state is StepState.ROLLED_BACK)
        told = "; ".join(x for x in [f"{back} step(s) put back", why, *left[:5]] if x)
        report = f"migrate report {self.plan_path}"
        again = f"migrate rollback {self.plan_path}"
        if self._leave and not hard:
            outcome = Outcome(ExitCode.PARTIAL, "stopped", told, again)
        elif hard or why:
            outcome = Outcome(ExitCode.FAILED, "failed", told, report)
        elif left:
            # Once a person has done their part, it looks at that and closes the record.
            outcome = Outcome(ExitCode.PARTIAL, "rolled-back", told, again)
        else:
            # `migrate verify` would call an open port a failure; here it is what was asked for.
            outcome = Outcome(ExitCode.OK, "rolled-back", told, "migrate scan")
        self.journal.write("run-finished", data=outcome.recorded())
        self.journal.close()
        return outcome
