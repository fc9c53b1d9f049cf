"""When a run may move nodes: maintenance windows and a deadline. Pure.

A window is ``[DAYS] HH:MM-HH:MM [ZONE]``: ``Sat 22:00-02:00 Europe/Berlin``, ``Mon-Fri
20:00-06:00 UTC``, ``daily 01:00-04:00``. Its days are those on which it opens; it may end on
the next day. Its hours are wall-clock hours of its zone, so that it keeps them when summer
time begins or ends.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from migrate.model.amounts import seconds
from migrate.model.errors import UsageProblem

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FORM = re.compile(
    r"(?:(?P<days>[A-Za-z][A-Za-z,\- ]*?)\s+)?"
    r"(?P<from>\d{1,2}:\d{2})\s*-\s*(?P<to>\d{1,2}:\d{2})"
    r"(?:\s+(?P<zone>[A-Za-z][\w+\-/]*))?"
)
_HELP = '--window "Sat 22:00-02:00 Europe/Berlin"   (or "Mon-Fri 20:00-06:00 UTC", "daily ...")'
_LOOK_AHEAD = 8
"""Days: a window opens at least once a week."""


@dataclass(frozen=True)
class Window:
    """One maintenance window."""

    text: str
    days: frozenset[int]
    """Days on which it opens; Monday is 0."""
    opens: time
    closes: time
    """Not after ``opens``: on the next day. Equal: the whole day round."""
    zone: tzinfo

    def around(self, now: datetime) -> tuple[datetime, datetime] | None:
        """(opened, closes) of the occurrence that ``now`` is in, in UTC; None when closed."""
        today = now.astimezone(self.zone).date()
        for day in (today - timedelta(days=1), today):
            start, end = self._on(day)
            if day.weekday() in self.days and start <= now < end:
                return start, end
        return None

    def next_opening(self, now: datetime) -> datetime:
        """The first opening after ``now``, in UTC."""
        today = now.astimezone(self.zone).date()
        starts = [
            self._on(day)[0]
            for day in (today + timedelta(days=n) for n in range(_LOOK_AHEAD + 1))
            if day.weekday() in self.days
        ]
        return min(start for start in starts if start > now)

    def _on(self, day: date) -> tuple[datetime, datetime]:
        last = day if self.closes > self.opens else day + timedelta(days=1)
        return self._at(day, self.opens), self._at(last, self.closes)

    def _at(self, day: date, hour: time) -> datetime:
        # In UTC from here on: differences between local times ignore a change of the clocks.
        return datetime.combine(day, hour, self.zone).astimezone(UTC)


@dataclass(frozen=True)
class Limits:
    """All windows of a run and its deadline."""

    windows: tuple[Window, ...] = ()
    """None: any time."""
    deadline: datetime | None = None
    """UTC; nothing is started that is not expected to end before it."""

    def ends(self, now: datetime) -> datetime | None:
        """When the time that ``now`` is in ends, in UTC; None: never. ``now`` itself: closed.

        Windows that touch or overlap are one.
        """
        end = self._window_end(now)
        if self.deadline is None:
            return end
        limit = max(now, self.deadline)
        return limit if end is None else min(end, limit)

    def _window_end(self, now: datetime) -> datetime | None:
        if not self.windows:
            return None
        end = now
        while True:
            later = [found[1] for w in self.windows if (found := w.around(end)) is not None]
            if not later or end - now > timedelta(days=_LOOK_AHEAD):
                return end
            end = max(later)

    def next_opening(self, now: datetime) -> datetime | None:
        """The next time that a window opens; None without a window."""
        return min((w.next_opening(now) for w in self.windows), default=None)

    def told(self) -> str:
        """For a person and the journal; empty when there is no limit."""
        parts = [w.text for w in self.windows]
        if self.deadline is not None:
            parts.append(f"until {shown(self.deadline)}")
        return ", ".join(parts)

    def told_opening(self, now: datetime) -> str:
        """When it opens next, in the window's own zone as well; empty without a window."""
        found = [(w.next_opening(now), w) for w in self.windows]
        if not found:
            return ""
        at, window = min(found, key=lambda pair: pair[0])
        local = at.astimezone(window.zone)
        return f"the next window ({window.text}) opens at {local:%Y-%m-%d %H:%M %Z} ({shown(at)})"


def shown(at: datetime) -> str:
    """``2026-01-31 21:00 UTC``."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def parse_windows(texts: Iterable[str], local: tzinfo) -> tuple[Window, ...]:
    """Windows from ``--window`` (repeated, or several with commas); ``local``: without a zone.

    ``UsageProblem`` for what is not a window.
    """
    return tuple(parse_window(part, local) for text in texts for part in _entries(text))


def _entries(text: str) -> list[str]:
    """Split at commas; what has no hours (``Sat, Sun 1:00-5:00``) belongs to the next."""
    found: list[str] = []
    days = ""
    for part in text.split(","):
        whole = f"{days},{part.strip()}" if days else part.strip()
        days = "" if ":" in part else whole
        if not days:
            found.append(whole)
    return [*found, days] if days else found


def parse_window(text: str, local: tzinfo) -> Window:
    """One window; ``UsageProblem`` says what is wrong with it."""
    match = _FORM.fullmatch(text.strip())
    if match is None:
        raise UsageProblem(f"{text!r} is not a window", next_command=_HELP)
    try:
        opens, closes = time.fromisoformat(_two(match["from"])), _closing(match["to"])
    except ValueError:
        raise UsageProblem(f"{text!r} has an hour that there is not", next_command=_HELP) from None
    return Window(
        text=" ".join(text.split()),
        days=_days(match["days"] or "daily"),
        opens=opens,
        closes=closes,
        zone=_zone(match["zone"]) if match["zone"] else local,
    )


def _two(text: str) -> str:
    return text.zfill(5)


def _closing(text: str) -> time:
    return time() if text == "24:00" else time.fromisoformat(_two(text))


def _zone(name: str) -> tzinfo:
    # Any failure of the zone database is the same for a person: no such zone here.
    try:
        return UTC if name.upper() in ("UTC", "Z", "GMT") else ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        raise UsageProblem(f"there is no time zone {name!r}", next_command=_HELP) from None


def _days(text: str) -> frozenset[int]:
    found: set[int] = set()
    for part in re.split(r"[,\s]+", text.strip().lower()):
        if part in ("daily", "everyday"):
            found.update(range(7))
            continue
        first, _, last = part.partition("-")
        start, end = _day(first, text), _day(last or first, text)
        found.update((start + n) % 7 for n in range((end - start) % 7 + 1))
    return frozenset(found)


def _day(text: str, whole: str) -> int:
    if len(text) >= 3 and text[:3] in DAYS:
        return DAYS.index(text[:3])
    raise UsageProblem(f"{whole!r} names no day of the week", next_command=_HELP)


def parse_deadline(text: str, now: datetime, local: tzinfo) -> datetime:
    """``2h`` from ``now``, or an ISO time (without a zone: ``local``); in UTC."""
    # A bare number is no time here: it could be an hour of the day.
    left = None if text.strip().isdigit() else seconds(text)
    if left is not None:
        return now + timedelta(seconds=left)
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageProblem(
            f"{text!r} is not a deadline",
            next_command="--deadline 2h   (or --deadline 2026-01-31T04:00+01:00)",
        ) from None
    return (at if at.tzinfo else at.replace(tzinfo=local)).astimezone(UTC)
