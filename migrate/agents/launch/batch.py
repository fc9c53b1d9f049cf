"""Batch files of Windows (``.bat``, ``.cmd``) that start agents.

Source: cmd /?, set /?: ``^`` at a line's end goes on in the next one, ``&`` and ``|`` part
commands, ``rem`` and ``::`` begin comments, ``set NAME=VALUE`` sets what ``%NAME%`` stands for.
"""

import re
from dataclasses import replace

from migrate.agents.launch.command import find_options
from migrate.agents.launch.find import find
from migrate.agents.launch.launched import Launched, Unclear
from migrate.agents.launch.line_editor import LineEditor
from migrate.agents.launch.site import Site
from migrate.splice import windows_words
from migrate.splice.text import BOM
from migrate.splice.view import View
from migrate.splice.words import OPAQUE, Style, Word

_GAP = re.compile(r"(?:[ \t]|\^\r?\n)+")
_STYLE = Style(render=windows_words.quote, gap=_GAP)
_ARGUMENT = re.compile(r"%[^%\s]+%|%%?[~\d*]|%%\w|![^!\s]+!")
"""What stands for something else: a variable, an argument, a loop's variable."""
_WORD = re.compile(r'(?:"[^"\r\n]*"|\^[^\r\n]|[^\s"&|<>()^])+')
_REDIRECT = re.compile(r'\d?(?:>>?|<)(?:&\d)?[ \t]*(?:"[^"\r\n]*"|[^\s"&|<>()]+)?')
_COMMENT = re.compile(r"^[ \t]*@?(?:rem\b|::)[^\n]*", re.IGNORECASE | re.MULTILINE)
_REMARK = re.compile(r"@?rem\b[^\n]*", re.IGNORECASE)
_SET = re.compile(
    r"^[ \t]*@?set[ \t]+(?P<quote>\"?)(?P<name>[A-Za-z_]\w*)=(?P<value>[^\r\n]*?)(?P=quote)"
    r"[ \t]*\r?$",
    re.IGNORECASE | re.MULTILINE,
)
_BRACKETS = re.compile(r'"[^"]*"')
_PIECE = re.compile(r'(?:"[^"]*"|[^\s"])+')


class BatchEditor(LineEditor):
    """Commands of a batch file."""

    name = "batch"
    restart = "the file is read at its next start: end the agent and start it again"

    def detect(self, text: str, path: str) -> bool:
        """Its name."""
        del text
        return path.lower().endswith((".bat", ".cmd"))

    def nothing(self) -> str:
        """No command of it is an agent's."""
        return "this batch file starts no agent that this tool recognises"

    def read(self, text: str, path: str) -> tuple[Launched, ...]:
        """One for each agent that a command starts, or a variable holds."""
        del path
        text = text.replace(BOM, " ", 1) if text.startswith(BOM) else text
        site = _site(View(text))
        values = _variables(text)
        uses = [name.upper() for name in re.findall(r"%(\w+)%", text)]
        found: list[Launched] = []
        used: set[str] = set()
        for words in commands(text):
            if words[0].value.lower() == "set":
                continue
            where = f"line {text.count(chr(10), 0, words[0].start) + 1}"
            found += _found(_followed(words, values, used, uses), site, where)
        for name, held in values.items():
            command = find_options(held, f"variable {name}") if name not in used else None
            if command is not None:
                found.append(replace(command, site=site))
        return tuple(found)


def _site(view: View) -> Site:
    return Site(view, _STYLE, windows_words.inside, in_line)


def _found(
    words: list[Word], site: Site, where: str, *, inside: bool = False, depth: int = 0
) -> tuple[Launched, ...]:
    found = find(words, site, where, inside=inside, depth=depth)
    # Java takes \" for a quote: such a word ends elsewhere than cmd and this tool see it end.
    if found and any('\\"' in site.view.text[word.start : word.end] for word in words):
        return (Unclear(where, f"{where} has an escaped quote", found[0].found().node),)
    return found


