"""upstart jobs. Source: init(5) of upstart: ``exec`` stanzas, and ``script`` ... ``end script``."""

import re

from migrate.agents.launch.find import in_script
from migrate.agents.launch.launched import Launched
from migrate.agents.launch.line_editor import LineEditor
from migrate.splice.view import View

_EXEC = re.compile(r"^[ \t]*(exec[ \t](?:[^\r\n\\]|\\\r?\n|\\.)*)", re.MULTILINE)
_SCRIPT = re.compile(r"^[ \t]*script[ \t]*\r?\n(.*?)^[ \t]*end script", re.MULTILINE | re.DOTALL)
_STANZA = re.compile(r"^[ \t]*(?:start on|respawn|stop on)\b", re.MULTILINE)


class UpstartEditor(LineEditor):
    """The main process of a job."""

    name = "upstart"
    restart = (
        "initctl reload-configuration makes upstart read it; then stop the job and start it "
        "(restart keeps the old definition)"
    )

    def detect(self, text: str, path: str) -> bool:
        """A job below /etc/init, or a file with upstart's stanzas."""
        named = re.search(r"/init/[^/]+\.(?:conf|override)$", path) is not None
        return named or (path.endswith(".conf") and _STANZA.search(text) is not None)

    def nothing(self) -> str:
        """Its process is no agent."""
        return "this upstart job starts no agent that this tool recognises"

    def read(self, text: str, path: str) -> tuple[Launched, ...]:
        """The agents of its exec stanza and its script."""
        del path
        found: list[Launched] = []
        blocks = [match.span(1) for match in _SCRIPT.finditer(text)]
        for match in _EXEC.finditer(text):
            start, end = match.span(1)
            if not any(first <= start < last for first, last in blocks):
                found += in_script(View(text).part(start, end), where="its exec stanza")
        for start, end in blocks:
            found += in_script(View(text).part(start, end), where="its script")
        return tuple(found)
