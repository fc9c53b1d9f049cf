"""HTTP over plain sockets, as Java's HttpURLConnection writes it, byte for byte.

http.client and asyncio cost too much at start. Recorded: 61-agent-*.txt of 2.541.3; through a
proxy as Java 17.0.15 was seen to write it.
"""

import os
import socket
from urllib.parse import urlsplit

from migrate.sandbox.agent import settings
from migrate.sandbox.agent.network import Address, dial

_LIMIT = 64 << 20
_ACCEPT = "text/html, image/gif, image/jpeg, */*; q=0.2"
PORTS = {"http": 80, "https": 443}


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


def address(url: str) -> Address:
    """Host and port of a URL."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or PORTS[parts.scheme]


def host_header(url: str) -> str:
    """Host and, when it is not the scheme's own, the port."""
    host, port = address(url)
    shown = f"[{host}]" if ":" in host else host
    return shown if port == PORTS[urlsplit(url).scheme] else f"{shown}:{port}"


def secured(sock: socket.socket, host: str) -> socket.socket:
    """TLS on a connected socket."""
    import ssl

    context = ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE"))
    return context.wrap_socket(sock, server_hostname=host)


def head(
    first: str, headers: dict[str, str], *, colon: str = ": ", charset: str = "utf-8"
) -> bytes:
    """A request without a body. What the charset does not have is sent as ``?``, as Java does."""
    lines = [first, *(f"{name}{colon}{value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode(charset, "replace")


def java_headers(own: dict[str, str], host: str, *, proxied: bool) -> dict[str, str]:
    """The headers of a request of HttpURLConnection, in its order."""
    keep = "Proxy-Connection" if proxied else "Connection"
    java = {"User-Agent": f"Java/{settings.java_version()}", "Host": host, "Accept": _ACCEPT}
    return {**own, **java, keep: "keep-alive"}


def tunnel(sock: socket.socket, request: bytes) -> None:
    """Ask a proxy for a tunnel; ``ConnectionError`` with its status when it refuses."""
    sock.sendall(request)
    # Nothing is read ahead: after the head, the socket is the far side's.
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        byte = sock.recv(1)
        if not byte or len(answer) > 65536:
            raise ConnectionError("Proxy socket closed")
        answer += byte
    status = answer.split(None, 2)[1:2]
    if status != [b"200"]:
        raise ConnectionError(answer.splitlines()[0].decode("latin-1"))


def java_tunnel(host: str, port: int) -> bytes:
    """CONNECT as HttpURLConnection and ``new Socket(Proxy)`` send it."""
    shown = host if port == PORTS["https"] else f"{host}:{port}"
    return head(f"CONNECT {host}:{port} HTTP/1.1", java_headers({}, shown, proxied=True))


def read_head(stream: Stream) -> tuple[int, dict[str, str]]:
    """Status and headers of an answer, their names in lower case."""
    words = stream.line().split(None, 2)
    if len(words) < 2 or not words[0].startswith(b"HTTP/"):
        raise ConnectionError("not an HTTP answer")
    headers: dict[str, str] = {}
    while line := stream.line().strip():
        name, _, value = line.partition(b":")
        headers[name.decode("latin-1").lower()] = value.strip().decode("latin-1")
    return int(words[1]), headers


def read_body(stream: Stream, headers: dict[str, str]) -> bytes:
    """The body, by its length, its chunks, or up to the end."""
    if headers.get("transfer-encoding", "").lower() == "chunked":
        parts = []
        while size := int(stream.line().split(b";")[0], 16):
            parts.append(stream.exactly(size))
            stream.line()
        return b"".join(parts)
    if "content-length" in headers:
        return stream.exactly(int(headers["content-length"]))
    return stream.rest()


def get(
    url: str,
    timeout: float = 30.0,
    headers: dict[str, str] | None = None,
    *,
    proxy: Address | None = None,
) -> Answer:
    """GET without following redirects; ``OSError`` when there is no answer."""
    parts = urlsplit(url)
    host, port = address(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    absolute = proxy is not None and parts.scheme == "http"
    sock = dial(proxy or (host, port), timeout)
    try:
        if parts.scheme == "https":
            if proxy is not None:
                _java_tunnelled(sock, host, port)
            sock = secured(sock, host)
        shown = host_header(url)
        first = f"GET {f'http://{shown}' if absolute else ''}{target} HTTP/1.1"
        sock.sendall(head(first, java_headers(headers or {}, shown, proxied=absolute)))
        stream = Stream(sock)
        status, got = read_head(stream)
        return Answer(status, got, read_body(stream, got))
    finally:
        sock.close()


def _java_tunnelled(sock: socket.socket, host: str, port: int) -> None:
    try:
        tunnel(sock, java_tunnel(host, port))
    except ConnectionError as error:
        raise ConnectionError(f'Unable to tunnel through proxy. Proxy returns "{error}"') from error
