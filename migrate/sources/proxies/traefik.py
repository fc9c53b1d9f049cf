"""Traefik's own files: routers with a login, TCP routers of agents, short timeouts. Pure.

Upgrades need nothing there. Its Kubernetes objects and chart values are read elsewhere.
"""

from collections.abc import Iterator
from typing import NamedTuple

from migrate.sources.base import Found, SourceText
from migrate.sources.http_way import PING
from migrate.sources.kept import Kept
from migrate.sources.proxies.caddy import seconds
from migrate.sources.proxies.likely import NOT_EDITED, serves, takes_agents
from migrate.sources.proxies.plain import Plain, listed, place, section, tables, text_of
from migrate.sources.text_notes import TextNotes

KIND = "traefik"
_LOGINS = ("basicauth", "digestauth", "forwardauth", "plugin")
_PORTS = ("entryPoints", "ports")
_LIMITS = ("readTimeout", "writeTimeout", "idleTimeout")


class _One(NamedTuple):
    file: SourceText
    name: str
    body: Plain


def look(kept: Kept) -> Found:
    """What all dynamic and static files of the checkout say together."""
    notes = TextNotes(KIND)
    found = list(tables(kept))
    services = _named(found, "http", "services")
    middlewares = {one.name: one for one in _named(found, "http", "middlewares")}
    routers = [
        one for one in _named(found, "http", "routers") if _is_jenkins(one, services)
    ]  # fmt: skip
    for router in routers:
        _router(notes, router, middlewares)
    used: set[str] = {
        str(name) for router in routers for name in listed(router.body, "entryPoints")
    }
    used |= _tcp(notes, found, {h for one in routers for h in _hosts(one, services)})
    for file, table in found:
        _entry_points(notes, file, table, used, told=bool(routers))
    return notes.found()


def _named(found: list[tuple[SourceText, Plain]], *keys: str) -> list[_One]:
    return [
        _One(file, name, body)
        for file, table in found
        for name, body in section(table, *keys).items()
        if isinstance(body, dict)
    ]


def _urls(name: str, services: list[_One]) -> Iterator[str]:
    for one in services:
        if one.name == name.split("@", maxsplit=1)[0]:
            for server in listed(one.body, "loadBalancer", "servers"):
                yield text_of(server, "url") or text_of(server, "address")


def _is_jenkins(router: _One, services: list[_One]) -> bool:
    service = text_of(router.body, "service")
    return serves(router.name, text_of(router.body, "rule"), service, *_urls(service, services))


def _hosts(router: _One, services: list[_One]) -> Iterator[str]:
    for url in _urls(text_of(router.body, "service"), services):
        yield url.partition("://")[2].partition("/")[0].rpartition(":")[0]


def _router(notes: TextNotes, router: _One, middlewares: dict[str, _One]) -> None:
    for name in listed(router.body, "middlewares"):
        one = middlewares.get(str(name).split("@")[0])
        if one is None:
            continue
        for kind, body in one.body.items():
            at = place(router.file.text, "routers", router.name, str(name).split("@")[0])
            if kind.lower() in _LOGINS:
                notes.by_hand(
                    router.file, at, f"Traefik router {router.name} has {kind} ({one.name}): "
                    f"/login and /wsagents/ ask for it, too; {NOT_EDITED}",
                    "a decision about security: a second router with PathPrefix(`/wsagents/`) || "
                    "Path(`/login`) || PathPrefix(`/jnlpJars/`) without it",
                )  # fmt: skip
            sent = {k.lower() for k in section(body, "customRequestHeaders")}
            gone = " and ".join(sorted(sent & {"upgrade", "connection"}))
            if gone:
                notes.by_hand(
                    router.file, at, f"Traefik router {router.name}: middleware {one.name} writes "
                    f"{gone} anew: no upgrade; {NOT_EDITED}",
                    "no such headers: Traefik passes them on by itself",
                )  # fmt: skip


def _tcp(notes: TextNotes, found: list[tuple[SourceText, Plain]], pages: set[str]) -> set[str]:
    """Tells TCP routers to agents; the entry points that they use."""
    services = _named(found, "tcp", "services")
    used: set[str] = set()
    for router in _named(found, "tcp", "routers"):
        service = text_of(router.body, "service")
        hosts = " ".join(_urls(service, services))
        if not takes_agents(f"{router.name} {service}", hosts, frozenset(pages)):
            continue
        points = [str(name) for name in listed(router.body, "entryPoints")]
        used |= {f"tcp {name}" for name in points}
        notes.by_hand(
            router.file, place(router.file.text, "routers", router.name),
            f"Traefik TCP router {router.name} leads {', '.join(points) or 'every entry point'} to "
            f"{hosts}; {NOT_EDITED}",
            f"take the router and service {service} out, after the agents moved; then its entry "
            "point",
        )  # fmt: skip
    return used


def _entry_points(
    notes: TextNotes, file: SourceText, table: Plain, used: set[str], *, told: bool
) -> None:
    for key in _PORTS:
        for name, body in section(table, key).items():
            limits = section(body, "transport", "respondingTimeouts")
            short = [
                f"{one} {text_of(limits, one)}" for one in _LIMITS
                if 0 < (seconds(text_of(limits, one)) or 0) <= PING
            ]  # fmt: skip
            at = place(file.text, key, name)
            if short and (name in used or not told):
                notes.by_hand(
                    file, at, f"Traefik entry point {name}: {', '.join(short)}, not above Jenkins' "
                    f"ping of {PING} s; {NOT_EDITED}",
                    "0s or 3600s there, or hold a socket to see that it lasts: migrate scan --hold "
                    "70",
                )  # fmt: skip
            if f"tcp {name}" in used and key == "entryPoints":
                notes.by_hand(
                    file, at, f"Traefik entry point {name} ({text_of(body, 'address')}) is open "
                    f"for agents; {NOT_EDITED}",
                    "take it out, after the agents moved and the TCP router is gone; it needs a "
                    "restart of Traefik",
                )  # fmt: skip
