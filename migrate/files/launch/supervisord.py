"""supervisord's programs. Source: supervisord's documentation, "[program:x] Section Settings".

A value goes on in lines that begin with a blank; ``%%`` is a percent sign, ``%(ENV_X)s`` a variable
of supervisord's own environment; a blank and ``;`` begin a comment.
"""

import re

from migrate.files.launch.command import Launched
from migrate.files.launch.find import in_script
from migrate.files.launch.line_editor import LineEditor
from migrate.files.launch.view import View, plain_only

_SECTION = re.compile(r"^\[(?P<kind>[\w-]+)(?::(?P<name>[^\]\r\n]+))?\]", re.MULTILINE)
_COMMAND = re.compile(
    r"^command[ \t]*[=:][ \t]*(?P<value>[^\r\n]*(?:\r?\n[ \t]+[^\s;][^\r\n]*)*)", re.MULTILINE
)
_COMMENT = re.compile(r"[ \t];.*", re.DOTALL)
_ESCAPE = re.compile(r"%%|%\((?P<name>\w+)\)[sd]|\r?\n[ \t]+")


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
        return re.search(r"^\[program:[^\]]+\]", text, re.MULTILINE) is not None

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
            for command in _COMMAND.finditer(text, section.end(), end):
                value = _COMMENT.sub("", command["value"]).rstrip()
                start = command.start("value")
                view = View(text).decoded(start, start + len(value), _ESCAPE, _meaning, _written)
                found += in_script(view, where=f"program {section['name']}")
        return tuple(found)


def _meaning(match: re.Match[str]) -> str:
    if match["name"]:
        return "${" + match["name"] + "}"
    return "%" if match[0] == "%%" else " "


def _written(text: str) -> str:
    return plain_only(text).replace("%", "%%")
