"""What carries agents' connections, or looks like it, and is no ingress controller. Pure.

An own proxy whose arguments, variables or configuration name a Service of the agent port; a
workload behind a Service with the agent port's number; an image that looks like a proxy. None of
these is edited, and none is passed over in silence.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from migrate.cluster import agent_container
from migrate.cluster.agent_services import (
    Leading,
    is_outside,
    looks_like_agents,
    named_in,
    tcp_ports,
)
from migrate.cluster.backends import key
from migrate.cluster.edges import Edge, pod_specs
from migrate.cluster.identity import looks_like_jenkins
from migrate.cluster.products import is_service_lb, looks_like_a_proxy
from migrate.cluster.snapshot import Snapshot
from migrate.cluster.ways import host_ways, in_front_of, service_ways
from migrate.model.cluster_facts import EdgeController, EdgeReading, Way
from migrate.model.inventory import Skip
from migrate.model.text import visible

Json = dict[str, Any]
ReadConfig = Callable[[str, str], str | None]
"""(namespace, name) of a ConfigMap to all its text; None when it can't be read."""


@dataclass
class Carriers:
    """What was found."""

    edges: list[EdgeController] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)


@dataclass(frozen=True)
class Surroundings:
    """What carriers are judged by."""

    snapshot: Snapshot
    edges: list[Edge]
    services: list[Leading]
    numbers: frozenset[int]
    """The agent port inside and outside."""
    read_config: ReadConfig


def find_carriers(around: Surroundings) -> Carriers:
    """Every workload of that kind, each with what says so."""
    out = Carriers()
    known = {edge.name for edge in around.edges}
    for workload, labels, spec in pod_specs(around.snapshot):
        meta = workload.get("metadata") or {}
        space, name = str(meta.get("namespace", "")), str(meta.get("name", ""))
        place = f"{workload.get('kind', '')} {space}/{name}"
        containers = spec.get("containers") or []
        if place in known or looks_like_jenkins(labels, containers):
            continue
        for container in containers:
            if agent_container.is_agent(container):
                continue
            image = str(container.get("image", ""))
            if is_service_lb(image):
                out.edges.append(_edge(workload, image, EdgeReading.KNOWN, "klipper-lb", ""))
                break
            looks = looks_like_a_proxy(image)
            why = _names_it(around, container, spec, space, looks=looks)
            if not looks and not why:
                continue
            fronts = [
                (service, ports)
                for service in in_front_of(around.snapshot, space, labels)
                if (ports := _suspect(around, service))
            ]
            if not why and fronts:
                why = f"Service {key(fronts[0][0])} in front of it has the agent port's number"
            out.edges.append(_edge(workload, image, EdgeReading.NOT_KNOWN, "", why))
            out.skips.append(_skip(place, image, why))
            if why:
                out.ways += _ways(around, place, labels, spec, fronts, space)
            break
    return out


def undecided_services(around: Surroundings, reasons: Callable[[Json, Json], str]) -> list[Skip]:
    """Services that look like the agents' and of which nothing says where they lead.

    ``reasons``: why a port of a Service was not judged; empty when it was.
    """
    skips = []
    for service in around.snapshot.of("Service"):
        for port in tcp_ports(service):
            reason = reasons(service, port) if _looks(around, port) else ""
            if not reason:
                continue
            kind = (service.get("spec") or {}).get("type", "ClusterIP")
            skips.append(
                Skip(
                    f"Service {key(service)}",
                    "TCP port",
                    f"whether its port {port.get('port')} ({kind}) leads to this Jenkins is not "
                    f"known: {reason}; it is left as it is",
                    "look at it: if it is the agents', take it out by hand"
                    if is_outside(service)
                    else "",
                    leaves_open=is_outside(service),
                )
            )
    return skips


def _looks(around: Surroundings, port: Json) -> bool:
    return looks_like_agents(port, around.numbers)


def _suspect(around: Surroundings, service: Json) -> list[Json]:
    return [p for p in tcp_ports(service) if _looks(around, p)]


def _names_it(
    around: Surroundings, container: Json, spec: Json, namespace: str, *, looks: bool
) -> str:
    """What says that a container passes connections on to the agent port; empty: nothing."""
    words = [str(w) for k in ("command", "args") for w in container.get(k) or []]
    found = named_in(" ".join(words), namespace, around.services)
    if found:
        return f"its arguments name Service {found}"
    env = [f"{i.get('name')}={i.get('value') or ''}" for i in container.get("env") or []]
    found = named_in("\n".join(env), namespace, around.services)
    if found and (looks or not _is_client(container)):
        return f"its variables name Service {found}"
    if not looks:
        return ""
    for name in _config_maps(spec, container):
        text = around.read_config(namespace, name)
        found = named_in(text or "", namespace, around.services)
        if found:
            return f"its ConfigMap {name} names Service {found}"
    return ""


def _is_client(container: Json) -> bool:
    """Whether its variables are those of something that talks to Jenkins for itself."""
    names = {str(item.get("name", "")) for item in container.get("env") or []}
    return any(name.startswith(("JENKINS_", "HUDSON_", "SWARM_")) for name in names)


def _config_maps(spec: Json, container: Json) -> Iterator[str]:
    for volume in spec.get("volumes") or []:
        name = (volume.get("configMap") or {}).get("name")
        if name:
            yield str(name)
    for source in container.get("envFrom") or []:
        name = (source.get("configMapRef") or {}).get("name")
        if name:
            yield str(name)


def _edge(
    workload: Json, image: str, reading: EdgeReading, product: str, carries: str
) -> EdgeController:
    meta = workload.get("metadata") or {}
    return EdgeController(
        kind=str(workload.get("kind", "")),
        namespace=str(meta.get("namespace", "")),
        name=str(meta.get("name", "")),
        implementation="other",
        image=visible(image),
        product=product,
        reading=reading,
        carries=visible(carries),
    )


def _skip(place: str, image: str, why: str) -> Skip:
    if not why:
        return Skip(
            place,
            "TCP routes",
            "its image looks like a proxy, and nothing that was read says that it leads to the "
            "agent port; what it is configured for is not known",
        )
    return Skip(
        place,
        "TCP routes",
        f"{visible(why)}, and this tool does not know the program ({visible(image)}): it still "
        "accepts connections after the close",
        "take it out by hand",
        leaves_open=True,
    )


def _ways(  # noqa: PLR0917
    around: Surroundings,
    place: str,
    labels: dict[str, str],
    spec: Json,
    fronts: list[tuple[Json, list[Json]]],
    namespace: str,
) -> Iterator[Way]:
    snapshot = around.snapshot
    given = fronts or [(s, tcp_ports(s)) for s in in_front_of(snapshot, namespace, labels)]
    for service, ports in given:
        yield from service_ways(snapshot, service, ports, sure=False)
    listens = {
        int(p["containerPort"])
        for c in spec.get("containers") or []
        for p in c.get("ports") or []
        if p.get("containerPort")
    }
    yield from host_ways(snapshot, place, labels, spec, frozenset(listens), sure=False)
