"""supervisord's programs. Source: supervisord's documentation, "[program:x] Section Settings".

A value goes on in lines that begin with a blank; ``%%`` is a percent sign, ``%(ENV_X)s`` a variable
of supervisord's own environment; a blank and ``;`` or ``#`` begin a comment.
"""

import re
from functools import partial

from migrate.agents.launch.find import in_script
from migrate.agents.launch.launched import Launched, Unclear
from migrate.agents.launch.line_editor import LineEditor
from migrate.splice.view import View, plain_only

_SECTION = re.compile(r"^\ufeff?\[(?P<kind>[\w-]+)(?::(?P<name>[^\]\r\n]+))?\]", re.MULTILINE)
_COMMAND = re.compile(
    r"^command[ \t]*[=:][ \t]*(?P<value>[^\r\n]*"
    r"(?:\r?\n(?:[ \t]+[^\s;#]|[ \t]*(?=[;#]))[^\r\n]*)*)",
    re.MULTILINE | re.IGNORECASE,
)
_COMMENTS = r"(?:[ \t]+[;#][^\r\n]*)?(?:\r?\n[ \t]*[;#][^\r\n]*)*"
_ESCAPE = re.compile(rf"%%|%\((?P<name>\w+)\)[-0-9]*[sd]|{_COMMENTS}\r?\n[ \t]+|[ \t]+[;#][^\r\n]*")
_NUMPROCS = re.compile(r"^numprocs[ \t]*[=:][ \t]*(?!1\b)\d", re.MULTILINE | re.IGNORECASE)
_VARIABLES = re.compile(
    r"^environment[ \t]*[=:][ \t]*(?P<value>[^\r\n]*(?:\r?\n[ \t]+[^\r\n]*)*)",
    re.MULTILINE | re.IGNORECASE,
)
_SETS = re.compile(r"(?P<name>\w+)=(?:\"(?P<d>[^\"]*)\"|'(?P<s>[^']*)'|(?P<p>[^,\s\"']+))")


class SupervisordEditor(LineEditor):
    """``command=`` of each program."""

    name = "supervisord"
    restart = (
        "supervisorctl reread and supervisorctl update make supervisord read it and start the "
        "program anew"
    )

    def detect(self, text: str, path: str) -> bool:
        """A section of a program."""
        del path
        return re.search(r"^\ufeff?\[program:[^\]]+\]", text, re.MULTILINE) is not None

    def nothing(self) -> str:
        """No program of it is an agent."""
        return "no program of this supervisord file starts an agent that this tool recognises"

    def read(self, text: str, path: str) -> tuple[Launched, ...]:
        """One for each program that is an agent."""
        del path
        sections = list(_SECTION.finditer(text))
        found: list[Launched] = []
        for number, section in enumerate(sections):
            if section["kind"] != "program":
                continue
            end = sections[number + 1].start() if number + 1 < len(sections) else len(text)
            names = _named(text[section.end() : end], str(section["name"]))
            where = f"program {section['name']}"
            for command in _COMMAND.finditer(text, section.end(), end):
                value = command["value"].rstrip()
                start = command.start("value")
                view = View(text).decoded(
                    start, start + len(value), _ESCAPE, partial(_meaning, names=names), _written
                )
                agents = in_script(view, where=where)
                if agents and _NUMPROCS.search(text, section.end(), end):
                    reason = f"{where} starts several agents (numprocs)"
                    agents = (Unclear(where, reason, agents[0].found().node),)
                found += agents
        return tuple(found)


def _named(section: str, program: str) -> dict[str, str]:
    """What ``%(NAME)s`` stands for: the program's own name and variables (supervisor 4)."""
    names = {"program_name": program}
    for line in _VARIABLES.finditer(section):
        for one in _SETS.finditer(line["value"]):
            told = one["d"] or one["s"] or one["p"] or ""
            names[f"ENV_{one['name']}"] = told
    plain = re.compile(r"[\w./:@-]+")
    return {name: told for name, told in names.items() if plain.fullmatch(told)}


def _meaning(match: re.Match[str], names: dict[str, str]) -> str:
    if match["name"]:
        return names.get(match["name"], "${" + match["name"] + "}")
    return "%" if match[0] == "%%" else " "


def _written(text: str) -> str:
    return plain_only(text).replace("%", "%%")
