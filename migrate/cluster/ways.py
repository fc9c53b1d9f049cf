"""Where the agent port may be reached from outside: one list, for whoever tries them. Pure.

Addresses of nodes are those that pods say they run on (status.hostIP), which takes no right on
nodes; a NodePort listens on the others as well.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from migrate.cluster.backends import key, resolve_target_port
from migrate.cluster.selectors import selects
from migrate.cluster.snapshot import Snapshot
from migrate.model.cluster_facts import Way, WayKind

Json = dict[str, Any]


def service_ways(
    snapshot: Snapshot, service: Json, ports: Iterable[Json], *, sure: bool, note: str = ""
) -> Iterator[Way]:
    """The ways that one Service opens for some of its ports; none for a ClusterIP."""
    spec, status = service.get("spec") or {}, service.get("status") or {}
    given = (status.get("loadBalancer") or {}).get("ingress") or []
    balancers = tuple(dict.fromkeys(str(i.get("ip") or i.get("hostname")) for i in given))
    fixed = tuple(str(ip) for ip in spec.get("externalIPs") or [])
    through = f"Service {key(service)}"
    for port in ports:
        number = int(port["port"])
        if spec.get("type") == "LoadBalancer":
            told = note or ("" if balancers else "its load balancer has no address yet")
            yield Way(WayKind.LOAD_BALANCER, through, balancers, number, sure=sure, note=told)
        if fixed:
            yield Way(WayKind.EXTERNAL_IP, through, fixed, number, sure=sure, note=note)
        if port.get("nodePort"):
            hosts = node_addresses(snapshot)
            told = note or ("" if hosts else "no pod tells the address of a node")
            yield Way(WayKind.NODE_PORT, through, hosts, port["nodePort"], sure=sure, note=told)


def host_ways(
    snapshot: Snapshot,
    place: str,
    labels: dict[str, str],
    pod_spec: Json,
    ports: frozenset[int],
    *,
    sure: bool,
    note: str = "",
) -> Iterator[Way]:
    """Ports of their hosts that pods with these labels open; ``place``: ``DaemonSet ns/name``."""
    namespace = place.partition(" ")[2].partition("/")[0]
    hosts = tuple(
        sorted(
            {
                pod["status"]["hostIP"]
                for pod in snapshot.of("Pod")
                if (pod.get("metadata") or {}).get("namespace") == namespace
                and selects(labels, (pod.get("metadata") or {}).get("labels") or {})
                and pod["status"].get("hostIP")
            }
        )
    )
    told = note or ("" if hosts else "no pod of it tells the address of its node")
    numbers: set[int] = set(ports) if pod_spec.get("hostNetwork") else set()
    for container in pod_spec.get("containers") or []:
        for port in container.get("ports") or []:
            if port.get("hostPort") and port.get("containerPort") in ports:
                numbers.add(int(port["hostPort"]))
    for number in sorted(numbers):
        yield Way(WayKind.HOST_PORT, place, hosts, number, sure=sure, note=told)


def node_addresses(snapshot: Snapshot) -> tuple[str, ...]:
    """Addresses of the nodes that run a pod which could be read."""
    found = {str(pod["status"].get("hostIP") or "") for pod in snapshot.of("Pod")}
    return tuple(sorted(found - {""}))


def in_front_of(snapshot: Snapshot, namespace: str, labels: dict[str, str]) -> Iterator[Json]:
    """Services whose selector takes pods with these labels."""
    for service in snapshot.of("Service"):
        same = (service.get("metadata") or {}).get("namespace") == namespace
        if same and selects((service.get("spec") or {}).get("selector"), labels):
            yield service


def ports_to(service: Json, containers: list[Json], numbers: frozenset[int]) -> list[Json]:
    """TCP ports of a Service that end at one of these numbers on its pods."""
    found = []
    for port in (service.get("spec") or {}).get("ports") or []:
        if (port.get("protocol") or "TCP") != "TCP":
            continue
        target = resolve_target_port(port, containers)
        if target in numbers or (target is None and port.get("port") in numbers):
            found.append(port)
    return found
