"""Tries every way in to the agent port from here: "closed" is said only of what was tried."""

import shlex
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum

from migrate.cluster.errors import ObjectGone
from migrate.model.errors import MigrateError
from migrate.model.inventory import ProbeAnswer, Verdict
from migrate.model.kube import KubeObject, Service, Workload
from migrate.model.ports import ClusterPort, ProbePort
from migrate.model.serialize import from_data
from migrate.model.text import visible
from migrate.model.ways import Place

WORKERS = 32
"""Places that are tried side by side; one where packets are dropped takes the whole timeout."""


class WayState(StrEnum):
    """What trying a place came to."""

    CLOSED = "closed"
    """Tried from here: nothing accepts connections."""
    GONE = "gone"
    """Not to be tried from here, and what opened it was read to be gone from the cluster."""
    OPEN = "open"
    NOT_TRIED = "not tried"


@dataclass(frozen=True)
class Tried:
    """One place and what came of it."""

    place: Place
    state: WayState
    told: str
    """What it answered, or why it was not tried."""
    needs: str = ""
    """Of a place that was not tried: what would try it."""
    from_node: str = ""
    """The node on whose host it was tried; empty: tried from here, or not at all."""

    @property
    def line(self) -> str:
        """For a person: ``HOST:PORT (Service ns/name) refuses connections``."""
        told = f"not tried: {self.told}; {self.needs}" if self.needs else self.told
        return f"{self.place.at} ({self.place.named}) {told}"


def try_all(
    places: Iterable[Place], prober: ProbePort, cluster: ClusterPort | None
) -> tuple[Tried, ...]:
    """Every place, in the order in which they come. Changes nothing, and raises nothing."""
    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        return tuple(pool.map(lambda place: _try(place, prober, cluster), places))


def judged(
    place: Place, answer: ProbeAnswer, cluster: ClusterPort | None, where: str = ""
) -> Tried:
    """What an answer says of a place; ``where`` it was had, when not here."""
    there = f" from {where}" if where else ""
    if answer.code == "port-hangs-up":
        told = f"still accepts connections{there}, with nothing behind it"
        return Tried(place, WayState.OPEN, told)
    if answer.code == "unreachable":
        why = f"cannot be reached from {where or 'here'} ({answer.answer})"
        return _else_gone(place, cluster, why, from_elsewhere(place))
    if answer.code == "port-closed":
        return _no_connection(place, answer, cluster, where)
    if not place.sure and answer.code != "ok":
        told = f"answers{there}, and not as an agent listener does ({answer.answer})"
        return Tried(place, WayState.CLOSED, f"{told}: another service")
    return Tried(place, WayState.OPEN, f"still answers{there} ({answer.answer})")


def _try(place: Place, prober: ProbePort, cluster: ClusterPort | None) -> Tried:
    if not place.host:
        why = place.note or "its address is not known"
        return _else_gone(place, cluster, why, f"migrate verify --agent-address HOST:{place.port}")
    try:
        answer = prober.tcp_port(place.host, place.port)
    except MigrateError as error:
        return _else_gone(place, cluster, error.cause, from_elsewhere(place))
    return judged(place, answer, cluster)


def _no_connection(
    place: Place, answer: ProbeAnswer, cluster: ClusterPort | None, where: str
) -> Tried:
    if answer.verdict is Verdict.FAIL:
        there = f" from {where}" if where else ""
        return Tried(place, WayState.CLOSED, f"refuses connections{there}")
    # Silence: packets are dropped, by whatever stands between. It tells something only where there
    # was an answer before.
    if place.reached and not where:
        told = f"accepts no connection any more ({answer.answer})"
        return Tried(place, WayState.CLOSED, told)
    why = f"nothing answers from {where or 'here'} ({answer.answer})"
    why += "" if where else ", and nothing did when it was planned"
    return _else_gone(place, cluster, why, from_elsewhere(place))


def from_elsewhere(place: Place, nodes: Iterable[str] = ()) -> str:
    """What a person can type to try it, and on whose host."""
    named = " or ".join(visible(node) for node in nodes)
    host = f"the host of {named}" if named else "an agent's host"
    address = shlex.quote(visible(place.host))
    return (
        f"try it on {host}: nc -vz {address} {place.port} "
        f"(Windows: Test-NetConnection {address} -Port {place.port})"
    )


def _else_gone(place: Place, cluster: ClusterPort | None, why: str, needs: str) -> Tried:
    gone = _gone(place, cluster)
    if gone:
        return Tried(place, WayState.GONE, gone)
    return Tried(place, WayState.NOT_TRIED, why, needs)


def _gone(place: Place, cluster: ClusterPort | None) -> str:
    """What was read in the cluster that ends this place; empty: nothing that tells."""
    kind, _, reference = place.through.partition(" ")
    namespace, _, name = reference.partition("/")
    if cluster is None or kind not in ("Service", "Deployment", "DaemonSet", "StatefulSet"):
        return ""
    try:
        body = cluster.get(kind, namespace, name)
    except ObjectGone:
        return f"is gone: there is no {kind} {namespace}/{name} any more"
    except MigrateError:
        return ""
    try:
        gone = place.port not in (_service_ports if kind == "Service" else _host_ports)(body)
    except ValueError:
        return ""  # Not in the form of such an object: it tells nothing.
    return f"is gone: {kind} {namespace}/{name} has no such port any more" if gone else ""


def moved(place: Place, cluster: ClusterPort | None) -> bool:
    """Whether the Service of this place has other addresses now: a load balancer that was made
    anew gets a new one, and that the old one is silent tells nothing."""
    kind, _, reference = place.through.partition(" ")
    namespace, _, name = reference.partition("/")
    if cluster is None or kind != "Service":
        return False
    try:
        service = from_data(cluster.get(kind, namespace, name), Service)
    except (MigrateError, ValueError):
        return False
    if any(port.node_port == place.port for port in service.spec.ports or ()):
        return False
    return place.host not in service.addresses


def _service_ports(body: KubeObject) -> set[int | None]:
    ports = from_data(body, Service).spec.ports or ()
    return {number for port in ports for number in (port.port, port.node_port)}


def _host_ports(body: KubeObject) -> set[int | None]:
    """Ports of the hosts that a workload opens; on their own network: unknown, so all of them."""
    pod = from_data(body, Workload).spec.template.spec
    if pod.host_network:
        return set(range(1, 65536))
    return {port.host_port for c in pod.containers or () for port in c.ports or ()}
