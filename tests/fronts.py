"""Proxies on real sockets: one in front of Jenkins that wants something, and a forward one."""

import contextlib
import select
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest


@dataclass
class Forward:
    """A forward proxy that opens CONNECT and passes on absolute URLs; ``lines`` it was asked."""

    port: int = 0
    lines: list[str] = field(default_factory=list)


def _pump(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            ready, _, _ = select.select([one, other], [], [], 10)
            if not ready:
                return
            for sock in ready:
                data = sock.recv(65536)
                if not data:
                    return
                (other if sock is one else one).sendall(data)


@contextlib.contextmanager
def forward_proxy(to: int) -> Iterator[Forward]:
    """Whatever host is asked for, it leads to the port ``to`` of this machine."""
    found = Forward()
    with socket.create_server(("127.0.0.1", 0)) as server:
        found.port = int(server.getsockname()[1])

        def serve(sock: socket.socket) -> None:
            with sock, contextlib.suppress(OSError):
                head = b""
                while b"\r\n\r\n" not in head:
                    more = sock.recv(65536)
                    if not more:
                        return
                    head += more
                line = head.split(b"\r\n", 1)[0].decode()
                found.lines.append(line)
                with socket.create_connection(("127.0.0.1", to)) as inner:
                    if line.startswith("CONNECT"):
                        sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                    else:
                        method, target, version = line.split(" ")
                        path = "/" + target.split("/", 3)[3]
                        rest = head.split(b"\r\n", 1)[1]
                        inner.sendall(f"{method} {path} {version}\r\n".encode() + rest)
                    _pump(sock, inner)

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    sock, _ = server.accept()
                    threading.Thread(target=serve, args=(sock,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield found
        server.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def front(
    answer: Callable[[str], bytes], context: ssl.SSLContext | None = None
) -> Iterator[tuple[int, list[str]]]:
    """The port of a server that gives ``answer`` to each head of a request, and those heads."""
    heads: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve(sock: socket.socket) -> None:
            with contextlib.suppress(OSError):
                talk = context.wrap_socket(sock, server_side=True) if context else sock
                with talk:
                    head = b""
                    while b"\r\n\r\n" not in head:
                        more = talk.recv(65536)
                        if not more:
                            return
                        head += more
                    heads.append(head.decode("latin-1"))
                    talk.sendall(answer(heads[-1]))

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    sock, _ = server.accept()
                    threading.Thread(target=serve, args=(sock,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield int(server.getsockname()[1]), heads
        server.shutdown(socket.SHUT_RDWR)


def page(status: str, body: str = "{}") -> bytes:
    """A whole answer of Jenkins."""
    return (
        f"HTTP/1.1 {status}\r\nX-Jenkins: 2.541.3\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"
    ).encode()


@dataclass(frozen=True)
class Certificates:
    """A CA, a server's certificate for 127.0.0.1 and localhost, and a client's."""

    folder: Path

    def __getitem__(self, name: str) -> Path:
        return self.folder / name

    def server(self, *, wants_client: bool = False) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self["server.pem"], self["server.key"])
        if wants_client:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self["ca.pem"])
        return context


def certificates(folder: Path) -> Certificates:
    """Made by openssl; the test is skipped where there is none."""

    def openssl(*words: str) -> None:
        try:
            subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=folder)
        except FileNotFoundError:
            pytest.skip("openssl is not installed: no certificate to test TLS with")

    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl(
        *("req", "-x509", *new, "-days", "2", "-subj", "/CN=test ca"),
        *("-addext", "keyUsage=critical,keyCertSign", "-keyout", "ca.key", "-out", "ca.pem"),
    )
    for name in ("server", "client"):
        (folder / f"{name}.ext").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:ci.test")
        openssl(
            "req", *new, "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr"
        )
        openssl(
            *("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key"),
            *("-CAcreateserial", "-days", "2", "-extfile", f"{name}.ext", "-out", f"{name}.pem"),
        )
    both = (folder / "client.pem").read_text() + (folder / "client.key").read_text()
    (folder / "both.pem").write_text(both)
    openssl("pkey", "-in", "client.key", "-aes256", "-passout", "pass:x", "-out", "locked.key")
    return Certificates(folder)
