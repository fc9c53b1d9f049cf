"""Asked right before each node: may it start, must it wait, or does nothing start any more?"""

from collections.abc import Callable
from datetime import timedelta
from enum import Enum

from migrate.engine.admission.throttle import Throttle, reasons
from migrate.engine.admission.window import Limits, shown
from migrate.engine.clock import wall
from migrate.model.journal.base import Note
from migrate.model.journal.run import ClockNote, HeldNote, NoProgressNote, ReleasedNote
from migrate.steps.base import Clock

JUMP = 30.0
"""Seconds by which the wall clock and the steady clock may part without a word."""
NO_PROGRESS = 900.0
"""Seconds without any node's end after which that is said; then after twice as long ..."""


class Answer(Enum):
    """What a node may do."""

    GO = "go"
    WAIT = "wait"
    CLOSED = "closed"


class TimeLimit:
    """A window and a deadline, judged by two clocks.

    The steady clock stands still while a laptop sleeps (Linux), the wall clock may be set
    back. So the time that is left is the smaller of what both say, looked up afresh each time.
    """

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._limits, self._clock = limits, clock
        self._wall, self._steady = wall(clock), clock.monotonic()
        self._until = limits.ends(self._wall)
        self._parted = 0.0

    def left(self) -> float | None:
        """Seconds until nothing may run any more; None: no limit."""
        now = wall(self._clock)
        end = self._limits.ends(now)
        if self._until is None or end is None:
            return None
        by_wall = (min(end, self._until) - now).total_seconds()
        ran = self._clock.monotonic() - self._steady
        by_steady = (self._until - self._wall).total_seconds() - ran
        return max(0.0, min(by_wall, by_steady))

    def closed(self, needs: float, what: str = "a node") -> str:
        """Why ``what``, which takes ``needs`` seconds, may not start; empty: it may."""
        left = self.left()
        if left is None or left > needs:
            return ""
        now = wall(self._clock)
        told = self._limits.told()
        why = (
            f"outside of the window ({told})"
            if left <= 0
            else f"{_span(left)} of the window are left ({told}), and {what} takes {_span(needs)}"
        )
        opening = self._limits.told_opening(now)
        return why + (f"; {opening}" if opening else "")

    def jumped(self) -> float:
        """Seconds by which the clocks parted since the last call, when that is worth a word."""
        parted = (wall(self._clock) - self._wall).total_seconds()
        parted -= self._clock.monotonic() - self._steady
        by, jump = parted - self._parted, abs(parted - self._parted) >= JUMP
        if jump:
            self._parted = parted
        return by if jump else 0.0

    def told(self) -> str:
        """The limit, and when it ends."""
        told = self._limits.told()
        return f"{told}; ends {shown(self._until)}" if self._until is not None else told


class StartGate:
    """One run's gate. Asked by one thread only."""

    def __init__(
        self,
        limit: TimeLimit,
        throttles: tuple[Throttle, ...],
        clock: Clock,
        *,
        expected: Callable[[], float],
        note: Callable[[Note], None],
        poll: float,
        max_wait: float | None = None,
    ) -> None:
        self._limit, self._throttles, self._clock = limit, throttles, clock
        self._expected, self._note = expected, note
        self._poll, self._max_wait = poll, max_wait
        self._waits_for: tuple[str, ...] = ()
        self._since = self._asked = 0.0
        self._progress = clock.monotonic()
        self._quiet_for = NO_PROGRESS
        self.why = ""
        """Why nothing starts any more; empty while something may."""

    def ask(self) -> Answer:
        """For the next node. Looks at everything again, while it waits at most every ``poll``."""
        if self.why:
            return Answer.CLOSED
        self._tell_jump()
        self.why = self._limit.closed(self._expected())
        if self.why:
            return Answer.CLOSED
        now = self._clock.monotonic()
        if self._waits_for and now - self._asked < self._poll:
            return Answer.WAIT
        self._asked = now
        return self._wait(reasons(self._throttles), now)

    def _wait(self, found: tuple[str, ...], now: float) -> Answer:
        if not found:
            if self._waits_for:
                self._note(ReleasedNote(text="goes on: nothing keeps it any more"))
            self._waits_for = ()
            return Answer.GO
        if not self._waits_for:
            self._since = now
        if _subjects(found) != _subjects(self._waits_for):
            self._note(HeldNote(text=f"waits before the next node: {'; '.join(found)}"))
        self._waits_for = found
        if self._max_wait is not None and now - self._since >= self._max_wait:
            self.why = f"waited for {_span(now - self._since)} (--max-wait): {'; '.join(found)}"
            return Answer.CLOSED
        return Answer.WAIT

    def _tell_jump(self) -> None:
        by = self._limit.jumped()
        if by:
            what = "forward (or this machine slept)" if by > 0 else "back"
            text = f"the clock went {_span(abs(by))} {what}; looked at all times anew"
            self._note(ClockNote(text=text))

    def progressed(self) -> None:
        """A node ended."""
        self._progress, self._quiet_for = self._clock.monotonic(), NO_PROGRESS

    def watch(self, in_hand: Callable[[], str]) -> None:
        """Say it when nothing has ended for a long time; ``in_hand`` tells what goes on."""
        silent = self._clock.monotonic() - self._progress
        if silent >= self._quiet_for:
            self._quiet_for *= 2
            doing = "; ".join(self._waits_for) or in_hand()
            self._note(NoProgressNote(text=f"no node has ended for {_span(silent)}: {doing}"))


def _subjects(found: tuple[str, ...]) -> tuple[str, ...]:
    """Reasons without their numbers: a queue of 41 instead of 40 is no news."""
    return tuple("".join(c for c in text if not c.isdigit()) for text in found)


def _span(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))
