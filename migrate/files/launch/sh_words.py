"""The commands of a shell script and the words in them, with their places. Pure.

A careful reader of the part of POSIX sh that start scripts are made of: quotes, continuation
lines, comments, here-documents, redirections, plain assignments. What needs a shell to be
known (command substitution, a variable that is set elsewhere or twice) stays opaque.
"""

import re
from dataclasses import dataclass, field

from migrate.files.launch.base import NotEditable
from migrate.files.launch.words import OPAQUE, Word

GAP = re.compile(r"(?:[ \t]|\\\r?\n)+")
_SPACE = re.compile(r"(?:[ \t]|\\\r?\n)+")
_OPERATOR = re.compile(r"\r?\n|;;|&&|\|\||[;|()&]")
_REDIRECT = re.compile(r"\d*(?:<<<|<<-?|&>>|&>|>>|>&|<&|<>|>\||<|>)")
_NAME = re.compile(r"[A-Za-z_]\w*")
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=")
_EXPANSION = re.compile(r"\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})")
_SETTERS = ("export", "readonly", "local", "declare", "typeset")
_PLAIN = re.compile(r"[\w@%+=:,./-]+", re.ASCII)


@dataclass(frozen=True)
class Script:
    """The simple commands of a script, in order."""

    commands: tuple[tuple[Word, ...], ...]


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
    text: str
    span: tuple[int, int]


def quote(value: str) -> str:
    """A value as one word of sh."""
    if _PLAIN.fullmatch(value):
        return value
    return "'" + value.replace("'", "'\"'\"'") + "'"


def read_script(text: str) -> Script:
    """``NotEditable`` for text that ends inside a quote or a substitution."""
    commands = _Reader(text).commands()
    values = _assignments(commands, text)
    return Script(tuple(tuple(_word(t, values, text) for t in c) for c in commands))


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def commands(self) -> list[list[_Token]]:
        """Words between operators; redirections with their targets are left out."""
        found: list[list[_Token]] = [[]]
        heredocs: list[tuple[str, bool]] = []
        redirect = ""
        while self.at < len(self.text):
            if space := _SPACE.match(self.text, self.at):
                self.at = space.end()
            elif self.text[self.at] == "#":
                self.at = self._line_end()
            elif arrow := _REDIRECT.match(self.text, self.at):
                redirect, self.at = arrow[0].lstrip("0123456789"), arrow.end()
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
                    heredocs.append((end, redirect == "<<-"))
                if not redirect:
                    found[-1].append(token)
                redirect = ""
        return [command for command in found if command]

    def _line_end(self) -> int:
        end = self.text.find("\n", self.at)
        return len(self.text) if end < 0 else end

    def _skip(self, heredocs: list[tuple[str, bool]]) -> None:
        for word, tabs in heredocs:
            while self.at < len(self.text):
                end = self._line_end()
                row = self.text[self.at : end].rstrip("\r")
                self.at = min(end + 1, len(self.text))
                if (row.lstrip("\t") if tabs else row) == word:
                    break

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


def _assignments(commands: list[list[_Token]], text: str) -> dict[str, _Value]:
    """Variables that are set once in the script, to literal text."""
    seen: dict[str, list[_Value | None]] = {}
    for command in commands:
        rest = command
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
            known = _Value(value, (start, end)) if literal and alone else None
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
        known = _Value(value, (match.end(), token.end)) if literal else None
        found[match[1]] = [*seen.get(match[1], []), *found.get(match[1], []), known]
    return found


def _without(parts: list[_Part], chars: int) -> list[_Part]:
    """The parts after ``NAME=``, whose characters are parts of their own."""
    return parts[chars:]


def _word(token: _Token, values: dict[str, _Value], text: str) -> Word:
    raw = text[token.start : token.end]
    opaque = Word(OPAQUE + raw, token.start, token.end)
    if all(part.literal for part in token.parts):
        return Word("".join(part.text for part in token.parts), token.start, token.end)
    known: list[str] = []
    split = False
    for part in token.parts:
        if part.literal:
            known.append(part.text)
            continue
        value = values.get(part.name)
        if value is None:
            return opaque
        known.append(value.text)
        split = split or (not part.quoted and len(value.text.split()) != 1)
    joined = "".join(known)
    if split:
        return Word(opaque.value, token.start, token.end, hidden=tuple(joined.split()))
    names = [part.name for part in token.parts if part.name]
    whole = len(names) == 1 and all(part.name or not part.text for part in token.parts)
    alone = whole and len(re.findall(rf"\$\{{?{names[0]}\b", text)) == 1
    return Word(joined, token.start, token.end, assigned=values[names[0]].span if alone else None)
