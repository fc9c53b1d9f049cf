"""All that lets the agent port be reached, outermost first. Pure.

Only what leads to this Jenkins, or to a tcp-services key that does, is an exposure.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from migrate.cluster.backends import key, resolve_target_port
from migrate.cluster.edges import Edge
from migrate.cluster.judge import Judge
from migrate.cluster.owner import (
    container_port_field,
    data_field,
    owner_of,
    service_port_field,
)
from migrate.cluster.selectors import matches, selects
from migrate.cluster.snapshot import Snapshot
from migrate.model.cluster_facts import Exposure, ExposureKind, LeadsTo, Owner, TcpServices
from migrate.model.inventory import Skip

Json = dict[str, Any]


@dataclass(frozen=True)
class TcpMap:
    """A tcp-services ConfigMap as read, with its judged entries."""

    services: TcpServices
    obj: Json | None
    edges: tuple[Edge, ...]

    def used_by(self, edge: Edge) -> bool:
        """Whether this controller reads it."""
        return any(e is edge for e in self.edges)

    def jenkins_ports(self) -> frozenset[int]:
        """External ports of the served entries that lead to this Jenkins."""
        return frozenset(
            e.external_port
            for e in self.services.entries
            if e.leads_to is LeadsTo.JENKINS and e.external_port is not None and not e.problem
        )


def find_exposures(
    snapshot: Snapshot,
    judge: Judge,
    edges: list[Edge],
    maps: list[TcpMap],
    routes: Iterable[Exposure] = (),
) -> tuple[tuple[Exposure, ...], list[Skip]]:
    """Exposures in the order in which they are closed, and what could not be decided."""
    skips: list[Skip] = []
    found: list[Exposure] = list(routes)
    for item in maps:
        found += _entries(item)
    for edge in edges:
        ports = frozenset(p for m in maps if m.used_by(edge) for p in m.jenkins_ports())
        if ports:
            found += _edge_services(snapshot, edge, ports)
            found += _edge_containers(edge, ports, skips)
            found += _policies(snapshot, edge.controller.namespace, [edge.labels], ports)
    fronts = edge_services(snapshot, edges)
    selectors: list[Json] = []
    ports = frozenset(judge.agent_ports)
    for service in snapshot.of("Service"):
        if key(service) in fronts:
            continue
        leading = [p for p in _tcp_ports(service) if judge.port(service, p)[0] is LeadsTo.JENKINS]
        if leading:
            found += _agent_service(snapshot, service, leading, skips)
            selectors.append(service)
            ports |= frozenset(n for p in leading for n in judge.numbers(service, p))
    if judge.identity is not None:
        selectors += [s for s in snapshot.of("Service") if key(s) in judge.identity.services]
    found += _controllers(snapshot, selectors, ports)
    order = list(ExposureKind)
    unique = {(e.kind, e.object_kind, e.namespace, e.name, e.key, e.port): e for e in found}
    return tuple(
        sorted(
            unique.values(), key=lambda e: (order.index(e.kind), e.namespace, e.name, e.port, e.key)
        )
    ), skips


def edge_services(snapshot: Snapshot, edges: Iterable[Edge]) -> frozenset[str]:
    """``ns/name`` of the Services in front of ingress controllers."""
    return frozenset(
        key(service)
        for edge in edges
        for service in snapshot.of("Service")
        if _fronts(service, edge)
    )


def _fronts(service: Json, edge: Edge) -> bool:
    same = (service.get("metadata") or {}).get("namespace") == edge.controller.namespace
    return same and selects((service.get("spec") or {}).get("selector"), edge.labels)


def _entries(item: TcpMap) -> Iterator[Exposure]:
    for entry in item.services.entries:
        if entry.leads_to is not LeadsTo.JENKINS or entry.problem or entry.external_port is None:
            continue
        found = _exposure(
            ExposureKind.TCP_SERVICES_ENTRY,
            item.obj or {},
            key=entry.key,
            port=entry.external_port,
            value=entry.value,
            owner=owner_of(item.obj or {}, *data_field(entry.key)),
        )
        obstacle, by_hand = immutable(item.services, entry.key)
        yield replace(found, obstacle=obstacle, by_hand=by_hand)


def immutable(services: TcpServices, entry: str) -> tuple[str, str]:
    """(why a key of an immutable ConfigMap stays, what a person does); empty for another.

    The API server refuses every change of its data (recorded: 99-103), and lets it be deleted.
    """
    if not services.immutable:
        return "", ""
    at = f"-n {services.namespace} {services.name}"
    return (
        "the ConfigMap is immutable: the API server refuses every change of its data",
        f"kubectl get configmap {at} -o yaml > tcp.yaml; take the key {entry} and `immutable` out "
        "of it; kubectl replace --force -f tcp.yaml (deletes it and makes it anew: for a moment "
        "the ingress controller serves none of its TCP ports)",
    )


def _edge_services(snapshot: Snapshot, edge: Edge, ports: frozenset[int]) -> Iterator[Exposure]:
    for service in snapshot.of("Service"):
        if not _fronts(service, edge):
            continue
        leading = [p for p in _tcp_ports(service) if _leads_to_key(p, edge.containers, ports)]
        if leading and len(leading) == len(service["spec"]["ports"]):
            # A Service for the TCP ports alone: without ports it can't be, so it goes whole.
            yield _whole(service, leading)
            continue
        for port in leading:
            yield _service_port(ExposureKind.EDGE_SERVICE_PORT, service, port)


def _leads_to_key(port: Json, containers: list[Json], ports: frozenset[int]) -> bool:
    """Whether a port of the edge's Service ends at a tcp-services key on the edge's pods."""
    number = resolve_target_port(port, containers)
    # A named target that no container declares leads nowhere; its number still says what for.
    return number in ports if number is not None else port.get("port") in ports


def _edge_containers(edge: Edge, ports: frozenset[int], skips: list[Skip]) -> Iterator[Exposure]:
    declared = [
        p
        for p in edge.container.get("ports") or []
        if p.get("containerPort") in ports and (p.get("protocol") or "TCP") == "TCP"
    ]
    if declared and edge.controller.kind == "Pod":
        reason = "the ports of a running Pod can't be changed"
        needed = "recreate it without the port"
        skips.append(Skip(edge.name, "container port", reason, needed, leaves_open=True))
        return
    for port in declared:
        yield _container_port(ExposureKind.EDGE_CONTAINER_PORT, edge.workload, edge.container, port)


def _agent_service(
    snapshot: Snapshot, service: Json, leading: list[Json], skips: list[Skip]
) -> Iterator[Exposure]:
    if len(leading) < len(service["spec"]["ports"]):
        for port in leading:
            yield _service_port(ExposureKind.AGENT_SERVICE_PORT, service, port)
        return
    kept = _governs(snapshot, service)
    if kept:
        reason = f"it has the agent port only, but {kept}"
        place = f"Service {key(service)}"
        skips.append(Skip(place, "agent port", reason, "decide by hand", leaves_open=True))
        return
    yield _whole(service, leading)


def _governs(snapshot: Snapshot, service: Json) -> str:
    """Why a Service may be what gives pods their names; empty when it is not."""
    meta = service.get("metadata") or {}
    namespace = str(meta.get("namespace", ""))
    for item in snapshot.of("StatefulSet"):
        named = (item.get("spec") or {}).get("serviceName") == meta.get("name")
        if named and (item.get("metadata") or {}).get("namespace") == namespace:
            return "gives the StatefulSet's pods their names"
    headless = (service.get("spec") or {}).get("clusterIP") == "None"
    if headless and not snapshot.knows("StatefulSet", namespace):
        return (
            "it is headless, and the StatefulSets that may take their pods' names from it could "
            "not be read"
        )
    return ""


def _controllers(
    snapshot: Snapshot, services: list[Json], ports: frozenset[int]
) -> Iterator[Exposure]:
    """The Jenkins workload's own port, and the policies that let agents in."""
    for kind in ("StatefulSet", "Deployment", "DaemonSet"):
        for workload in snapshot.of(kind):
            namespace = (workload.get("metadata") or {}).get("namespace", "")
            template = (workload.get("spec") or {}).get("template") or {}
            labels = (template.get("metadata") or {}).get("labels") or {}
            if not any(
                (s.get("metadata") or {}).get("namespace") == namespace
                and selects((s.get("spec") or {}).get("selector"), labels)
                for s in services
            ):
                continue
            containers = (template.get("spec") or {}).get("containers") or []
            names: set[str] = set()
            for container in containers:
                for port in container.get("ports") or []:
                    if port.get("containerPort") in ports and _is_tcp(port):
                        names.add(str(port.get("name", "")))
                        yield _container_port(
                            ExposureKind.CONTROLLER_CONTAINER_PORT, workload, container, port
                        )
            yield from _policies(snapshot, namespace, [labels], ports, frozenset(names - {""}))


