"""Caddy: what takes WebSockets away from a ``reverse_proxy`` that passes them on by itself. Pure.

Caddy 1's ``proxy`` needs ``websocket`` or ``transparent`` lines of its own; Caddy 2 needs nothing.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from migrate.sources.base import Found, LookOptions, SourceText
from migrate.sources.http_way import PING
from migrate.sources.proxies.likely import NOT_EDITED, serves, takes_agents
from migrate.sources.text_notes import TextNotes

KIND = "caddy"
_LOOKS = re.compile(r"^[ \t]*(?:reverse_proxy|php_fastcgi|proxy|layer4)\b", re.MULTILINE)
_NAME = re.compile(r"(?:^|/)(?:[\w.-]*caddyfile[\w.-]*|[\w.-]+\.caddy)$", re.IGNORECASE)
_WORD = re.compile(r'"(?:\\.|[^"\\])*"|`[^`]*`|\S+')
_LOGINS = ("basic_auth", "basicauth", "forward_auth", "authorize", "authenticate", "jwtauth")
_TIME = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DEPTH = 40


@dataclass
class Line:
    """A directive with its block."""

    words: list[str]
    at: int
    inner: list["Line"] = field(default_factory=list)

    def named(self, *names: str) -> Iterator["Line"]:
        """Lines right inside of it."""
        return (line for line in self.inner if line.words[0] in names)

    def all(self) -> Iterator["Line"]:
        """Itself and all inside of it."""
        yield self
        for one in self.inner:
            yield from one.all()


class Caddy:
    """Finder of Caddyfiles."""

    name = KIND

    def look(self, files: Sequence[SourceText], options: LookOptions) -> Found:
        """Sites that lead to Jenkins and lose a WebSocket, and TCP routes of layer4."""
        del options
        notes = TextNotes(KIND)
        for file in files:
            named = _NAME.search(file.path) is not None
            looks = _LOOKS.search(file.text)
            if looks and (named or re.search(r"^\s*reverse_proxy\s", file.text, re.MULTILINE)):
                if not named and file.path.endswith((".yaml", ".yml", ".json", ".md")):
                    continue
                _file(notes, file, read(file.text))
        return notes.found()


def read(text: str) -> list[Line]:
    """The blocks of a Caddyfile; a brace opens one at a line's end only."""
    top = Line([""], 0)
    stack = [top]
    at = 0
    for row in text.split("\n"):
        start, at = at, at + len(row) + 1
        words: list[str] = []
        for found in _WORD.finditer(row):
            if found[0].startswith("#"):
                break
            words.append(found[0].strip('"`'))
        if not words:
            continue
        if words == ["}"]:
            if len(stack) > 1:
                stack.pop()
            continue
        opens = words[-1] == "{"
        line = Line(words[:-1] or [""] if opens else words, start)
        stack[-1].inner.append(line)
        if opens and len(stack) < _DEPTH:
            stack.append(line)
    return top.inner


def _file(notes: TextNotes, file: SourceText, sites: Sequence[Line]) -> None:
    snippets = {one.words[0].strip("()"): one for one in sites if one.words[0].startswith("(")}
    for site in sites:
        if site.words[0].startswith("("):
            continue
        _layer4(notes, file, site)
        for proxy, holders in _proxies(site, (site,), snippets):
            if serves(*site.words, *proxy.words, *(w for to in proxy.named("to") for w in to.words),
                      *(w for one in holders for w in one.words)):  # fmt: skip
                _judge(notes, file, site, proxy)
                _logins(notes, file, site, holders)


def _proxies(
    line: Line, holders: tuple[Line, ...], snippets: dict[str, Line]
) -> Iterator[tuple[Line, tuple[Line, ...]]]:
    for one in line.inner:
        if one.words[0] in ("reverse_proxy", "proxy"):
            if not _only_others(one.words[1:2]):
                yield one, holders
        elif one.words[0] == "import" and len(holders) < _DEPTH:
            snippet = snippets.get(one.words[1]) if len(one.words) > 1 else None
            if snippet is not None and snippet not in holders:
                yield from _proxies(snippet, (*holders, snippet), snippets)
        elif one.words[0] in ("handle", "handle_path", "route") and not _only_others(
            one.words[1:2]
        ):
            yield from _proxies(one, (*holders, one), snippets)


