"""The commands of a shell script and the words in them, with their places. Pure.

A careful reader of the part of POSIX sh that start scripts are made of: quotes, continuation
lines, comments, here-documents, redirections, plain assignments. What needs a shell to be
known (command substitution, a variable that is set elsewhere or twice) stays opaque.
"""

import re
from dataclasses import dataclass, field

from migrate.files.launch.base import NotEditable
from migrate.files.launch.words import OPAQUE, Word

GAP = re.compile(r"(?:[ \t]|\\?\r?\n)+")
"""Between two words that are changed: in an array also the end of a line."""
_SPACE = re.compile(r"(?:[ \t]|\\\r?\n)+")
_OPERATOR = re.compile(r"\r?\n|;;|&&|\|\||[;|()&]")
_REDIRECT = re.compile(r"\d*(?:<<<|<<-?|&>>|&>|>>|>&|<&|<>|>\||<|>)")
_NAME = re.compile(r"[A-Za-z_]\w*")
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)\+?=")
_ARRAY = re.compile(r"([A-Za-z_]\w*)(\+?)=\(")
_ARRAY_USE = re.compile(r"\"?\$\{([A-Za-z_]\w*)\[[@*]\]\}\"?")
_PIECE = re.compile(r"(?:[^\s\\]|\\(?!\r?\n))+")
_SOURCED = re.compile(r"^[ \t]*(?:\.|source)[ \t]+(\S+)", re.MULTILINE)
_EXPANSION = re.compile(r"\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})")
_RESERVED = ("if", "then", "else", "elif", "do", "while", "until", "{", "!")
_SETTERS = ("export", "readonly", "local", "declare", "typeset")
_PLAIN = re.compile(r"[\w@%+=:,./-]+", re.ASCII)


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
class _Part:
    """A piece of a word: literal text, or one expansion as written."""

    text: str
    name: str = ""
    """Variable; empty for literal text and for what only a shell can expand."""
    literal: bool = True
    quoted: bool = False


@dataclass
class _Token:
    start: int
    end: int
    parts: list[_Part] = field(default_factory=list)


@dataclass(frozen=True)
class _Value:
    text: str | None
    """None: a part of it is not known."""
    span: tuple[int, int]
    words: tuple[Word, ...] = ()
    """The words that it holds, where they stand; empty where that is not plain to see."""


@dataclass(frozen=True)
class _Known:
    """What the script sets."""

    values: dict[str, _Value]
    arrays: dict[str, tuple[_Token, ...]]
    lines: dict[str, tuple[int, ...]]
    """In which lines each variable is set."""
    text: str

    def uses(self, name: str) -> int:
        """How often a variable is used."""
        return len(re.findall(rf"\$\{{?{name}\b", self.text))

    def why(self, name: str) -> str:
        """Why a variable is not known, or not changed where it is set."""
        lines = self.lines.get(name, ())
        if len(lines) > 1:
            return f"set in lines {' and '.join(str(line) for line in lines)}"
        if lines:
            shared = "used in several places" if self.uses(name) > 1 else "not plain text"
            return f"set in line {lines[0]}, {shared}"
        files = [found[1] for found in _SOURCED.finditer(self.text)]
        return f"maybe set by {' or '.join(files)}, which is read first" if files else ""


def quote(value: str) -> str:
    """A value as one word of sh."""
    if _PLAIN.fullmatch(value):
        return value
    return "'" + value.replace("'", "'\"'\"'") + "'"


