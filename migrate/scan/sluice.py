"""How many agents are asked at once: more while answers are quick, half as many when they are not.

Additive increase, multiplicative decrease, as TCP does it: an edge or a controller that is loaded
answers fewer questions in time, the more of them it has at once.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SLOW = 15.0
"""Seconds; a first script on an agent takes 2 to 4 s on a machine at rest, and proxies give up
after 30 or 60 s."""
FIRST = 8
_UNLIKE_THE_BEST = 3.0


class Sluice:
    """Lets at most ``limit`` callers in. Safe for many threads."""

    def __init__(self, most: int, now: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._now = now
        self._limit = float(min(FIRST, most))
        self._inside = 0
        self._free = threading.Condition()
        self._slowed_at = float("-inf")
        self._quick_began = float("-inf")
        self._best: float | None = None

    @property
    def limit(self) -> int:
        """How many may be inside now; at least one."""
        return int(self._limit)

    @contextmanager
    def place(self) -> Iterator[float]:
        """Wait for a place, hold it; gives the time at which it was got."""
        with self._free:
            self._free.wait_for(lambda: self._inside < self.limit)
            self._inside += 1
        try:
            yield self._now()
        finally:
            with self._free:
                self._inside -= 1
                self._free.notify_all()

    def answered(self, began: float) -> None:
        """An answer came to what was asked at ``began``."""
        with self._free:
            took = self._now() - began
            self._best = took if self._best is None else min(self._best, took)
            if took > max(SLOW, _UNLIKE_THE_BEST * self._best):
                self._slower(began)
                return
            self._quick_began = max(self._quick_began, began)
            # One more for each answer until the first slow one, then one more a round.
            never_slow = self._slowed_at == float("-inf")
            self._limit = min(self._most, self._limit + (1 if never_slow else 1 / self._limit))
            self._free.notify_all()

    def late(self, began: float) -> None:
        """Somebody gave up waiting. That is one agent's own trouble, where another that was asked
        after it has answered at once."""
        with self._free:
            if self._quick_began <= began:
                self._slower(began)

    def refused(self, began: float) -> None:
        """The far side, or what stands in front of it, could not take the question."""
        with self._free:
            self._slower(began)

    def _slower(self, began: float) -> None:
        # What was asked before the last cut says nothing about the pace since.
        if began >= self._slowed_at:
            self._limit = max(1.0, self._limit / 2)
            self._slowed_at = self._now()
