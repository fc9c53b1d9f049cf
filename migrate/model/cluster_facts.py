"""What the cluster says: who uses which tcp-services, what exposes the port, who owns it."""

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True)
class Owner:
    """Who would revert a live edit of an object."""

    kind: str
    """``helm``, ``argocd``, ``flux``, ``operator``, ``jcasc``, ``apply`` (server-side apply by a
    program), ``kubectl`` (by a person)."""
    name: str
    evidence: str
    """The label, annotation, manager or setting that says so."""

    @property
    def reverts(self) -> bool:
        """Whether it writes the object again by itself; a person does so when they choose to."""
        return self.kind != "kubectl"


class LeadsTo(StrEnum):
    """Where a tcp-services entry ends."""

    JENKINS = "jenkins"
    OTHER = "other"
    """Somebody else's service: must never be touched."""
    NOWHERE = "nowhere"
    """Service, port or endpoints missing: ingress-nginx skips the entry."""
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class TcpEntry:
    """One key of a tcp-services ConfigMap, by ingress-nginx's grammar (controller.go 467-596)."""

    key: str
    value: str
    external_port: int | None
    namespace: str | None
    service: str | None
    service_port: str | None
    proxy_decode: bool = False
    proxy_encode: bool = False
    problem: str | None = None
    """Why ingress-nginx ignores it, in its words; None for a served entry."""
    leads_to: LeadsTo = LeadsTo.UNKNOWN
    reason: str = ""
    """Why ``leads_to`` was judged so: selector, endpoints, port."""


@dataclass(frozen=True)
class TcpServices:
    """A tcp-services ConfigMap that an ingress controller really uses."""

    namespace: str
    name: str
    exists: bool
    used_by: tuple[str, ...]
    """Controllers as ``Deployment ns/name``."""
    entries: tuple[TcpEntry, ...] = ()
    owner: Owner | None = None
    resource_version: str | None = None
    immutable: bool = False


class EdgeReading(StrEnum):
    """How much of an edge this tool reads."""

    KNOWN = "known"
    ROUTES = "known, TCP routes not read"
    """The product is known; its TCP routes are read in part, or not at all."""
    NOT_KNOWN = "not known"
    """Something that carries connections, or looks like it."""


@dataclass(frozen=True)
class EdgeController:
    """An ingress controller workload, or another one that carries connections or looks like it."""

    kind: str
    namespace: str
    name: str
    implementation: str
    """``ingress-nginx`` (community), ``nginx-inc``, ``traefik``, ``other``."""
    image: str = ""
    ingress_class: str | None = None
    controller_class: str | None = None
    tcp_services: str | None = None
    """``ns/name`` after expansion; None: the flag is absent."""
    product: str = ""
    """``traefik``, ``kong``, ``istio``, ``klipper-lb`` ...; empty: not known."""
    reading: EdgeReading = EdgeReading.KNOWN
    carries: str = ""
    """What says that it leads to the agent port of this Jenkins; empty: nothing does."""


@dataclass(frozen=True)
class IngressRoute:
    """An Ingress that serves the controller's host."""

    namespace: str
    name: str
    api_version: str
    hosts: tuple[str, ...]
    class_name: str | None
    """spec.ingressClassName or the old annotation."""
    class_controller: str | None
    """spec.controller of that IngressClass, e.g. ``k8s.io/ingress-nginx``."""
    annotations: dict[str, str] = field(default_factory=dict)
    backend: str | None = None
    """``service:port`` of the path that serves Jenkins."""
    tls: bool = False
    owner: Owner | None = None
    applied_as: str | None = None
    """API version of the manifest that kubectl applied last, where its annotation tells."""


class WayKind(StrEnum):
    """How the agent port is reached from outside."""

    LOAD_BALANCER = "load-balancer"
    NODE_PORT = "node-port"
    EXTERNAL_IP = "external-ip"
    HOST_PORT = "host-port"
    """A port of the hosts that run a pod: hostPort, or the hosts' own network."""
    ROUTE = "tcp-route"
    """A listener of a gateway, whose address the gateway's object tells or nothing does."""
    ADVERTISED = "advertised"
    """What the controller tells agents over HTTP."""
    GIVEN = "agent-address"
    """What a person said (``--agent-address``)."""


