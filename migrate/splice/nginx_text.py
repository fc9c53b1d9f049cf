"""nginx' configuration as directives with offsets, as nginx itself reads it. Pure.

The rules are those of ``ngx_conf_read_token`` (src/core/ngx_conf_file.c): a ``#`` begins a comment
only where a word could begin, ``${`` does not open a block, and a ``}`` inside of a word is a part
of it. The bodies of ``*_by_lua_block`` are Lua, and are passed over as such.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from migrate.splice.text import BOM, NotEditable

_DEPTH = 60
"""Blocks inside of blocks; nginx' own use ends at six or so."""
_SPACE = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)+")
_WORD = re.compile(r"(?:\\.|\$\{*|[^ \t\r\n;{\\$])++", re.DOTALL)
_QUOTED = {
    '"': re.compile(r'"(?:\\.|[^"\\])*+"', re.DOTALL),
    "'": re.compile(r"'(?:\\.|[^'\\])*+'", re.DOTALL),
}
_ESCAPE = re.compile(r"\\([\"'\\trn])")
_ESCAPED = {"t": "\t", "r": "\r", "n": "\n"}
_LUA = re.compile(r"[{}\"']|--|\[=*\[")
_LUA_STRING = {
    '"': re.compile(r'"(?:\\.|[^"\\\n])*+"', re.DOTALL),
    "'": re.compile(r"'(?:\\.|[^'\\\n])*+'", re.DOTALL),
}
_LUA_LONG = re.compile(r"\[(=*)\[")


@dataclass(frozen=True, slots=True)
class Word:
    """A word and where it stands, quotes included."""

    text: str
    """Without quotes and escapes."""
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Directive:
    """A directive, with what is inside of its block."""

    words: tuple[Word, ...]
    end: int
    """Behind its ``;`` or ``}``."""
    open: int = -1
    """Of its ``{``; -1 when it has no block."""
    children: tuple["Directive", ...] = ()
    """Empty for Lua."""

    @property
    def name(self) -> str:
        """The first word."""
        return self.words[0].text

    @property
    def args(self) -> tuple[str, ...]:
        """The others."""
        return tuple(word.text for word in self.words[1:])

    @property
    def start(self) -> int:
        """Where its first word begins."""
        return self.words[0].start

    @property
    def is_block(self) -> bool:
        """Whether it has braces."""
        return self.open >= 0

    @property
    def is_lua(self) -> bool:
        """Whether its block is Lua."""
        return self.is_block and self.name.endswith("_by_lua_block")

    def all(self) -> Iterator["Directive"]:
        """Itself and all inside of it."""
        yield self
        for child in self.children:
            yield from child.all()


@dataclass(slots=True)
class _Open:
    words: tuple[Word, ...]
    at: int
    children: list[Directive]


def parse(text: str) -> tuple[Directive, ...]:
    """The directives of a file; ``NotEditable`` for what nginx would not read either."""
    stack = [_Open((), -1, [])]
    words: list[Word] = []
    at = len(BOM) if text.startswith(BOM) else 0
    while True:
        space = _SPACE.match(text, at)
        at = space.end() if space else at
        if at >= len(text):
            break
        sign = text[at]
        if sign == ";" and words:
            stack[-1].children.append(Directive(tuple(words), at + 1))
            words, at = [], at + 1
        elif sign == "{" and words:
            if words[0].text.endswith("_by_lua_block"):
                end = _lua_end(text, at)
                stack[-1].children.append(Directive(tuple(words), end, at))
                words, at = [], end
                continue
            if len(stack) > _DEPTH:
                raise _unread(text, at, f"more than {_DEPTH} blocks inside of each other")
            stack.append(_Open(tuple(words), at, []))
            words, at = [], at + 1
        elif sign == "}" and not words and len(stack) > 1:
            done = stack.pop()
            at += 1
            stack[-1].children.append(Directive(done.words, at, done.at, tuple(done.children)))
        elif sign in ";{" or (sign == "}" and not words):
            raise _unread(text, at, f"unexpected {sign}")
        elif sign == "}":
            raise _unread(text, at, "unexpected }, a ; is missing before it")
        else:
            word = _word(text, at)
            words.append(word)
            at = word.end
    if words:
        raise _unread(text, words[0].start, "it ends within a directive")
    if len(stack) > 1:
        raise _unread(text, stack[-1].at, "a { has no }")
    return tuple(stack[0].children)


def _word(text: str, at: int) -> Word:
    quoted = _QUOTED.get(text[at])
    if quoted is None:
        found = _WORD.match(text, at)
        if found is None or (found[0].endswith("\\") and found.end() == len(text)):
            raise _unread(text, at, "it ends within a word")
        return Word(_plain(found[0]), at, found.end())
    found = quoted.match(text, at)
    if found is None:
        raise _unread(text, at, "a quote has no end")
    if found.end() < len(text) and text[found.end()] not in " \t\r\n;{)":
        raise _unread(text, found.end(), "no blank behind a quote")
    return Word(_plain(found[0][1:-1]), at, found.end())


def _plain(word: str) -> str:
    return _ESCAPE.sub(lambda m: _ESCAPED.get(m[1], m[1]), word) if "\\" in word else word


def _lua_end(text: str, at: int) -> int:
    depth = 0
    begin = at
    while found := _LUA.search(text, at):
        sign, at = found[0], found.end()
        if sign == "{":
            depth += 1
        elif sign == "}":
            depth -= 1
            if not depth:
                return at
        elif sign in _LUA_STRING:
            string = _LUA_STRING[sign].match(text, found.start())
            if string is None:
                break
            at = string.end()
        else:
            long = _LUA_LONG.match(text, at if sign == "--" else found.start())
            stop = text.find(f"]{long[1]}]", at) if long else text.find("\n", at)
            if stop < 0:
                break
            at = stop + (len(long[1]) + 2 if long else 1)
    raise _unread(text, begin, "a Lua block has no end")


def _unread(text: str, at: int, why: str) -> NotEditable:
    return NotEditable(f"no nginx configuration from line {text.count(chr(10), 0, at) + 1}: {why}")
