"""A forward proxy: CONNECT, and requests with an absolute http: address, as Java sends them.

It knows where the few addresses that it allows lead to, and refuses anything else.
"""

import asyncio
import contextlib
import threading
from urllib.parse import urlsplit

from migrate.sandbox.agent.network import Address

_PATIENCE = 30.0
"""Seconds for a client to finish its request's head, and for the far side to take a connection."""
_OWN = ("proxy-", "connection:", "keep-alive:", "upgrade:", "te:")
"""Headers that end at a proxy (RFC 9110, 7.6.1)."""


class ForwardProxy:
    """Listens on ``port`` of loopback, in a thread of its own, from ``start`` to ``stop``."""

    def __init__(self, routes: dict[Address, Address]) -> None:
        """``routes``: what may be asked for, and where that is."""
        self._routes = routes
        self.port = 0
        self.asked: list[str] = []
        """The first lines of all requests so far, refused ones among them."""
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, name="sandbox-proxy", daemon=True)

    def start(self) -> None:
        """Returns when it listens."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(_PATIENCE)

    def stop(self) -> None:
        """End it and every connection through it; harmless when it does not run."""
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(_PATIENCE)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(_PATIENCE)

    def _run(self) -> None:
        self._loop.run_forever()
        self._loop.close()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accepted, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _end(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            # A client that hung up, or that does not speak HTTP: nobody to answer.
            pass
        except asyncio.CancelledError:
            # Only _end cancels, and it waits for nothing but the end.
            pass
        finally:
            if task is not None:
                self._tasks.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _PATIENCE)
        first, _, rest = head.decode("latin-1").partition("\r\n")
        self.asked.append(first)
        method, _, words = first.partition(" ")
        target = words.rpartition(" ")[0]
        host, port = _address(method, target)
        if not host:
            writer.write(_refusal("400 Bad Request", "not a request for a proxy"))
            return
        leads = self._routes.get((host.lower(), port))
        if leads is None:
            writer.write(_refusal("403 Forbidden", f"{host}:{port} is not allowed"))
            return
        try:
            far = await asyncio.wait_for(asyncio.open_connection(*leads), _PATIENCE)
        except (OSError, TimeoutError):
            writer.write(_refusal("502 Bad Gateway", f"{host}:{port} does not answer"))
            return
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            far[1].write(_forwarded(method, target, rest))
        try:
            await asyncio.gather(_pour(reader, far[1]), _pour(far[0], writer))
        finally:
            far[1].close()


def _address(method: str, target: str) -> Address:
    """What is asked for; an empty host for anything that a proxy does not serve."""
    absolute = method != "CONNECT"
    if absolute and not target.startswith("http://"):
        return "", 0
    parts = urlsplit(target if absolute else f"//{target}")
    return parts.hostname or "", parts.port or 80


def _forwarded(method: str, target: str, rest: str) -> bytes:
    parts = urlsplit(target)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    kept = [line for line in rest.split("\r\n") if line and not line.lower().startswith(_OWN)]
    lines = [f"{method} {path} HTTP/1.1", *kept, "Connection: close", "", ""]
    return "\r\n".join(lines).encode("latin-1")


def _refusal(status: str, text: str) -> bytes:
    body = f"{text}\n"
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n"
        f"Connection: close\r\n\r\n{body}"
    ).encode()


async def _pour(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    with contextlib.suppress(OSError):
        sink.write_eof()
