"""Asking the raw TCP agent port, on every address that its host has."""

import contextlib
import socket
import time

from migrate.probe.judge_port import PortAnswer
from migrate.probe.reply import Failure, NoReply, no_reply

_LIMIT = 4096
"""Bytes of an answer that are looked at; Jenkins' own has about 300."""


def ask_port(host: str, port: int, timeout: float) -> tuple[PortAnswer, ...]:
    """``GET /`` on each IPv4 and IPv6 address of ``host``; ``timeout`` in seconds each."""
    if not 0 < port < 65536:
        # getaddrinfo would take it modulo 65536.
        return (PortAnswer(host, NoReply(Failure.NO_ROUTE, f"{port} is not a TCP port")),)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        return (PortAnswer(host, no_reply(error)),)
    unique = dict.fromkeys((family, address) for family, _, _, _, address in found)
    return tuple(
        PortAnswer(str(address[0]), _ask(family, address, timeout)) for family, address in unique
    )


def _ask(
    family: socket.AddressFamily, address: tuple[object, ...], timeout: float
) -> bytes | NoReply:
    with socket.socket(family, socket.SOCK_STREAM) as sock:
        sock.settimeout(timeout)
        try:
            sock.connect(address)
        except OSError as error:
            return no_reply(error)
        return _talk(sock, timeout)


def _talk(sock: socket.socket, timeout: float) -> bytes | NoReply:
    """What an accepted connection says, until it ends, or is clearly more than Jenkins says."""
    said = b""
    deadline = time.monotonic() + timeout
    try:
        # The listener reads ten bytes, then answers what starts with "GET / ".
        sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
        while len(said) < _LIMIT and (left := deadline - time.monotonic()) > 0:
            sock.settimeout(left)
            chunk = sock.recv(_LIMIT)
            if not chunk:
                return said
            said += chunk
            if b"Remoting-Minimum-Version" in said:
                return said
    except TimeoutError:
        pass
    except OSError:
        # A reset after the first words is an end like any other.
        return said or NoReply(Failure.CLOSED, "reset")
    finally:
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
    return said or NoReply(Failure.PROTOCOL, "accepted, and silent")
