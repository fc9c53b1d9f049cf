"""A server on a real socket that answers as no honest one does."""

import contextlib
import gzip
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator

Answer = Callable[[socket.socket], None]
HEAD = (
    b"HTTP/1.1 200 OK\r\nX-Jenkins: 2.541.3\r\nContent-Type: application/json\r\n"
    b"Content-Encoding: %s\r\nConnection: close\r\n"
)
OPEN_END = HEAD % b"identity" + b"\r\n"


@contextlib.contextmanager
def hostile(answer: Callable[..., None], *, with_head: bool = False) -> Iterator[int]:
    """The port of a server that gives each connection to ``answer`` (``with_head``: and the head of
    its request) once that was read."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve(sock: socket.socket) -> None:
            with sock, contextlib.suppress(OSError):
                data = b""
                while b"\r\n\r\n" not in data:
                    more = sock.recv(65536)
                    if not more:
                        return
                    data += more
                answer(sock, data.decode("latin-1")) if with_head else answer(sock)

        def accept() -> None:
            while not over.is_set():
                try:
                    sock, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=serve, args=(sock,), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield int(server.getsockname()[1])
        finally:
            over.set()
            # Python closes a socket that a thread accepts on only after the next connection.
            with contextlib.suppress(OSError):
                socket.create_connection(server.getsockname(), 1).close()
            thread.join(5)


def endless(head: bytes, piece: bytes = b"a" * 65536) -> Answer:
    """``head``, then ``piece`` without end."""

    def answer(sock: socket.socket) -> None:
        sock.sendall(head)
        while True:
            sock.sendall(piece)

    return answer


def drip(head: bytes, piece: bytes = b"a", every: float = 0.1) -> Answer:
    """``head``, then ``piece`` now and then."""

    def answer(sock: socket.socket) -> None:
        sock.sendall(head)
        while True:
            sock.sendall(piece)
            time.sleep(every)

    return answer


def whole(body: bytes, packing: bytes = b"identity") -> Answer:
    """An answer with this body."""
    head = HEAD % packing + b"Content-Length: %d\r\n\r\n" % len(body)
    return lambda sock: sock.sendall(head + body)


def bomb(size: int) -> bytes:
    """Gzip of ``size`` zeros, about a thousandth of that."""
    return gzip.compress(bytes(size))


def peak_mib() -> float:
    """The most memory that this process ever had, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
