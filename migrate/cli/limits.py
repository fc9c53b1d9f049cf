"""From the options of ``apply`` to windows, throttles and hooks."""

from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

from migrate.model.amounts import seconds
from migrate.model.errors import UsageProblem

if TYPE_CHECKING:
    from datetime import datetime

    from migrate.engine.admission.throttle import Throttle
    from migrate.engine.admission.window import Limits
    from migrate.model.ports import ControllerPort


def limits(windows: list[str] | None, deadline: str | None, now: "datetime") -> "Limits":
    """Windows and deadline; a time without a zone is UTC. ``UsageProblem`` for what is neither."""

    from migrate.engine.admission.window import Limits, parse_deadline, parse_windows

    found = Limits(
        parse_windows(windows or (), UTC),
        None if deadline is None else parse_deadline(deadline, now, UTC),
    )
    if found.deadline is not None and found.deadline <= now:
        raise UsageProblem(
            f"the deadline {deadline} is over", next_command="--deadline 2h   (or a later time)"
        )
    return found


def span(text: str, flag: str) -> float:
    """The time that an option says, in seconds; ``UsageProblem`` for anything else."""
    found = seconds(text)
    if found is None:
        raise UsageProblem(f"{flag}: {text!r} is not a time", next_command=f"{flag} 30m")
    return found


def throttles(
    jenkins: "ControllerPort", max_queue: int | None, max_busy: str | None, wait_file: Path | None
) -> "tuple[Throttle, ...]":
    """What the options ask for."""
    from migrate.engine.admission.throttle import FileThrottle, LoadThrottle, QueueThrottle, percent

    found: list[Throttle] = []
    if wait_file is not None:
        found.append(FileThrottle(wait_file))
    if max_queue is not None:
        found.append(QueueThrottle(jenkins, max_queue))
    if max_busy is not None:
        found.append(LoadThrottle(jenkins, percent(max_busy)))
    return tuple(found)
