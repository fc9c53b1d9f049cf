"""Nodes whose agents may get out over TCP only by a proxy that WebSocket does not take. Pure."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from migrate.agents.command import read_launch
from migrate.model.forward_proxy import DIRECT, Way, tcp_ways, websocket_ways
from migrate.model.inventory import Inventory, Node
from migrate.model.plan import Choices
from migrate.rules.edge import agents_url, parts
from migrate.rules.nodes import version_at_next_start


@dataclass(frozen=True)
class Gap:
    """What carries a node's TCP connection and not its WebSocket one."""

    url: str
    """The controller's address as this agent uses it."""
    today: Way
    """The proxy that TCP goes through."""
    then: Way
    """How WebSocket goes: ``direct``, or as the system is set, which nobody read."""
    direct: bool | None
    """Whether the address opens from its host without a proxy; None: not tried."""

    @property
    def to_add(self) -> str:
        """Java options that send WebSocket through a proxy, too."""
        prefix = "http" if (urlsplit(self.url).scheme.lower() == "http") else "https"
        known = self.today.kind == "http"
        host = self.today.host if known else "PROXY"
        port = self.today.port if known and self.today.port else "PORT"
        return f"-D{prefix}.proxyHost={host} -D{prefix}.proxyPort={port}"


def own_url(inventory: Inventory, node: Node) -> str:
    """The ``-url`` of the agent's command line, else what agents are told."""
    launch = node.launch
    line = read_launch(launch.command, node.name, jar=launch.jar) if launch else None
    url = line.value("-url") if line else None
    return url if url and parts(url) is not None else agents_url(inventory.controller)


def gap(inventory: Inventory, node: Node, choices: Choices | None) -> Gap | None:
    """The gap of this node; None when both transports go alike, or nothing was read."""
    settings = node.launch.proxy if node.launch else None
    if settings is None:
        return None
    url = own_url(inventory, node)
    version = version_at_next_start(inventory, node, choices)
    host = inventory.controller.agent_port.advertised_host or ""
    today = tcp_ways(settings, url, host)
    then = websocket_ways(settings, url, version)
    carried = next((w for w in (today.channel, today.first) if w.kind in ("http", "socks")), None)
    if carried is None:
        return None
    kinds = (then.first.kind, then.channel.kind)
    # What opens /tcpSlaveAgentListener/ without a proxy today opens /login tomorrow.
    known = today.first.kind == "direct" and settings.direct is not False
    if then.channel.kind == "direct" or (then.first.kind == "direct" and not known):
        return Gap(url, carried, DIRECT, settings.direct)
    if "system" in kinds:
        way = then.first if then.first.kind == "system" else then.channel
        return Gap(url, carried, way, settings.direct)
    return None
