"""What a run that is under way does just now, from its journal: window, wait, time left. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from migrate.engine.admission.pace import left
from migrate.model.journal.run import HeldNote, ReleasedNote, RunResumed, RunStarted
from migrate.model.names import StageName
from migrate.model.plan import NODE_STEPS
from migrate.model.records import Record
from migrate.model.run import Run, StepState

OPEN = (StepState.PENDING, StepState.RUNNING)


def standing(run: Run, records: Sequence[Record]) -> tuple[str, ...]:
    """Lines for a person; none for a run that is not running."""
    if run.state != "running":
        return ()
    options = _options(records)
    lines = []
    if options.get("limits"):
        lines.append(f"window: {options['limits']}")
    held = _held(records)
    if held:
        lines.append(held)
    nodes = [s for s in run.steps if s.stage is StageName.NODES and s.kind in NODE_STEPS]
    todo = [s for s in nodes if s.state in OPEN]
    in_hand = [s.subject.removeprefix("node ") for s in nodes if s.state is StepState.RUNNING]
    if in_hand:
        lines.append(f"in hand: {', '.join(in_hand)}")
    if todo:
        lines.append(f"{len(nodes) - len(todo)} of {len(nodes)} nodes ended{_eta(records, todo)}")
    return tuple(lines)


def _eta(records: Sequence[Record], todo: Sequence[object]) -> str:
    side_by_side = int(_options(records).get("concurrency") or 1)
    seconds = left(records, len(todo), side_by_side)
    if seconds is None:
        return ""
    at = datetime.fromisoformat(records[-1].at) + timedelta(seconds=seconds)
    return f"; the rest takes about {timedelta(seconds=round(seconds))} (until {at:%H:%M} UTC)"


def _options(records: Sequence[Record]) -> dict[str, str]:
    starts = (r.entry for r in reversed(records))
    found = (entry.options for entry in starts if isinstance(entry, RunStarted | RunResumed))
    return next(found, {})


def _held(records: Sequence[Record]) -> str:
    """What it waits for, and since when; empty: nothing any more."""
    for record in reversed(records):
        if isinstance(record.entry, RunStarted | RunResumed | ReleasedNote):
            break
        if isinstance(record.entry, HeldNote):
            return f"{record.entry.text} (since {record.at})"
    return ""
