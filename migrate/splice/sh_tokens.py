"""The characters of a shell script as words and commands, before any variable is looked at. Pure.

Source: POSIX.1-2017, Shell Command Language, 2.2 to 2.4 and 2.7; bash's ``$'...'`` and arrays.
"""

import re
from dataclasses import dataclass, field

from migrate.splice.text import NotEditable

ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)\+?=")
EXPANSION = re.compile(r"\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})")
RESERVED = frozenset(["if", "then", "else", "elif", "do", "while", "until", "{", "!"])
"""Words before a command that are no part of it."""
SETTERS = ("export", "readonly", "local", "declare", "typeset")
_SPACE = re.compile(r"(?:[ \t]|\\\r?\n)+")
_OPERATOR = re.compile(r"\r?\n|;;&?|;&|&&|\|\||\|&|[;|()&]")
_REDIRECT = re.compile(r"\d*(?:<<<|<<-?|&>>|&>|>>|>&|<&|<>|>\||<|>)")
_ARRAY = re.compile(r"([A-Za-z_]\w*)(\+?)=\(")


@dataclass(frozen=True)
class Part:
    """A piece of a word: literal text, or one expansion as written."""

    text: str
    name: str = ""
    """Variable; empty for literal text and for what only a shell can expand."""
    literal: bool = True
    quoted: bool = False


@dataclass
class Token:
    """One word as written, with its place."""

    start: int
    end: int
    parts: list[Part] = field(default_factory=list)


@dataclass(frozen=True)
class Array:
    """``NAME=( ... )``."""

    name: str
    words: tuple[Token, ...] | None
    """None: words are added to what it holds already."""
    line: int


@dataclass
class Command:
    """The words between two operators; redirections with their targets are left out."""

    before: str = ""
    """The operator in front of it."""
    tokens: list[Token] = field(default_factory=list)
    arrays: list[Array] = field(default_factory=list)

    def simple(self, text: str) -> list[Token]:
        """Its words without the reserved ones in front."""
        at = 0
        while at < len(self.tokens) and raw(self.tokens[at], text) in RESERVED:
            at += 1
        return self.tokens[at:]


@dataclass(frozen=True)
class Document:
    """A here-document: the command that reads it, and where its text stands."""

    command: Command
    start: int
    end: int


def raw(token: Token, text: str) -> str:
    """A word as it is written."""
    return text[token.start : token.end]


