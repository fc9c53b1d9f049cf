"""The network of the machine that an agent runs on: every connection of the agent opens here.

A host of the sandbox that has the file ``etc/network`` reaches what stands in it and nothing
else, as a machine behind a firewall with a resolver of its own: one ``HOST:PORT ADDRESS:PORT`` a
line, what the agent asks for and where that leads to. No other name resolves there, and nothing
listens on the machine's own loopback. Hosts without the file are on the real network.
"""

import os
import socket
from pathlib import Path

from migrate.sandbox.agent import settings

Address = tuple[str, int]
"""Host and port."""
FILE = "etc/network"
"""Below the host's folder."""


def network_text(routes: dict[Address, Address]) -> str:
    """The file's text for these ways out."""
    lines = [f"{host}:{port} {to}:{at}\n" for (host, port), (to, at) in sorted(routes.items())]
    return "# What this machine reaches: as it calls it, and where that is.\n" + "".join(lines)


def dial(address: Address, timeout: float) -> socket.socket:
    """A connected socket; ``OSError`` as Java's ``Socket.connect`` fails."""
    routes = _routes()
    if routes is None:
        return socket.create_connection(address, timeout)
    host, port = address[0].lower(), address[1]
    if (host, port) in routes:
        return socket.create_connection(routes[host, port], timeout)
    if host == "localhost" or any(host == known for known, _ in routes) or _literal(host):
        raise ConnectionRefusedError(111, "Connection refused")
    # Java's message of an UnknownHostException is the name.
    raise socket.gaierror(socket.EAI_NONAME, address[0])


def _literal(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()


def _routes() -> dict[Address, Address] | None:
    folder = os.environ.get(settings.HOST)
    if not folder:
        return None
    try:
        text = (Path(folder) / FILE).read_text("utf-8")
    except FileNotFoundError:
        return None
    routes = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            asked, leads = line.split()
            routes[_address(asked)] = _address(leads)
    return routes


def _address(text: str) -> Address:
    host, _, port = text.rpartition(":")
    return host.lower(), int(port)
