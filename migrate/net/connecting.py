"""One connection to a name, within one time limit for all of its addresses."""

import socket
import time
from collections.abc import Sequence
from typing import Any

_LEAST = 0.05
"""Seconds for an address whose turn comes late."""


def open_socket(
    host: str, port: int, timeout: float | None, options: Sequence[tuple[Any, ...]] | None = None
) -> socket.socket:
    """A connected socket, with ``timeout`` set. ``OSError`` of the last address that was tried.

    ``socket.create_connection`` gives each address the whole timeout: a name with five that are
    silent takes five times as long. Each gets its share of what is left here.
    """
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    until = None if timeout is None else time.monotonic() + timeout
    failed: OSError = OSError(f"{host} has no address")
    for number, (family, kind, protocol, _, address) in enumerate(found):
        sock = socket.socket(family, kind, protocol)
        try:
            for option in options or ():
                sock.setsockopt(*option)
            if until is not None:
                share = (until - time.monotonic()) / (len(found) - number)
                sock.settimeout(max(share, _LEAST))
            sock.connect(address)
            sock.settimeout(timeout)
            return sock
        except OSError as error:
            failed = error
            sock.close()
        except BaseException:
            sock.close()
            raise
    raise failed
