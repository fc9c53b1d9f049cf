"""A forward proxy of a few lines: CONNECT and nothing else, to one place whatever was asked for."""

import socket
import threading
from types import TracebackType


class ConnectProxy:
    """Listens on a free loopback port; ``status`` other than 200 refuses.

    Every CONNECT leads to ``port`` on loopback, so that a name that nobody can resolve is
    reached through this proxy and in no other way.
    """

    def __init__(self, port: int, status: int = 200) -> None:
        self._to, self._status = port, status
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.asked: list[str] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> "ConnectProxy":
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
        with sock:
            sock.settimeout(20)
            head = b""
            while b"\r\n\r\n" not in head:
                chunk = sock.recv(4096)
                if not chunk:
                    return
                head += chunk
            self.asked.append(head.decode("latin-1").split("\r\n")[0])
            if not head.startswith(b"CONNECT ") or self._status != 200:
                sock.sendall(b"HTTP/1.1 %d No\r\nContent-Length: 0\r\n\r\n" % self._status)
                return
            with socket.create_connection(("127.0.0.1", self._to)) as far:
                sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=_pump, args=(far, sock), daemon=True)
                back.start()
                _pump(sock, far)
                back.join(20)


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass
