"""What counts in a location: inherited directives, and the values of variables. Pure.

``proxy_set_header`` is inherited as a whole or not at all (ngx_http_proxy_module); timeouts and
``proxy_http_version`` one by one.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from migrate.sources.nginx.conf import Block
from migrate.sources.nginx.match import Chain, regex_matches
from migrate.splice.text import NotEditable

UPGRADE = {"http_upgrade": "websocket", "http_connection": "Upgrade"}
"""What an agent's handshake sends."""
PLAIN = {"http_upgrade": "", "http_connection": ""}
"""What a browser's page sends, for its part."""
_VARIABLE = re.compile(r"\$\{(\w+)\}|\$(\w+)")
_TIME = re.compile(r"(\d+)(ms|[smhdwMy]?)")
_UNITS = {
    "ms": 0.001, "": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0,
    "M": 2592000.0, "y": 31536000.0,
}  # fmt: skip
_ROUNDS = 10


def nearest(chain: Chain, name: str) -> Block | None:
    """The directive that counts, of those that are inherited one by one."""
    for level in reversed(chain):
        found = [child for child in level.children if child.name == name]
        if found:
            return found[-1]
    return None


def value(chain: Chain, name: str) -> str:
    """Its first argument; empty when it is nowhere."""
    found = nearest(chain, name)
    return found.args[0] if found and found.args else ""


class Headers(NamedTuple):
    """The ``proxy_set_header`` that count, and the level that has them."""

    level: Block | None
    lines: tuple[Block, ...]

    def of(self, name: str) -> list[Block]:
        """Those of one header, without the ones that nginx drops for being empty.

        Measured (1.22.1 and 1.31.3): of two lines for one header, an empty one is not sent, and
        the other is, whichever comes last.
        """
        mine = [b for b in self.lines if b.args[:1] and b.args[0].lower() == name.lower()]
        return [b for b in mine if b.args[1:] and b.args[1]] or mine


def headers(chain: Chain) -> Headers:
    """What is sent to the proxied server."""
    for level in reversed(chain):
        mine = tuple(level.named("proxy_set_header"))
        if mine:
            return Headers(level, mine)
    return Headers(None, ())


def seconds(text: str) -> float | None:
    """A time of nginx, ``1h30m``; None for what is none."""
    parts = list(_TIME.finditer(text.strip()))
    if not parts or "".join(part[0] for part in parts) != text.strip().replace(" ", ""):
        return None
    return sum(int(part[1]) * _UNITS[part[2]] for part in parts)


class Values:
    """Variables of ``http``: maps, and ``set`` on the way to a location."""

    def __init__(self, http: Block) -> None:
        self.maps: dict[str, Block] = {}
        for block in http.named("map"):
            if len(block.args) == 2:
                # Of two maps of one variable the one that is read last counts.
                self.maps[block.args[1].lstrip("$")] = block

    def of(self, text: str, chain: Chain, request: Mapping[str, str]) -> str | None:
        """The text with its variables filled in; None when one is not known."""
        return self._of(text, chain, request, _ROUNDS)

    def _of(self, text: str, chain: Chain, request: Mapping[str, str], rounds: int) -> str | None:
        if rounds <= 0 or len(text) > 4000:
            return None
        result, at = "", 0
        for found in _VARIABLE.finditer(text):
            got = self._variable(found[1] or found[2], chain, request, rounds - 1)
            if got is None:
                return None
            result += text[at : found.start()] + got
            at = found.end()
        return result + text[at:]

    def _variable(
        self, name: str, chain: Chain, request: Mapping[str, str], rounds: int
    ) -> str | None:
        if name in request:
            return request[name]
        sets = [
            child
            for level in chain
            for child in level.children
            if child.name == "set" and child.args[:1] == (f"${name}",) and len(child.args) == 2
        ]
        if sets:
            return self._of(sets[-1].args[1], chain, request, rounds)
        return self._mapped(name, chain, request, rounds)

    def _mapped(
        self, name: str, chain: Chain, request: Mapping[str, str], rounds: int
    ) -> str | None:
        block = self.maps.get(name)
        if block is None:
            return None
        source = self._of(block.args[0], chain, request, rounds)
        chosen = _whatever(block) if source is None else entry_for(block, source)
        return None if chosen is None else self._of(chosen, chain, request, rounds)


def _whatever(block: Block) -> str | None:
    """What a ``map`` makes of every value; None when that differs."""
    found = {entry.args[0] for entry in block.children if entry.args}
    found |= {""} if not any(block.named("default")) else set()
    return found.pop() if len(found) == 1 else None


def entry_for(block: Block, source: str) -> str | None:
    """What a ``map`` makes of a value; None when that can't be told."""
    default = ""
    patterns: Sequence[Block] = block.children
    for entry in patterns:
        key = entry.name
        if not entry.args:
            continue
        if key == "default":
            default = entry.args[0]
        elif key.lstrip("\\").lower() == source.lower() and not key.startswith("~"):
            return entry.args[0]
    for entry in patterns:
        if entry.name.startswith("~") and entry.args:
            try:
                body = entry.name[1:].removeprefix("*")
                if regex_matches(body, source, ignore_case=entry.name.startswith("~*")):
                    return entry.args[0]
            except NotEditable:
                return None
    return default
