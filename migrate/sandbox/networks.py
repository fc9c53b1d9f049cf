"""The networks of a scenario whose hosts are not beside the controller.

Agents know the controller by ``CONTROLLER_NAME``, which is nobody's name outside (RFC 6761):
jenkins.agent.inboundUrl says so, and each host's ``etc/network`` says where that leads from there.
"""

from pathlib import Path

from migrate.sandbox.agent.network import FILE, Address, network_text
from migrate.sandbox.forward_proxy import ForwardProxy

CONTROLLER_NAME = "jenkins.sandbox.invalid"
PROXY: Address = ("proxy.sandbox.invalid", 3128)
OPEN, PROXIED, STRIPPING = "open", "proxied", "stripping"
"""Kinds of networks: the controller's own; one whose only way out is ``PROXY``; one that meets a
front of its own, which drops Upgrade."""


class Networks:
    """What hosts reach in each kind of network; runs the proxy."""

    def __init__(self, http_port: int, agent_port: int, stripped_port: int) -> None:
        """Ports of loopback: the edge's HTTP and TCP ports, and the front that drops Upgrade."""
        controller = (CONTROLLER_NAME, http_port)
        agents = {(CONTROLLER_NAME, agent_port): ("127.0.0.1", agent_port)}
        self._known = {
            OPEN: agents | {controller: ("127.0.0.1", http_port)},
            STRIPPING: agents | {controller: ("127.0.0.1", stripped_port)},
        }
        self.proxy = ForwardProxy(self._known[OPEN])
        self.url = f"http://{CONTROLLER_NAME}:{http_port}/"
        """jenkins.agent.inboundUrl."""

    def start(self) -> None:
        """Start the proxy."""
        self.proxy.start()
        self._known[PROXIED] = {PROXY: ("127.0.0.1", self.proxy.port)}

    def stop(self) -> None:
        """Stop the proxy."""
        self.proxy.stop()

    def place(self, host: Path, kind: str) -> None:
        """Put the host of this folder into a network."""
        path = host / FILE
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(network_text(self._known[kind]), "utf-8")
