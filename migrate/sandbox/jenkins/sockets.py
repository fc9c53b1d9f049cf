"""WebSocket endpoints: /wsagents/, /cli/ws and /wsecho/ (facts A3; recordings 15-, 20-, 33-)."""

import asyncio
import contextlib
import hmac
import json
import secrets
from collections.abc import AsyncIterator, Iterable
from typing import Any

from aiohttp import WSMsgType, web

from migrate.sandbox.faults import controller_has
from migrate.sandbox.jenkins.changes import (
    ORIGIN_CHECKED,
    ORIGIN_CONFIGURED,
    ORIGIN_EXPLAINED,
    REFUSED_400,
)
from migrate.sandbox.jenkins.channel import Channel, serve
from migrate.sandbox.jenkins.context import Context
from migrate.sandbox.jenkins.pages import answer
from migrate.sandbox.jenkins.permissions import ADMINISTER
from migrate.sandbox.jenkins.state import Computer

PING_SECONDS = 30.0
"""jenkins.websocket.pingInterval."""
_CLOSE_SECONDS = 10.0
_CAPABILITY = "rO0ABXNyABpodWRzb24ucmVtb3RpbmcuQ2FwYWJpbGl0eQAAAAAAAAABAgABSgAEbWFza3hwAAAAAAAAAf4="
NOT_FOR_YOU = "This endpoint is only for use from agent.jar in WebSocket mode"
ONLY_WS = "only WS connections accepted here"


class WebSocketChannel(Channel):
    """An agent on /wsagents/."""

    protocol = "WebSocket"

    def __init__(self, address: str, socket: web.WebSocketResponse) -> None:
        super().__init__(address)
        self._socket = socket

    async def send(self, message: dict[str, Any]) -> None:
        """One binary frame."""
        await self._socket.send_bytes(json.dumps(message).encode())

    async def close(self) -> None:
        """A close frame, and a wait for the agent's."""
        await self._socket.close()

    async def messages(self) -> AsyncIterator[dict[str, Any]]:
        """Frames until the socket ends."""
        async for frame in self._socket:
            if frame.type not in (WSMsgType.BINARY, WSMsgType.TEXT):
                continue
            try:
                message = json.loads(frame.data)
            except ValueError:
                # A foreign client that really speaks remoting: nothing to say to it.
                continue
            if isinstance(message, dict):
                yield message


def _no_upgrade(
    context: Context, extra: Iterable[tuple[str, str]] = ()
) -> web.StreamResponse | None:
    """What a request gets that asks for no upgrade, or for one that Jetty cannot make."""
    headers = context.request.headers
    if not (
        "websocket" in headers.get("Upgrade", "").lower()
        and "upgrade" in headers.get("Connection", "").lower()
    ):
        return context.pages.jetty(400, ONLY_WS, context.uri, extra)
    if headers.get("Sec-WebSocket-Version") != "13":
        return context.pages.jetty(400, "did not manage to upgrade", context.uri, extra)
    return None if "Sec-WebSocket-Key" in headers else answer(500, headers=extra)


def supported(context: Context) -> bool:
    """WebSockets.isSupported(): otherwise these URLs do not exist."""
    return not controller_has(context.home.faults, "websocket-unsupported")


