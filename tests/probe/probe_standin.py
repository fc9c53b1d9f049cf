"""Servers of a few lines, for what the sandbox's controller never answers."""

import base64
import hashlib
import socket
import ssl
import threading
from collections.abc import Callable
from types import TracebackType

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
Talk = Callable[[socket.socket, str], None]
"""Gets the connection and the head of the request; it is closed afterwards."""


class StandIn:
    """Accepts connections on a free loopback port and lets ``talk`` answer each."""

    def __init__(
        self, talk: Talk, *, read_head: bool = True, context: ssl.SSLContext | None = None
    ) -> None:
        self._talk, self._read_head, self._context = talk, read_head, context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.heads: list[str] = []
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http{'s' if self._context else ''}://127.0.0.1:{self.port}/"

    def __enter__(self) -> "StandIn":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(sock,), daemon=True).start()

    def _one(self, sock: socket.socket) -> None:
        try:
            if self._context is not None:
                sock = self._context.wrap_socket(sock, server_side=True)
            sock.settimeout(10)
            head = ""
            while self._read_head and "\r\n\r\n" not in head:
                chunk = sock.recv(65536).decode("latin-1")
                if not chunk:
                    return
                head += chunk
            self.heads.append(head)
            self._talk(sock, head)
        except OSError:
            pass
        finally:
            sock.close()


def plain(status: str, body: str = "", *headers: str) -> bytes:
    """A whole HTTP answer."""
    extra = "".join(f"{header}\r\n" for header in headers)
    return (
        f"HTTP/1.1 {status}\r\n{extra}Content-Length: {len(body.encode())}\r\n"
        f"Connection: close\r\n\r\n{body}"
    ).encode()


def header(head: str, name: str) -> str:
    """A header of a request; empty when it is not there."""
    for line in head.splitlines()[1:]:
        key, _, value = line.partition(":")
        if key.lower() == name.lower():
            return value.strip()
    return ""


def switching(head: str) -> bytes:
    """The 101 that fits the request."""
    key = header(head, "Sec-WebSocket-Key")
    accept = base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()  # noqa: S324
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept}\r\n\r\n"
    ).encode()


def jetty(message: str) -> bytes:
    """A 400 of Jenkins' own server, as recorded."""
    body = (
        f"<html><body><h2>HTTP ERROR 400 {message}</h2><table>"
        f"<tr><th>MESSAGE:</th><td>{message}</td></tr><tr><th>SERVLET:</th><td>Stapler</td></tr>"
        "</table><hr/>Powered by Jetty:// 10.0.18<hr/></body></html>"
    )
    return plain("400 Bad Request", body, "Content-Type: text/html", "Server: Jetty(10.0.18)")


def jenkins_over_http10(sock: socket.socket, head: str) -> None:
    """Jenkins 2.426.2 as it answers HTTP/1.0 (recording http10-to-backend): no upgrade works."""
    path = head.split(" ", 2)[1]
    if path == "/wsagents/":
        node = header(head, "Node-Name")
        if not node:
            said = "This endpoint is only for use from agent.jar in WebSocket mode"
        elif node.startswith("migrate-no-such-node"):
            said = "no such agent"
        else:
            said = "did not manage to upgrade"
        sock.sendall(jetty(said))
    elif path == "/cli/ws":
        sock.sendall(jetty("did not manage to upgrade"))
    else:
        sock.sendall(plain("200 OK", "Sign in [Jenkins]", "X-Jenkins: 2.426.2"))
