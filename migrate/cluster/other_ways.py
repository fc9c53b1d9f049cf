"""All ways to the agent port beside tcp-services: what was found, in one place."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from migrate.cluster import args
from migrate.cluster.agent_services import Leading, leading, tcp_ports
from migrate.cluster.backends import key
from migrate.cluster.carriers import Surroundings, find_carriers, undecided_services
from migrate.cluster.edges import Edge, entry_points
from migrate.cluster.errors import ForbiddenHere, ObjectGone
from migrate.cluster.exposures import TcpMap
from migrate.cluster.judge import Judge
from migrate.cluster.products import NGINX_INC
from migrate.cluster.selectors import selects
from migrate.cluster.snapshot import ClusterReader, Snapshot
from migrate.cluster.tcp_routes import Route, exposure, find_routes_of_tcp, of_config_map, ways
from migrate.cluster.ways import host_ways, in_front_of, ports_to, service_ways
from migrate.model.cluster_facts import EdgeController, EdgeReading, Exposure, LeadsTo, Way
from migrate.model.inventory import Skip

Json = dict[str, Any]
_WEB = frozenset({80, 443, 8000, 8080, 8443, 9000, 9443})
"""Ports of edges that are never there for agents' TCP."""


@dataclass(frozen=True)
class Others:
    """What was found."""

    edges: tuple[EdgeController, ...]
    exposures: tuple[Exposure, ...]
    ways: tuple[Way, ...]
    skips: tuple[Skip, ...]


def find_others(
    client: ClusterReader, snapshot: Snapshot, judge: Judge, edges: list[Edge], maps: list[TcpMap]
) -> Others:
    """Routes of other kinds, carriers, Services that nothing judges, and every way in."""
    keys = {
        id(e): frozenset(p for m in maps if m.used_by(e) for p in m.jenkins_ports()) for e in edges
    }
    fronts: dict[str, frozenset[int]] = {}
    for edge in edges:
        for service in in_front_of(snapshot, edge.controller.namespace, edge.labels):
            mine = ports_to(service, edge.containers, keys[id(edge)])
            numbers = frozenset(int(p["port"]) for p in mine)
            fronts[key(service)] = fronts.get(key(service), frozenset()) | numbers
    services = leading(snapshot, judge, fronts)
    numbers = frozenset({*judge.agent_ports, *(p for ports in keys.values() for p in ports)})
    around = Surroundings(snapshot, edges, services, numbers, _configs(client))
    carriers = find_carriers(around)
    routes = find_routes_of_tcp(snapshot, judge, edges)
    keyed, unread = _haproxy(client, judge, edges)
    carried = {way.through for way in carriers.ways}

    def reason(service: Json, port: Json) -> str:
        if key(service) in fronts or f"Service {key(service)}" in carried:
            return ""
        kind, why = judge.port(service, port)
        if judge.identity is None and (service.get("spec") or {}).get("type") not in _OUTSIDE:
            return ""
        return why if kind in (LeadsTo.UNKNOWN, LeadsTo.NOWHERE) else ""

    found = [
        *_read_ways(snapshot, judge, edges, keys, services),
        *ways(route for route in routes if not _in_front(snapshot, edges, route)),
        *_edge_ways(snapshot, edges, numbers),
        *_routed_ways(snapshot, edges, routes),
        *carriers.ways,
    ]
    return Others(
        tuple(carriers.edges),
        (*(exposure(route) for route in routes), *keyed),
        tuple(dict.fromkeys(found)),
        (*carriers.skips, *undecided_services(around, reason), *unread),
    )


def _haproxy(
    client: ClusterReader, judge: Judge, edges: list[Edge]
) -> tuple[list[Exposure], list[Skip]]:
    """What HAProxy's ingress controllers serve by a ConfigMap of their own."""
    found: list[Exposure] = []
    skips: list[Skip] = []
    for edge in edges:
        if edge.controller.product != "haproxy-ingress":
            continue
        for flag in args.flags(edge.words, _HAPROXY_MAPS).values():
            namespace, _, name = flag.text.partition("/")
            try:
                found += of_config_map(judge, client.get("ConfigMap", namespace, name))
            except ObjectGone:
                continue
            except ForbiddenHere as refused:
                reason = f"no permission to read the ConfigMap that {edge.name} uses"
                place = f"ConfigMap {flag.text}"
                skips.append(Skip(place, "TCP routes", reason, refused.rule, leaves_open=True))
    return found, skips


