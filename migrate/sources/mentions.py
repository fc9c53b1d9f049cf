"""Never silent: lines that set the port, a tunnel or a route where nothing is edited. Pure.

Terraform, Nomad, templates, jsonnet, Dockerfiles, hooks, scripts, and YAML that can't be read.
The number 50000 alone is no evidence: the file has to speak of Jenkins or of its agents, too.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from migrate.sources import kinds_of_text
from migrate.sources.base import ByHand, Found, SourceText, finding
from migrate.sources.evidence import target_of, verdict
from migrate.sources.kept import Kept
from migrate.sources.kinds_of_text import TextKind

KIND = "mentioned"
AFTER = ", after the agents moved"
_NOTES = 40
"""Notes of one file."""
_EVIDENCE = re.compile(
    r"jenkins|jnlp|inbound[-_ ]?agent|agent[-_ ]?(?:port|listener)|slave[-_]?agent", re.IGNORECASE
)
_COMMENT = re.compile(r"\s*(?:#(?!\s*\{)|//|;|/\*|\*\s|--\s|REM\b|<!--|\{\{-?\s*/\*)")
_EMPTY = r"(?![\"']?\s*[:=]\s*(?:\"\"|''|null|~)?\s*,?\s*(?:#.*)?$)"
_TARGET = re.compile(r"[a-z0-9][a-z0-9.-]*/[a-z0-9][a-z0-9.-]*:[a-z0-9-]+")
_EXPRESSION = re.compile(r"\{\{.*?\}\}|\$\{[^}]*\}|<%.*?%>|\$\([^)]*\)|%\([^)]*\)s")
_SET_NAME = re.compile(r"\s*(?:-\s+)?name\s*[:=]\s*[\"']?([\w.${}\\-]+)[\"']?\s*$")
_SET_VALUE = re.compile(r"\s*value\s*[:=]\s*[\"']?([^\s\"']+)")
_NUMBER = re.compile(r"(?<![\d.])50000(?!\d|\.\d)")


class _Sign(NamedTuple):
    """A line that says something of the agents' way."""

    pattern: re.Pattern[str]
    reason: str
    write: str
    sure: bool = True
    """Whether it needs no more evidence in its file."""


_SIGNS = (
    _Sign(
        re.compile(
            r"slaveAgentPort[\"']?\s*(?:[:=]|,\s*[\"']?value)\s*+(?![\"']?-1\b|$)"
            r"|setSlaveAgentPort\s*\(\s*+(?!-1)|<slaveAgentPort>(?!-1<)"
        ),
        "sets the TCP port of the agents",
        f"-1{AFTER}",
    ),
    _Sign(
        re.compile(r"JENKINS_SLAVE_AGENT_PORT\b(?![\"']?\s*+[:=,]?\s*+[\"']?-1)"),
        "sets the TCP port of the agents in the image",
        f"-1{AFTER}",
    ),
    _Sign(
        re.compile(rf"(?:jenkinsTunnel|JenkinsTunnel|JENKINS_TUNNEL)\b{_EMPTY}|-tunnel[\s=\"',]"),
        "has a tunnel of agents",
        "WebSocket on and no tunnel, before the port is closed",
    ),
    _Sign(
        re.compile(rf"(?<![\w.-])\w*[tT]unnel\b{_EMPTY}[\"']?\s*[:=]|<tunnel>(?=[^<\s])"),
        "has a tunnel of agents",
        "WebSocket on and no tunnel, before the port is closed",
        sure=False,
    ),
    _Sign(
        re.compile(
            r"(?:agent|slave)Listener(?:ServiceType[\"']?\s*[:=,]\s*[\"']?(?:LoadBalancer|NodePort)"
            r"|(?:Node|Host)Port[\"']?\s*[:=,]\s*[\"']?\d)",
            re.IGNORECASE,
        ),
        "opens the agents' listener of the Jenkins chart",
        f"ClusterIP, no port of its own{AFTER}",
    ),
    _Sign(
        re.compile(r"\bweb[sS]ocket[\"']?\s*[:=,]\s*[\"']?false|<webSocket>false"),
        "has WebSocket of agents off",
        "true, and no tunnel",
        sure=False,
    ),
)
_NAMED_PORT = _Sign(
    re.compile(
        r"\w*(?:slave|agent|jnlp|inbound)\w*_port[\"']?\s*(?:[:=]|=>)\s*+[\"']?(?=\d|\{\{)",
        re.IGNORECASE,
    ),
    "sets the agents' port",
    f"-1, or no such port{AFTER}",
    sure=False,
)
_STREAM = _Sign(
    re.compile(r"(?:proxy_pass|server)\s+[\w.-]*(?:jenkins|jnlp|cjoc|agent)[\w.-]*:50000\b"),
    "passes the agents' port on (nginx)",
    f"take the server out{AFTER}, then the port that it listens on",
)
_PORT = _Sign(_NUMBER, "has the agents' port", f"take it out{AFTER}", sure=False)


