"""The TCP agent listener: its HTTP answer, its Ping, and agents (facts A4, nginx/good.txt)."""

import asyncio
import contextlib
import hmac
import json
from typing import Any

from migrate.sandbox.jenkins.channel import TcpChannel, serve
from migrate.sandbox.jenkins.state import PROTOCOLS, Installation

_HEAD = 10
"""Bytes that TcpSlaveAgentListener reads before it knows who speaks."""
_HANG_UP = 2.0
"""Seconds for open connections to end when the controller stops."""
_PATIENCE = 30.0
"""Seconds for a client to say its first words."""


class TcpListener:
    """Listens while the port is on. Closing it leaves established channels alone."""

    def __init__(self, home: Installation) -> None:
        self._home = home
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def on(self) -> bool:
        """Whether it listens."""
        return self._server is not None

    async def open(self, port: int) -> int:
        """Listen on ``port`` (0: any free one) of loopback; the real port."""
        server = await asyncio.start_server(self._accepted, "127.0.0.1", port, limit=16 << 20)
        self._server = server
        real: int = server.sockets[0].getsockname()[1]
        return real

    def close(self) -> None:
        """Stop listening at once; established channels stay."""
        if self._server is not None:
            self._server.close()
            self._server = None

    async def hang_up(self) -> None:
        """End every connection: the controller stops."""
        for writer in list(self._writers):
            writer.close()
        if self._tasks:
            _, left = await asyncio.wait(self._tasks, timeout=_HANG_UP)
            for task in left:
                task.cancel()

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
        self._writers.add(writer)
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, TimeoutError, ValueError):
            # A client that hangs up or does not speak the protocol: nothing to answer.
            pass
        except asyncio.CancelledError:
            # Only hang_up cancels, and nobody waits for this task.
            pass
        finally:
            if task is not None:
                self._tasks.discard(task)
            self._writers.discard(writer)
            writer.close()
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await asyncio.wait_for(reader.readexactly(_HEAD), _PATIENCE)
        if head.startswith(b"GET "):
            writer.write(self._hello(head, writer))
            await writer.drain()
            # A close with unread bytes would reset the connection and lose the answer.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 1)
            return
        length = int.from_bytes(head[:2], "big")
        line = head[2:] + await asyncio.wait_for(
            reader.readexactly(max(0, length - len(head) + 2)), _PATIENCE
        )
        said = line[:length].decode()
        if said == "Protocol:Ping":
            writer.write(b"Ping\n")
            await writer.drain()
        elif said == "Protocol:JNLP4-connect":
            await self._agent(reader, writer)
        else:
            writer.write(f"Unknown protocol:{said.removeprefix('Protocol:')}\n".encode())
            await writer.drain()

    def _hello(self, head: bytes, writer: asyncio.StreamWriter) -> bytes:
        headers = (
            "Content-Type: text/plain;charset=UTF-8\r\nX-Content-Type-Options: nosniff\r\n\r\n"
        )
        if not head.startswith(b"GET / "):
            return f"HTTP/1.0 404 Not Found\r\n{headers}Not Found\r\n".encode()
        client = writer.get_extra_info("peername")[0]
        server = writer.get_extra_info("sockname")[0]
        body = (
            f"Jenkins-Agent-Protocols: {PROTOCOLS}\r\n"
            f"Jenkins-Version: {self._home.version}\r\n"
            f"Jenkins-Session: {self._home.session}\r\n"
            f"Client: {client}\r\n"
            f"Server: {server}\r\n"
            f"Remoting-Minimum-Version: {self._home.minimum_remoting}\r\n"
        )
        return f"HTTP/1.0 200 OK\r\n{headers}{body}".encode()

    async def _agent(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said = json.loads(await asyncio.wait_for(reader.readline(), _PATIENCE))
        refusal = self._refusal(said)
        writer.write(json.dumps({"refused": refusal}).encode() + b"\n")
        await writer.drain()
        if refusal is not None:
            return
        host, port = writer.get_extra_info("peername")[:2]
        shown = f"localhost/{host}:{port}" if host == "127.0.0.1" else f"{host}/{host}:{port}"
        channel = TcpChannel(shown, reader, writer)
        computer = self._home.computers[said["name"]]
        computer.cookie = said.get("cookie")
        await serve(self._home, computer, channel)

    def _refusal(self, said: dict[str, Any]) -> str | None:
        name, secret = str(said.get("name")), str(said.get("secret"))
        computer = self._home.computers.get(name)
        if computer is None:
            return f"Unknown client name: {name}"
        if not hmac.compare_digest(secret.encode(), self._home.secret(name).encode()):
            return "Authorization failure"
        if not computer.config.inbound:
            return f"{name} is not an inbound agent"
        if computer.channel is not None:
            return f"{name} is already connected to this controller. Rejecting this connection."
        return None
