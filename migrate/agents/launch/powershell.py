"""PowerShell scripts that start agents: recognised, and left to a person."""

import re

from migrate.agents.launch.launched import Launched, Unclear
from migrate.agents.launch.line_editor import LineEditor

_AGENT = re.compile(r"(?i)-jar\b|hudson\.remoting\.jnlp\.Main")
_OPTION = re.compile(r"-(?:jnlpUrl|url|direct)\b")


class PowerShellEditor(LineEditor):
    """``*.ps1``: its arrays and variables are not followed."""

    name = "powershell"

    def detect(self, text: str, path: str) -> bool:
        """Its name."""
        del text
        return path.lower().endswith(".ps1")

    def read(self, text: str, path: str) -> tuple[Launched, ...]:
        """One that is not clear, where the script starts an agent at all."""
        del path
        if not (_AGENT.search(text) and _OPTION.search(text)):
            return ()
        if re.search(r"-webSocket\b", text):
            return ()
        line = text.count("\n", 0, _AGENT.search(text).start()) + 1  # type: ignore[union-attr]
        reason = (
            f"PowerShell is not edited by this tool (line {line}): put -webSocket behind the jar, "
            "and take out -tunnel with its value"
        )
        return (Unclear(f"line {line}", reason),)
