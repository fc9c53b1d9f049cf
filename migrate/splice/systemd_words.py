"""Words of an ExecStart line, with their places. Pure.

Source: systemd.service(5), "COMMAND LINES", and systemd.unit(5), "SPECIFIERS".
"""

import re
from collections.abc import Mapping

from migrate.model.text import systemd_word
from migrate.splice.text import NotEditable
from migrate.splice.view import View, plain_only
from migrate.splice.words import OPAQUE, Word

GAP = re.compile(r"(?:[ \t]|\\\r?\n(?:[ \t]*[#;][^\n]*\n)*)+")
_VARIABLE = re.compile(r"\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})")
_ESCAPES = {"n": "\n", "t": "\t", "s": " ", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_PLAIN = re.compile(r"[\w@+=:,./-]+", re.ASCII)


def quote(value: str) -> str:
    """A value as one word of ExecStart."""
    if _PLAIN.fullmatch(value):
        return value
    return systemd_word(value)


def read_words(
    text: str, start: int, end: int, environment: Mapping[str, str], instance: str | None
) -> tuple[Word, ...]:
    """The words of ``text[start:end]``; ``instance`` is what ``%i`` stands for."""
    words = []
    at = start
    while at < end:
        if gap := GAP.match(text, at, end):
            at = gap.end()
            continue
        word, at = _Reader(text, end, environment, instance).word(at)
        words.append(word)
    return tuple(words)


_INNER = re.compile(r"%%|\$\$|\\\r?\n|\\[\\\"' ntr]")


def inside(view: View, found: Word) -> View | None:
    """The text of one quoted word, as a shell gets it (``sh -c "..."``).

    None where an escape or a specifier in it is not plain to see.
    """
    start, end = found.start + 1, found.end - 1
    raw = view.text[found.start : found.end]
    if len(raw) < 2 or raw[0] != raw[-1] or raw[0] not in "\"'":
        return None
    rest = _INNER.sub("", raw[1:-1])
    if raw[0] in rest or "\\" in rest or re.search("%[A-Za-z]", rest):
        return None
    return view.decoded(start, end, _INNER, _plain, _written)


def _plain(match: re.Match[str]) -> str:
    if match[0].startswith("\\"):
        return " " if match[0].endswith("\n") else _ESCAPES.get(match[0][1], match[0][1])
    return match[0][0]


def _written(text: str) -> str:
    return plain_only(text).replace("%", "%%")


class _Reader:
    def __init__(
        self, text: str, end: int, environment: Mapping[str, str], instance: str | None
    ) -> None:
        self.text = text
        self.end = end
        self.environment = environment
        self.instance = instance
        self.value: list[str] = []
        self.known = True

    def word(self, start: int) -> tuple[Word, int]:
        """The word that begins here, and where it ends."""
        at, mark = start, ""
        while at < self.end:
            char = self.text[at]
            if not mark and GAP.match(self.text, at, self.end):
                break
            if char == mark:
                mark, at = "", at + 1
            elif not mark and char in "\"'":
                mark, at = char, at + 1
            else:
                at = self._char(at, whole=at == start)
        if mark:
            raise NotEditable(f"a {mark} of its ExecStart is never closed")
        return self._made(start, at), at

    def _char(self, at: int, *, whole: bool) -> int:
        char, following = self.text[at], self.text[at + 1 : at + 2]
        if char == "\\" and at + 1 < self.end:
            if following in "xuU0123456789":
                self.known = False
            self.value.append(_ESCAPES.get(following, following))
            return at + 2
        if char in "%$" and following == char:
            self.value.append(char)
            return at + 2
        if char == "%":
            self._specifier(following)
            return at + 2
        variable = _VARIABLE.match(self.text, at, self.end) if char == "$" else None
        if variable:
            name = variable[1] or variable[2]
            alone = whole and self._ends(variable.end())
            # $NAME is only replaced as a word of its own, and then split; ${NAME} anywhere.
            if variable[1] and not alone:
                self.value.append(variable[0])
            elif name in self.environment and (variable[2] or self._single(name)):
                self.value.append(self.environment[name])
            else:
                self.known = False
            return variable.end()
        self.value.append(char)
        return at + 1

    def _ends(self, at: int) -> bool:
        return at == self.end or GAP.match(self.text, at, self.end) is not None

    def _single(self, name: str) -> bool:
        return len(self.environment[name].split()) == 1

    def _specifier(self, letter: str) -> None:
        # %I is the instance with its escapes (``-`` for ``/``) undone.
        same = letter == "i" or (letter == "I" and not re.search(r"[\\-]", self.instance or "-"))
        if same and self.instance:
            self.value.append(self.instance)
        else:
            self.known = False

    def _made(self, start: int, end: int) -> Word:
        raw = self.text[start:end]
        if self.known:
            return Word("".join(self.value), start, end)
        bare = re.fullmatch(r"\$([A-Za-z_]\w*)", raw)
        hidden: tuple[str, ...] = ()
        if bare and bare[1] in self.environment:
            hidden = tuple(self.environment[bare[1]].split())
        return Word(OPAQUE + raw, start, end, hidden=hidden)
