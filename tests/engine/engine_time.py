"""A clock that tests set: wall and steady time move apart when told so."""

from datetime import UTC, datetime, timedelta


class TestClock:
    """``steps.base.Clock``; ``sleep`` moves both."""

    __test__ = False

    def __init__(self, at: str = "2026-01-31T20:00:00+00:00") -> None:
        self.wall = datetime.fromisoformat(at)
        self.steady = 1000.0

    def now(self) -> str:
        return self.wall.astimezone(UTC).isoformat(timespec="milliseconds")

    def monotonic(self) -> float:
        return self.steady

    def sleep(self, seconds: float) -> None:
        self.pass_(seconds)

    def pass_(self, seconds: float) -> None:
        """Time goes by."""
        self.wall += timedelta(seconds=seconds)
        self.steady += seconds

    def jump(self, seconds: float) -> None:
        """The wall clock is set; or, forward, the machine slept."""
        self.wall += timedelta(seconds=seconds)
