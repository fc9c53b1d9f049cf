"""HAProxy: idle limits of WebSockets, logins, and frontends that pass TCP to agents. Pure.

It upgrades by itself. ``timeout tunnel`` counts after the upgrade; without it, ``timeout client``
and ``timeout server`` do.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from migrate.sources.base import Found, LookOptions, SourceText
from migrate.sources.http_way import PING
from migrate.sources.proxies.likely import NOT_EDITED, serves, takes_agents
from migrate.sources.text_notes import TextNotes

KIND = "haproxy"
_SECTION = re.compile(r"(global|defaults|frontend|backend|listen)\b(.*)")
_LOOKS = re.compile(r"^(?:frontend|backend|listen|defaults)\b", re.MULTILINE)
_PROOF = re.compile(r"^\s+(?:bind|server|mode|timeout|default_backend)\s", re.MULTILINE)
_TIME = re.compile(r"(\d+)(us|ms|s|m|h|d)?")
_UNITS = {"us": 1e-6, "ms": 1e-3, None: 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


@dataclass
class Proxy:
    """A section and its lines, as words with offsets."""

    kind: str
    name: str
    base: "Proxy | None"
    """The ``defaults`` that it takes from."""
    at: int
    lines: list[tuple[list[str], int]] = field(default_factory=list)

    def having(self, *first: str) -> Iterator[tuple[list[str], int]]:
        """Lines that begin with these words."""
        return ((w, at) for w, at in self.lines if tuple(w[: len(first)]) == first)

    def last(self, *first: str) -> tuple[list[str], int] | None:
        """The line that counts, its defaults' if it has none."""
        found = list(self.having(*first))
        if found:
            return found[-1]
        return self.base.last(*first) if self.base else None


class HaProxy:
    """Finder of HAProxy's configuration."""

    name = KIND

    def look(self, files: Sequence[SourceText], options: LookOptions) -> Found:
        """Backends of Jenkins that end quiet sockets, and TCP frontends of its agents."""
        del options
        notes = TextNotes(KIND)
        for file in files:
            if not file.nginx and _LOOKS.search(file.text) and _PROOF.search(file.text):
                _file(notes, file, read(file.text))
        return notes.found()


def read(text: str) -> list[Proxy]:
    """All sections; comments and escapes as HAProxy has them."""
    found: list[Proxy] = []
    defaults: dict[str, Proxy] = {}
    latest: Proxy | None = None
    at = 0
    for row in text.split("\n"):
        start, at = at, at + len(row) + 1
        words = re.sub(r"(?<!\\)#.*", "", row).replace('"', "").split()
        if not words:
            continue
        section = _SECTION.fullmatch(" ".join(words))
        if section and not row[:1].isspace():
            name = words[1] if len(words) > 1 else ""
            base = defaults.get(words[words.index("from") + 1]) if "from" in words[:-1] else latest
            one = Proxy(section[1], name, base if section[1] != "global" else None, start)
            if section[1] == "defaults":
                one.base = defaults.get(words[-1]) if "from" in words[:-1] else None
                defaults[name], latest = one, one
            found.append(one)
        elif found:
            found[-1].lines.append((words, start))
    return found


def _mode(proxy: Proxy) -> str:
    told = proxy.last("mode")
    return told[0][1] if told and len(told[0]) > 1 else "tcp"


def _backends(front: Proxy, proxies: Sequence[Proxy]) -> list[tuple[Proxy, str]]:
    """(backend, the line that chooses it)."""
    known = {one.name: one for one in proxies if one.kind in ("backend", "listen")}
    found = []
    if front.kind == "listen":
        found.append((front, ""))
    for words, _ in [*front.having("use_backend"), *front.having("default_backend")]:
        if len(words) > 1 and words[1] in known:
            found.append((known[words[1]], " ".join(words)))
    if not found and (told := front.last("default_backend")) and told[0][1:2]:
        one = known.get(told[0][1])
        found += [(one, "")] if one else []
    return found


def _servers(proxy: Proxy) -> str:
    return " ".join(words[2] for words, _ in proxy.having("server") if len(words) > 2)


def _conditions(front: Proxy, line: str) -> str:
    acls = {w[1]: " ".join(w) for w, _ in front.having("acl") if len(w) > 1}
    return " ".join([line, *(acls[word] for word in line.split() if word in acls)])


