"""Apache httpd: whether upgrades get through its ``ProxyPass`` and ``RewriteRule``. Pure.

mod_proxy_http upgrades with ``upgrade=websocket`` (2.4.47); before, a ``RewriteRule`` to ws://
(mod_proxy_wstunnel) does, where its conditions match what an agent sends.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from migrate.sources.base import Found, LookOptions, SourceText
from migrate.sources.http_way import PING
from migrate.sources.nginx.match import regex_matches
from migrate.sources.proxies.likely import NOT_EDITED, serves
from migrate.sources.text_notes import TextNotes
from migrate.splice.text import NotEditable

KIND = "apache"
_LOOKS = re.compile(
    r"^[ \t]*(?:ProxyPass(?:Match)?\s+\S|RewriteRule\s.*\[[^\]]*\bP\b|<VirtualHost\b)",
    re.IGNORECASE | re.MULTILINE,
)
_WORD = re.compile(r'"((?:\\.|[^"\\])*)"|(\S+)')
_SENT = {"upgrade": "websocket", "connection": "Upgrade"}
"""What an agent's handshake has."""
_CONDITION = re.compile(r"[%$]\{HTTP:(upgrade|connection)\}", re.IGNORECASE)
_PEOPLE = ("valid-user", "user", "group", "ldap-user", "ldap-group", "claim", "shib-session")
_AGENT_PATHS = ("/login", "/wsagents/")


@dataclass
class Line:
    """A directive, its words and where it stands."""

    name: str
    args: list[str]
    at: int


@dataclass
class Section:
    """A ``<Section>``, or the file itself."""

    name: str
    args: list[str]
    at: int
    lines: list[Line] = field(default_factory=list)
    inner: list["Section"] = field(default_factory=list)

    def named(self, *names: str) -> Iterator[Line]:
        """Directives of these names, in small letters."""
        return (line for line in self.lines if line.name in names)

    def all(self) -> Iterator["Section"]:
        """Itself and all inside of it."""
        yield self
        for one in self.inner:
            yield from one.all()


class Apache:
    """Finder of Apache's virtual hosts."""

    name = KIND

    def look(self, files: Sequence[SourceText], options: LookOptions) -> Found:
        """Virtual hosts that lead to Jenkins and lose a WebSocket."""
        del options
        notes = TextNotes(KIND)
        for file in files:
            if not file.nginx and _LOOKS.search(file.text):
                top = read(file.text)
                hosts = [one for one in top.all() if one.name == "virtualhost"]
                for host in hosts or [top]:
                    _host(notes, file, host, top)
        return notes.found()


def read(text: str) -> Section:
    """The sections of a file; what is no directive is passed over."""
    top = Section("", [], 0)
    stack = [top]
    at, pending, begin = 0, "", 0
    for row in text.split("\n"):
        line = row.rstrip("\r")
        start, at = at, at + len(row) + 1
        begin = begin if pending else start
        if line.endswith("\\") and len(pending) < 20_000:
            pending += line[:-1] + " "
            continue
        full, pending = (pending + line).strip(), ""
        if not full or full.startswith("#"):
            continue
        if full.startswith("</"):
            if len(stack) > 1:
                stack.pop()
            continue
        words = [m[1] if m[1] is not None else m[2] for m in _WORD.finditer(full.rstrip(">"))]
        if full.startswith("<") and words:
            section = Section(words[0].lstrip("<").lower(), words[1:], begin)
            stack[-1].inner.append(section)
            if len(stack) < 60:
                stack.append(section)
        elif words:
            stack[-1].lines.append(Line(words[0].lower(), words[1:], begin))
    return top


@dataclass
class _Pass:
    """One way to a backend."""

    path: str
    url: str
    words: list[str]
    at: int
    regex: bool = False

    def matches(self, path: str) -> bool:
        if not self.regex:
            return path.startswith(self.path)
        try:
            return regex_matches(self.path, path) is not None
        except NotEditable:
            return False

    @property
    def upgrades(self) -> bool:
        return self.url.startswith(("ws://", "wss://")) or any(
            word.lower().startswith("upgrade=") for word in self.words
        )