def _policies(
    snapshot: Snapshot,
    namespace: str,
    pods: list[dict[str, str]],
    ports: frozenset[int],
    names: frozenset[str] = frozenset(),
) -> Iterator[Exposure]:
    """Rules of NetworkPolicies that let these ports through to these pods by number or name."""
    for policy in snapshot.of("NetworkPolicy"):
        spec = policy.get("spec") or {}
        same = (policy.get("metadata") or {}).get("namespace") == namespace
        if not same or not any(matches(spec.get("podSelector"), labels) for labels in pods):
            continue
        for i, rule in enumerate(spec.get("ingress") or []):
            for j, item in enumerate(rule.get("ports") or []):
                port = _allowed(item, ports, names)
                if port is None:
                    continue
                yield _exposure(
                    ExposureKind.NETWORK_POLICY,
                    policy,
                    key=f"ingress[{i}].ports[{j}]",
                    port=port,
                    value=f"lets TCP {item.get('port')} in"
                    + (f" (to {item['endPort']})" if item.get("endPort") else ""),
                    owner=owner_of(policy),
                )


def _allowed(item: Json, ports: frozenset[int], names: frozenset[str]) -> int | None:
    wanted = item.get("port")
    if not _is_tcp(item) or wanted is None:
        # A rule for all ports is not there for the agents' sake.
        return None
    if isinstance(wanted, str):
        return min(ports) if wanted in names and ports else None
    last = int(item.get("endPort") or wanted)
    return next((p for p in sorted(ports) if wanted <= p <= last), None)


