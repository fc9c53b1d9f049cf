"""What the cluster says: who uses which tcp-services, what exposes the port, who owns it."""

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True)
class Owner:
    """Who would revert a live edit of an object."""

    kind: str
    """``helm``, ``argocd``, ``flux``, ``operator``, ``jcasc``, ``apply`` (server-side apply)."""
    name: str
    evidence: str
    """The label, annotation, manager or setting that says so."""


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


@dataclass(frozen=True)
class EdgeController:
    """An ingress controller workload."""

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


class ExposureKind(StrEnum):
    """What lets the TCP port be reached, in the order in which it is closed: outermost first."""

    TCP_SERVICES_ENTRY = "tcp-services-entry"
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


@dataclass(frozen=True)
class AgentWorkload:
    """A workload whose pods are inbound agents, not made by a Jenkins cloud."""

    kind: str
    """``Deployment``, ``StatefulSet``, ``DaemonSet`` or a bare ``Pod``."""
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


@dataclass(frozen=True)
class Cluster:
    """What the cluster says; only objects that matter are kept."""

    context: str
    server_version: str
    edge_controllers: tuple[EdgeController, ...] = ()
    tcp_services: tuple[TcpServices, ...] = ()
    ingresses: tuple[IngressRoute, ...] = ()
    exposures: tuple[Exposure, ...] = ()
    """Those that lead to this Jenkins, outermost first."""
    jenkins_namespace: str = ""
    """Of the Service that the controller's URL leads to; empty when nothing ties it to one."""
    agents: tuple[AgentWorkload, ...] = ()
    """Workloads whose pods are inbound agents."""