def _passes(host: Section) -> list[_Pass]:
    found = []
    for section in host.all():
        located = section.name in ("location", "locationmatch")
        for line in section.named("proxypass", "proxypassmatch"):
            args = line.args
            if located and section.args and args and not args[0].startswith("/"):
                args = [section.args[-1], *args]
            if len(args) > 1:
                regex = line.name == "proxypassmatch" or section.name == "locationmatch"
                found.append(_Pass(args[0], args[1], args[2:], line.at, regex))
    return found


def _host(notes: TextNotes, file: SourceText, host: Section, top: Section) -> None:
    names = [
        arg for line in host.named("servername", "serveralias") for arg in line.args
    ]  # fmt: skip
    members = [
        line for section in top.all() for line in section.named("balancermember")
    ]  # fmt: skip
    passes = _passes(host)
    prefixes = {
        one.path.rstrip("/") for one in passes
        if not one.regex and one.url.startswith(("http", "balancer:"))
        and serves(*names, one.path, one.url, *(" ".join(m.args) for m in members))
        and one.path.strip("/").split("/")[-1] not in ("wsagents", "cli", "login")
    }  # fmt: skip
    upgraded = any(w.lower().startswith("upgrade=") for one in members for w in one.args)
    label = f"Apache virtual host {names[0] if names else '(no name)'}"
    rewritten = _rewritten(host)
    for prefix in sorted(prefixes):
        path = f"{prefix}/wsagents/"
        first = next((one for one in passes if one.matches(path)), None)
        if first is None or not (first.path.rstrip("/") == prefix or first.upgrades):
            continue
        if not (first.url.startswith("balancer:") and upgraded):
            _upgrade(notes, file, label, first, host)
        _timeouts(notes, file, label, first, [host, top])
        _logins(notes, file, label, host, prefix)
    if not prefixes and rewritten and serves(*names, rewritten.args[1]):
        why = _ways_by_rewrite(host, "/wsagents/")
        if why:
            notes.by_hand(file, rewritten.at, f"{label}: {why}", _write("/", rewritten.args[1]))


def _rewritten(host: Section) -> Line | None:
    """A rule that proxies everything over HTTP."""
    return next(
        (
            line for section in host.all() for line in section.named("rewriterule")
            if len(line.args) > 1 and line.args[1].startswith("http") and "P" in _flags(line)
        ),
        None,
    )  # fmt: skip


def _flags(line: Line) -> set[str]:
    flags = line.args[2] if len(line.args) > 2 else ""
    return {flag.strip().upper() for flag in flags.strip("[]").split(",")}


def _upgrade(notes: TextNotes, file: SourceText, label: str, first: _Pass, host: Section) -> None:
    dropped = next(
        (
            line for section in host.all() for line in section.named("requestheader")
            if [a.lower() for a in line.args[:2]] in (["unset", "upgrade"], ["unset", "connection"])
        ),
        None,
    )  # fmt: skip
    if dropped is not None:
        notes.by_hand(
            file, dropped.at, f"{label}: RequestHeader {' '.join(dropped.args)} takes the upgrade "
            f"away; {NOT_EDITED}", "no such line",
        )  # fmt: skip
    why = "" if first.upgrades else _ways_by_rewrite(host, f"{first.path.rstrip('/')}/wsagents/")
    if why:
        notes.by_hand(
            file, first.at, f"{label}: ProxyPass {first.path} has no upgrade=websocket (2.4.47+) "
            f"and {why}, so no upgrade; {NOT_EDITED}", _write(first.path, first.url),
        )  # fmt: skip


def _ways_by_rewrite(host: Section, path: str) -> str:
    """Why no rule makes a WebSocket of the request; empty when one does."""
    engine = [line.args[:1] for section in host.all() for line in section.named("rewriteengine")]
    on = bool(engine) and engine[-1] != [] and engine[-1][0].lower() == "on"
    conditions: list[Line] = []
    why = "no RewriteRule to ws://"
    for section in host.all():
        for line in section.named("rewritecond", "rewriterule"):
            if line.name == "rewritecond":
                conditions.append(line)
                continue
            mine, conditions = conditions, []
            if len(line.args) < 2:
                continue
            target, flags = line.args[1], _flags(line)
            if target.startswith(("ws://", "wss://")):
                told = _applies(line, mine, path)
                if not told and not on:
                    told = "its RewriteRule to ws:// has no RewriteEngine on"
                if not told:
                    return ""
                why = told
            elif not mine and {"P", "L"} & flags and target != "-" and _rule(line, path):
                return f"a RewriteRule to {target.split('/')[0]} before takes every request"
    return why


