"""What the script ``probe-from-host`` is given: the requests that it sends, ready-made. Pure."""

import secrets

from migrate.model.address import parse_address
from migrate.model.probe_requests import (
    NO_SECRET,
    Target,
    agent_handshake,
    cli_handshake,
    new_key,
)


def arguments(target: Target, timeout: float) -> dict[str, object]:
    """Its arguments; ``timeout`` in seconds for connecting and for each read.

    ``UsageProblem`` when the address is none of HTTP.
    """
    address = parse_address(target.url)
    made_up = f"migrate-no-such-node-{secrets.token_hex(4)}"
    return {
        "url": address.url,
        "timeout": timeout,
        "cli_ws": cli_handshake(target, new_key()).text,
        "wsagents": agent_handshake(address, made_up, NO_SECRET, new_key()).text,
        "proxy": _engine_proxy(target),
    }


def _engine_proxy(target: Target) -> dict[str, object] | None:
    """The proxy that remoting gives its WebSocket client, which tries it before those of Java.

    Only for http://, and from 3184 on (``forward_proxy.websocket_ways``)."""
    way = target.ways.channel if target.ways else None
    if way is None or not way.by_engine:
        return None
    return {"host": way.host.strip("[]"), "port": way.port}
