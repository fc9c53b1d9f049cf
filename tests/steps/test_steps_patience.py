"""How long a step waits for a controller that is away."""

from typing import Any, cast

import pytest
from steps_kube_agents import QuickClock

from migrate.jenkins.errors import Forbidden, Unreachable
from migrate.model.errors import MigrateError
from migrate.model.plan import Choices
from migrate.model.ports import ControllerPort, ProbePort
from migrate.steps.base import Context, Event, RunSettings
from migrate.steps.patience import patiently


class Away:
    """A controller that is away from its first call until ``back`` seconds."""

    def __init__(self, back: float, error: MigrateError | None = None) -> None:
        self.clock = QuickClock(lambda: None)
        self.back, self.error, self.calls = back, error or Unreachable("it is away"), 0
        self.events: list[Event] = []

    def call(self) -> str:
        self.calls += 1
        if self.clock.at < self.back:
            raise self.error
        return "here"

    def ask(self, **options: Any) -> str:
        ctx = Context(
            jenkins=cast(ControllerPort, None), cluster=None, prober=cast(ProbePort, None),
            inventory=None, choices=Choices("t"), settings=RunSettings(poll=2.0),
            clock=self.clock, emit=self.events.append,
        )  # fmt: skip
        return patiently(ctx, self.call, **options)


@pytest.mark.parametrize("back", [0.0, 2.0, 240.0, 300.0])
def test_a_restart_of_the_controller_is_waited_out(back: float) -> None:
    away = Away(back)
    assert away.ask() == "here"
    assert away.clock.at == back
    told = [e.message for e in away.events]
    assert told == (["it is away; tried again for up to 300 s"] if back else [])


def test_five_minutes_are_enough() -> None:
    away = Away(301.0)
    with pytest.raises(Unreachable):
        away.ask()
    assert away.clock.at == 300.0


def test_a_caller_may_have_less_time() -> None:
    away = Away(60.0)
    with pytest.raises(Unreachable):
        away.ask(away_for=10.0)
    assert away.clock.at == 10.0


def test_what_does_not_pass_by_itself_is_not_tried_again() -> None:
    away = Away(2.0, Forbidden("this", permission="Overall/Administer"))
    with pytest.raises(Forbidden):
        away.ask()
    assert (away.calls, away.clock.at) == (1, 0.0)
