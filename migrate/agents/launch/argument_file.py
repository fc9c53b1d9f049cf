"""Files of agent.jar's own options, which a command names as ``@FILE``.

Source: args4j, CmdLineParser.expandAtFiles: each line is one word, taken as it stands.
"""

import re
from dataclasses import replace

from migrate.agents.launch.command import AGENT, find_options
from migrate.agents.launch.launched import Launched
from migrate.agents.launch.line_editor import LineEditor
from migrate.agents.launch.site import Site
from migrate.splice.text import NotEditable
from migrate.splice.view import View
from migrate.splice.words import Style, Word

_GAP = re.compile(r"(?:\r?\n)+")
_LINE = re.compile(r"[^\r\n]+")


def _one_line(value: str) -> str:
    if re.search(r"[\r\n]", value):
        raise NotEditable("a value with a line end would have to be written")
    return value


_STYLE = Style(render=_one_line, gap=_GAP, joint="\n", pairs=None)


class ArgumentFileEditor(LineEditor):
    """A word a line."""

    name = "argument-file"
    restart = "the options count from the next start of the agent"

    def detect(self, text: str, path: str) -> bool:
        """An option in its first line, and one of those that every agent has in a line alone."""
        del path
        lines = _LINE.findall(text)
        return bool(lines) and lines[0].startswith("-") and bool(AGENT & set(lines))

    def read(self, text: str, path: str) -> tuple[Launched, ...]:
        """The one agent whose options these are."""
        words = [Word(m[0], m.start(), m.end()) for m in _LINE.finditer(text)]
        command = find_options(words, "its lines")
        if command is None:
            raise NotEditable("it holds no options of an agent", path)
        return (replace(command, site=Site(View(text), _STYLE)),)