def _file(notes: TextNotes, file: SourceText, proxies: Sequence[Proxy]) -> None:
    fronts = [one for one in proxies if one.kind in ("frontend", "listen")]
    pages: set[str] = set()
    tcp = []
    for front in fronts:
        for back, line in _backends(front, proxies):
            hosts = _servers(back)
            if not hosts:
                continue
            if _mode(front) != "http":
                tcp.append((front, back, hosts))
            elif serves(back.name, hosts, _conditions(front, line)):
                pages |= {one.rpartition(":")[0] for one in hosts.split()}
                _timeouts(notes, file, front, back)
                _requests(notes, file, front, back)
    for front, back, hosts in tcp:
        binds = ", ".join(words[1] for words, _ in front.having("bind") if len(words) > 1)
        names = f"{front.name} {back.name} " + " ".join(w[1] for w, _ in back.having("server"))
        if takes_agents(names, hosts, frozenset(pages)):
            notes.by_hand(
                file, front.at, f"HAProxy {front.kind} {front.name} on {binds or front.name} "
                f"passes TCP to {hosts}; {NOT_EDITED}",
                f"take {front.kind} {front.name} and its backend {back.name} out, after the agents "
                "moved",
            )  # fmt: skip
        elif serves(names, hosts) and {"443", "80"} & {one.rpartition(":")[2] for one in
                                                        binds.split(", ")}:  # fmt: skip
            _timeouts(notes, file, front, back)


def _seconds(told: tuple[list[str], int] | None) -> float | None:
    found = _TIME.fullmatch(told[0][2]) if told and len(told[0]) > 2 else None
    return int(found[1]) * _UNITS[found[2]] if found else None


def _timeouts(notes: TextNotes, file: SourceText, front: Proxy, back: Proxy) -> None:
    tunnel_line = back.last("timeout", "tunnel")
    tunnel = _seconds(tunnel_line)
    lines = (front.last("timeout", "client"), back.last("timeout", "server"))
    client, server = _seconds(lines[0]), _seconds(lines[1])
    label = f"HAProxy backend {back.name}"
    write = "timeout tunnel 1h in that backend, or in its defaults"
    if tunnel is not None:
        if tunnel <= PING:
            notes.by_hand(
                file, tunnel_line[1] if tunnel_line else back.at,
                f"{label}: timeout tunnel is {tunnel:g} s, not above Jenkins' ping of {PING} s; "
                f"{NOT_EDITED}", write,
            )  # fmt: skip
        return
    short = [one for one in (client, server) if one is not None and one <= PING]
    if not short:
        return
    what = " and ".join(
        f"{name} {value:g} s"
        for name, value in (("timeout client", client), ("timeout server", server))
        if value is not None and value <= PING
    )
    at = next(
        (line[1] for line, value in zip(lines, (client, server), strict=True)
         if line and value is not None and value <= PING), back.at,
    )  # fmt: skip
    notes.by_hand(
        file, at, f"{label}: {what}, and there is no timeout tunnel: quiet sockets end after "
        f"{min(short):g} s, not above Jenkins' ping of {PING} s; {NOT_EDITED}", write,
    )  # fmt: skip


def _requests(notes: TextNotes, file: SourceText, front: Proxy, back: Proxy) -> None:
    for proxy in dict.fromkeys((front.at, back.at)):
        section = front if proxy == front.at else back
        for words, at in section.lines:
            line = " ".join(words)
            if re.match(r"http-request (?:del-header|set-header) (?:upgrade|connection)\b", line,
                        re.IGNORECASE):  # fmt: skip
                notes.by_hand(
                    file, at, f"HAProxy {section.kind} {section.name}: {line} takes the upgrade "
                    f"away; {NOT_EDITED}", "no such line for Jenkins",
                )  # fmt: skip
            elif re.match(r"http-request auth\b", line):
                notes.by_hand(
                    file, at, f"HAProxy {section.kind} {section.name}: {line}: agents have no "
                    f"login of people for /login and /wsagents/; {NOT_EDITED}",
                    "a decision about security: unless { path_beg /login /wsagents/ /jnlpJars/ }",
                )  # fmt: skip
            elif line.startswith("filter bwlim"):
                notes.by_hand(
                    file, at, f"HAProxy {section.kind} {section.name}: {words[1]} breaks upgraded "
                    f"connections; {NOT_EDITED}", "no such filter for Jenkins",
                )  # fmt: skip
