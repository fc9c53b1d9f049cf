"""Words of a Windows command line, with their places. Pure.

WinSW hands its arguments to the process as one string; java splits it as
CommandLineToArgvW does. A variable (``%BASE%``) is left alone.
"""

import re

from migrate.splice.text import NotEditable
from migrate.splice.view import View, plain_only
from migrate.splice.words import OPAQUE, Word

GAP = re.compile(r"\s+")
_WORD = re.compile(r'(?:"[^"]*"|[^\s"])+')
_VARIABLE = re.compile(r"%[^%\s]+%")


def quote(value: str) -> str:
    """A value as one word. ``NotEditable`` for one with a quote, or a backslash before one."""
    if '"' in value:
        raise NotEditable("a value with a quote in it would have to be written")
    if value and not re.search(r"\s", value):
        return value
    if value.endswith("\\"):
        raise NotEditable("a value that ends in a backslash would have to be quoted")
    return f'"{value}"'


def read_words(text: str) -> tuple[Word, ...]:
    """``NotEditable`` where a quote is escaped or never closed."""
    if '\\"' in text:
        raise NotEditable("its arguments have an escaped quote")
    if text.count('"') % 2:
        raise NotEditable("a quote of its arguments is never closed")
    return tuple(word(m[0], m.start(), m.end()) for m in _WORD.finditer(text))


def word(raw: str, start: int, end: int) -> Word:
    """One word as written, quotes taken off."""
    value = raw.replace('"', "")
    return Word(OPAQUE + raw if _VARIABLE.fullmatch(value) else value, start, end)


def inside(view: View, found: Word) -> View | None:
    """The text of a word in quotes, as ``cmd /c "..."`` hands it on."""
    raw = view.text[found.start : found.end]
    if len(raw) < 2 or raw[0] != '"' or raw[-1] != '"' or '"' in raw[1:-1]:
        return None
    return view.part(found.start + 1, found.end - 1, plain_only)
