"""The words of a command where they stand in a text, and the change of some of them. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from migrate.splice.text import NotEditable

_BARE = re.compile(r"[\w@%+=:,./-]+")
OPAQUE = "\0"
"""Starts the value of a word whose meaning another place decides: a variable, a specifier."""


@dataclass(frozen=True)
class Word:
    """One word of a command."""

    value: str
    """As the program gets it; ``OPAQUE`` and the text as written when that is not known."""
    start: int
    end: int
    assigned: tuple[int, int] | None = None
    """Where its whole value stands, when the word is one variable that nothing else uses."""
    hidden: tuple[str, ...] = ()
    """Several words that the text's own variable stands for."""
    why: str = ""
    """Why an ``OPAQUE`` word is not known, for people: where it is set."""
    bare: bool = False
    """It stands inside of quotes, as one of the words that a variable holds."""


@dataclass(frozen=True)
class Style:
    """How a format writes words."""

    render: Callable[[str], str]
    """A value as it stands in the text, quoted as needed."""
    gap: re.Pattern[str]
    """All that may stand between two words."""
    joint: str = " "
    """Between two words where the text gives no example."""
    pairs: str | None = " "
    """Between an option and its value; None: as between all words."""


def splice(text: str, words: Sequence[Word], new: Sequence[str], style: Style) -> str:
    """``text`` with ``words`` turned into the values ``new``; words that stay keep every byte."""
    for start, end, replacement in sorted(
        splices(text, words, new, style), key=lambda e: e[:2], reverse=True
    ):
        text = text[:start] + replacement + text[end:]
    return text


def splices(
    text: str, words: Sequence[Word], new: Sequence[str], style: Style
) -> list[tuple[int, int, str]]:
    """The changes that turn ``words`` into the values ``new``."""
    old = [word.value for word in words]
    raw = {word.value: text[word.start : word.end] for word in words}
    edits: list[tuple[int, int, str]] = []
    # A match by option and value would be better than by word; autojunk would spoil even that.
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        same = min(i2 - i1, j2 - j1)
        for offset in range(same):
            word, value = words[i1 + offset], new[j1 + offset]
            place = word.assigned if word.assigned and value.startswith("@") else None
            start, end = place or (word.start, word.end)
            told = bare(value) if word.bare else raw.get(value) or style.render(value)
            edits.append((start, end, told))
            written = text[word.start : word.end]
            if place and '"' not in written and any(c.isspace() for c in value):
                # Its variable now holds a space; without quotes it would be split.
                edits.append((word.start, word.end, f'"{written}"'))
        edits += _removals(text, words, i1 + same, i2, style)
        near = max(i1 + same - 1, 0)
        inside = bool(words) and words[near].bare
        added = [
            bare(value) if inside else raw.get(value) or style.render(value)
            for value in new[j1 + same : j2]
        ]
        if added:
            edits.append(_insertion(text, words, i1 + same, added, style))
    return edits


def bare(value: str) -> str:
    """A value inside of a variable that is split at blanks."""
    if not _BARE.fullmatch(value):
        raise NotEditable("a value would need quotes inside of a variable")
    return value


def _removals(
    text: str, words: Sequence[Word], first: int, last: int, style: Style
) -> list[tuple[int, int, str]]:
    """The removal of ``words[first:last]``, each run of them with the gap before it or after."""
    found: list[tuple[int, int, str]] = []
    at = first
    while at < last:
        end = at + 1
        while end < last and _adjacent(text, words[end - 1], words[end], style):
            end += 1
        start, stop = words[at].start, words[end - 1].end
        gap = _gap_before(text, _low(words, at), start, style)
        if gap == 0:
            following = style.gap.match(text, stop)
            stop = following.end() if following and end < len(words) else stop
        found.append((start - gap, stop, ""))
        at = end
    return found


def _adjacent(text: str, left: Word, right: Word, style: Style) -> bool:
    between = text[left.end : right.start]
    return left.end < right.start and style.gap.fullmatch(between) is not None


def _low(words: Sequence[Word], index: int) -> int:
    """From where on white space before a word may go."""
    start = words[index].start
    if index == 0:
        return start
    before = words[index - 1].end
    # Words of a variable stand where it is set, before the command that uses it.
    return before if before <= start else max(0, start - 200)


def _gap_before(text: str, low: int, high: int, style: Style) -> int:
    """Length of the gap that ends at ``high``."""
    for start in range(low, high):
        found = style.gap.match(text, start, high)
        if found and found.end() == high:
            return high - start
    return 0


def _insertion(
    text: str, words: Sequence[Word], index: int, added: list[str], style: Style
) -> tuple[int, int, str]:
    joint = _joint(text, words, index, style)
    parts: list[str] = []
    for number, part in enumerate(added):
        value = style.pairs is not None and number > 0 and not part.startswith("-")
        parts += [(style.pairs or "") if value else joint, part]
    if 0 < index < len(words):
        left, right = words[index - 1], words[index]
        if left.end <= right.start and left.bare == right.bare:
            return right.start, right.start, "".join([*parts[1:], joint])
    if index > 0:
        at = words[index - 1].end
        return at, at, "".join(parts)
    at = words[0].start if words else 0
    return at, at, "".join([*parts[1:], joint])


def _joint(text: str, words: Sequence[Word], index: int, style: Style) -> str:
    """What stands between the words around this place, or a little before it."""
    for right in (index, index - 1, index + 1):
        if 0 < right < len(words):
            between = text[words[right - 1].end : words[right].start]
            if style.gap.fullmatch(between):
                return between
    return style.joint
