"""One command of a story."""

from collections.abc import Callable
from dataclasses import dataclass

from migrate.sandbox.installation import Sandbox

PLAN = "plans/demo"


@dataclass(frozen=True)
class Act:
    """One command of the story."""

    why: str
    """For a reader who does not know the project."""
    command: str
    expect: int = 0
    first: Callable[[Sandbox], str] | None = None
    """What happens right before it, told in the line that it returns."""
