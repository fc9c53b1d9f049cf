"""How long a node takes, by what the journal measured. Pure."""

import math
from collections.abc import Iterable
from datetime import datetime

from migrate.model.journal.run import StepFinished, StepStarted
from migrate.model.records import Record
from migrate.model.run import StepState

FIRST_GUESS = 180.0
"""Seconds, before any node was measured: the default of ``--verify-timeout``."""
LAST = 20
"""Nodes that count: what was long ago tells little about now."""
_DAY = 86400.0
_MOVED = (StepState.DONE, StepState.PUT_BACK)


def durations(records: Iterable[Record]) -> tuple[float, ...]:
    """Seconds of each node that was moved (or put back), in the order of their ends.

    A time that cannot be (a clock that was set back, a day and more) does not count.
    """
    started: dict[str, datetime] = {}
    found: list[float] = []
    for record in records:
        if not record.step.startswith("node/"):
            continue
        entry = record.entry
        if isinstance(entry, StepStarted):
            started[record.step] = datetime.fromisoformat(record.at)
        elif isinstance(entry, StepFinished) and record.step in started:
            took = (datetime.fromisoformat(record.at) - started.pop(record.step)).total_seconds()
            if entry.state in _MOVED and 0 <= took < _DAY:
                found.append(took)
    return tuple(found)


def expected(records: Iterable[Record], first_guess: float = FIRST_GUESS) -> float:
    """Seconds within which nine of ten of the last nodes were done."""
    last = sorted(durations(records)[-LAST:])
    return last[math.ceil(0.9 * len(last)) - 1] if last else first_guess


def left(records: Iterable[Record], nodes: int, side_by_side: int) -> float | None:
    """Seconds until ``nodes`` more are done; None before anything was measured."""
    last = durations(records)[-LAST:]
    if not last:
        return None
    return sum(last) / len(last) * math.ceil(nodes / max(1, side_by_side))
