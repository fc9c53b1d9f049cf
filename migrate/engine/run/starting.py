"""What stands between a node and its start in this run: lock, window, throttles, hook."""

from collections.abc import Callable

from msgspec.structs import replace

from migrate.engine.admission.hook_moments import Moments
from migrate.engine.admission.pace import expected
from migrate.engine.admission.start_gate import Answer, StartGate, TimeLimit
from migrate.engine.admission.throttle import HookThrottle, Paused
from migrate.engine.record.journal import Journal
from migrate.engine.run.options import RunOptions
from migrate.engine.run.step_run import FAILURES, StepEnd, StepRunner
from migrate.model.journal.base import Note
from migrate.model.journal.run import HookFacts
from migrate.model.names import EventKind
from migrate.model.plan_steps import PlanStep, node_of, restarts_controller
from migrate.steps.base import Event

CLOSING = 120.0
"""Seconds that the close stage is expected to take."""
RESTARTING = 600.0
"""Seconds that a restart of Jenkins itself is expected to take."""


class Starter:
    """Asked by ``run_wave`` right before each node; told of each end."""

    def __init__(
        self,
        runner: StepRunner,
        options: RunOptions,
        moments: Moments,
        check_lock: Callable[[], None],
    ) -> None:
        self._journal: Journal = runner.journal
        self._emit, self._moments, self._check_lock = runner.ctx.emit, moments, check_lock
        self._limit = TimeLimit(options.limits, runner.ctx.clock)
        self._why = ""
        self._gate = StartGate(
            self._limit,
            (Paused(runner.folder), *options.throttles, HookThrottle(moments.may_go_on)),
            runner.ctx.clock,
            expected=self._expected,
            note=self._note,
            poll=runner.ctx.settings.poll,
            max_wait=options.max_wait,
        )
        self._in_hand: dict[str, str] = {}

    @property
    def why(self) -> str:
        """Why no further node starts; empty while one may."""
        return self._why or self._gate.why

    def ask(self, step: PlanStep) -> Answer:
        """For this node, now. ``LockLost`` when the run may not change anything any more."""
        if self.why:
            return Answer.CLOSED
        self._check_lock()
        answer = self._gate.ask()
        if answer is not Answer.GO:
            return answer
        facts = HookFacts(node=node_of(step), step=step.id)
        self._why = self._moments.before("before-node", facts)
        if self._why:
            return Answer.CLOSED
        self._in_hand[step.id] = step.subject
        return Answer.GO

    def ended(self, end: StepEnd) -> None:
        """A node ended: tell the hooks."""
        self._in_hand.pop(end.step.id, None)
        self._gate.progressed()
        facts = HookFacts(node=node_of(end.step), step=end.step.id, state=end.state.value)
        self._moments.tell("after-node", facts)
        if end.state in FAILURES:
            self._moments.tell("on-failure", replace(facts, message=end.message))

    def watch(self) -> None:
        """Say it when nothing ends for a long time."""
        self._gate.watch(lambda: "in hand: " + (", ".join(self._in_hand.values()) or "nothing"))

    def closed_for(self, seconds: float = 0.0) -> str:
        """Why something that takes this long (0: one node) may not start; empty: it may."""
        return self._limit.closed(seconds or self._expected())

    def no_time_for(self, step: PlanStep) -> str:
        """Why a step that restarts Jenkins may not start now; empty: it may, or it does not."""
        if not restarts_controller(step):
            return ""
        return self._limit.closed(RESTARTING, "a restart of Jenkins")

    def over(self) -> str:
        """Why what has not begun should not be waited for any longer."""
        return self._limit.closed(0.0)

    def _expected(self) -> float:
        return expected(self._journal.records())

    def _note(self, note: Note) -> None:
        self._journal.write(note)
        self._emit(Event(EventKind.NOTE, message=note.text))
