"""Sockets: one HTTP/1.1 request, a WebSocket handshake, and an open connection that is held.

``http.client`` reads the answer (it keeps status, headers and body of a refused handshake,
and follows no redirect and no proxy of the environment); ``websockets`` speaks the frames.
"""

import contextlib
import http.client
import io
import logging
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from migrate.model.address import Address
from migrate.model.probe_requests import Request
from migrate.net.bounded import TimedResponse
from migrate.net.connecting import open_socket
from migrate.net.way import Headers, Way
from migrate.probe.reply import Failure, Held, NoReply, Reply, no_reply

BODY_LIMIT = 64 * 1024
"""Bytes of a body that are looked at: Jenkins' own error pages stay below 10 KiB."""
_MESSAGE_LIMIT = 1024 * 1024
"""Bytes: a larger WebSocket message is not remoting's to a client that says nothing."""
MOST_HELD = 4 * 1024 * 1024
"""Bytes that come over an idle connection before it is called a flood; Jenkins sends some KiB."""
MOST_FRAMES = 1000


def tls_context(address: Address, way: Way) -> ssl.SSLContext | None:
    """Verifies certificate and host name; None for http://. ``UsageProblem`` when a file of ``way``
    can't be used."""
    if address.scheme != "https":
        return None
    context = way.context()
    # HTTP/2 knows no Upgrade; agents speak HTTP/1.1.
    context.set_alpn_protocols(["http/1.1"])
    return context


class Channel:
    """An open WebSocket, client side. Close it; ``hold`` reads it until a deadline."""

    def __init__(
        self,
        sock: socket.socket,
        response: TimedResponse,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sock = sock
        # Kept until ``close``: a response that is garbage collected closes its stream.
        self._response = response
        self._stream: io.BufferedReader = response.fp
        self._clock = clock
        # It may wait for its turn to be held.
        response.allow(float("inf"))

    def hold(self, wanted: float) -> Held:
        """Answer pings until ``wanted`` seconds are over or the far side ends it.

        Nothing is sent but pongs, as an idle agent does: a ping of our own would keep a
        proxy awake that cuts idle agents.
        """
        from websockets.frames import Opcode
        from websockets.protocol import Protocol, Side

        quiet = logging.getLogger("migrate.probe.frames")
        quiet.addHandler(logging.NullHandler())
        quiet.propagate = False
        protocol = Protocol(Side.CLIENT, max_size=_MESSAGE_LIMIT, logger=quiet)
        started = self._clock()
        self._response.allow(time.monotonic() + wanted)
        pings = frames = size = 0

        def held(still: bool, *, flood: bool = False) -> Held:
            close = protocol.close_rcvd
            code = None if still or close is None else int(close.code)
            reason = "" if still or close is None else close.reason
            return Held(self._clock() - started, wanted, pings, still, code, reason, flood)

        while started + wanted - self._clock() > 0:
            try:
                data = self._stream.read1(4096)
                if not data:
                    return held(False)
                protocol.receive_data(data)
                events = protocol.events_received()
                pings += sum(getattr(event, "opcode", None) is Opcode.PING for event in events)
                size, frames = size + len(data), frames + len(events)
                if size > MOST_HELD or frames > MOST_FRAMES:
                    return held(False, flood=True)
                for chunk in protocol.data_to_send():
                    self._sock.sendall(chunk)
            except TimeoutError:
                break
            except OSError:
                return held(False)
            if protocol.close_rcvd is not None or protocol.parser_exc is not None:
                return held(False)
        return held(True)

    def close(self) -> None:
        """Say goodbye by a Close frame and end the connection."""
        from websockets.frames import Frame, Opcode

        with contextlib.suppress(OSError):
            self._sock.settimeout(1.0)
            self._sock.sendall(Frame(Opcode.CLOSE, b"\x03\xe8").serialize(mask=True))
        with contextlib.suppress(OSError):
            # By the response, which holds the stream: closed behind its back, Python 3.13 and newer
            # print a traceback when it is collected.
            self._response.close()
        with contextlib.suppress(OSError):
            self._sock.close()


@dataclass(frozen=True)
class Wire:
    """Requests to one address. ``timeout``: seconds for one with its answer, all together."""

    address: Address
    timeout: float
    context: ssl.SSLContext | None
    """None for http://."""
    headers: Headers = field(default=(), repr=False)
    """What a proxy in front wants of everybody; sent after those of the request."""

    def get(self, request: Request) -> Reply | NoReply:
        """The answer to a plain request."""
        came, channel = self._ask(request)
        if channel is not None:
            channel.close()
        return came

    def upgrade(self, request: Request) -> tuple[Reply | NoReply, Channel | None]:
        """A WebSocket handshake; the channel is there after a sound 101, and is to be closed."""
        from websockets.utils import accept_key

        came, channel = self._ask(request)
        if channel is None or not isinstance(came, Reply):
            return came, None
        key = next((value for name, value in request.headers if name == "Sec-WebSocket-Key"), "")
        if came.headers.get("sec-websocket-accept") != accept_key(key):
            channel.close()
            # An agent's client refuses this too: something in between answers by itself.
            return NoReply(Failure.PROTOCOL, "101 with a wrong Sec-WebSocket-Accept"), None
        return came, channel

    def _connect(self, until: float) -> socket.socket:
        sock = open_socket(self.address.host, self.address.port, self.timeout)
        _leave(sock, until)
        if self.context is None:
            return sock
        try:
            return self.context.wrap_socket(sock, server_hostname=self.address.host)
        except BaseException:
            sock.close()
            raise

    def _ask(self, request: Request) -> tuple[Reply | NoReply, Channel | None]:
        until = time.monotonic() + self.timeout
        try:
            sock = self._connect(until)
        except (OSError, UnicodeError) as error:
            return no_reply(error), None
        keep = False
        _leave(sock, until)
        # Never by HTTPConnection's own headers: what is sent is remoting's, byte for byte.
        response = TimedResponse(sock, method="GET")
        try:
            sock.sendall(replace(request, headers=(*request.headers, *self.headers)).wire)
            response.begin()
            if response.status == 101:
                keep = True
                return _reply(response, ""), Channel(sock, response)
            return _reply(response, self._body(response)), None
        except (OSError, http.client.HTTPException) as error:
            return no_reply(error), None
        finally:
            if not keep:
                response.close()
                sock.close()

    def _body(self, response: http.client.HTTPResponse) -> str:
        """The head of the body; a far side that stops half-way still told its status."""
        head = b""
        with contextlib.suppress(OSError, http.client.HTTPException):
            while len(head) < BODY_LIMIT:
                chunk = response.read1(BODY_LIMIT - len(head))
                if not chunk:
                    break
                head += chunk
        return head.decode("utf-8", "replace")


def _leave(sock: socket.socket, until: float) -> None:
    """So much time as is left, for what the socket does next."""
    sock.settimeout(max(until - time.monotonic(), 0.001))


def _reply(response: http.client.HTTPResponse, body: str) -> Reply:
    headers: dict[str, str] = {}
    for name, value in response.getheaders():
        key = name.lower()
        headers[key] = f"{headers[key]}, {value}" if key in headers else value
    return Reply(response.status, response.reason, headers, body)
