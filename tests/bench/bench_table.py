"""Benchmarks as ratios: what is measured against a baseline of the same run on the same machine.

A ratio travels between machines, seconds do not. Each bound is several times what was measured,
so that it fails for another order of growth and not for a busy machine.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import pytest


@dataclass(frozen=True)
class Row:
    """One comparison."""

    what: str
    against: str
    measured: float
    """Seconds."""
    baseline: float
    bound: float

    @property
    def ratio(self) -> float:
        return self.measured / self.baseline


ROWS = pytest.StashKey[list[Row]]()


class Compare(Protocol):
    """The fixture ``compare``."""

    def __call__(
        self,
        what: str,
        action: Callable[[], object],
        against: str,
        baseline: Callable[[], object],
        bound: float,
        rounds: int = 5,
    ) -> Row: ...


def best(action: Callable[[], object], rounds: int) -> float:
    """The shortest of some rounds, in seconds: the one that was least disturbed."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times)


@pytest.fixture
def compare(request: pytest.FixtureRequest) -> Compare:
    """Measure both, keep the row for the table, and hold the ratio to its bound."""

    def measure(
        what: str,
        action: Callable[[], object],
        against: str,
        baseline: Callable[[], object],
        bound: float,
        rounds: int = 5,
    ) -> Row:
        base = best(baseline, rounds)
        row = Row(what, against, best(action, rounds), base, bound)
        request.config.stash.setdefault(ROWS, []).append(row)
        assert row.ratio < bound
        return row

    return measure


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    rows = config.stash.get(ROWS, [])
    if not rows:
        return
    terminalreporter.section("ratios")
    wide = max(len(row.what) for row in rows)
    for row in rows:
        terminalreporter.write_line(
            f"{row.what:{wide}}  {row.ratio:6.1f} x  {row.against}  "
            f"({row.measured * 1000:.1f} ms against {row.baseline * 1000:.1f} ms; "
            f"bound {row.bound:g} x)"
        )
