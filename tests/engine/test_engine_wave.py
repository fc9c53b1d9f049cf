"""Which nodes of a wave start, and what is said of those that don't."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from migrate.engine.admission.budget import Budget
from migrate.engine.admission.start_gate import Answer
from migrate.engine.clock import StopSignal
from migrate.engine.run.step_run import StepEnd, StepRunner
from migrate.engine.run.wave_run import StageCount, run_wave
from migrate.model.names import DriverName
from migrate.model.plan_steps import MoveNode, PlanStep
from migrate.model.run import StepState
from migrate.steps.base import Event, Stopped

STEPS = tuple(
    MoveNode(
        id=f"node/{n}",
        subject=n,
        title=n,
        node=n,
        driver=DriverName.INBAND,
        remoting=None,
        upgrade=None,
    )
    for n in "abcd"
)


class Wave:
    """Four nodes, one after the other, and somebody who interferes when one has ended."""

    def __init__(
        self, *, fails: str = "", shuts: str = "", stops: str = "", leaves: str = ""
    ) -> None:
        self.fails, self.shuts, self.stops, self.leaves = fails, shuts, stops, leaves
        self.why, self.watched = "", 0
        self.stop, self.said, self.began = StopSignal(), list[Event](), list[str]()
        clock = SimpleNamespace(sleep=lambda seconds: None)
        settings = SimpleNamespace(poll=0.1)
        self.ctx = SimpleNamespace(emit=self.said.append, clock=clock, settings=settings)

    def run(self, step: PlanStep) -> StepEnd:
        self.began.append(step.subject)
        if step.subject in self.leaves:
            raise Stopped
        failed = step.subject in self.fails
        return StepEnd(step, StepState.FAILED if failed else StepState.DONE)

    def ask(self, step: PlanStep) -> Answer:
        return Answer.GO

    def ended(self, end: StepEnd) -> None:
        if end.step.subject in self.shuts:
            self.why = "the window has ended"
        if end.step.subject in self.stops:
            self.stop.set()

    def watch(self) -> None:
        self.watched += 1

    def through(self, budget: str = "4") -> StageCount:
        count = StageCount(len(STEPS), Budget.parse(budget))
        run_wave(
            STEPS, cast(StepRunner, self), count, workers=1, stop=self.stop, gate=cast(Any, self)
        )
        return count


@pytest.mark.parametrize(
    ("wave", "budget", "began", "told"),
    [
        (Wave(), "0", "abcd", ""),
        (Wave(shuts="d"), "0", "abcd", ""),
        (Wave(shuts="b"), "0", "ab", "2 node(s) not started: the window has ended"),
        (Wave(stops="c"), "0", "abc", "1 node(s) not started: stop asked for"),
        (Wave(fails="a"), "0", "a", "3 node(s) not started: 1 failed of 4, allowed 0"),
        (Wave(fails="ab"), "1", "ab", "2 node(s) not started: 2 failed of 4, allowed 1"),
        (Wave(fails="ab"), "2", "abcd", ""),
        # What counts first is what stands in the way at all.
        (Wave(fails="a", shuts="a"), "0", "a", "3 node(s) not started: 1 failed of 4"),
        (Wave(stops="b", shuts="b"), "0", "ab", "2 node(s) not started: the window has ended"),
    ],
)
def test_who_starts(wave: Wave, budget: str, began: str, told: str) -> None:
    count = wave.through(budget)
    assert "".join(wave.began) == began
    assert [end.step.subject for end in count.ends] == list(began)
    assert len(wave.said) == bool(told)
    assert all(event.message.startswith(told) for event in wave.said)
    assert wave.watched


def test_one_that_leaves_is_told_of_once_all_have_left() -> None:
    wave = Wave(leaves="b")
    with pytest.raises(Stopped):
        wave.through()
    assert wave.began == ["a", "b"]
    assert [event.message for event in wave.said] == ["2 node(s) not started: stop asked for"]


def test_a_held_wave_waits_and_a_stop_ends_it() -> None:
    wave = Wave()
    waits = iter((Answer.WAIT,) * 3)
    wave.ask = lambda step: next(waits, Answer.WAIT)  # type: ignore[method-assign]
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            wave.stop.set()

    wave.ctx.clock.sleep = sleep
    wave.through()
    assert slept == [0.1] * 3 and wave.began == []
    assert [event.message for event in wave.said] == ["4 node(s) not started: stop asked for"]