def in_line(
    view: View, *, where: str = "", inside: bool = False, depth: int = 0
) -> tuple[Launched, ...]:
    """The agents that a line of cmd starts."""
    found: list[Launched] = []
    for words in commands(view.text):
        found += _found(words, _site(view), where, inside=inside, depth=depth)
    return tuple(found)


def commands(text: str) -> list[list[Word]]:
    """The words of each command as cmd reads them, redirections left out."""
    found: list[list[Word]] = [[]]
    at = 0
    while at < len(text):
        comment = _COMMENT.match(text, at) if at == 0 or text[at - 1] == "\n" else None
        if comment:
            at = comment.end()
        elif gap := _GAP.match(text, at):
            at = gap.end()
        elif redirect := _REDIRECT.match(text, at):
            at = redirect.end()
        elif not found[-1] and (remark := _REMARK.match(text, at)):
            at = remark.end()
        elif word := _WORD.match(text, at):
            found[-1].append(_word(word[0], at, word.end()))
            at = word.end()
        else:
            found.append([])
            at += 1
    return [words for words in found if words]


def _word(raw: str, start: int, end: int) -> Word:
    value = raw.replace('"', "")
    value = value.lstrip("@") if not start or raw[:2].lower() == "@j" else value
    return Word(OPAQUE + raw if _ARGUMENT.search(value) else value, start, end)


def _variables(text: str) -> dict[str, tuple[Word, ...]]:
    """What each variable that is set once holds, where its words stand."""
    found: dict[str, list[tuple[Word, ...]]] = {}
    outside = frozenset(_outside(text))
    for match in _SET.finditer(text):
        start = match.start("value")
        if match.start() not in outside:
            # What it holds elsewhere is not known.
            found.setdefault(match["name"].upper(), []).append(())
            continue
        words = tuple(
            _bare(piece[0], start + piece.start(), start + piece.end())
            for piece in _PIECE.finditer(match["value"])
        )
        found.setdefault(match["name"].upper(), []).append(words)
    return {name: held[0] for name, held in found.items() if len(held) == 1 and held[0]}


def _outside(text: str) -> list[int]:
    """Where each line starts that stands outside of brackets, which ``if`` and ``for`` open."""
    starts: list[int] = []
    depth = at = 0
    for row in text.splitlines(keepends=True):
        bare = _BRACKETS.sub("", _COMMENT.sub("", row)).strip()
        depth -= bare.startswith(")")
        if depth <= 0:
            starts.append(at)
        depth += bare.endswith("(")
        at += len(row)
    return starts


def _bare(raw: str, start: int, end: int) -> Word:
    word = _word(raw, start, end)
    return Word(word.value, start, end, bare=True)


def _followed(
    words: list[Word], values: dict[str, tuple[Word, ...]], used: set[str], uses: list[str]
) -> list[Word]:
    """``%NAME%`` as the words that it holds, where nothing else uses it (``uses``: each use)."""
    out: list[Word] = []
    for word in words:
        name = re.fullmatch(r"%(\w+)%", word.value.removeprefix(OPAQUE))
        held = values.get(name[1].upper()) if name else None
        if name and held and len(held) > 1 and uses.count(name[1].upper()) == 1:
            used.add(name[1].upper())
            out += [replace(one, bare=True) for one in held]
        else:
            out.append(word)
    return out


def find_for(program: str, arguments: str, site: Site, where: str) -> tuple[Launched, ...]:
    """The agents that a program of Windows starts with these arguments: java, or cmd for it.

    A program of any other name that takes ``-jar`` is java.
    """
    first = Word(program, 0, 0)
    if re.search(r"(?i)(?:^|[/\\])cmd(?:\.exe)?$", program):
        found = [find((first, *words), site, where) for words in commands(arguments)]
        return tuple(one for launched in found for one in launched)
    words = windows_words.read_words(arguments)
    return find((first, *words), site, where) or find((Word("java", 0, 0), *words), site, where)
