"""A relay in front of a server that keeps what came through it, as the recordings were made."""

import contextlib
import re
import socket
import threading


class Listening:
    """Relays to a port of loopback; ``heads`` are the requests up to their empty line."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self.heads: list[bytes] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "Listening":
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    def masked(self) -> list[str]:
        """The requests, without what differs from run to run; bytes as ISO-8859-1."""
        return [_masked(head.decode("latin-1"), self.port) for head in list(self.heads)]

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                threading.Thread(target=self._relay, args=(client,), daemon=True).start()

    def _relay(self, client: socket.socket) -> None:
        with (
            contextlib.suppress(OSError),
            client,
            socket.create_connection(("127.0.0.1", self._to)) as server,
        ):
            threading.Thread(target=_pour, args=(server, client), daemon=True).start()
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                byte = client.recv(1)
                if not byte:
                    return
                head += byte
            self.heads.append(head)
            server.sendall(head)
            _pour(client, server)


def _pour(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


def _masked(text: str, port: int) -> str:
    text = text.replace(f"127.0.0.1:{port}", "127.0.0.1:18090")
    text = re.sub(r"(?m)^(Sec-WebSocket-Key:)[A-Za-z0-9+/]{22}==", r"\1<key>", text)
    return re.sub(r"(?m)^(Secret-Key:)[0-9a-f]{64}", r"\1<64 hex digits>", text)
