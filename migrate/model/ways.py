"""Every way in to the agent port that a scan knows: the one list for whoever tries them. Pure."""

from urllib.parse import urlsplit

from migrate.model.cluster_facts import Way, WayKind
from migrate.model.inventory import Inventory


def ways_in(inventory: Inventory, host: str = "", port: int = 0) -> tuple[Way, ...]:
    """What a person gave (``host``, ``port``), what the controller advertises, and what the
    cluster opens, in this order and each place once.

    A way without ``hosts`` can't be tried as it stands: its ``note`` says why.
    """
    controller = inventory.controller
    found: list[Way] = []
    default = urlsplit(controller.url).hostname or ""
    if port > 0:
        found.append(Way(WayKind.GIVEN, "--agent-address", (host or default,), port))
    agents = controller.agent_port
    advertised = agents.advertised or agents.configured
    if advertised is not None and advertised > 0:
        name = agents.advertised_host or default
        found.append(Way(WayKind.ADVERTISED, "controller", (name,) if name else (), advertised))
    found += inventory.cluster.ways if inventory.cluster else ()
    return tuple(dict.fromkeys(found))
