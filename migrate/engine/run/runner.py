"""Runs a plan: preflight, waves of nodes, the gate, the close stage, verification."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from migrate.engine.admission.hook_moments import Moments
from migrate.engine.locks.remote_lock import Leave
from migrate.engine.record.journal import Journal, JournalLost
from migrate.engine.record.state import derive
from migrate.engine.run.execution import Execution, Halt
from migrate.engine.run.gate import close_reasons, cloud_reasons, open_again, soak_left
from migrate.engine.run.moved_since import left_back, nodes_told, port_told
from migrate.engine.run.outcome import Outcome, changed_anything, judge
from migrate.engine.run.rights import lacking
from migrate.engine.run.starting import CLOSING, Starter
from migrate.engine.run.step_run import FAILURES, StepEnd, StepRunner
from migrate.engine.run.survey import drift_of_close, still_to_do
from migrate.engine.run.wave_run import StageCount, run_wave
from migrate.model.errors import ExitCode, MigrateError
from migrate.model.journal.run import (
    AcceptedNote,
    HookFacts,
    LockNote,
    Named,
    RunNote,
    StageFinished,
    StageStarted,
    WaveFinished,
    WaveStarted,
)
from migrate.model.names import EventKind, StageName
from migrate.model.plan import CANARY, PROVEN_STEPS, Stage, Wave
from migrate.model.plan_steps import PlanStep
from migrate.model.run import Run, RunStep, StepState
from migrate.model.text import visible
from migrate.steps.base import CheckState, Event, Stopped
from migrate.steps.registry import kind_of

SHORT_SOAK = 120.0
"""Seconds of soak that are waited for; a longer one stops the run, to be resumed later."""


class Runner:
    """One execution (first or resumed) of a plan."""

    def __init__(self, execution: Execution) -> None:
        self.x = execution
        self.ctx = replace(execution.ctx, over=self._over)
        self.journal = Journal(execution.folder.journal_path, execution.ctx.clock.now)
        self.steps = StepRunner(
            self.ctx, execution.folder, self.journal, execution.options.on_failure
        )
        options = execution.options
        self.moments = Moments(
            options.hooks, self.journal, self.state, self.ctx.emit, str(execution.folder.path)
        )
        self.starter = Starter(self.steps, options, self.moments, execution.check_lock)
        self.journal.guard = execution.check_lock

    def run(self) -> Outcome:
        """Run to the end, or to where it must stop. The end is in the journal.

        A journal that can't be written any more is the one end that it does not hold.
        """
        try:
            self._begin()
            outcome = self._to_the_end()
            self._end(outcome)
        except JournalLost as lost:
            return self._left(lost.cause, lost.next_command)
        return outcome

    def _over(self) -> str:
        return "stopped by Ctrl-C" if self.x.stop.soft else self.starter.over()

    def _to_the_end(self) -> Outcome:
        outcome: Outcome | None = None
        why = ""
        try:
            self._may_run()
            for stage in self.x.plan.stages:
                if self.x.options.wants(stage.name):
                    self._stage(stage)
        except Halt as halt:
            why, outcome = halt.why, halt.outcome
        except Leave as leave:
            why, outcome = leave.cause, self._left(leave.cause, leave.next_command)
        except Stopped:
            why = "stopped by a second Ctrl-C at the next record"
        except JournalLost:
            raise
        except MigrateError as error:
            # Between two steps: a controller that is away while the gate looks, for instance.
            why, outcome = error.cause, self._left(error.cause, error.next_command)
        if self.x.stop.soft:
            why = why or "stopped by Ctrl-C"
            base = judge(self.state(), self.x.plan_path, why)
            code = ExitCode.CANCELLED if base.exit_code is ExitCode.PARTIAL else base.exit_code
            outcome = Outcome(code, base.state, base.summary, base.next_command)
        return outcome or self._judge(why)

    def _may_run(self) -> None:
        """The window, and the user's own word, before anything is looked at."""
        closed = self.starter.closed_for() or self.moments.before("before-run")
        if closed:
            raise Halt(closed, self._halted(closed))

    def _halted(self, why: str) -> Outcome:
        """Blocked while nothing was changed, else stopped and resumable."""
        base = judge(self.state(), self.x.plan_path, why)
        if base.exit_code is not ExitCode.PARTIAL or changed_anything(self.state()):
            return base
        summary = f"{why}; no node was touched"
        return Outcome(ExitCode.BLOCKED, "blocked", summary, f"migrate apply {self.x.plan_path}")

    def _left(self, cause: str, next_command: str) -> Outcome:
        """Steps left as they were: nobody may, or can, put anything back now."""
        in_hand = [visible(s.subject) for s in self.state().steps if s.state is StepState.RUNNING]
        told = f"{cause}; in hand and left as they are: {', '.join(in_hand)}" if in_hand else cause
        base = self._halted(told) if not in_hand else judge(self.state(), self.x.plan_path, told)
        if base.exit_code is ExitCode.FAILED:
            return base
        again = f"{next_command}; then migrate apply {self.x.plan_path} --resume"
        return Outcome(base.exit_code, base.state, base.summary, again if next_command else "")

    def _judge(self, why: str) -> Outcome:
        base = judge(self.state(), self.x.plan_path, why)
        if base.exit_code is ExitCode.OK and self.x.options.partial:
            resume = f"migrate apply {self.x.plan_path} --resume"
            return Outcome(
                ExitCode.OK, "stopped", f"{base.summary}; as far as was asked for", resume
            )
        return base

    def state(self) -> Run:
        """The run so far."""
        return derive(self.journal.records(), self.x.folder.run_id, alive=True)

    def _begin(self) -> None:
        if self.journal.records():
            self.journal.write(self.x.resumed())
            if self.journal.torn:
                text = "the last record was torn by a crash, and dropped"
                self.journal.write(RunNote(text=text))
        else:
            self.journal.write(self.x.started())
        self._note_start()

    def _note_start(self) -> None:
        for text in self.x.notes:
            self.journal.write(LockNote(text=text))

    def _end(self, outcome: Outcome) -> None:
        self.journal.write(outcome.recorded())
        facts = HookFacts(
            state=outcome.state, exit_code=int(outcome.exit_code), summary=outcome.summary
        )
        self.moments.tell("on-finish", facts)
        self.journal.close()

    def _stage(self, stage: Stage) -> None:
        name = stage.name
        with self._recorded(
            StageStarted(name=name), StageFinished(name=name), EventKind.STAGE, stage.title
        ):
            if stage.name is StageName.PREFLIGHT:
                self._preflight(stage)
            elif stage.name is StageName.NODES:
                self._nodes(stage)
            else:
                if stage.name is StageName.CLOSE:
                    self._gate(stage)
                elif back := open_again(self.ctx, self.x.plan, self.state()):
                    raise Halt(back)
                self._in_order(stage)

    @contextmanager
    def _recorded(self, begun: Named, ended: Named, what: EventKind, title: str) -> Iterator[None]:
        self.journal.write(begun)
        self.ctx.emit(Event(what, phase=begun.name, message=title))
        yield
        self.journal.write(ended)

    def _preflight(self, stage: Stage) -> None:
        if not self._nodes_left():
            self.ctx.emit(
                Event(EventKind.NOTE, message="no node is left to move: nothing to probe")
            )
            return
        if short := lacking(self.x.plan, self.ctx, self.x.options):
            step, why, grant = short
            needs = f"{grant}, or apply {self.x.plan_path} --until nodes"
            raise Halt(why, self._blocked(StepEnd(step, StepState.BLOCKED, why, needs)))
        if self.x.options.wants(StageName.CLOSE) and (drift := self._drift_of_close()):
            raise Halt(drift.summary, drift)
        for wave in stage.waves:
            for step in wave.steps:
                end = self.steps.run(step)
                if end.state not in (StepState.DONE, StepState.NOTHING):
                    raise Halt(end.message, self._blocked(end))

    def _drift_of_close(self) -> Outcome | None:
        """How the run ends where the close stage is not as planned any more: looked at before the
        first node, and again before the first piece of the port."""
        why = drift_of_close(self.x.plan, self.ctx, self.state(), self.steps.log)
        if not why:
            return None
        plan = self.x.plan_path
        again = f"migrate plan --name NEW-NAME   (or: migrate apply {plan} --until nodes)"
        if changed_anything(self.state()):
            return Outcome(ExitCode.PARTIAL, "stopped", f"The port stays open: {why}", again)
        return Outcome(ExitCode.DRIFT, "blocked", f"{why}; nothing was changed", again)

    def _blocked(self, end: StepEnd) -> Outcome:
        if any(
            s.state is StepState.DONE and s.stage is StageName.NODES for s in self.state().steps
        ):
            again = f"migrate apply {self.x.plan_path} --resume"
            return Outcome(ExitCode.PARTIAL, "stopped", end.message, again)
        summary = f"{end.message}; no node was touched"
        return Outcome(ExitCode.BLOCKED, "blocked", summary, end.needs or "migrate doctor")

    def _nodes_left(self) -> bool:
        """Whether a node may still be moved in this execution, so that a proof is needed."""
        left = left_back(self.state(), self.x.options)
        for known in self._proven():
            if known.id in left:
                continue
            if known.state in (StepState.PENDING, StepState.RUNNING):
                return True
            step = self.x.plan.step(known.id)
            found = kind_of(step.kind).check(step, self.ctx, self.steps.log(step))
            if found.state is CheckState.READY:
                return True
        return False

    def _proven(self) -> tuple[RunStep, ...]:
        nodes = (s for s in self.state().steps if s.stage is StageName.NODES)
        return tuple(s for s in nodes if s.kind in PROVEN_STEPS)

    def _nodes(self, stage: Stage) -> None:
        left = left_back(self.state(), self.x.options)
        if left:
            self.ctx.emit(Event(EventKind.NOTE, message=nodes_told(left)))
        takes = self.x.options.takes
        chosen = [
            tuple(s for s in wave.steps if takes(s) and s.id not in left) for wave in stage.waves
        ]
        count = StageCount(sum(map(len, chosen)), self.x.options.max_failures)
        for wave, steps in zip(stage.waves, chosen, strict=True):
            if not steps:
                continue
            failed_before, canary = count.broken, wave is stage.waves[0]
            facts = HookFacts(wave=wave.name, nodes=len(steps))
            stopped = self.moments.before("before-wave", facts)
            if stopped:
                raise Halt(stopped, self._halted(stopped))
            left_here = len(still_to_do(steps, self.state()))
            told = f"{left_here} of " if left_here < len(steps) else ""
            begun, ended = WaveStarted(name=wave.name), WaveFinished(name=wave.name)
            with self._recorded(begun, ended, EventKind.WAVE, f"{told}{len(steps)} node(s)"):
                for part in self._parts(stage, wave, steps):
                    canary = canary or len(part) < len(steps)
                    self._side_by_side(part, count)
                    if canary and count.broken > failed_before:
                        break
            self.moments.tell("after-wave", facts)
            if self.x.stop.soft:
                raise Halt("stopped by Ctrl-C")
            canary_failed = canary and count.broken > failed_before
            if count.over or canary_failed:
                extra = "; the canary failed" if canary_failed and not count.over else ""
                raise Halt(f"No further wave: {count.told()}{extra}")
            postponed = [end.message for end in count.ends if end.state is StepState.PENDING]
            closed = self.starter.why or "".join(postponed[-1:])
            if closed:
                raise Halt(closed, self._halted(closed))

    def _side_by_side(self, steps: tuple[PlanStep, ...], count: StageCount) -> None:
        run_wave(
            steps,
            self.steps,
            count,
            workers=self.x.options.concurrency,
            stop=self.x.stop,
            gate=self.starter,
        )

    def _parts(
        self, stage: Stage, wave: Wave, steps: tuple[PlanStep, ...]
    ) -> Iterator[tuple[PlanStep, ...]]:
        """The wave in one; one node at a time while no node was moved yet, although the plan has
        a canary: it was offline or had drifted, and the next one that can be moved is it."""
        planned = stage.waves[0].name == CANARY and not self.x.options.nodes
        rest = steps
        while planned and wave is not stage.waves[0] and rest and not self._any_moved():
            if self.x.stop.soft or self.starter.why:
                return
            if rest is steps and len(rest) > 1:
                told = "the canary was not moved: one node at a time until one is"
                self.ctx.emit(Event(EventKind.NOTE, message=told))
            yield rest[:1]
            rest = rest[1:]
        if rest:
            yield rest

    def _any_moved(self) -> bool:
        settled = (StepState.DONE, StepState.NOTHING)
        return any(s.state in settled for s in self._proven())

    def _gate(self, stage: Stage) -> None:
        if all(
            check.state is CheckState.DONE
            for check in (
                kind_of(s.kind).check(s, self.ctx, self.steps.log(s))
                for w in stage.waves
                for s in w.steps
            )
        ):
            return
        if drift := self._drift_of_close():
            raise Halt(drift.summary, drift)
        options, run = self.x.options, self.state()
        if back := port_told(run, options):
            raise Halt(f"The port stays open: {back}")
        reasons, accepted = close_reasons(
            self.ctx,
            run,
            accept_offline=options.accept_offline,
            workers=options.concurrency,
            skips=self.x.plan.skips,
        )
        told = {reason.subject for reason in reasons}
        reasons += tuple(r for r in cloud_reasons(self.ctx, self.x.plan) if r.subject not in told)
        for name in accepted:
            text = f"offline node {name}: nobody knows how it comes back"
            self.journal.write(AcceptedNote(text=text))
        if reasons:
            for reason in reasons:
                hint = f" ({reason.flag})" if reason.flag else ""
                text = f"{reason.subject}: {reason.text}{hint}"
                self.ctx.emit(Event(EventKind.GATE, message=text))
            first = "; ".join(f"{r.subject} {r.text}" for r in reasons[:5])
            more = f" and {len(reasons) - 5} more" if len(reasons) > 5 else ""
            raise Halt(f"The port stays open: {first}{more}")
        self._soak(run)
        closed = self.starter.closed_for(CLOSING)
        if closed:
            raise Halt(f"The port stays open: {closed}")
        if not options.confirm():
            why = "The port stays open: closing it was not confirmed"
            base = self._judge(why)
            resume = f"migrate apply {self.x.plan_path} --resume"
            resume += f" --confirm {self.x.plan.target.host}"
            raise Halt(why, replace(base, next_command=resume))
        stopped = self.moments.before("before-close")
        if stopped:
            raise Halt(f"The port stays open: {stopped}")

    def _soak(self, run: Run) -> None:
        left = soak_left(run, self.ctx.clock.now(), self.x.options.soak)
        if left > SHORT_SOAK:
            told = str(timedelta(seconds=round(left)))
            raise Halt(f"The port stays open: {told} of the soak are left (--soak 0 skips it)")
        if left:
            self.ctx.emit(Event(EventKind.NOTE, message=f"soak: {left:.0f} s left"))
            self.ctx.clock.sleep(left)

    def _in_order(self, stage: Stage) -> None:
        for wave in stage.waves:
            # Of this execution: what waited for a person the last time is looked at again.
            manual: list[PlanStep] = []
            for step in wave.steps:
                if self.x.stop.soft:
                    raise Halt("stopped by Ctrl-C")
                if still_to_do((step,), self.state()) and (no := self.starter.no_time_for(step)):
                    raise Halt(f"{step.title}: {no}")
                end = self.steps.run(step)
                if end.state in FAILURES:
                    raise Halt(f"{step.title}: {end.message}")
                if end.state is StepState.MANUAL:
                    manual.append(step)
                elif end.state not in (StepState.DONE, StepState.NOTHING):
                    raise Halt(f"{step.title}: {end.state}: {end.message}")
            if manual:
                told = "; ".join(s.title for s in manual)
                raise Halt(f"A person must do: {told}")
