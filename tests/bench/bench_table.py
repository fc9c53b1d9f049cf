"""Benchmarks as ratios: what is measured against a baseline of the same run on the same machine.

A ratio travels between machines, seconds do not. Each bound is several times what was measured,
so that it fails for another order of growth and not for a busy machine.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

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
Compare = Callable[[str, Callable[[], object], str, Callable[[], object], float, int], Row]


def best(action: Callable[[], object], rounds: int) -> float:
    """The shortest of some rounds, in seconds: the one that was least disturbed."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times)
