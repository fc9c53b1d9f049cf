"""HTTP and WebSocket over plain sockets: http.client and asyncio cost too much at start."""

import base64
import contextlib
import hashlib
import os
import socket
import struct
import threading
from urllib.parse import urlsplit

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_LIMIT = 64 << 20


class Answer:
    """An HTTP answer."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        """Names in lower case; the last one of a kind."""
        self.body = body


class Stream:
    """A connected socket with a read buffer."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._buffer = b""

    def line(self) -> bytes:
        """Up to and with the next LF; ``ConnectionError`` at the end."""
        while b"\n" not in self._buffer:
            self._more()
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line + b"\n"

    def exactly(self, size: int) -> bytes:
        """That many bytes."""
        while len(self._buffer) < size:
            self._more()
        part, self._buffer = self._buffer[:size], self._buffer[size:]
        return part

    def rest(self) -> bytes:
        """All until the far side closes."""
        parts = [self._buffer]
        while part := self.sock.recv(65536):
            parts.append(part)
        return b"".join(parts)

    def _more(self) -> None:
        part = self.sock.recv(65536)
        if not part:
            raise ConnectionError("the connection was closed")
        self._buffer += part
        if len(self._buffer) > _LIMIT:
            raise ConnectionError("too much")


def connect(url: str, timeout: float) -> socket.socket:
    """A socket to the URL's host, with TLS for https."""
    parts = urlsplit(url)
    secure = parts.scheme in ("https", "wss")
    host = parts.hostname or ""
    sock = socket.create_connection((host, parts.port or (443 if secure else 80)), timeout)
    if not secure:
        return sock
    import ssl

    context = ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE"))
    return context.wrap_socket(sock, server_hostname=host)


def _send_request(sock: socket.socket, url: str, headers: dict[str, str]) -> None:
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [f"GET {target} HTTP/1.1", f"Host: {parts.netloc.rpartition('@')[2]}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    sock.sendall("\r\n".join([*lines, "", ""]).encode())


def _read_head(stream: Stream) -> tuple[int, dict[str, str]]:
    words = stream.line().split(None, 2)
    if len(words) < 2 or not words[0].startswith(b"HTTP/"):
        raise ConnectionError("not an HTTP answer")
    headers: dict[str, str] = {}
    while line := stream.line().strip():
        name, _, value = line.partition(b":")
        headers[name.decode("latin-1").lower()] = value.strip().decode("latin-1")
    return int(words[1]), headers


def _read_body(stream: Stream, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() == "chunked":
        parts = []
        while size := int(stream.line().split(b";")[0], 16):
            parts.append(stream.exactly(size))
            stream.line()
        return b"".join(parts)
    if "content-length" in headers:
        return stream.exactly(int(headers["content-length"]))
    return stream.rest()


def get(url: str, timeout: float = 30.0, headers: dict[str, str] | None = None) -> Answer:
    """GET without following redirects; ``OSError`` when there is no answer."""
    with connect(url, timeout) as sock:
        _send_request(sock, url, {**(headers or {}), "Connection": "close"})
        stream = Stream(sock)
        status, got = _read_head(stream)
        return Answer(status, got, _read_body(stream, got))


def exchange(url: str, request: str, timeout: float) -> Answer:
    """Send ``request`` as it is to the URL's host; the body of a 101 is empty."""
    with connect(url, timeout) as sock:
        sock.sendall(request.encode("latin-1", "replace"))
        stream = Stream(sock)
        status, got = _read_head(stream)
        return Answer(status, got, b"" if status == 101 else _read_body(stream, got))


class HandshakeFailed(Exception):
    """The server answered, but not with 101."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(f"Response code was not 101: {status}.")
        self.status = status
        self.body = body


class WebSocket:
    """The client's side of a WebSocket: masked frames, answers pings, one message a frame."""

    def __init__(self, url: str, headers: dict[str, str], timeout: float = 30.0) -> None:
        """``HandshakeFailed`` for any answer but 101, ``OSError`` without an answer."""
        sock = connect(url, timeout)
        try:
            key = base64.b64encode(os.urandom(16)).decode()
            upgrade = {
                "Upgrade": "websocket",
                "Connection": "Upgrade",
                "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": key,
            }
            _send_request(sock, url, {**upgrade, **headers})
            self._stream = Stream(sock)
            status, self.headers = _read_head(self._stream)
            if status != 101:
                raise HandshakeFailed(status, _read_body(self._stream, self.headers))
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