def read_script(text: str) -> Script:
    """``NotEditable`` for text that ends inside a quote or a substitution."""
    reader = _Reader(text)
    commands = reader.commands()
    known = _Known(
        _assignments(commands, text), reader.once(), _lines(commands, reader, text), text
    )
    words = tuple(tuple(w for t in c for w in _words(t, known)) for c in commands)
    followed = {w.start for command in words for w in command if w.bare}
    unused = tuple(
        (name, value.words)
        for name, value in known.values.items()
        if value.words and value.words[0].start not in followed
    )
    documents = tuple(
        (tuple(text[token.start : token.end] for token in command), start, end)
        for command, start, end in reader.documents
    )
    return Script(words, unused, documents)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.documents: list[tuple[list[_Token], int, int]] = []
        """Here-documents: the command that reads one, and where its text stands."""
        self.arrays: dict[str, list[tuple[_Token, ...] | None]] = {}
        self.array_lines: dict[str, list[int]] = {}

    def once(self) -> dict[str, tuple[_Token, ...]]:
        """Arrays that are set once and as a whole."""
        return {n: v[0] for n, v in self.arrays.items() if len(v) == 1 and v[0] is not None}

    def _array(self, name: str, *, more: bool) -> None:
        """The words between the brackets of ``NAME=( ... )``."""
        tokens: list[_Token] = []
        line = self.text.count("\n", 0, self.at) + 1
        while True:
            if self.at >= len(self.text):
                raise NotEditable("a ( is never closed")
            char = self.text[self.at]
            if char == ")":
                self.at += 1
                break
            if char in " \t\r\n" or _SPACE.match(self.text, self.at):
                space = _SPACE.match(self.text, self.at)
                self.at = space.end() if space else self.at + 1
            elif char == "#":
                self.at = self._line_end()
            elif char in ";|&(<>":
                raise NotEditable(f"the array {name} is not plain")
            else:
                tokens.append(self._token())
        self.arrays.setdefault(name, []).append(None if more else tuple(tokens))
        self.array_lines.setdefault(name, []).append(line)

    def commands(self) -> list[list[_Token]]:
        """Words between operators; redirections with their targets are left out."""
        found: list[list[_Token]] = [[]]
        heredocs: list[tuple[str, bool, list[_Token]]] = []
        redirect = ""
        while self.at < len(self.text):
            if space := _SPACE.match(self.text, self.at):
                self.at = space.end()
            elif self.text[self.at] == "#":
                self.at = self._line_end()
            elif arrow := _REDIRECT.match(self.text, self.at):
                redirect, self.at = arrow[0].lstrip("0123456789"), arrow.end()
            elif array := self._starts_array(found[-1]):
                self.at = array.end()
                self._array(array[1], more=bool(array[2]))
            elif operator := _OPERATOR.match(self.text, self.at):
                self.at = operator.end()
                found.append([])
                if operator[0].endswith("\n"):
                    self._skip(heredocs)
                    heredocs = []
            else:
                token = self._token()
                if redirect in ("<<", "<<-"):
                    end = "".join(part.text for part in token.parts)
                    heredocs.append((end, redirect == "<<-", found[-1]))
                if not redirect:
                    found[-1].append(token)
                redirect = ""
        return [command for command in found if command]

    def _starts_array(self, command: list[_Token]) -> re.Match[str] | None:
        """``NAME=(`` at the start of a command, or behind ``local`` and its like."""
        first = self.text[command[0].start : command[0].end] if command else ""
        return _ARRAY.match(self.text, self.at) if not command or first in _SETTERS else None

    def _line_end(self) -> int:
        end = self.text.find("\n", self.at)
        return len(self.text) if end < 0 else end

    def _skip(self, heredocs: list[tuple[str, bool, list[_Token]]]) -> None:
        for word, tabs, command in heredocs:
            start = self.at
            while self.at < len(self.text):
                end = self._line_end()
                row = self.text[self.at : end].rstrip("\r")
                if (row.lstrip("\t") if tabs else row) == word:
                    self.documents.append((command, start, self.at))
                    self.at = min(end + 1, len(self.text))
                    break
                self.at = min(end + 1, len(self.text))

    def _token(self) -> _Token:
        token = _Token(self.at, self.at)
        while self.at < len(self.text):
            char = self.text[self.at]
            if char in " \t\r\n;|&()<>" or _SPACE.match(self.text, self.at):
                break
            if char == "'":
                end = self._find("'", self.at + 1)
                token.parts.append(_Part(self.text[self.at + 1 : end], quoted=True))
                self.at = end + 1
            elif char == '"':
                self._double(token)
            elif char == "\\":
                token.parts.append(_Part(self.text[self.at + 1 : self.at + 2], quoted=True))
                self.at += 2
            elif char in "$`":
                token.parts.append(self._expansion(quoted=False))
            else:
                literal = char not in "*?[~{" or (char == "~" and self.at > token.start)
                token.parts.append(_Part(char, literal=literal))
                self.at += 1
        if self.at == token.start:
            # A lone carriage return, which a shell would take for a part of the word.
            raise NotEditable("it has a carriage return outside of a line end")
        token.end = min(self.at, len(self.text))
        return token

    def _find(self, mark: str, start: int) -> int:
        end = self.text.find(mark, start)
        if end < 0:
            raise NotEditable(f"a {mark} is never closed")
        return end

    def _double(self, token: _Token) -> None:
        self.at += 1
        token.parts.append(_Part("", quoted=True))
        while True:
            if self.at >= len(self.text):
                raise NotEditable('a " is never closed')
            char = self.text[self.at]
            following = self.text[self.at + 1 : self.at + 2]
            if char == '"':
                self.at += 1
                return
            if char == "\\" and following in ("$", "`", '"', "\\", "\n"):
                if following != "\n":
                    token.parts.append(_Part(following, quoted=True))
                self.at += 2
            elif char in "$`":
                token.parts.append(self._expansion(quoted=True))
            else:
                token.parts.append(_Part(char, quoted=True))
                self.at += 1

    def _expansion(self, *, quoted: bool) -> _Part:
        start = self.at
        if match := _EXPANSION.match(self.text, start):
            self.at = match.end()
            return _Part(match[0], match[1] or match[2], literal=False, quoted=quoted)
        following = self.text[start + 1 : start + 2]
        if self.text[start] == "`":
            self.at = self._find("`", start + 1) + 1
        elif following in ("(", "{"):
            self.at = self._closing(start + 1)
        elif following and following in "@*#?$!-0123456789'\"":
            self.at = start + (1 if following in "'\"" else 2)
        else:
            self.at = start + 1
            return _Part("$", quoted=quoted)
        return _Part(self.text[start : self.at], literal=False, quoted=quoted)

    def _closing(self, start: int) -> int:
        """Just after the bracket that closes the one at ``start``."""
        pairs, depth = {"(": ")", "{": "}"}, 0
        opening = self.text[start]
        for at in range(start, len(self.text)):
            depth += {opening: 1, pairs[opening]: -1}.get(self.text[at], 0)
            if depth == 0:
                return at + 1
        raise NotEditable(f"a {opening} is never closed")


