"""What one look at the controller gives, whichever way it was taken."""

from collections.abc import Callable
from dataclasses import dataclass

from migrate.model.inventory import Controller, Node, Skip

Progress = Callable[[str, int, int], None]
"""(what, done, total); called from one thread at a time."""


@dataclass(frozen=True)
class Reading:
    """The controller's half of an inventory."""

    read_by: str
    """``rest`` or ``script``."""
    controller: Controller
    nodes: tuple[Node, ...]
    """Sorted by name, the built-in one included."""
    skips: tuple[Skip, ...]


def silent(_what: str, _done: int, _total: int) -> None:
    """A Progress that tells nobody."""
