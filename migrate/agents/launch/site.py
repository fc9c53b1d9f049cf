"""Where the words of a command stand, and how they are written there. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from migrate.splice.view import View
from migrate.splice.words import Style, Word


def nothing_inside(view: View, word: Word) -> View | None:
    """For formats whose words hold no text of their own."""
    del view, word
    return None


@dataclass(frozen=True)
class Site:
    """A text with words, the style of that text, and how one looks into a word's quotes."""

    view: View
    style: Style
    inside: Callable[[View, Word], View | None] = nothing_inside
    """The text that a word hands on, each character with its place; None: not plain to see."""
    script: Callable[..., Any] | None = None
    """What reads such a text; None: the reader of shell scripts."""
