"""IIS with ARR: ``web.config`` and ``applicationHost.config`` that keep WebSockets off. Pure."""

import re
from collections.abc import Sequence

from migrate.sources.base import Found, LookOptions, SourceText
from migrate.sources.http_way import PING
from migrate.sources.proxies.likely import NOT_EDITED, serves
from migrate.sources.text_notes import TextNotes

KIND = "iis"
_ACTION = re.compile(r"<action\b[^<>]*\burl\s*=\s*\"(https?:)?[^\"]*\"[^<>]*>", re.IGNORECASE)
_OFF = re.compile(r"<webSocket\b[^<>]*\benabled\s*=\s*\"(false|0)\"", re.IGNORECASE)
_ANONYMOUS = re.compile(r"<anonymousAuthentication\b[^<>]*\benabled\s*=\s*\"false\"", re.IGNORECASE)
_DENIED = re.compile(r"<deny\b[^<>]*\busers\s*=\s*\"\?\"", re.IGNORECASE)
_TIMEOUT = re.compile(r"<proxy\b[^<>]*\btimeout\s*=\s*\"(\d+):(\d+):(\d+)\"", re.IGNORECASE)
_RULE = re.compile(r"<rule\b[^<>]*\bname\s*=\s*\"([^\"]*)\"", re.IGNORECASE)


class Iis:
    """Finder of IIS' rewrite rules to Jenkins."""

    name = KIND

    def look(self, files: Sequence[SourceText], options: LookOptions) -> Found:
        """Sites that lead to Jenkins with WebSocket off, a login, or a short timeout."""
        del options
        notes = TextNotes(KIND)
        for file in files:
            if "<system.webServer" in file.text or "<system.webserver" in file.text:
                _file(notes, file)
        return notes.found()


def _file(notes: TextNotes, file: SourceText) -> None:
    text = _without_comments(file.text)
    named = " ".join(m[1] for m in _RULE.finditer(text))
    actions = [m[0] for m in _ACTION.finditer(text) if "://" in m[0]]
    if not actions or not serves(named, *actions):
        return
    off = _OFF.search(text)
    if off:
        notes.by_hand(
            file, off.start(), f'IIS site: webSocket enabled="{off[1]}", so no upgrade; '
            f"{NOT_EDITED}",
            '<webSocket enabled="true" />, with the role service WebSocket Protocol installed',
        )  # fmt: skip
    for pattern, what in ((_ANONYMOUS, "anonymousAuthentication is off"),
                          (_DENIED, "anonymous users are denied")):  # fmt: skip
        found = pattern.search(text)
        if found:
            notes.by_hand(
                file, found.start(), f"IIS site: {what}: /login and /wsagents/ answer 401; "
                f"{NOT_EDITED}",
                "a decision about security: <location> of login, wsagents and jnlpJars with "
                "anonymous authentication",
            )  # fmt: skip
    limit = _TIMEOUT.search(text)
    if limit:
        seconds = int(limit[1]) * 3600 + int(limit[2]) * 60 + int(limit[3])
        if seconds <= PING:
            notes.by_hand(
                file, limit.start(), f"IIS: ARR's proxy timeout is {seconds} s, not above Jenkins' "
                f"ping of {PING} s; {NOT_EDITED}", 'timeout="01:00:00"',
            )  # fmt: skip


def _without_comments(text: str) -> str:
    """The same length, with blanks for what is commented out."""
    at, parts = 0, []
    while (start := text.find("<!--", at)) >= 0:
        stop = text.find("-->", start)
        stop = len(text) if stop < 0 else stop + 3
        parts += [text[at:start], re.sub(r"[^\r\n]", " ", text[start:stop])]
        at = stop
    return "".join([*parts, text[at:]])