def _service_port(kind: ExposureKind, service: Json, port: Json) -> Exposure:
    return _exposure(
        kind,
        service,
        key=str(port.get("name") or port.get("port")),
        port=int(port["port"]),
        value=_describe(service, port),
        node_port=port.get("nodePort"),
        owner=owner_of(service, *service_port_field(port)),
    )


def _whole(service: Json, ports: list[Json]) -> Exposure:
    return _exposure(
        ExposureKind.AGENT_SERVICE,
        service,
        key="",
        port=int(ports[0]["port"]),
        value="; ".join(_describe(service, p) for p in ports),
        node_port=ports[0].get("nodePort"),
        owner=owner_of(service),
    )


def _container_port(kind: ExposureKind, workload: Json, container: Json, port: Json) -> Exposure:
    name = f"{container.get('name', '')}/{port.get('name') or port.get('containerPort')}"
    pod = ((workload.get("spec") or {}).get("template") or {}).get("spec") or {}
    # With the host's network the API server sets hostPort itself, and it opens nothing more.
    host = None if pod.get("hostNetwork") else port.get("hostPort")
    if host:
        value = f"hostPort {host} on every node that runs it"
    elif pod.get("hostNetwork"):
        value = "declared only: the pods use the network of their nodes"
    else:
        value = "declared only: without it the port is as open as with it"
    return _exposure(
        kind,
        workload,
        key=name,
        port=int(host or port["containerPort"]),
        value=f"{value}; removing it restarts the pods",
        owner=owner_of(workload, *container_port_field(str(container.get("name", "")), port)),
    )


def _describe(service: Json, port: Json) -> str:
    spec = service.get("spec") or {}
    kind = spec.get("type", "ClusterIP")
    status = ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress") or []
    addresses = [str(i.get("ip") or i.get("hostname")) for i in status]
    addresses += [str(ip) for ip in spec.get("externalIPs") or []]
    if spec.get("clusterIP") == "None":
        kind = "headless"
    at = f" at {', '.join(addresses)}" if addresses else ""
    node = f", nodePort {port['nodePort']}" if port.get("nodePort") else ""
    return (
        f"{kind}{at}, port {port.get('port')} to {port.get('targetPort', port.get('port'))}{node}"
    )


def _tcp_ports(service: Json) -> list[Json]:
    return [p for p in (service.get("spec") or {}).get("ports") or [] if _is_tcp(p)]


def _is_tcp(port: Json) -> bool:
    return (port.get("protocol") or "TCP") == "TCP"


def _exposure(
    kind: ExposureKind,
    obj: Json,
    *,
    key: str,
    port: int,
    value: str,
    owner: Owner | None,
    node_port: int | None = None,
) -> Exposure:
    meta = obj.get("metadata") or {}
    return Exposure(
        kind=kind,
        object_kind=str(obj.get("kind", "")),
        namespace=str(meta.get("namespace", "")),
        name=str(meta.get("name", "")),
        key=key,
        port=port,
        value=value,
        node_port=node_port,
        owner=owner,
        uid=meta.get("uid"),
        resource_version=meta.get("resourceVersion"),
    )
