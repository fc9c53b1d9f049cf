"""Every way in to the agent port that a scan knows: the one list for whoever tries them. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from migrate.model.cluster_facts import Cluster, Way, WayKind
from migrate.model.errors import UsageProblem
from migrate.model.inventory import AgentPort, ProbeAnswer

GIVEN, CONTROLLER = "--agent-address", "controller"
"""``through`` of what a person gave, and of what the controller advertises."""
REACHED = ("ok", "not-jenkins", "port-hangs-up")
"""Codes of ``tcp-port`` answers to a connection that was accepted."""
SAME_ON_ALL = 3
"""Nodes that are asked for a NodePort, which every node of the cluster serves alike."""


def split_address(text: str) -> tuple[str, int]:
    """``HOST:PORT`` taken apart, an IPv6 address in brackets; ``UsageProblem`` when it is none."""
    host, _, port = text.rpartition(":")
    bare = host.removeprefix("[").removesuffix("]")
    good = port.isascii() and port.isdigit() and 0 < int(port) < 65536
    # Without brackets the last group of an IPv6 address would be taken for a port.
    if not good or not bare or (":" in bare) != (host != bare) or set(bare) & set(" /@\t"):
        raise UsageProblem(
            f"--agent-address takes HOST:PORT, not {text!r}",
            next_command="--agent-address jenkins.example.com:50000",
        )
    return bare, int(port)


def at(host: str, port: int) -> str:
    """``HOST:PORT``, an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def ways_in(
    url: str, port: AgentPort, cluster: Cluster | None, addresses: Iterable[str] = ()
) -> tuple[Way, ...]:
    """What a person gave (``addresses``: ``HOST:PORT``), what the controller at ``url``
    advertises, and what the cluster opens, in this order and each way once.

    A way without ``hosts`` can't be tried as it stands: its ``note`` says why.
    """
    found: list[Way] = []
    for host, number in map(split_address, addresses):
        found.append(Way(WayKind.GIVEN, GIVEN, (host,), number))
    advertised = port.advertised or port.configured
    if advertised is not None and advertised > 0:
        name = port.advertised_host or urlsplit(url).hostname or ""
        found.append(Way(WayKind.ADVERTISED, CONTROLLER, (name,) if name else (), advertised))
    found += cluster.ways if cluster else ()
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class Place:
    """One address of one way or several: what is tried."""

    through: str
    """As ``Way.through``; of several ways the first one's, and so for the rest."""
    port: int
    host: str = ""
    """Empty: not known (``note`` says why)."""
    sure: bool = True
    note: str = ""
    also: tuple[str, ...] = ()
    """The other ways that have this address."""
    reached: bool = False
    """Whether something accepted a connection there when it was planned, from where that ran."""

    @property
    def at(self) -> str:
        """``HOST:PORT``; without a known host ``port PORT``."""
        return at(self.host, self.port) if self.host else f"port {self.port}"

    @property
    def named(self) -> str:
        """All that has this address, for a person."""
        return ", ".join((self.through, *self.also))


def places_of(ways: Iterable[Way], probes: Iterable[ProbeAnswer] = ()) -> tuple[Place, ...]:
    """Each address once, in the order of the ways. ``probes``: what a scan's were answered."""
    reached = {asked(p.request) for p in probes if p.id == "tcp-port" and p.code in REACHED}
    found: list[Place] = []
    for way in ways:
        hosts = way.hosts[:SAME_ON_ALL] if way.kind is WayKind.NODE_PORT else way.hosts
        for host in hosts or ("",):
            there = at(host, way.port) in reached
            found.append(Place(way.through, way.port, host, way.sure, way.note, (), there))
    return joined(found)


def joined(places: Iterable[Place]) -> tuple[Place, ...]:
    """Each address once, with all that have it.

    A place of unknown host is left out when one of the same object and port has a host, or when a
    person gave an address with that port: it is tried there.
    """
    found: dict[tuple[str, int, str], Place] = {}
    for place in places:
        # Without a host, two objects with one port are two places.
        key = (place.host.lower(), place.port, "" if place.host else place.through)
        known = found.setdefault(key, place)
        names = dict.fromkeys((*known.also, place.through, *place.also))
        names.pop(known.through, None)
        found[key] = replace(
            known,
            also=tuple(names),
            sure=known.sure or place.sure,
            reached=known.reached or place.reached,
        )
    hosted = {(p.port, name) for p in found.values() if p.host for name in (p.through, *p.also)}
    return tuple(
        p for p in found.values() if p.host or not {(p.port, p.through), (p.port, GIVEN)} & hosted
    )


def asked(request: str) -> str:
    """``HOST:PORT`` in the request of a ``tcp-port`` answer."""
    return request.removeprefix("GET / on ")
