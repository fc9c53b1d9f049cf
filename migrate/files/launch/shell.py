"""Shell scripts that start agents."""

import re

from migrate.files.launch.base import (
    MAX_CHARS,
    Edit,
    FoundLaunch,
    NotEditable,
    Wanted,
    choose,
    make_edit,
)
from migrate.files.launch.command import Command, find_command, rewrite
from migrate.files.launch.sh_words import GAP, quote, read_script
from migrate.files.launch.words import Style, splice

_STYLE = Style(render=quote, gap=GAP)
_SHEBANG = re.compile(
    r"\ufeff?#!\s*\S*(?:/|env\s+(?:-\S+\s+)*)(?:(?:ba|da|k|z|a)?sh|openrc-run|runscript)\b"
)
_LOOP = re.compile(r"\bfor\s+([A-Za-z_]\w*)\b")


def commands(text: str, path: str = "") -> tuple[Command, ...]:
    """The agents' commands of a script, in order."""
    if len(text) > MAX_CHARS:
        raise NotEditable(f"it has {len(text)} characters, more than any start script", path)
    found = []
    for words in read_script(text).commands:
        where = f"line {text.count(chr(10), 0, words[0].start) + 1}"
        command = find_command(words, where)
        if command is not None:
            found.append(command)
    return tuple(found)


class ShellEditor:
    """Start scripts in sh and bash."""

    name = "shell"

    def detect(self, text: str, path: str) -> bool:
        """A shebang of a shell, or a name that ends in .sh."""
        return bool(_SHEBANG.match(text)) or path.lower().endswith((".sh", ".bash"))

    def launches(self, text: str, path: str = "") -> tuple[FoundLaunch, ...]:
        """One for each command that runs agent.jar."""
        return tuple(command.found() for command in commands(text, path))

    def to_websocket(self, text: str, wanted: Wanted) -> Edit:
        """The words that must change; quotes, variables and line breaks stay."""
        found = commands(text, wanted.path)
        command = found[choose([one.found() for one in found], wanted)]
        _refuse_loop(text, command, wanted)
        made = rewrite(command, wanted)
        new = splice(text, command.words, made.values, _STYLE)
        check(new, command, made.values, len(found), wanted)
        return make_edit(
            wanted,
            text,
            new,
            notes=made.notes,
            secret=made.secret,
            hide=[one.secret() or "" for one in found],
            reason=made.reason,
        )


def check(new: str, command: Command, values: tuple[str, ...], count: int, wanted: Wanted) -> None:
    """``NotEditable`` unless the new text, read again, has exactly the wanted words."""
    again = commands(new, wanted.path)
    spoken = [tuple(word.value for word in one.words) for one in again]
    if len(again) != count or values not in spoken:
        raise NotEditable(f"{command.where} could not be changed safely", wanted.path)


def _refuse_loop(text: str, command: Command, wanted: Wanted) -> None:
    raw = " ".join(text[word.start : word.end] for word in command.words)
    for name in _LOOP.findall(text):
        if re.search(rf"\$\{{?{name}\b", raw):
            raise NotEditable(f"{command.where} starts several agents in a loop", wanted.path)
