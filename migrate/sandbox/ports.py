"""TCP ports that are free, and stay this process's own while nothing listens on them.

A port that is only looked up may be given out twice: to two users of one sandbox, which draw
before either listens, or to another sandbox on the same machine, also much later, while the port
is closed by a migration. Then agents talk to somebody else's server. So a port is held: bound and
not listened on, which refuses every connection, lets a server of ours listen (all of them set
SO_REUSEADDR), and fails the bind without SO_REUSEADDR by which others look for a free one.
"""

import contextlib
import random
import socket

from migrate.model.errors import MigrateError

_RANGE = range(20000, 30000)
"""Below Linux' ephemeral range (32768 up), so that no outgoing connection takes a port between the
moment it is chosen and the moment it is listened on; and below the NodePorts of Kubernetes."""


class NoFreePort(MigrateError):
    """All ports that were tried are in use."""

    def __init__(self) -> None:
        super().__init__("no free TCP port found", next_command="migrate sandbox up")


class HeldPorts:
    """Ports that nobody else gets until ``release``, whether something listens on them or not."""

    def __init__(self) -> None:
        self._held: dict[int, socket.socket] = {}

    def take(self) -> int:
        """Another one. ``NoFreePort`` when there is none."""
        held = _bound()
        port: int = held.getsockname()[1]
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._held[port] = held
        if not _can_listen(port):
            # A system on which a held port is taken for our own servers, too.
            self.give_back(port)
        return port

    def give_back(self, port: int) -> None:
        """Hold this one no longer; harmless when it is not held."""
        held = self._held.pop(port, None)
        if held is not None:
            held.close()

    def release(self) -> None:
        """Hold none any longer."""
        for port in list(self._held):
            self.give_back(port)


def free_port() -> int:
    """A port that nobody listens on or holds at this moment."""
    with _bound() as probe:
        port: int = probe.getsockname()[1]
        return port


def free_ports(count: int) -> tuple[int, ...]:
    """Several of them, all different."""
    ports = HeldPorts()
    try:
        return tuple(ports.take() for _ in range(count))
    finally:
        ports.release()


def _bound() -> socket.socket:
    rng = random.SystemRandom()
    for port in rng.sample(_RANGE, min(1000, len(_RANGE))):
        # Without SO_REUSEADDR: it fails where others hold the port, not only where they listen.
        probe = socket.socket()
        with contextlib.suppress(OSError):
            probe.bind(("0.0.0.0", port))
            return probe
        probe.close()
    raise NoFreePort


def _can_listen(port: int) -> bool:
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
