"""Ports that answer in each way that a port can."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress

LISTENER = b"HTTP/1.0 200 OK\r\nJenkins-Agent-Protocols: JNLP4-connect, Ping\r\n\r\n"
"""The beginning of what Jenkins answers to GET / on its agent port."""


def refused() -> int:
    """A port where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def says(said: bytes) -> Iterator[int]:
    """A port that says this to whoever connects, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            with suppress(OSError):
                while True:
                    with closing(listener.accept()[0]) as connection:
                        connection.recv(100)
                        connection.sendall(said)

        threading.Thread(target=answer, daemon=True).start()
        yield int(listener.getsockname()[1])
        listener.shutdown(socket.SHUT_RDWR)


@contextmanager
def ports() -> Iterator[tuple[int, int, int, int]]:
    """An agent listener, one that hangs up, one that stays silent, and one that refuses."""
    with ExitStack() as stack:
        listener, hangs_up = (stack.enter_context(says(said)) for said in (LISTENER, b""))
        silent = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        yield listener, hangs_up, int(silent.getsockname()[1]), refused()


ANSWERS = ["ok", "port-hangs-up", "not-jenkins", "port-closed"]
"""What a probe makes of ``ports``."""
