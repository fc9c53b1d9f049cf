"""An agent's channel on the controller's side, whatever carries it.

The sandbox's own protocol, since nobody here speaks remoting: JSON messages, one a line on
TCP and one a frame on WebSocket. The agent says ``{"hello": VERSION, "unix": true}``; after
that the controller asks ``{"id", "script", "args"}`` and is answered ``{"id", "result"}`` or
``{"id", "error"}``.
"""

import asyncio
import itertools
import json
import re
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from typing import Any

from migrate.sandbox.jenkins.changes import NO_STACK
from migrate.sandbox.jenkins.state import Computer, Installation

_CALL_TIMEOUT = 120.0
"""Seconds that a script may take on an agent."""


class ScriptError(Exception):
    """The script threw on the agent; the text is Java's ``Class: message``."""


class ChannelGone(Exception):
    """The channel closed while a script ran, or before."""


class Channel(ABC):
    """A connection to one agent."""

    protocol: str
    """``WebSocket`` or ``JNLP4-connect``, as the agent log says."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.version = ""
        self._ids = itertools.count(1)
        self._pending: dict[int, asyncio.Future[Any]] = {}

    @abstractmethod
    async def send(self, message: dict[str, Any]) -> None:
        """Send one message."""

    @abstractmethod
    async def close(self) -> None:
        """Close the connection."""

    @abstractmethod
    def messages(self) -> AsyncIterator[dict[str, Any]]:
        """Messages until the connection ends."""

    def drop(self) -> None:
        """Close it without waiting for the far side."""
        task = asyncio.get_running_loop().create_task(self.close())
        # The task must be referenced until it is done.
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._closing = task

    async def call(self, script: str, arguments: dict[str, Any]) -> Any:
        """Run a script on the agent; ``ScriptError`` or ``ChannelGone``."""
        number = next(self._ids)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._pending[number] = future
        try:
            await self.send({"id": number, "script": script, "args": arguments})
            return await asyncio.wait_for(future, _CALL_TIMEOUT)
        except (ConnectionError, TimeoutError) as error:
            raise ChannelGone(str(error)) from error
        finally:
            self._pending.pop(number, None)

    def answered(self, message: dict[str, Any]) -> None:
        """Hand an answer to whoever waits for it."""
        future = self._pending.get(message.get("id", -1))
        if future is None or future.done():
            return
        if "error" in message:
            future.set_exception(ScriptError(str(message["error"])))
        else:
            future.set_result(message.get("result"))

    def gone(self) -> None:
        """Nobody will answer any more."""
        for future in self._pending.values():
            if not future.done():
                future.set_exception(ChannelGone("the channel is closed"))


class StandardIo(Channel):
    """The channel of an SSH node: it is simply there, and no agent process answers."""

    protocol = "Standard in/out"

    async def send(self, message: dict[str, Any]) -> None:
        """Answer at once: there is no process behind it."""
        self.answered({"id": message["id"], "error": "java.io.IOException: not in the sandbox"})

    async def close(self) -> None:
        """Nothing to close."""

    async def messages(self) -> AsyncIterator[dict[str, Any]]:
        """Never any."""
        nothing: tuple[dict[str, Any], ...] = ()
        for message in nothing:
            yield message


class TcpChannel(Channel):
    """JNLP4-connect on the raw port."""

    protocol = "JNLP4-connect"

    def __init__(
        self, address: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        super().__init__(address)
        self._reader = reader
        self._writer = writer

    async def send(self, message: dict[str, Any]) -> None:
        """One line."""
        self._writer.write(json.dumps(message).encode() + b"\n")
        await self._writer.drain()

    async def close(self) -> None:
        """Close the socket; an established channel does not depend on the listener."""
        self._writer.close()

    async def messages(self) -> AsyncIterator[dict[str, Any]]:
        """Lines until the socket ends."""
        while True:
            try:
                line = await self._reader.readline()
                message = json.loads(line) if line else None
            except (ConnectionError, ValueError):
                return
            if not isinstance(message, dict):
                return
            yield message


def older_than(version: str, minimum: str) -> bool:
    """Whether a remoting version is below the minimum, by its numeric prefix."""
    return _numbers(version) < _numbers(minimum)


def _numbers(version: str) -> list[int]:
    match = re.match(r"\d+(\.\d+)*", version)
    return [int(part) for part in match[0].split(".")] if match else []


async def serve(home: Installation, computer: Computer, channel: Channel) -> None:
    """Run a channel from its hello to its end, keeping node, log and builds in step."""
    computer.sessions += 1
    computer.log.rewind()
    computer.log.write(f"Inbound agent connected from {channel.address}")
    messages = channel.messages()
    try:
        async for message in messages:
            if "hello" in message:
                await _greeted(home, computer, channel, message)
            else:
                channel.answered(message)
    finally:
        computer.sessions -= 1
        channel.gone()
        await _ended(home, computer, channel)


async def _greeted(
    home: Installation, computer: Computer, channel: Channel, message: dict[str, Any]
) -> None:
    channel.version = str(message["hello"])
    computer.log.write(
        f"Remoting version: {channel.version}",
        "Launcher: JNLPLauncher",
        f"Communication Protocol: {channel.protocol}",
    )
    if older_than(channel.version, home.minimum_remoting):
        computer.log.write(
            "FATAL: Rejecting the connection because the Remoting version is older than the minimum"
            f" required version ({home.minimum_remoting}). To allow the connection anyway, set the"
            " hudson.slaves.SlaveComputer.allowUnsupportedRemotingVersions system property to true."
        )
        await channel.close()
        return
    computer.log.write(
        "This is a Unix agent" if message.get("unix", True) else "This is a Windows agent"
    )
    # Between the protocol line and the success line a real controller needed 0.2 to 0.3 s.
    await asyncio.sleep(0.2 * home.time_scale)
    computer.log.write("Agent successfully connected and online")
    computer.connected(channel)
    home.schedule(computer)


async def _ended(home: Installation, computer: Computer, channel: Channel) -> None:
    computer.disconnected(channel)
    # The log lags behind the state: a poller sees an old success line for a moment
    # (30-switch-a-jnlpUrl-3160-back-to-tcp.txt, 3.10 s to 3.26 s).
    await asyncio.sleep(0.1 * home.time_scale)
    if computer.sessions == 0:
        if home.has(NO_STACK):
            computer.log.write("Connection terminated")
        else:
            computer.log.write("ERROR: Connection terminated", *_TRACE)


_TRACE = (
    "java.nio.channels.ClosedChannelException",
    "\tat jenkins.agents.WebSocketAgents$Session.closed(WebSocketAgents.java:157)",
    "\tat java.base/java.lang.Thread.run(Thread.java:840)",
)
