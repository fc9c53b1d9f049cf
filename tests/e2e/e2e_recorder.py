"""A relay in front of a controller or an API server that writes down every request.

It passes on bytes as they are, but for the Host header and one Connection at a time, so that
upgrades and long answers go through. TLS towards the target is verified.
"""

import contextlib
import socket
import ssl
import threading
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Request:
    """One request that went through."""

    method: str
    target: str
    body: str

    @property
    def path(self) -> str:
        """Without the query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> dict[str, list[str]]:
        """Parsed query."""
        return parse_qs(urlsplit(self.target).query)


class Recorder:
    """Listens on loopback while it is used as a context manager."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self.secure = parts.scheme == "https"
        self.host = parts.hostname or ""
        self.port = parts.port or (443 if self.secure else 80)
        self._host_header = parts.netloc.rpartition("@")[2]
        self._path = parts.path
        self.requests: list[Request] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()

    @property
    def url(self) -> str:
        """What to give to the tool instead of the target."""
        return f"http://127.0.0.1:{self._server.getsockname()[1]}{self._path}"

    def __enter__(self) -> "Recorder":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()
        for connection in tuple(self._open):
            connection.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            target = socket.create_connection((self.host, self.port), timeout=60)
        except OSError:
            client.close()
            return
        if self.secure:
            context = ssl.create_default_context()
            target = context.wrap_socket(target, server_hostname=self.host)
        self._open |= {client, target}
        back = threading.Thread(target=_pump, args=(target, client), daemon=True)
        back.start()
        with contextlib.suppress(OSError):
            self._requests(client, target)
        back.join(60)
        for connection in (client, target):
            self._open.discard(connection)
            connection.close()

    def _requests(self, client: socket.socket, target: socket.socket) -> None:
        reader = client.makefile("rb")
        while line := reader.readline():
            method, wanted = line.decode("latin-1").split()[:2]
            headers = [line]
            length, upgrade, chunked = 0, False, False
            while (header := reader.readline()) not in (b"\r\n", b"\n", b""):
                name, _, value = header.decode("latin-1").partition(":")
                name, value = name.strip().lower(), value.strip()
                if name == "host":
                    header = f"Host: {self._host_header}\r\n".encode()
                length = int(value) if name == "content-length" else length
                chunked = chunked or (name == "transfer-encoding" and "chunked" in value.lower())
                upgrade = upgrade or name == "upgrade"
                headers.append(header)
            # A body that could not be read would go by unseen: none of the tool's clients does it.
            assert not chunked, "a chunked request"
            body = reader.read(length)
            self.requests.append(Request(method, wanted, body.decode("utf-8", "replace")))
            target.sendall(b"".join(headers) + b"\r\n" + body)
            if upgrade:
                while piece := client.recv(65536):
                    target.sendall(piece)
                break


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while piece := source.recv(65536):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass
