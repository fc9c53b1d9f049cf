"""The scan's view of a cluster: what lets the agent port be reached, and whose the rest is."""

from migrate.cluster.agents import find_agents
from migrate.cluster.backends import Backends
from migrate.cluster.custom_kinds import read_custom
from migrate.cluster.edges import Edge, find_edges
from migrate.cluster.errors import ForbiddenHere, ObjectGone
from migrate.cluster.exposures import TcpMap, edge_services, find_exposures
from migrate.cluster.identity import Identity, identify
from migrate.cluster.judge import Judge
from migrate.cluster.kinds import kind_of
from migrate.cluster.other_ways import find_others
from migrate.cluster.owner import owner_of
from migrate.cluster.routes import INGRESS_KINDS, Routes, find_routes
from migrate.cluster.snapshot import ClusterReader, Snapshot, read, read_kind
from migrate.cluster.tcp_services import parse_entry
from migrate.model.cluster_facts import Cluster, TcpServices
from migrate.model.inventory import Skip

READ_KINDS = (
    "Service",
    "EndpointSlice",
    "Deployment",
    "DaemonSet",
    "StatefulSet",
    "ReplicaSet",
    "ReplicationController",
    "Job",
    "CronJob",
    "Pod",
    "IngressClass",
    "NetworkPolicy",
)
"""What is listed, besides Ingresses; ConfigMaps are read one by one."""


def read_cluster(
    client: ClusterReader,
    *,
    controller_url: str,
    agent_ports: tuple[int, ...],
    jenkins_service: str = "",
    namespaces: tuple[str, ...] = (),
) -> tuple[Cluster, tuple[Skip, ...]]:
    """Read the cluster once and judge it; nothing is changed.

    ``agent_ports``: the port that the controller is configured for and the one that it
    advertises; empty when it is off. ``jenkins_service`` (``ns/name``): what a person says that
    this Jenkins is, where no Ingress ties it to ``controller_url``. ``namespaces``: looked at one
    by one where listing the whole cluster is forbidden, besides the context's own.

    What may not be read is a Skip that names the RBAC rule. Raises ``ClusterError`` when nothing
    at all can be read: no kubeconfig, not reachable, no credentials.
    """
    version = client.server_version()
    places = tuple(dict.fromkeys((client.namespace, *namespaces)))
    snapshot = read(client, READ_KINDS, places)
    if "EndpointSlice" not in snapshot.everywhere:
        # Clusters before 1.21, or a user who may read only the older kind.
        read_kind(client, "Endpoints", places, snapshot)
    read_custom(client, places, snapshot)
    routes = _routes(client, snapshot, controller_url, places)
    edges, skips = find_edges(snapshot)
    backends = Backends(snapshot)
    identity = identify(
        backends,
        routes,
        controller_url,
        jenkins_service=jenkins_service,
        edges=edge_services(snapshot, edges),
    )
    judge = Judge(backends, identity, tuple(p for p in agent_ports if p > 0), controller_url)
    maps, missing = _tcp_maps(client, edges, judge)
    others = find_others(client, snapshot, judge, edges, maps)
    exposures, undecided = find_exposures(snapshot, judge, edges, maps, others.exposures)
    if identity is None:
        skips.append(_not_tied(snapshot, controller_url))
    cluster = Cluster(
        context=client.context,
        server_version=version,
        edge_controllers=tuple(e.controller for e in edges),
        proxies=others.edges,
        tcp_services=tuple(m.services for m in maps),
        ingresses=routes.ingresses,
        exposures=exposures,
        jenkins_namespace=_home(identity),
        ways=others.ways,
        unread=_unread(snapshot),
        agents=find_agents(snapshot),
    )
    found = (*snapshot.skips, *skips, *missing, *undecided, *others.skips)
    return cluster, tuple(dict.fromkeys(found))


def _not_tied(snapshot: Snapshot, url: str) -> Skip:
    reason = f"nothing in this cluster is tied to {url}: no Ingress serves it"
    unread = [kind for kind in (*INGRESS_KINDS, "Service") if kind in _unread(snapshot)]
    if unread:
        reason = (
            f"nothing that could be read ties this cluster to {url}; "
            f"{' and '.join(sorted({kind_of(k).plural for k in unread}))} could not all be read"
        )
    needed = "the --context of the cluster whose Ingress or Service has that address"
    return Skip("cluster", "this Jenkins", reason, needed)


def _unread(snapshot: Snapshot) -> tuple[str, ...]:
    """Kinds that are served, and could not be listed everywhere."""
    return tuple(sorted(set(snapshot.objects) - snapshot.everywhere))


def _home(identity: Identity | None) -> str:
    return min(identity.namespaces, default="") if identity is not None else ""


def _routes(client: ClusterReader, snapshot: Snapshot, url: str, places: tuple[str, ...]) -> Routes:
    for kind in INGRESS_KINDS:
        if read_kind(client, kind, places, snapshot):
            return find_routes(snapshot, url, kind)
    return Routes((), ())


def _tcp_maps(
    client: ClusterReader, edges: list[Edge], judge: Judge
) -> tuple[list[TcpMap], list[Skip]]:
    """The ConfigMaps that controllers really use, read and judged."""
    maps: list[TcpMap] = []
    skips: list[Skip] = []
    users: dict[str, list[Edge]] = {}
    for edge in edges:
        if edge.controller.tcp_services:
            users.setdefault(edge.controller.tcp_services, []).append(edge)
    for reference, using in sorted(users.items()):
        namespace, _, name = reference.partition("/")
        used_by = tuple(e.name for e in using)
        try:
            obj = client.get("ConfigMap", namespace, name)
        except ForbiddenHere as refused:
            reason = f"no permission to read the ConfigMap that {', '.join(used_by)} uses"
            skips.append(Skip(f"ConfigMap {reference}", "tcp-services", reason, refused.rule))
            continue
        except ObjectGone:
            empty = TcpServices(namespace, name, exists=False, used_by=used_by)
            maps.append(TcpMap(empty, None, tuple(using)))
            continue
        # A port that one controller keeps for itself is served by another that does not.
        reserved = frozenset.intersection(*(e.reserved for e in using))
        entries = tuple(
            judge.entry(parse_entry(str(k), str(v), reserved))
            for k, v in sorted((obj.get("data") or {}).items())
        )
        services = TcpServices(
            namespace=namespace,
            name=name,
            exists=True,
            used_by=used_by,
            entries=entries,
            owner=owner_of(obj),
            resource_version=(obj.get("metadata") or {}).get("resourceVersion"),
            immutable=bool(obj.get("immutable")),
        )
        maps.append(TcpMap(services, obj, tuple(using)))
    return maps, skips