def read_tokens(text: str) -> tuple[list[Command], list[Document]]:
    """``NotEditable`` for text that ends inside a quote or a substitution."""
    reader = _Reader(text)
    return reader.commands(), reader.documents


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.documents: list[Document] = []

    def commands(self) -> list[Command]:
        """Every command, also one without a word, so that operators keep their places."""
        found = [Command()]
        heredocs: list[tuple[str, bool, Command]] = []
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
                found[-1].arrays.append(self._array(array[1], more=bool(array[2])))
            elif operator := _OPERATOR.match(self.text, self.at):
                self.at = operator.end()
                found.append(Command(operator[0].strip("\r")))
                if operator[0].endswith("\n"):
                    self._skip(heredocs)
                    heredocs = []
            else:
                token = self._token()
                if redirect in ("<<", "<<-"):
                    end = "".join(part.text for part in token.parts)
                    heredocs.append((end, redirect == "<<-", found[-1]))
                if not redirect:
                    found[-1].tokens.append(token)
                redirect = ""
        return found

    def _starts_array(self, command: Command) -> re.Match[str] | None:
        """``NAME=(`` at the start of a command, or behind ``local`` and its like."""
        words = command.simple(self.text)
        sets = not words or raw(words[0], self.text) in SETTERS
        return _ARRAY.match(self.text, self.at) if sets else None

    def _array(self, name: str, *, more: bool) -> Array:
        """The words between the brackets of ``NAME=( ... )``."""
        tokens: list[Token] = []
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
        return Array(name, None if more else tuple(tokens), line)

    def _line_end(self) -> int:
        end = self.text.find("\n", self.at)
        return len(self.text) if end < 0 else end

    def _skip(self, heredocs: list[tuple[str, bool, Command]]) -> None:
        for word, tabs, command in heredocs:
            start = self.at
            while self.at < len(self.text):
                end = self._line_end()
                row = self.text[self.at : end].rstrip("\r")
                if (row.lstrip("\t") if tabs else row) == word:
                    self.documents.append(Document(command, start, self.at))
                    self.at = min(end + 1, len(self.text))
                    break
                self.at = min(end + 1, len(self.text))

    def _token(self) -> Token:
        token = Token(self.at, self.at)
        while self.at < len(self.text):
            char = self.text[self.at]
            if char in " \t\r\n;|&()<>" or _SPACE.match(self.text, self.at):
                break
            if char == "'":
                end = self._find("'", self.at + 1)
                token.parts.append(Part(self.text[self.at + 1 : end], quoted=True))
                self.at = end + 1
            elif char == '"':
                self._double(token)
            elif char == "\\":
                token.parts.append(Part(self.text[self.at + 1 : self.at + 2], quoted=True))
                self.at += 2
            elif char in "$`":
                token.parts.append(self._expansion(quoted=False))
            else:
                literal = char not in "*?[~{" or (char == "~" and self.at > token.start)
                token.parts.append(Part(char, literal=literal))
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

    def _double(self, token: Token) -> None:
        self.at += 1
        token.parts.append(Part("", quoted=True))
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
                    token.parts.append(Part(following, quoted=True))
                self.at += 2
            elif char in "$`":
                token.parts.append(self._expansion(quoted=True))
            else:
                token.parts.append(Part(char, quoted=True))
                self.at += 1

    def _expansion(self, *, quoted: bool) -> Part:
        start = self.at
        if match := EXPANSION.match(self.text, start):
            self.at = match.end()
            return Part(match[0], match[1] or match[2], literal=False, quoted=quoted)
        following = self.text[start + 1 : start + 2]
        if self.text[start] == "`":
            self.at = self._find("`", start + 1) + 1
        elif following == "'" and not quoted:
            self.at = self._ansi_end(start + 2)
        elif following in ("(", "{"):
            self.at = self._closing(start + 1, quoted=quoted)
        elif following and following in "@*#?$!-0123456789'\"":
            self.at = start + (1 if following in "'\"" else 2)
        else:
            self.at = start + 1
            return Part("$", quoted=quoted)
        return Part(self.text[start : self.at], literal=False, quoted=quoted)

    def _ansi_end(self, start: int) -> int:
        """Just after a ``$'...'``, in which a backslash escapes a quote, too."""
        end = re.compile(r"(?:[^'\\]|\\.)*'", re.DOTALL).match(self.text, start)
        if end is None:
            raise NotEditable("a ' is never closed")
        return end.end()

    def _closing(self, start: int, *, quoted: bool) -> int:
        """Just after the bracket that closes the one at ``start``; those in quotes do not count."""
        opening = self.text[start]
        closing = {"(": ")", "{": "}"}[opening]
        # Inside of "${X:-it's}" a single quote is nothing but itself.
        single = opening == "(" or not quoted
        depth, at = 0, start
        while at < len(self.text):
            char = self.text[at]
            if char == "\\":
                at += 2
                continue
            if char == "'" and single:
                at = self._find("'", at + 1)
            elif char == '"':
                inner = Token(at, at)
                self.at = at
                self._double(inner)
                at = self.at - 1
            elif char == "#" and opening == "(" and self.text[at - 1].isspace():
                self.at = at
                at = self._line_end()
            depth += {opening: 1, closing: -1}.get(char, 0)
            at += 1
            if depth == 0:
                return at
        raise NotEditable(f"a {opening} is never closed")