def _only_others(matcher: Sequence[str]) -> bool:
    """Whether a path matcher leaves out /wsagents/ below any prefix that has Jenkins' name."""
    path = matcher[0] if matcher else ""
    return path.startswith("/") and not (
        path in ("/", "/*") or path.startswith(("/wsagents", "/login")) or serves(path)
    )


def _judge(notes: TextNotes, file: SourceText, site: Line, proxy: Line) -> None:
    label = f"Caddy site {site.words[0]}"
    if proxy.words[0] == "proxy":
        if not any(proxy.named("websocket")):
            notes.by_hand(
                file, proxy.at, f"{label}: proxy (Caddy 1) without websocket: no upgrade; "
                f"{NOT_EDITED}", "websocket, in the block of this proxy",
            )  # fmt: skip
        return
    for line in proxy.all():
        words = line.words
        told = " ".join(words)
        if words[0] == "header_up" and len(words) > 1 and (
            words[1].lower() in ("-upgrade", "-connection")
            or (words[1].lower() == "connection" and "upgrade" not in told.lower())
        ):  # fmt: skip
            notes.by_hand(
                file, line.at, f"{label}: {told} takes the upgrade away; {NOT_EDITED}",
                "no such line: reverse_proxy upgrades by itself",
            )  # fmt: skip
        elif words[0] in ("read_timeout", "write_timeout", "stream_timeout"):
            told_for = seconds(words[-1])
            limit = 86400 if words[0] == "stream_timeout" else PING
            if told_for is not None and 0 < told_for <= limit:
                notes.by_hand(
                    file, line.at, f"{label}: {told} ends WebSockets; {NOT_EDITED}",
                    f"no {words[0]}, or one far above Jenkins' ping of {PING} s",
                )  # fmt: skip
        elif words[0] == "versions" and "1.1" not in words:
            notes.by_hand(
                file, line.at, f"{label}: {told}: Jenkins upgrades HTTP/1.1 only; {NOT_EDITED}",
                "versions 1.1",
            )  # fmt: skip


def seconds(text: str) -> float | None:
    """A duration of Go, ``1m30s``; None for what is none."""
    parts = list(_TIME.finditer(text))
    if not parts or "".join(part[0] for part in parts) != text:
        return None
    return sum(float(part[1]) * _UNITS[part[2]] for part in parts)


def _logins(notes: TextNotes, file: SourceText, site: Line, holders: Sequence[Line]) -> None:
    matchers = {
        line.words[0]: " ".join(" ".join(one.words) for one in line.all())
        for holder in holders for line in holder.inner if line.words[0].startswith("@")
    }  # fmt: skip
    for holder in holders:
        for line in holder.named(*_LOGINS):
            matcher = line.words[1] if len(line.words) > 1 else ""
            if matcher.startswith("/") and _only_others([matcher]):
                continue
            if "wsagents" in matchers.get(matcher, ""):
                continue
            notes.by_hand(
                file, line.at, f"Caddy site {site.words[0]}: {line.words[0]} comes before /login "
                f"and /wsagents/; agents have no login of people; {NOT_EDITED}",
                "a decision about security: a matcher @people { not path /login /wsagents/* "
                "/jnlpJars/* }",
            )  # fmt: skip


def _layer4(notes: TextNotes, file: SourceText, site: Line) -> None:
    for layer in site.all():
        if layer.words[0] != "layer4":
            continue
        for listener in layer.inner:
            for proxy in listener.all():
                hosts = " ".join(proxy.words[1:]) if proxy.words[0] == "proxy" else ""
                if takes_agents(" ".join(listener.words), hosts):
                    notes.by_hand(
                        file, listener.at, f"Caddy layer4 on {listener.words[0]} passes TCP to "
                        f"{hosts}; {NOT_EDITED}", "take it out, after the agents moved",
                    )  # fmt: skip