@dataclass(frozen=True)
class Way:
    """One place where the agent port of this Jenkins may answer from outside."""

    kind: WayKind
    through: str
    """``Service ns/name``, ``DaemonSet ns/name``, ``TCPRoute ns/name``, ``controller``."""
    hosts: tuple[str, ...]
    """Names or addresses to try, each of them; empty: not known (``note`` says why)."""
    port: int
    sure: bool = True
    """It was read that this leads to the agent port; else it only looks like it."""
    note: str = ""


class ExposureKind(StrEnum):
    """What lets the TCP port be reached, in the order in which it is closed: outermost first."""

    TCP_SERVICES_ENTRY = "tcp-services-entry"
    TCP_ROUTE = "tcp-route"
    """A route of another kind (TCPRoute, IngressRouteTCP, TransportServer ...): never edited."""
    EDGE_SERVICE_PORT = "edge-service-port"
    EDGE_CONTAINER_PORT = "edge-container-port"
    AGENT_SERVICE = "agent-service"
    """A Service of its own for the agent port: removed whole."""
    AGENT_SERVICE_PORT = "agent-service-port"
    """The agent port on a Service that has other ports too: only the port goes."""
    CONTROLLER_CONTAINER_PORT = "controller-container-port"
    NETWORK_POLICY = "network-policy"
    CONTROLLER_PORT = "controller-port"


@dataclass(frozen=True)
class Exposure:
    """One thing that lets the TCP port be reached from outside."""

    kind: ExposureKind
    object_kind: str
    """``ConfigMap``, ``Service``, ``Deployment``, ``DaemonSet``, ``StatefulSet``,
    ``NetworkPolicy``; empty for the controller's own port."""
    namespace: str
    name: str
    key: str
    """tcp-services key, Service port name, ``container/port-name``; empty when whole."""
    port: int
    """The number seen from outside at this layer."""
    value: str = ""
    """tcp-services value, or a one-line description."""
    node_port: int | None = None
    owner: Owner | None = None
    uid: str | None = None
    resource_version: str | None = None
    obstacle: str = ""
    """Why this tool can't change it in place; empty when it can."""
    by_hand: str = ""
    """With an ``obstacle``: what a person does instead."""


@dataclass(frozen=True)
class AgentWorkload:
    """A workload whose pods are inbound agents, not made by a Jenkins cloud."""

    kind: str
    """``Deployment``, ``StatefulSet``, ``DaemonSet``, a bare ``Pod``, or another kind of owner at
    the top of its pods (``DeploymentConfig``, ``CronJob`` ...), which is named and not edited."""
    namespace: str
    name: str
    container: str
    image: str
    nodes: tuple[str, ...]
    """Names under which its pods connect: JENKINS_NAME, JENKINS_AGENT_NAME, ``-name``, or the
    pods' own names."""
    web_socket: bool = False
    """JENKINS_WEB_SOCKET is ``true``, or ``-webSocket`` is among its arguments."""
    tunnel: bool = False
    """JENKINS_TUNNEL or ``-tunnel``."""
    direct: bool = False
    """JENKINS_DIRECT_CONNECTION or ``-direct``."""
    obstacle: str = ""
    """Why its pod template can't be edited safely; empty when it can."""
    owner: Owner | None = None
    uid: str | None = None
    container_sha256: str | None = None
    """Digest of the agent container's image, command, arguments and variables."""
    url: str = ""
    """The controller that its variables or arguments name, as written; empty: they name none."""
    by_hand: str = ""
    """With an ``obstacle``: what a person does instead, in commands where they are known."""


@dataclass(frozen=True)
class Cluster:
    """What the cluster says; only objects that matter are kept."""

    context: str
    server_version: str
    edge_controllers: tuple[EdgeController, ...] = ()
    proxies: tuple[EdgeController, ...] = ()
    """Other workloads that carry connections, or whose image looks like it."""
    tcp_services: tuple[TcpServices, ...] = ()
    ingresses: tuple[IngressRoute, ...] = ()
    exposures: tuple[Exposure, ...] = ()
    """Those that lead to this Jenkins, outermost first."""
    jenkins_namespace: str = ""
    """Of the Service that the controller's URL leads to; empty when nothing ties it to one."""
    ways: tuple[Way, ...] = ()
    """Where the agent port is reached from outside, as far as the cluster tells; see
    ``migrate.model.ways`` for all of them."""
    unread: tuple[str, ...] = ()
    """Kinds that could not be listed in the whole cluster: that one of these is not here proves
    nothing. Sorted."""
    agents: tuple[AgentWorkload, ...] = ()
    """Workloads whose pods are inbound agents."""