_HAPROXY_MAPS = ("configmap-tcp-services", "tcp-services-configmap")
_OUTSIDE = ("LoadBalancer", "NodePort")


def _read_ways(
    snapshot: Snapshot,
    judge: Judge,
    edges: list[Edge],
    keys: dict[int, frozenset[int]],
    services: list[Leading],
) -> Iterator[Way]:
    """Through what was read to its end: ingress-nginx, and Services of this Jenkins."""
    for item in services:
        yield from service_ways(snapshot, item.service, item.ports, sure=True)
    for edge in edges:
        spec = {**_pod_spec(edge.workload), "containers": edge.containers}
        yield from host_ways(snapshot, edge.name, edge.labels, spec, keys[id(edge)], sure=True)
    inside = frozenset({*judge.agent_ports}) | frozenset(
        number
        for item in services
        for port in item.ports
        for number in judge.numbers(item.service, port)
    )
    for workload, labels, spec in _controllers(snapshot, judge):
        yield from host_ways(snapshot, workload, labels, spec, inside, sure=True)


def _controllers(snapshot: Snapshot, judge: Judge) -> Iterator[tuple[str, dict[str, str], Json]]:
    """(place, labels, pod spec) of what runs this Jenkins."""
    own = judge.identity.services if judge.identity is not None else ()
    selectors = [
        ((s.get("metadata") or {}).get("namespace"), (s.get("spec") or {}).get("selector"))
        for s in snapshot.of("Service")
        if key(s) in own
    ]
    for kind in ("StatefulSet", "Deployment", "DaemonSet"):
        for workload in snapshot.of(kind):
            namespace = (workload.get("metadata") or {}).get("namespace")
            template = (workload.get("spec") or {}).get("template") or {}
            labels = (template.get("metadata") or {}).get("labels") or {}
            if any(space == namespace and selects(s, labels) for space, s in selectors):
                yield f"{kind} {key(workload)}", labels, template.get("spec") or {}


def _edge_ways(snapshot: Snapshot, edges: list[Edge], numbers: frozenset[int]) -> Iterator[Way]:
    """Ports of gateways whose routes are not read to their end, where they may be the agents'."""
    for edge in edges:
        if edge.controller.reading is not EdgeReading.ROUTES:
            continue
        points = frozenset(entry_points(edge.words).values()) - _WEB
        wanted = numbers | points
        for service in in_front_of(snapshot, edge.controller.namespace, edge.labels):
            ports = ports_to(service, edge.containers, wanted)
            ports += [p for p in tcp_ports(service) if p.get("port") in numbers and p not in ports]
            yield from service_ways(snapshot, service, ports, sure=False)
        spec = {**_pod_spec(edge.workload), "containers": edge.containers}
        yield from host_ways(snapshot, edge.name, edge.labels, spec, wanted, sure=False)


def _routed_ways(snapshot: Snapshot, edges: list[Edge], routes: list[Route]) -> Iterator[Way]:
    """Services in front of NGINX Inc's controllers, by listeners that lead to the agent port."""
    numbers = frozenset(port for route in routes if _of_inc(route) for port in route.outside)
    for edge in edges:
        if edge.controller.product != NGINX_INC:
            continue
        for service in in_front_of(snapshot, edge.controller.namespace, edge.labels):
            ports = ports_to(service, edge.containers, numbers)
            yield from service_ways(snapshot, service, ports, sure=True)


def _in_front(snapshot: Snapshot, edges: list[Edge], route: Route) -> bool:
    """Whether Services tell where from outside the listener of a TransportServer is reached."""
    return _of_inc(route) and any(_routed_ways(snapshot, edges, [route]))


def _of_inc(route: Route) -> bool:
    return str(route.obj.get("kind")) == "TransportServer"


def _pod_spec(workload: Json) -> Json:
    if workload.get("kind") == "Pod":
        return workload.get("spec") or {}
    template: Json = (workload.get("spec") or {}).get("template") or {}
    return template.get("spec") or {}


def _configs(client: ClusterReader) -> Any:
    """Reads a ConfigMap's text once."""
    known: dict[tuple[str, str], str | None] = {}

    def read(namespace: str, name: str) -> str | None:
        if (namespace, name) not in known:
            try:
                data = client.get("ConfigMap", namespace, name).get("data") or {}
                known[namespace, name] = "\n".join(map(str, data.values()))
            except (ForbiddenHere, ObjectGone):
                known[namespace, name] = None
        return known[namespace, name]

    return read
