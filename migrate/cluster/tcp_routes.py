"""Objects other than tcp-services that lead TCP connections to the agent port. Pure.

They are told by what they refer to, whatever their kind: a mapping that names a Service and a port
of it which ends at this Jenkins. None of them is edited; each is handed over. Where the kind says
on which port it listens, that is read as well: Gateway API (TCPRoute to its Gateway's listeners),
Istio (VirtualService tcp matches, Gateway servers), Traefik (entry points), NGINX Inc
(GlobalConfiguration listeners), Kong (TCPIngress rules), Emissary (TCPMapping), APISIX (stream
matches), HAProxy (TCP binds).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from migrate.cluster.backends import key, service_port
from migrate.cluster.edges import Edge, entry_points
from migrate.cluster.judge import Judge
from migrate.cluster.owner import owner_of
from migrate.cluster.snapshot import Snapshot
from migrate.model.cluster_facts import Exposure, ExposureKind, LeadsTo, Way, WayKind
from migrate.model.text import visible

Json = dict[str, Any]

ROUTES = (
    "TCPRoute",
    "VirtualService",
    "IngressRouteTCP",
    "IngressRouteTCP.traefik.containo.us",
    "TransportServer",
    "TCPIngress",
    "HTTPProxy",
    "TCPMapping",
    "ApisixRoute",
    "TCP",
    "TargetGroupBinding",
)
"""Kinds that are looked through, as ``custom_kinds.CUSTOM`` calls them."""
_NAMES = ("service", "serviceName", "name", "host")
_PORTS = ("servicePort", "port")
_SKIPPED = ("parentRefs", "listener", "listeners", "gateways", "entryPoints", "match", "tls")
"""Parts that say where a route listens, not where it leads."""


@dataclass(frozen=True)
class Route:
    """One object and a port that it leads to."""

    obj: Json
    service: str
    """``ns/name``."""
    port: int
    outside: tuple[int, ...]
    """Where it listens; empty: it does not say."""
    hosts: tuple[str, ...]

    @property
    def place(self) -> str:
        """``TCPRoute ns/name``."""
        return f"{self.obj.get('kind', '')} {key(self.obj)}"


def find_routes_of_tcp(snapshot: Snapshot, judge: Judge, edges: Iterable[Edge]) -> list[Route]:
    """Every one that leads to the agent port, once per object."""
    points: dict[str, int] = {}
    for edge in edges:
        points |= entry_points(edge.words)
    found: dict[tuple[str, str], Route] = {}
    for kind in ROUTES:
        for obj in snapshot.of(kind):
            for service, port in _targets(judge, obj):
                listens, hosts = _listens(snapshot, kind, obj, points)
                route = Route(obj, service, port, listens, hosts)
                found.setdefault((kind, key(obj)), route)
    return list(found.values())


def of_config_map(judge: Judge, obj: Json) -> Iterator[Exposure]:
    """Keys of a ConfigMap of HAProxy's ingress controllers that lead to the agent port.

    ``PORT: ns/service:port`` and more after further colons (haproxytech/kubernetes-ingress
    documentation/controller.md, ``--configmap-tcp-services``; jcmoraisjr/haproxy-ingress
    ``--tcp-services-configmap``).
    """
    meta = obj.get("metadata") or {}
    for listens, value in sorted((obj.get("data") or {}).items()):
        name, _, rest = str(value).partition(":")
        wanted = rest.partition(":")[0]
        service = judge.backends.service(*_service_name(name, str(meta.get("namespace", ""))))
        port = service_port(service, wanted) if service is not None else None
        if service is None or port is None:
            continue
        if not str(listens).isdecimal() or judge.port(service, port)[0] is not LeadsTo.JENKINS:
            continue
        route = Route(obj, key(service), int(port["port"]), (int(listens),), ())
        at = f"-n {meta.get('namespace', '')} {meta.get('name', '')}"
        yield replace(
            exposure(route),
            key=str(listens),
            obstacle="this tool does not edit a ConfigMap of HAProxy, whose port still accepts "
            "connections when Jenkins' port is closed",
            by_hand=f"kubectl edit configmap {visible(at)}: take the key {visible(listens)} out, "
            "and its port out of the Service in front",
        )


def exposure(route: Route) -> Exposure:
    """The route as something that lets the port be reached, which a person takes out."""
    meta = route.obj.get("metadata") or {}
    kind = str(route.obj.get("kind", ""))
    plural = f"{kind.lower()}.{str(route.obj.get('apiVersion', '')).partition('/')[0]}"
    outside = ", ".join(map(str, route.outside))
    at = f"port {outside}" if outside else "a port that it does not tell"
    command = f"kubectl delete {plural} -n {meta.get('namespace', '')} {meta.get('name', '')}"
    return Exposure(
        kind=ExposureKind.TCP_ROUTE,
        object_kind=kind,
        namespace=str(meta.get("namespace", "")),
        name=str(meta.get("name", "")),
        key="",
        port=route.outside[0] if route.outside else route.port,
        value=f"{at} to {route.service}:{route.port}",
        owner=owner_of(route.obj),
        uid=meta.get("uid"),
        resource_version=meta.get("resourceVersion"),
        obstacle=f"this tool does not edit a {visible(kind)}, and its listener still accepts "
        "connections when Jenkins' port is closed",
        by_hand=f"take the route to {visible(route.service)} out of it, or where it has no other: "
        f"{visible(command)}; and its listener where nothing else uses it",
    )


def ways(routes: Iterable[Route]) -> Iterator[Way]:
    """Where they listen."""
    for route in routes:
        for port in route.outside or (route.port,):
            note = "" if route.hosts else "its gateway tells no address"
            if not route.outside:
                note = "the port on which it listens is not told by it"
            yield Way(WayKind.ROUTE, route.place, route.hosts, port, note=note)


def _targets(judge: Judge, obj: Json) -> Iterator[tuple[str, int]]:
    meta = obj.get("metadata") or {}
    namespace = str(meta.get("namespace", ""))
    for name, port in _references(obj.get("spec")):
        place = _service_name(name, namespace)
        service = judge.backends.service(*place)
        if service is None:
            continue
        ports = (service.get("spec") or {}).get("ports") or []
        wanted = [service_port(service, port)] if port else ports
        for item in wanted:
            if item is not None and judge.port(service, item)[0] is LeadsTo.JENKINS:
                yield f"{place[0]}/{place[1]}", int(item["port"])


def _references(value: Any) -> Iterator[tuple[str, str]]:
    """(name of a Service, its port or empty) of each mapping that may be a reference."""
    if isinstance(value, list):
        for item in value:
            yield from _references(item)
        return
    if not isinstance(value, Mapping):
        return
    port = next((_port(value[k]) for k in _PORTS if k in value), "")
    space = value.get("namespace")
    for field in _NAMES:
        name = value.get(field)
        if isinstance(name, str) and name:
            named, _, number = name.partition(":")
            if space and "." not in named and "/" not in named:
                named = f"{named}.{space}"
            yield named, number or port
    for field, item in value.items():
        if field not in _SKIPPED:
            yield from _references(item)


def _port(value: Any) -> str:
    if isinstance(value, Mapping):
        value = value.get("number") or value.get("name") or ""
    return str(value)


def _service_name(text: str, namespace: str) -> tuple[str, str]:
    """(namespace, name) of ``name``, ``name.ns``, ``name.ns.svc...`` or ``ns/name``."""
    if "/" in text:
        space, _, name = text.partition("/")
        return space, name
    name, _, rest = text.partition(".")
    return rest.partition(".")[0] or namespace, name


def _listens(
    snapshot: Snapshot, kind: str, obj: Json, points: Mapping[str, int]
) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """(ports, addresses) on which a route listens, as far as objects tell."""
    spec = obj.get("spec") or {}
    if not isinstance(spec, Mapping):
        return _numbers(_deep(spec, "port")), ()
    if kind == "TCPRoute":
        return _of_gateway(snapshot, obj)
    if kind == "VirtualService":
        own = [m.get("port") for t in _list(spec, "tcp") for m in _list(t, "match")]
        gateways = [g for t in (spec, *_list(spec, "tcp")) for g in t.get("gateways") or []]
        return _numbers([*own, *_istio(snapshot, obj, gateways)]), ()
    if kind.startswith("IngressRouteTCP"):
        wanted = [str(name).lower() for name in spec.get("entryPoints") or points]
        return _numbers(points.get(name) for name in wanted), ()
    if kind == "TransportServer":
        name = (spec.get("listener") or {}).get("name")
        listeners = [
            item
            for config in snapshot.of("GlobalConfiguration")
            for item in _list(config.get("spec") or {}, "listeners")
        ]
        return _numbers(i.get("port") for i in listeners if i.get("name") == name), ()
    if kind == "TCPIngress":
        return _numbers(rule.get("port") for rule in _list(spec, "rules")), ()
    if kind == "TCPMapping":
        return _numbers([spec.get("port")]), ()
    if kind == "ApisixRoute":
        matches = [item.get("match") or {} for item in _list(spec, "stream")]
        return _numbers(match.get("ingressPort") for match in matches), ()
    return (), ()


def _of_gateway(snapshot: Snapshot, obj: Json) -> tuple[tuple[int, ...], tuple[str, ...]]:
    own = str((obj.get("metadata") or {}).get("namespace", ""))
    ports: list[Any] = []
    hosts: list[str] = []
    for parent in _list(obj.get("spec") or {}, "parentRefs"):
        wanted = f"{parent.get('namespace') or own}/{parent.get('name', '')}"
        for gateway in snapshot.of("Gateway"):
            if key(gateway) != wanted:
                continue
            for item in _list(gateway.get("spec") or {}, "listeners"):
                by_name = parent.get("sectionName") in (None, item.get("name"))
                by_port = parent.get("port") in (None, item.get("port"))
                if by_name and by_port and item.get("protocol", "TCP") in ("TCP", "TLS"):
                    ports.append(item.get("port"))
            addresses = _list(gateway.get("status") or {}, "addresses")
            hosts += [str(a.get("value")) for a in addresses if a.get("value")]
    return _numbers(ports), tuple(dict.fromkeys(hosts))


def _istio(snapshot: Snapshot, obj: Json, names: Iterable[Any]) -> Iterator[Any]:
    own = str((obj.get("metadata") or {}).get("namespace", ""))
    wanted = {str(n) if "/" in str(n) else f"{own}/{n}" for n in names}
    for gateway in snapshot.of("Gateway.networking.istio.io"):
        if key(gateway) in wanted:
            for server in _list(gateway.get("spec") or {}, "servers"):
                port = server.get("port") or {}
                if str(port.get("protocol", "")).upper() in ("TCP", "TLS"):
                    yield port.get("number")


def _list(holder: Any, name: str) -> list[Json]:
    """The mappings in a list, whatever else somebody wrote there."""
    found = holder.get(name) if isinstance(holder, Mapping) else None
    items = found if isinstance(found, list) else []
    return [item for item in items if isinstance(item, dict)]


def _deep(value: Any, name: str) -> Iterator[Any]:
    """``binds[].port`` of HAProxy's TCP objects, wherever it stands below a frontend."""
    if isinstance(value, list):
        for item in value:
            yield from _deep(item, name)
    elif isinstance(value, Mapping):
        for bind in _list(value, "binds"):
            yield bind.get(name)
        for item in value.values():
            yield from _deep(item, name)


def _numbers(values: Iterable[Any]) -> tuple[int, ...]:
    found = [v for v in values if isinstance(v, int) and 0 < v < 65536]
    return tuple(dict.fromkeys(found))
