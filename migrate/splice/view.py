"""A text inside of a text: a shell's line in quotes, in XML, in YAML, in a crontab. Pure.

Words are read in the inner text and changed there; ``lift`` turns such changes into changes of the
file, so that every byte outside of them stays.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from migrate.splice.text import NotEditable

Splice = tuple[int, int, str]
"""What replaces ``text[start:end]``."""
_PLAIN = re.compile(r"[\w@%+=:,./ \t-]*")


def as_it_is(text: str) -> str:
    """Where nothing has to be escaped."""
    return text


def plain_only(text: str) -> str:
    """Inside of quotes: ``NotEditable`` for what would have to be escaped there."""
    if not _PLAIN.fullmatch(text):
        raise NotEditable("a value would have to be quoted inside of quotes")
    return text


@dataclass(frozen=True)
class View:
    """What a part of the file says, and where each of its characters stands."""

    text: str
    places: tuple[tuple[int, int], ...] | None = None
    """For each character its place in the outer text; None: it is the same text."""
    start: int = 0
    """Where the content begins in the outer text."""
    write: Callable[[str], str] = as_it_is
    """Characters as they are written in the outer text."""
    outer: "View | None" = None

    def lift(self, edits: Iterable[Splice]) -> list[Splice]:
        """The same changes in the file's own text."""
        made = list(edits)
        if self.places is not None:
            made = [(*self._span(start, end), self.write(new)) for start, end, new in made]
        return made if self.outer is None else self.outer.lift(made)

    def _span(self, start: int, end: int) -> tuple[int, int]:
        places = self.places or ()
        before = places[start - 1][1] if start else self.start
        return (before, before) if start == end else (places[start][0], places[end - 1][1])

    def part(self, start: int, end: int, write: Callable[[str], str] = as_it_is) -> "View":
        """A part of this text, read as a text of its own."""
        places = tuple((at, at + 1) for at in range(start, end))
        return View(self.text[start:end], places, start, write, self)

    def decoded(
        self,
        start: int,
        end: int,
        escape: re.Pattern[str],
        meaning: Callable[[re.Match[str]], str],
        write: Callable[[str], str],
    ) -> "View":
        """A part of this text in which ``escape`` stands for ``meaning``, of any length."""
        chars: list[str] = []
        places: list[tuple[int, int]] = []
        at = start
        while at < end:
            found = escape.match(self.text, at, end)
            stop = found.end() if found else at + 1
            for char in meaning(found) if found else self.text[at]:
                chars.append(char)
                places.append((at, stop))
            at = stop
        return View("".join(chars), tuple(places), start, write, self)


def applied(text: str, edits: Iterable[Splice]) -> str:
    """``text`` with these changes, which do not overlap, made."""
    for start, end, new in sorted(edits, key=lambda e: e[:2], reverse=True):
        text = text[:start] + new + text[end:]
    return text


_SH_ESCAPE = re.compile(r"\\(?:\r?\n|[$`\"\\])")


def in_quotes(view: View, start: int, end: int) -> View | None:
    """The text of one quoted word of sh; None for a word that is quoted otherwise."""
    raw = view.text[start:end]
    if len(raw) < 2 or raw[0] != raw[-1]:
        return None
    if raw[0] == "'" and "'" not in raw[1:-1]:
        return view.part(start + 1, end - 1, plain_only)
    if raw[0] == '"' and re.fullmatch(r'(?:[^"\\]|\\.)*', raw[1:-1], re.DOTALL):
        return view.decoded(start + 1, end - 1, _SH_ESCAPE, _without_backslash, plain_only)
    return None


def _without_backslash(match: re.Match[str]) -> str:
    return "" if match[0].endswith("\n") else match[0][1:]
