"""Real time, with waits that a second Ctrl-C ends."""

import threading
import time
from datetime import UTC, datetime

from migrate.steps.base import Clock, Stopped


class StopSignal:
    """Set once: finish what is in hand. Set twice: stop at the next record."""

    def __init__(self) -> None:
        self._soft, self._hard = threading.Event(), threading.Event()

    def set(self) -> None:
        """One more request to stop."""
        if self._soft.is_set():
            self._hard.set()
        self._soft.set()

    @property
    def soft(self) -> bool:
        """Nothing new may start."""
        return self._soft.is_set()

    @property
    def hard(self) -> bool:
        """Leave now."""
        return self._hard.is_set()

    def wait_hard(self, seconds: float) -> bool:
        """Wait; True when the second request came."""
        return self._hard.wait(seconds)


class RealClock:
    """``steps.base.Clock`` over the system's clock."""

    def __init__(self, stop: StopSignal) -> None:
        self._stop = stop

    def now(self) -> str:
        """UTC with milliseconds."""
        return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait, or raise ``Stopped``."""
        if self._stop.wait_hard(seconds):
            raise Stopped


def wall(clock: Clock) -> datetime:
    """The wall clock's time in UTC."""
    return datetime.fromisoformat(clock.now()).astimezone(UTC)