async def agents(context: Context) -> web.StreamResponse:
    """GET /wsagents/: the checks in the order of WebSocketAgents.doIndex."""
    pages, headers = context.pages, context.request.headers
    name = headers.get("Node-Name")
    secret = headers.get("Secret-Key")
    if name is None or secret is None or "X-Remoting-Capability" not in headers:
        return pages.jetty(400, NOT_FOR_YOU, context.uri)
    # Jetty reads header values as Latin-1 (20-ws-upgrade-eacute-latin1 and -utf8 of 2.541.3);
    # aiohttp has decoded them as UTF-8.
    name = name.encode("utf-8", "surrogateescape").decode("latin-1")
    if name in ("", "(built-in)", "(master)"):
        return answer(403)  # the built-in node has a secret, too, and nobody knows it
    computer = context.home.computers.get(name)
    if computer is None:
        return pages.jetty(400, "no such agent", context.uri)
    if not hmac.compare_digest(
        secret.encode("utf-8", "replace"), context.home.secret(name).encode()
    ):
        return answer(403)
    if not computer.config.inbound:
        return _refused(context, f"{name} is not an inbound agent")
    if computer.channel is not None:
        if headers.get("Connection-Cookie") != computer.cookie:
            text = f"{name} is already connected to this controller. Rejecting this connection."
            return _refused(context, text)
        computer.channel.drop()
        computer.disconnected(computer.channel)
    cookie = secrets.token_hex(32)
    extra = [
        ("X-Remoting-Capability", _CAPABILITY),
        ("X-Remoting-Minimum-Version", context.home.minimum_remoting),
        ("Connection-Cookie", cookie),
    ]
    no_upgrade = _no_upgrade(context, extra)
    if no_upgrade is not None:
        return no_upgrade
    return await _agent_session(context, computer, cookie, extra)


def _refused(context: Context, reason: str) -> web.Response:
    """ConnectionRefusalException."""
    if context.home.has(REFUSED_400):
        return context.pages.jetty(400, reason, context.uri)
    return context.pages.oops(500, reason)


async def _agent_session(
    context: Context, computer: Computer, cookie: str, extra: list[tuple[str, str]]
) -> web.StreamResponse:
    socket = _socket(extra)
    await socket.prepare(context.request)
    computer.cookie = cookie
    channel = WebSocketChannel(context.request.remote or "127.0.0.1", socket)
    # The controller speaks first, as a real one does (nginx/probe-node-handshake.txt).
    await channel.send({"welcome": context.pages.version})
    async with _pinging(context, socket):
        await serve(context.home, computer, channel)
    return socket


def _socket(extra: list[tuple[str, str]] | None = None) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(timeout=_CLOSE_SECONDS, autoping=True, compress=False)
    socket.headers["X-Content-Type-Options"] = "nosniff"
    for name, value in extra or []:
        socket.headers[name] = value
    return socket


@contextlib.asynccontextmanager
async def _pinging(context: Context, socket: web.WebSocketResponse) -> AsyncIterator[None]:
    async def ping() -> None:
        while not socket.closed:
            await asyncio.sleep(PING_SECONDS * context.home.time_scale)
            with contextlib.suppress(ConnectionError):
                await socket.ping()

    task = asyncio.create_task(ping())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _quiet(context: Context, echo: bool) -> web.StreamResponse:
    no_upgrade = _no_upgrade(context)
    if no_upgrade is not None:
        return no_upgrade
    socket = _socket()
    await socket.prepare(context.request)
    async with _pinging(context, socket):
        async for frame in socket:
            if echo and frame.type == WSMsgType.TEXT:
                await socket.send_str(f"hello {frame.data}")
    return socket


async def cli(context: Context) -> web.StreamResponse:
    """GET /cli/ws: no login is needed, the right Origin is (60-cli-ws-*); CLIAction.doWs."""
    denied = _wrong_origin(context)
    return denied if denied is not None else await _quiet(context, echo=False)


def _wrong_origin(context: Context) -> web.Response | None:
    home = context.home
    if not home.has(ORIGIN_CHECKED):
        return None
    right: str | None = context.requested_origin
    reason = "Unexpected request origin (check your reverse proxy settings)"
    if home.has(ORIGIN_CONFIGURED):
        right = home.configured_url
        if right is None:
            reason = "Jenkins URL is not configured (set Jenkins URL in the configuration)"
        else:
            right = right.removesuffix("/").removesuffix(home.context_path)
    if right is not None and context.request.headers.get("Origin") == right:
        return None
    return answer(403, headers=[("X-CLI-Error", reason)] if home.has(ORIGIN_EXPLAINED) else [])


async def echo(context: Context) -> web.StreamResponse:
    """GET /wsecho/: administrators only; answers ``hello`` and the text."""
    context.require(ADMINISTER)
    return await _quiet(context, echo=True)