class _Line(NamedTuple):
    number: int
    reason: str
    write: str


def look(kept: Kept, seen: Iterable[tuple[str, int, int]]) -> Found:
    """Lines that nobody told of. ``seen``: (path, first line, last line) that others did."""
    found = Found()
    covered: dict[str, set[int]] = {}
    for path, first, last in seen:
        covered.setdefault(path, set()).update(range(first, last + 1))
    unread = {one.file.path: one.reason for one in kept.unread}
    for file in kept.files:
        if file.nginx:
            continue
        kind = kinds_of_text.of(file, unread.get(file.path))
        if kind is None:
            continue
        told = covered.get(file.path, set())
        lines = [one for one in _lines(file, kind, kept) if one.number not in told]
        if lines and kind.problem:
            found += _told(file, kind.problem_line, kind.problem, kind.mend)
        for one in _merged(lines)[:_NOTES]:
            found += _told(file, one.number, f"{kind.name} {one.reason}", one.write)
    return found


def _told(file: SourceText, line: int, reason: str, write: str) -> Found:
    note = ByHand(file.path, line, reason, write)
    return Found((), (note,), (finding(KIND, file.path, reason, fix=write, line=line),))


def _merged(lines: Sequence[_Line]) -> list[_Line]:
    """Without a line that says the same right behind another."""
    kept: list[_Line] = []
    last: _Line | None = None
    for one in lines:
        if last is None or one.number > last.number + 1 or one[1:] != last[1:]:
            kept.append(one)
        last = one
    return kept


def _lines(file: SourceText, kind: TextKind, kept: Kept) -> Iterator[_Line]:
    evidence = _EVIDENCE.search(file.text) is not None
    indirect = kinds_of_text.named_ports(file.text) if kind.hcl and evidence else ()
    block = ""
    rows = file.text.splitlines()
    for number, row in enumerate(rows, start=1):
        line = _with_value(row, rows[number : number + 2])
        block = kinds_of_text.block_name(line) or block if kind.hcl else ""
        if _COMMENT.match(line):
            continue
        where = f" ({block})" if block else ""
        sign = _sign(line, kind, evidence=evidence)
        route = _route(line, kept) if sign in (None, _PORT) else ""
        if route:
            reason = f"leads a TCP port to {route}{where}: {kind.why}"
            yield _Line(number, reason, f"take the entry out{AFTER}")
        elif sign is not None:
            write = kind.write or sign.write
            yield _Line(number, f"{sign.reason}{where}: {kind.why}", write)
        elif name := next((n for n in indirect if re.search(rf"\b{re.escape(n)}\b", line)), ""):
            yield _Line(
                number, f"uses {name}, the agents' port{where}: {kind.why}", f"take it out{AFTER}"
            )


def _with_value(row: str, below: Sequence[str]) -> str:
    """``name = "X"`` with the ``value`` below it as ``X=VALUE``, as ``set`` blocks have it."""
    name = _SET_NAME.match(row)
    value = next((v for one in below if (v := _SET_VALUE.match(one))), None) if name else None
    return f"{name[1]}={value[1]}" if name and value else row


def _sign(line: str, kind: TextKind, *, evidence: bool) -> _Sign | None:
    for sign in (*_SIGNS, _NAMED_PORT, _STREAM, *([_PORT] if kind.number else [])):
        if (sign.sure or evidence) and sign.pattern.search(line):
            return sign
    return None


def _route(line: str, kept: Kept) -> str:
    for found in _TARGET.finditer(_EXPRESSION.sub("x", line)):
        target = target_of(found[0])
        told = verdict(target, kept.services) if target else "other"
        if target and told != "other" and not re.search(r"image|://|repo", line):
            return target.shown
    return ""
