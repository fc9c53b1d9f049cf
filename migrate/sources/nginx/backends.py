"""Where a ``proxy_pass`` leads: upstreams, hosts and ports. Pure."""

import re
from typing import NamedTuple

from migrate.sources.nginx.conf import Block
from migrate.sources.nginx.effective import PLAIN, Values
from migrate.sources.nginx.match import Chain

_URL = re.compile(r"(?:https?://)?(?P<host>\[[^\]]*\]|[^:/\s]*)(?::(?P<port>\d+))?(?:/.*)?", re.S)


class Backend(NamedTuple):
    """Where a ``proxy_pass`` leads."""

    directive: Block
    in_if: Block | None
    """The ``if`` that it stands in."""
    host: str
    """Of its URL: a name of an upstream, or a host; as written when it has an unknown variable."""
    port: str
    upstream: Block | None


def names_of(server: Block) -> tuple[str, ...]:
    """All of its ``server_name``."""
    return tuple(name for block in server.named("server_name") for name in block.args)


def upstreams(context: Block) -> dict[str, Block]:
    """By name."""
    return {block.args[0]: block for block in context.named("upstream") if block.args}


def hosts_of(upstream: Block | None) -> list[tuple[str, str]]:
    """(host, port) of an upstream's servers."""
    found = []
    for block in upstream.named("server") if upstream else ():
        match = _URL.fullmatch(block.args[0]) if block.args else None
        if match:
            found.append((match["host"], match["port"] or ""))
    return found


def backend_of(http: Block, chain: Chain, values: Values) -> Backend | None:
    """Where the location's requests go, also when that stands in an ``if``."""
    if chain[-1].name != "location":
        return None
    own = next(chain[-1].named("proxy_pass"), None)
    inside = None
    if own is None:
        for one in chain[-1].named("if", "limit_except"):
            own = next(one.named("proxy_pass"), None)
            if own is not None:
                inside = one
                break
    if own is None or not own.args:
        return None
    url = values.of(own.args[0], chain, {**PLAIN, "scheme": "http"}) or own.args[0]
    match = _URL.fullmatch(url)
    host, port = (match["host"], match["port"] or "") if match else (url, "")
    return Backend(own, inside, host, port, upstreams(http).get(host))