def _simple(command: list[_Token], text: str) -> list[_Token]:
    """A command without the reserved words in front of it."""
    at = 0
    while at < len(command) and text[command[at].start : command[at].end] in _RESERVED:
        at += 1
    return command[at:]


def _assignments(commands: list[list[_Token]], text: str) -> dict[str, _Value]:
    """Variables that are set once in the script, to literal text."""
    seen: dict[str, list[_Value | None]] = {}
    for command in (_simple(one, text) for one in commands):
        rest = command
        if not command:
            continue
        while rest and (match := _ASSIGNMENT.match(text, rest[0].start)):
            start, end = match.end(), rest[0].end
            skipped = len(match[0])
            parts = _without(rest[0].parts, skipped)
            literal = all(part.literal for part in parts)
            # NAME=value before a command holds for that command's environment only.
            alone = all(_ASSIGNMENT.match(text, token.start) for token in command) or (
                text[command[0].start : command[0].end] in _SETTERS
            )
            value = "".join(part.text for part in parts)
            plain = alone and not match[0].endswith("+=")
            known = _value(text, value if literal else None, start, end) if plain else None
            seen.setdefault(match[1], []).append(known)
            rest = rest[1:]
        first = text[command[0].start : command[0].end]
        if first in _SETTERS and rest is command:
            seen |= _exported(command[1:], text, seen)
        elif first in ("for", "read", "unset", "getopts", "select"):
            for token in command[1:]:
                if _NAME.fullmatch(text, token.start, token.end):
                    seen.setdefault(text[token.start : token.end], []).append(None)
    return {name: v[0] for name, v in seen.items() if len(v) == 1 and v[0] is not None}


