"""Journal records: what a run intended, did and saw.

The form of the journal on disk is that of engine/record/journal.py.
"""

from dataclasses import dataclass, field
from typing import Any

KEEP_MARK = "keep-mark"
MARKING = ("hold", "release", KEEP_MARK)
"""Actions that change nothing of a node but its offline mark."""


MADE_ANEW = "made_anew"
"""In an ``undone``: the uid of the object that a rollback created again."""


@dataclass(frozen=True)
class Record:
    """One line of journal.jsonl.

    An ``intent`` is written and fsynced before a change, with all that is needed to undo
    it (values, or names of backup files with their SHA-256); its ``outcome`` after it.
    """

    seq: int
    at: str
    """UTC, ISO 8601 with milliseconds."""
    kind: str
    """``run-started``, ``run-resumed``, ``run-finished``, ``stage-started``, ``stage-finished``,
    ``wave-started``, ``wave-finished``, ``step-started``, ``step-finished``, ``intent``,
    ``outcome``, ``undo`` (before something is put back), ``undone``, ``mark``, ``note``."""
    step: str = ""
    action: str = ""
    """What is done within the step: ``hold``, ``switch``, ``upgrade``, ``patch`` ..."""
    data: dict[str, Any] = field(default_factory=dict)
