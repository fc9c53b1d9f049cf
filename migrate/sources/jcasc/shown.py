"""A diff of configuration as code for people. Such files hold passwords beside what is changed."""

import difflib
import re

from migrate.model.secrets import MASK, mask
from migrate.model.text import visible
from migrate.splice.text import BOM

_TOLD = {
    "jenkins", "clouds", "kubernetes", "name", "jenkinsUrl", "jenkinsTunnel", "webSocket",
    "directConnection", "namespace", "slaveAgentPort", "numExecutors", "mode", "serverUrl",
    "containerCapStr", "nodes", "permanent", "launcher", "inbound", "jnlp", "tunnel", "remoteFS",
    "controller", "JCasC", "configScripts", "data", "kind",
}  # fmt: skip
"""Keys whose values are shown; any other's value is masked."""
_VALUE = r"\"[^\"]*\"|'[^']*'|[^,{}\[\]#\"']+"
_ENTRY = re.compile(r"(\s*(?:- +)*[\"']?([\w.-]+)[\"']?\s*:(?:\s+|$))(.*)")
_TOLD_VALUE = re.compile(rf"({_VALUE})?([\s,}}\]]*)")
_PAIR = re.compile(rf"[\"']?\b({'|'.join(sorted(_TOLD))})[\"']?\s*:\s+(?:{_VALUE})")
_OPENS = re.compile(r"[|>][+-]?\d?[+-]?")


def shown_diff(old: str, new: str, path: str) -> str:
    """Unified, with a line or two around each change, every value masked that is not told."""
    before, after = (side.removeprefix(BOM).splitlines() for side in (old, new))
    name = visible(path) or "file"
    rows = list(difflib.unified_diff(before, after, name, name, lineterm="", n=2))
    return "\n".join([*rows[:2], *(_row(row) for row in rows[2:])]) + "\n"


def _row(row: str) -> str:
    if row.startswith("@@"):
        return row
    return row[:1] + visible(mask(_line(row[1:])))


def _line(line: str) -> str:
    """One line of YAML with what it may tell."""
    head, brace, rest = line.partition("{")
    if brace:
        told = ", ".join(match[0].strip() for match in _PAIR.finditer(rest))
        return f"{_line(head) if head.strip(' -[') else head}{{{told}, {MASK}}}"
    found = _ENTRY.match(line)
    if found is None:
        return line[: len(line) - len(line.lstrip())] + (MASK if line.strip() else "")
    value = found[3]
    if not value or _OPENS.fullmatch(value):
        return line
    if found[2] not in _TOLD:
        return found[1] + MASK
    if _TOLD_VALUE.fullmatch(value):
        return line
    first = _TOLD_VALUE.match(value)
    return f"{found[1]}{first[0] if first else ''} {MASK}"
