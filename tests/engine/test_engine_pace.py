"""The measured time of nodes."""

import pytest

from migrate.engine.admission.pace import FIRST_GUESS, durations, expected, left
from migrate.model.journal.run import StepFinished, StepStarted
from migrate.model.records import Record
from migrate.model.run import StepState


def node(number: int, start: str, end: str, state: str = "done") -> list[Record]:
    step = f"node/{number}"
    return [
        Record(1, f"2026-01-31T{start}Z", StepStarted(), step),
        Record(2, f"2026-01-31T{end}Z", StepFinished(state=StepState(state)), step),
    ]


def test_before_the_first_node_there_is_a_guess() -> None:
    assert expected([]) == FIRST_GUESS
    assert left([], 10, 2) is None


def test_nine_of_ten_count_and_what_cannot_be_does_not() -> None:
    records = [r for n in range(9) for r in node(n, "20:00:00", "20:00:10")]
    records += node(10, "20:00:00", "20:30:00")
    records += node(11, "20:00:00", "19:00:00")  # the clock was set back
    records += node(12, "20:00:00", "20:40:00", state="drifted")
    assert len(durations(records)) == 10
    assert expected(records) == 10.0


@pytest.mark.parametrize(
    ("nodes", "seconds"), [(1, 1), (2, 2), (9, 9), (10, 9), (11, 10), (20, 18)]
)
def test_nine_of_ten_were_done_within_it(nodes: int, seconds: int) -> None:
    slowest_first = range(nodes, 0, -1)
    records = [r for n in slowest_first for r in node(n, "20:00:00", f"20:00:{n:02}")]
    assert expected(records) == seconds


def test_what_was_long_ago_does_not_count() -> None:
    records = [r for n in range(10) for r in node(n, "20:00:00", "20:00:59")]
    records += [r for n in range(10, 30) for r in node(n, "20:00:00", "20:00:05")]
    assert expected(records) == 5.0
    assert left(records, 1, 1) == 5.0


def test_the_time_left_counts_what_runs_side_by_side() -> None:
    records = node(1, "20:00:00", "20:00:20")
    assert left(records, 5, 2) == 60.0
