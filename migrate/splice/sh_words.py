"""The commands of a shell script and the words in them, with their places. Pure.

A careful reader of the part of POSIX sh that start scripts are made of. What needs a shell to be
known (command substitution, a variable that is set elsewhere, twice, or in a branch that the
command is not in) stays opaque.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from migrate.splice.sh_blocks import Block, blocks, reaches
from migrate.splice.sh_tokens import (
    ASSIGNMENT,
    EXPANSION,
    SETTERS,
    Command,
    Part,
    Token,
    raw,
    read_tokens,
)
from migrate.splice.words import OPAQUE, Word

GAP = re.compile(r"(?:[ \t]|\\?\r?\n)+")
"""Between two words that are changed: in an array also the end of a line."""
_NAME = re.compile(r"[A-Za-z_]\w*")
_ARRAY_USE = re.compile(r"\"?\$\{([A-Za-z_]\w*)\[[@*]\]\}\"?")
_USE = re.compile(r"\$\{?([A-Za-z_]\w*)")
_PIECE = re.compile(r"(?:[^\s\\]|\\(?!\r?\n))+")
_ONLY_FUNCTIONS = re.compile(r"/(?:init-functions|functions(?:\.sh)?|vars\.sh)$")
"""Files of the system's own that init scripts read, and which set no agent's options."""


@dataclass(frozen=True)
class Script:
    """The simple commands of a script, in order."""

    commands: tuple[tuple[Word, ...], ...]
    variables: tuple[tuple[str, tuple[Word, ...]], ...] = ()
    """Variables that are set once to plain text which no command here is seen to use, with the
    words that they hold."""
    documents: tuple[tuple[tuple[str, ...], int, int], ...] = ()
    """Here-documents: the words of the command that reads one, and where its text stands."""


@dataclass(frozen=True)
class _Value:
    text: str | None
    """None: a part of it is not known."""
    span: tuple[int, int]
    words: tuple[Word, ...] = ()
    """The words that it holds, where they stand; empty where that is not plain to see."""


@dataclass(frozen=True)
class _Setting:
    """One place that sets a variable or an array."""

    name: str
    line: int
    block: Block
    value: _Value | None = None
    """None: not to be told from the text."""
    array: tuple[Token, ...] | None = None


@dataclass(frozen=True)
class _Known:
    """What the script sets."""

    settings: dict[str, list[_Setting]]
    uses: Counter[str]
    """How often each variable is used."""
    sourced: tuple[tuple[int, str], ...]
    """Files that it reads, each with the line that does."""
    text: str
    missed: set[str] = field(default_factory=set)
    """Variables that are used where their only setting may not have been reached."""

    def once(self, name: str, block: Block) -> _Setting | None:
        """The only setting of a variable, for a command in ``block``."""
        found = self.settings.get(name, [])
        if len(found) != 1:
            return None
        if reaches(found[0].block, block) and not self._again(found[0]):
            return found[0]
        self.missed.add(name)
        return None

    def _again(self, setting: _Setting) -> str:
        """Files that are read after it is set, and may set it anew."""
        return " or ".join(file for line, file in self.sourced if line >= setting.line)

    def value(self, name: str, block: Block) -> _Value | None:
        """What a variable holds there, as far as known."""
        setting = self.once(name, block)
        return setting.value if setting else None

    def why(self, name: str) -> str:
        """Why a variable is not known, or not changed where it is set."""
        lines = [str(setting.line) for setting in self.settings.get(name, [])]
        if len(lines) > 1:
            return f"set in lines {' and '.join(lines)}"
        if lines and (files := self._again(self.settings[name][0])):
            return f"set in line {lines[0]}, and maybe again by {files}"
        if lines and name in self.missed:
            return f"set in line {lines[0]}, in a branch or function that this command is not in"
        if lines:
            shared = "used in several places" if self.uses[name] > 1 else "not plain text"
            return f"set in line {lines[0]}, {shared}"
        files = " or ".join(file for _, file in self.sourced)
        return f"maybe set by {files}, which is read first" if files else ""


def read_script(text: str) -> Script:
    """``NotEditable`` for text that ends inside a quote or a substitution."""
    commands, documents = read_tokens(text)
    where = blocks(commands, text)
    settings: dict[str, list[_Setting]] = {}
    for command, block in zip(commands, where, strict=True):
        for setting in _settings(command, block, text):
            settings.setdefault(setting.name, []).append(setting)
    known = _Known(settings, Counter(_USE.findall(text)), tuple(_sourced(commands, text)), text)
    words = tuple(
        tuple(w for token in command.tokens for w in _words(token, known, block))
        for command, block in zip(commands, where, strict=True)
        if command.tokens
    )
    followed = {w.start for command in words for w in command if w.bare}
    return Script(
        words,
        tuple(_unused(known, followed)),
        tuple(
            (tuple(raw(token, text) for token in one.command.tokens), one.start, one.end)
            for one in documents
        ),
    )


def _unused(known: _Known, followed: set[int]) -> Iterator[tuple[str, tuple[Word, ...]]]:
    for name, settings in known.settings.items():
        value = settings[0].value if len(settings) == 1 and name not in known.missed else None
        if value and value.words and value.words[0].start not in followed:
            yield name, value.words


def _settings(command: Command, block: Block, text: str) -> Iterator[_Setting]:
    """What one command sets."""
    for array in command.arrays:
        yield _Setting(array.name, array.line, block, array=array.words)
    words = command.simple(text)
    first = raw(words[0], text) if words else ""
    if first in ("for", "read", "unset", "getopts", "select"):
        for token in words[1:]:
            if _NAME.fullmatch(text, token.start, token.end):
                yield _Setting(raw(token, text), _line(token, text), block)
        return
    setter = first in SETTERS
    # NAME=value before a command holds for that command's environment only.
    alone = setter or all(ASSIGNMENT.match(text, token.start) for token in words)
    for token in words[1:] if setter else words:
        match = ASSIGNMENT.match(text, token.start, token.end)
        if match is None:
            if setter:
                continue
            break
        # Each character of NAME= is a part of its own.
        parts = token.parts[len(match[0]) :]
        told = "".join(part.text for part in parts)
        literal = all(part.literal for part in parts)
        plain = alone and not match[0].endswith("+=")
        value = _value(text, told if literal else None, match.end(), token.end) if plain else None
        yield _Setting(match[1], _line(token, text), block, value)


def _sourced(commands: Sequence[Command], text: str) -> Iterator[tuple[int, str]]:
    for command in commands:
        words = [raw(token, text) for token in command.simple(text)]
        if len(words) > 1 and words[0] in (".", "source") and not _ONLY_FUNCTIONS.search(words[1]):
            yield _line(command.tokens[0], text), words[1].strip("\"'")


def _line(token: Token, text: str) -> int:
    return text.count("\n", 0, token.start) + 1


def _value(text: str, value: str | None, start: int, end: int) -> _Value | None:
    """A variable's value with the places of its words, where it is one plain quoted text.

    A variable in it makes its word ``OPAQUE``; None where nothing can be told of it.
    """
    written = text[start:end]
    quoted = len(written) > 1 and written[0] == written[-1] and written[0] in "\"'"
    content = written[1:-1] if quoted else written
    plain = re.sub(r"\\\r?\n", "", content)
    parts = value is None and written[:1] == '"' and not re.search(r"[`\"\\]|\$[({]?[^\w{]", plain)
    if not quoted or not (parts or plain == value):
        return None if value is None else _Value(value, (start, end))
    words = tuple(
        Word(
            OPAQUE + piece[0] if value is None and "$" in piece[0] else piece[0],
            start + 1 + piece.start(),
            start + 1 + piece.end(),
            bare=True,
        )
        for piece in _PIECE.finditer(content)
    )
    return _Value(value, (start, end), words)


def _words(token: Token, known: _Known, block: Block) -> tuple[Word, ...]:
    """The words that a token becomes: several for an array, or a variable that is split."""
    written = raw(token, known.text)
    array = _ARRAY_USE.fullmatch(written)
    if array:
        setting = known.once(array[1], block)
        if setting and setting.array is not None and known.uses[array[1]] == 1:
            return tuple(w for one in setting.array for w in _words(one, known, setting.block))
        why = known.why(array[1])
        return (Word(OPAQUE + written, token.start, token.end, why=why),)
    bare = EXPANSION.fullmatch(written)
    if bare:
        name = bare[1] or bare[2]
        value = known.value(name, block)
        if value and len(value.words) > 1 and known.uses[name] == 1:
            return value.words
    return (_word(token, known, block),)


def _word(token: Token, known: _Known, block: Block) -> Word:
    written = raw(token, known.text)
    if all(part.literal for part in token.parts):
        return Word("".join(part.text for part in token.parts), token.start, token.end)
    told: list[str] = []
    split = ""
    span: tuple[int, int] | None = None
    for part in token.parts:
        if part.literal:
            told.append(part.text)
            continue
        value = known.value(part.name, block) if part.name else None
        if value is None or value.text is None:
            why = known.why(part.name) if part.name else ""
            return Word(OPAQUE + written, token.start, token.end, why=why)
        told.append(value.text)
        split = split or (part.name if not part.quoted and len(value.text.split()) != 1 else "")
        span = value.span
    joined = "".join(told)
    if split:
        hidden = tuple(joined.split())
        return Word(OPAQUE + written, token.start, token.end, hidden=hidden, why=known.why(split))
    return Word(
        joined, token.start, token.end, assigned=span if _alone(token.parts, known) else None
    )


def _alone(parts: Sequence[Part], known: _Known) -> bool:
    """Whether a word is one variable that nothing else uses."""
    names = [part.name for part in parts if part.name]
    whole = len(names) == 1 and all(part.name or not part.text for part in parts)
    return whole and known.uses[names[0]] == 1
