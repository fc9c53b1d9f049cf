"""The WebSocket client of remoting (Tyrus): its handshake byte for byte, and its frames.

Recorded: 61-agent-*-ws.txt of 2.541.3, the same for every remoting version. Header names come in
alphabetical order, without a space after the colon and without a User-Agent; values are
ISO-8859-1, so that other characters of a node's name go out as ``?``.
"""

import base64
import contextlib
import hashlib
import os
import socket
import struct
import threading
from collections.abc import Sequence
from urllib.parse import urlsplit

from migrate.sandbox.agent import wire
from migrate.sandbox.agent.network import Address, dial

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class HandshakeFailed(Exception):
    """The server answered, but not with 101."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(f"Response code was not 101: {status}.")
        self.status = status
        self.body = body


class WebSocket:
    """The client's side of a WebSocket: masked frames, answers pings, one message a frame."""

    def __init__(
        self,
        url: str,
        headers: dict[str, str],
        timeout: float = 30.0,
        *,
        proxies: Sequence[Address] = (),
        proxy_credentials: str | None = None,
    ) -> None:
        """``url``: http or https; ``proxies``: tried in turn, none: direct.

        ``HandshakeFailed`` for any answer but 101, ``OSError`` without an answer.
        """
        sock = _opened(url, timeout, proxies, proxy_credentials)
        try:
            key = base64.b64encode(os.urandom(16)).decode()
            sock.sendall(handshake(url, headers, key))
            self._stream = wire.Stream(sock)
            status, self.headers = wire.read_head(self._stream)
            if status != 101:
                raise HandshakeFailed(status, wire.read_body(self._stream, self.headers))
            wanted = base64.b64encode(hashlib.sha1((key + _GUID).encode()).digest())  # noqa: S324
            if self.headers.get("sec-websocket-accept", "").encode() != wanted:
                raise HandshakeFailed(status, b"")
        except BaseException:
            sock.close()
            raise
        sock.settimeout(None)
        self._sock = sock
        self._lock = threading.Lock()

    def send(self, data: bytes, opcode: int = 2) -> None:
        """One frame; binary unless told."""
        mask = os.urandom(4)
        size = len(data)
        if size < 126:
            head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
        elif size < 65536:
            head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
        else:
            head = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, size)
        with self._lock:
            self._sock.sendall(head + mask + _masked(data, mask))

    def receive(self) -> bytes | None:
        """The next message; None when the server closed, by a frame or by the socket."""
        parts: list[bytes] = []
        while True:
            try:
                first, second = self._stream.exactly(2)
                size = second & 0x7F
                if size == 126:
                    (size,) = struct.unpack("!H", self._stream.exactly(2))
                elif size == 127:
                    (size,) = struct.unpack("!Q", self._stream.exactly(8))
                mask = self._stream.exactly(4) if second & 0x80 else b""
                data = self._stream.exactly(size)
            except OSError:
                return None
            if mask:
                data = _masked(data, mask)
            opcode = first & 0x0F
            if opcode == 8:
                self._closing = data
                return None
            if opcode == 9:
                self.send(data, 10)
            elif opcode != 10:
                parts.append(data)
                if first & 0x80:
                    return b"".join(parts)

    def answer_close(self) -> None:
        """Answer the server's close frame and close the socket."""
        with contextlib.suppress(OSError):
            self.send(getattr(self, "_closing", b""), 8)
        self.close()

    def close(self) -> None:
        """Close the socket."""
        self._sock.close()


def _masked(data: bytes, mask: bytes) -> bytes:
    if not data:
        return data
    size = len(data)
    pad = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(data, "big") ^ int.from_bytes(pad, "big")).to_bytes(size, "big")


def handshake(url: str, headers: dict[str, str], key: str) -> bytes:
    """The request (Tyrus: Handshake.prepareRequest, HttpRequestBuilder)."""
    host = wire.host_header(url)
    own = {
        "Host": host,
        "Origin": f"{urlsplit(url).scheme}://{host}",
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": key,
        "Sec-WebSocket-Version": "13",
        **headers,
    }
    ordered = {name: own[name] for name in sorted(own, key=str.lower)}
    first = f"GET {urlsplit(url).path or '/'} HTTP/1.1"
    return wire.head(first, ordered, colon=":", charset="latin-1")


def exchange(
    url: str, request: str, timeout: float, proxies: Sequence[Address] = ()
) -> wire.Answer:
    """Send ``request`` as it is on the WebSocket client's way; the body of a 101 is empty."""
    sock = _opened(url, timeout, proxies, None)
    try:
        sock.sendall(request.encode("latin-1", "replace"))
        stream = wire.Stream(sock)
        status, got = wire.read_head(stream)
        return wire.Answer(status, got, b"" if status == 101 else wire.read_body(stream, got))
    finally:
        sock.close()


def _opened(
    url: str, timeout: float, proxies: Sequence[Address], credentials: str | None
) -> socket.socket:
    """Through the first proxy that opens the way (JdkClientContainer, ClientFilter)."""
    host, port = wire.address(url)
    failed: OSError | None = None
    for proxy in proxies or (None,):
        sock = None
        try:
            sock = dial(proxy or (host, port), timeout)
            if proxy is not None:
                wire.tunnel(sock, _connect(host, port, credentials))
            return wire.secured(sock, host) if urlsplit(url).scheme == "https" else sock
        except OSError as error:
            failed = error
            if sock is not None:
                sock.close()
    raise failed or ConnectionError("no way")


def _connect(host: str, port: int, credentials: str | None) -> bytes:
    # In the order of a Java HashMap with these keys.
    headers = {"ProxyConnection": "keep-alive", "Connection": "keep-alive", "Host": host}
    if credentials is not None:
        encoded = base64.b64encode(credentials.encode()).decode()
        headers["Proxy-Authorization"] = f"Basic {encoded}"
    return wire.head(f"CONNECT {host}:{port} HTTP/1.1", headers, colon=":", charset="latin-1")
