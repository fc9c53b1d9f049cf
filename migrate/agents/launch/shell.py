"""Shell scripts that start agents, also those that init, OpenRC and rc.local run."""

import re

from migrate.agents.launch.base import Wanted
from migrate.agents.launch.change import changed
from migrate.agents.launch.find import in_script
from migrate.agents.launch.launched import Launched
from migrate.agents.launch.line_editor import LineEditor
from migrate.splice.edit import Edit
from migrate.splice.text import NotEditable
from migrate.splice.view import View

_SHEBANG = re.compile(
    r"\ufeff?#!\s*\S*(?:/|env\s+(?:-\S+\s+)*)(?:(?:ba|da|k|z|a)?sh|openrc-run|runscript)\b"
)
_LOOP = re.compile(r"\bfor\s+([A-Za-z_]\w*)\b")


class ShellEditor(LineEditor):
    """Start scripts in sh and bash."""

    name = "shell"

    def detect(self, text: str, path: str) -> bool:
        """A shebang of a shell, or a name that ends in .sh."""
        return bool(_SHEBANG.match(text)) or path.lower().endswith((".sh", ".bash"))

    def read(self, text: str, path: str) -> tuple[Launched, ...]:
        """One for each agent that a command starts, or a variable holds."""
        del path
        return in_script(View(text))

    def to_websocket(self, text: str, wanted: Wanted) -> Edit:
        """As for every text; a loop that starts several agents is left alone."""
        edit = super().to_websocket(text, wanted)
        if edit.changed:
            made = changed(text, wanted, lambda now: self.read(now, wanted.path))
            _refuse_loop(text, made.launched, wanted)
        return edit


def _refuse_loop(text: str, command: Launched, wanted: Wanted) -> None:
    if command.site is None:
        return
    raw = " ".join(command.site.view.text[word.start : word.end] for word in command.words)
    for name in _LOOP.findall(text):
        if re.search(rf"\$\{{?{name}\b", raw):
            raise NotEditable(f"{command.where} starts several agents in a loop", wanted.path)
