"""What a node must pass before it starts: window, holds, clocks."""

from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from engine_time import TestClock
from msgspec import structs

from migrate.engine.admission.start_gate import Answer, StartGate, TimeLimit
from migrate.engine.admission.throttle import (
    FileThrottle,
    HookThrottle,
    LoadThrottle,
    Paused,
    QueueThrottle,
    percent,
)
from migrate.engine.admission.window import Limits, parse_windows
from migrate.engine.record.folder import RunFolder
from migrate.engine.run.starting import Starter
from migrate.model.errors import MigrateError, UsageProblem
from migrate.model.journal.base import Note
from migrate.model.journal.run import NoProgressNote
from migrate.model.plan_steps import KubeTarget, Piece, RemoveContainerPort
from migrate.steps.base import RunSettings

NIGHT = Limits(parse_windows(["Sat 20:00-22:00 UTC"], UTC))


@dataclass
class Bench:
    """A gate with everything that it looks at in reach."""

    clock: TestClock
    limits: Limits = NIGHT
    takes: float = 600.0
    held: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    max_wait: float | None = None

    def reason(self) -> str:
        return self.held[0] if self.held else ""

    def gate(self) -> StartGate:
        return StartGate(
            TimeLimit(self.limits, self.clock),
            (self,),
            self.clock,
            expected=lambda: self.takes,
            note=self.notes.append,
            poll=2.0,
            max_wait=self.max_wait,
        )


def test_no_node_starts_that_is_not_expected_to_end_within_the_window() -> None:
    bench = Bench(TestClock())
    gate = bench.gate()
    bench.clock.pass_(6599)  # 21:49:59
    assert gate.ask() is Answer.GO
    bench.clock.pass_(2)
    assert gate.ask() is Answer.CLOSED
    assert "0:10:00" in gate.why
    assert "2026-02-07 20:00" in gate.why, "the next opening is named"


def test_a_faster_fleet_may_start_later() -> None:
    bench = Bench(TestClock(), takes=20.0)
    gate = bench.gate()
    bench.clock.pass_(7100)
    assert gate.ask() is Answer.GO


def test_outside_of_the_window_nothing_starts() -> None:
    assert Bench(TestClock("2026-01-31T19:59:00Z")).gate().ask() is Answer.CLOSED


def test_a_laptop_asleep_for_an_hour_wakes_to_a_later_hour() -> None:
    bench = Bench(TestClock())
    gate = bench.gate()
    bench.clock.pass_(3600)
    bench.clock.jump(3600)  # suspended: the steady clock stood still
    assert gate.ask() is Answer.CLOSED
    assert [note.action for note in bench.notes] == ["clock"]


def test_a_clock_that_is_set_back_does_not_lengthen_the_window() -> None:
    bench = Bench(TestClock())
    gate = bench.gate()
    bench.clock.pass_(7000)
    bench.clock.jump(-3600)
    assert gate.ask() is Answer.CLOSED
    assert "back" in bench.notes[0].text


def test_a_hold_is_said_once_looked_at_again_and_ends() -> None:
    bench = Bench(TestClock(), Limits())
    gate = bench.gate()
    bench.held = ["41 builds wait"]
    assert gate.ask() is Answer.WAIT
    bench.held = ["40 builds wait"]
    bench.clock.pass_(1)
    assert gate.ask() is Answer.WAIT
    bench.clock.pass_(3)
    assert gate.ask() is Answer.WAIT
    bench.held = []
    bench.clock.pass_(3)
    assert gate.ask() is Answer.GO
    assert [note.action for note in bench.notes] == ["held", "released"]
    assert "41 builds wait" in bench.notes[0].text


def test_a_hold_that_lasts_too_long_stops_the_run() -> None:
    bench = Bench(TestClock(), Limits(), held=["the wait file exists"], max_wait=60.0)
    gate = bench.gate()
    assert gate.ask() is Answer.WAIT
    bench.clock.pass_(59)
    assert gate.ask() is Answer.WAIT
    bench.clock.pass_(3)
    assert gate.ask() is Answer.CLOSED
    assert "the wait file exists" in gate.why
    assert gate.ask() is Answer.CLOSED, "closed stays closed"


