"""Times of records as numbers."""

from datetime import UTC, datetime


def seconds_of(iso: str) -> float:
    """Seconds since 1970 of an ISO 8601 time (UTC where it names no zone); 0 for none."""
    try:
        found = datetime.fromisoformat(iso)
    except ValueError:
        return 0.0
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def between(start: str, end: str) -> float | None:
    """Seconds from one to the other; None where one of them is not known."""
    return max(seconds_of(end) - seconds_of(start), 0.0) if start and end else None