def _rule(line: Line, path: str) -> bool:
    pattern = line.args[0]
    try:
        found = regex_matches(pattern.removeprefix("!"), path, ignore_case="NC" in _flags(line))
    except NotEditable:
        return True
    return (found is not None) != pattern.startswith("!")


def _applies(line: Line, conditions: Sequence[Line], path: str) -> str:
    """Why a rule to ws:// never applies; empty when it does."""
    if not _rule(line, path):
        return f"its RewriteRule to ws:// is not for {path}"
    if not {"P", "PROXY"} & _flags(line):
        return "its RewriteRule to ws:// has no [P]"
    for one in conditions:
        if len(one.args) < 2:
            continue
        found = _CONDITION.fullmatch(one.args[0])
        if found is None:
            continue
        if one.args[0].startswith("$"):
            return f"its condition {one.args[0]} never applies (% is needed, not $)"
        flags = one.args[2].strip("[]").upper().split(",") if len(one.args) > 2 else []
        sent, pattern = _SENT[found[1].lower()], one.args[1]
        try:
            met = pattern.lower() == f"={sent}".lower() or regex_matches(
                pattern.removeprefix("="), sent, ignore_case="NC" in flags or "NOCASE" in flags
            )
        except NotEditable:
            continue
        if not met:
            return f"its condition {' '.join(one.args)} does not match {sent!r}, which agents send"
    return ""


def _write(path: str, url: str) -> str:
    far = re.sub(r"\$\d.*|%\{.*", "", url)
    return (
        f"ProxyPass {path} {far} upgrade=websocket (with its other words; httpd 2.4.47 and newer), "
        "or before it: RewriteEngine on, RewriteCond %{HTTP:Upgrade} =websocket [NC], RewriteRule "
        f"^{path.rstrip('/')}/(.*) {far.replace('http', 'ws', 1).rstrip('/')}/$1 [P,L]"
    )


def _timeouts(
    notes: TextNotes, file: SourceText, label: str, first: _Pass, levels: Sequence[Section]
) -> None:
    told = [word.partition("=")[2] for word in first.words if word.lower().startswith("timeout=")]
    at = first.at
    for level in levels:
        for line in level.named("proxytimeout"):
            if not told and line.args:
                told, at = [line.args[0]], line.at
    if told and told[0].isdigit() and int(told[0]) <= PING:
        notes.by_hand(
            file, at, f"{label}: a timeout of {told[0]} s, not above Jenkins' ping of {PING} s; "
            f"{NOT_EDITED}", "ProxyTimeout 3600, or timeout=3600 on the ProxyPass",
        )  # fmt: skip


def _logins(notes: TextNotes, file: SourceText, label: str, host: Section, prefix: str) -> None:
    asked: dict[int, list[str]] = {}
    for path in _AGENT_PATHS:
        last = None
        for section in host.all():
            if _covers(section, prefix + path):
                lines = list(section.named("require", "satisfy"))
                last = lines[-1] if lines else last
        if last is not None and last.args[:1] and last.args[0].lower() in _PEOPLE:
            asked.setdefault(last.at, []).append(prefix + path)
    for at, paths in asked.items():
        notes.by_hand(
            file, at, f"{label}: {', '.join(paths)} ask for a login of people; agents have none",
            "a decision about security: <Location> of these paths with Require all granted",
        )  # fmt: skip


def _covers(section: Section, path: str) -> bool:
    if section.name == "location" and section.args:
        return path.startswith(section.args[-1].rstrip("*"))
    if section.name == "locationmatch" and section.args:
        try:
            return regex_matches(section.args[-1], path) is not None
        except NotEditable:
            return False
    return section.name == "proxy" and section.args[:1] == ["*"]
