"""What an edit of a file is: the text to write, and the text to put back."""

import difflib
from dataclasses import dataclass, field

from migrate.model.text import visible, visible_lines
from migrate.splice.private import without_private
from migrate.splice.text import NotEditable, hidden


@dataclass(frozen=True)
class SecretFile:
    """A file for the agent's secret, to be written before the launch names it."""

    path: str
    content: str = field(repr=False)
    mode: int = 0o600


@dataclass(frozen=True)
class Edit:
    """What to write, and what to put back."""

    path: str
    """The file to write: the one that was read, or a drop-in beside it."""
    original: str | None = field(repr=False)
    """Text before; None: the file was not there, and undoing removes it."""
    text: str = field(repr=False)
    diff: str
    """For people, secrets masked; empty when nothing is to be done."""
    notes: tuple[str, ...] = ()
    """What was left out and why; what else must happen for the edit to take effect."""
    secret: SecretFile | None = None
    reason: str = ""
    """Why nothing is to be done; empty when there is something."""

    @property
    def changed(self) -> bool:
        """Whether there is anything to write."""
        return self.text != self.original


def undo(edit: Edit, current: str | None) -> str | None:
    """The text to put back; None: remove the file. ``current`` is what is there now.

    ``NotEditable`` when somebody changed the file since: it is theirs now.
    """
    if current == edit.original:
        return edit.original
    if current != edit.text:
        raise NotEditable("somebody changed it after the edit; put it back by hand", edit.path)
    return edit.original


def text_diff(old: str, new: str, path: str, hide: tuple[str, ...]) -> str:
    """A unified diff for people; ``hide`` are secrets as they stand in either text."""
    sides = (hidden(without_private(side), hide) for side in (old, new))
    before, after = (visible_lines(side).splitlines() for side in sides)
    name = visible(path) or "launch"
    return "\n".join(difflib.unified_diff(before, after, name, name, lineterm="", n=2)) + "\n"
