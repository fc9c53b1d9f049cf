"""The step for a person that comes after an edit of a source."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Deploy:
    """What a step says that waits until an edited source is deployed."""

    reason: str
    instructions: str
    undo: str