def _exported(
    tokens: list[_Token], text: str, seen: dict[str, list[_Value | None]]
) -> dict[str, list[_Value | None]]:
    found: dict[str, list[_Value | None]] = {}
    for token in tokens:
        match = _ASSIGNMENT.match(text, token.start)
        if match is None or match.end() > token.end:
            continue
        parts = _without(token.parts, len(match[0]))
        value = "".join(part.text for part in parts)
        literal = all(part.literal for part in parts)
        plain = not match[0].endswith("+=")
        told = value if literal else None
        known = _value(text, told, match.end(), token.end) if plain else None
        found[match[1]] = [*seen.get(match[1], []), *found.get(match[1], []), known]
    return found


def _without(parts: list[_Part], chars: int) -> list[_Part]:
    """The parts after ``NAME=``, whose characters are parts of their own."""
    return parts[chars:]


def _value(text: str, value: str | None, start: int, end: int) -> _Value | None:
    """A variable's value with the places of its words, where it is one plain quoted text.

    A variable in it makes its word ``OPAQUE``; None where nothing can be told of it.
    """
    raw = text[start:end]
    quoted = len(raw) > 1 and raw[0] == raw[-1] and raw[0] in "\"'"
    content = raw[1:-1] if quoted else raw
    plain = re.sub(r"\\\r?\n", "", content)
    parts = value is None and raw[:1] == '"' and not re.search(r"[`\"\\]|\$[({]?[^\w{]", plain)
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


def _lines(commands: list[list[_Token]], reader: _Reader, text: str) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {name: list(at) for name, at in reader.array_lines.items()}
    for command in (_simple(one, text) for one in commands):
        for token in command:
            match = _ASSIGNMENT.match(text, token.start, token.end)
            if match is None:
                if text[token.start : token.end] not in _SETTERS:
                    break
                continue
            line = text.count("\n", 0, token.start) + 1
            found.setdefault(match[1], []).append(line)
    return {name: tuple(lines) for name, lines in found.items()}


def _words(token: _Token, known: _Known) -> tuple[Word, ...]:
    """The words that a token becomes: several for an array, or a variable that is split."""
    raw = known.text[token.start : token.end]
    array = _ARRAY_USE.fullmatch(raw)
    if array:
        tokens = known.arrays.get(array[1])
        if tokens is not None and known.uses(array[1]) == 1:
            return tuple(w for one in tokens for w in _words(one, known))
        why = known.why(array[1])
        return (Word(OPAQUE + raw, token.start, token.end, why=why),)
    bare = _EXPANSION.fullmatch(raw)
    if bare:
        value = known.values.get(bare[1] or bare[2])
        if value and len(value.words) > 1 and known.uses(bare[1] or bare[2]) == 1:
            return value.words
    return (_word(token, known.values, known),)


def _word(token: _Token, values: dict[str, _Value], script: _Known) -> Word:
    text = script.text
    raw = text[token.start : token.end]
    if all(part.literal for part in token.parts):
        return Word("".join(part.text for part in token.parts), token.start, token.end)
    known: list[str] = []
    split = ""
    for part in token.parts:
        if part.literal:
            known.append(part.text)
            continue
        value = values.get(part.name)
        if value is None or value.text is None:
            why = script.why(part.name) if part.name else ""
            return Word(OPAQUE + raw, token.start, token.end, why=why)
        known.append(value.text)
        split = split or (part.name if not part.quoted and len(value.text.split()) != 1 else "")
    joined = "".join(known)
    if split:
        hidden = tuple(joined.split())
        return Word(OPAQUE + raw, token.start, token.end, hidden=hidden, why=script.why(split))
    names = [part.name for part in token.parts if part.name]
    whole = len(names) == 1 and all(part.name or not part.text for part in token.parts)
    alone = whole and script.uses(names[0]) == 1
    return Word(joined, token.start, token.end, assigned=values[names[0]].span if alone else None)