def test_silence_is_said_less_and_less_often() -> None:
    bench = Bench(TestClock(), Limits())
    gate = bench.gate()
    for _ in range(40):
        bench.clock.pass_(100)
        gate.watch(lambda: "in hand: node a")
    assert [note.text for note in bench.notes if isinstance(note, NoProgressNote)] == [
        "no node has ended for 0:15:00: in hand: node a",
        "no node has ended for 0:30:00: in hand: node a",
        "no node has ended for 1:00:00: in hand: node a",
    ]
    gate.progressed()
    gate.watch(lambda: "")
    assert len(bench.notes) == 3


class Load:
    """A controller that has only a load."""

    def __init__(self, waiting: int, busy: int, total: int, *, away: bool = False) -> None:
        self.waiting, self.busy, self.total, self.away = waiting, busy, total, away

    def queue_length(self) -> int:
        if self.away:
            raise MigrateError("it is away")
        return self.waiting

    def load(self) -> tuple[int, int]:
        if self.away:
            raise MigrateError("it is away")
        return self.busy, self.total


def test_queue_and_load() -> None:
    calm, busy = Load(3, 8, 10), Load(4, 9, 10)
    assert QueueThrottle(calm, 3).reason() == ""  # type: ignore[arg-type]
    assert "4 builds wait" in QueueThrottle(busy, 3).reason()  # type: ignore[arg-type]
    assert LoadThrottle(calm, 80).reason() == ""  # type: ignore[arg-type]
    assert "9 of 10" in LoadThrottle(busy, 80).reason()  # type: ignore[arg-type]
    assert LoadThrottle(Load(0, 0, 0), 0).reason() == ""  # type: ignore[arg-type]


def test_a_load_that_cannot_be_read_holds() -> None:
    away = Load(0, 0, 1, away=True)
    assert "it is away" in QueueThrottle(away, 3).reason()  # type: ignore[arg-type]
    assert "it is away" in LoadThrottle(away, 50).reason()  # type: ignore[arg-type]


def test_files_pause_and_hook(tmp_path: Path) -> None:
    path = tmp_path / "hold"
    assert FileThrottle(path).reason() == ""
    path.touch()
    assert str(path) in FileThrottle(path).reason()
    folder = RunFolder(tmp_path / "runs" / "r")
    folder.create()
    assert Paused(folder).reason() == ""
    folder.pause_file.touch()
    assert "migrate continue" in Paused(folder).reason()
    assert HookThrottle(lambda: (True, "")).reason() == ""
    assert "freeze" in HookThrottle(lambda: (False, "freeze")).reason()


@pytest.mark.parametrize("text", ["", "-1", "101%", "many"])
def test_a_bad_load_is_a_usage_problem(text: str) -> None:
    with pytest.raises(UsageProblem):
        percent(text)


def test_what_restarts_jenkins_is_not_begun_close_to_the_end_of_the_window() -> None:
    clock = TestClock()
    around = SimpleNamespace(emit=print, clock=clock, settings=RunSettings())
    runner: Any = SimpleNamespace(journal=None, ctx=around, folder=None)
    options: Any = SimpleNamespace(limits=NIGHT, throttles=(), max_wait=None)
    moments: Any = SimpleNamespace(may_go_on=lambda: None)
    starter = Starter(runner, options, moments, lambda: None)
    plain = RemoveContainerPort(
        id="close/a",
        subject="a",
        title="a",
        piece=Piece(target=KubeTarget(kind="DaemonSet", namespace="n", name="a"), port=50000),
    )
    jenkins = structs.replace(plain, restarts_controller=True)
    clock.pass_(6599)  # 21:49:59
    assert not starter.no_time_for(jenkins)
    clock.pass_(2)
    assert not starter.no_time_for(plain)
    assert "a restart of Jenkins takes 0:10:00" in starter.no_time_for(jenkins)
