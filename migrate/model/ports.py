"""The edges that steps, drivers and the engine work against, as Protocols.

``migrate.jenkins`` and ``migrate.cluster`` implement them. Every method talks to the
outside, has a timeout, and raises a ``MigrateError`` subclass with cause and next command.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from migrate.model.inventory import OfflineMark, ProbeAnswer, Transport
from migrate.model.kube import KubeObject, KubePatch


@dataclass(frozen=True)
class NodeState:
    """A node right now, from /computer/NAME/api/json."""

    name: str
    online: bool
    """Connected: ``offline`` is false, or it is offline only by a person's mark.

    Of a marked node its log tells.
    """
    busy: int
    """Executors at work, flyweight ones included."""
    mark: OfflineMark | None
    """Without any word in it: Jenkins names a lost connection in its place
    (30-switch-a-jnlpUrl-3160-to-ws.txt)."""
    offline_reason: str = ""
    idle: bool = True


@dataclass(frozen=True)
class AgentLog:
    """The parsed agent log: the current session, else the end of the last one."""

    transport: Transport
    protocol: str | None
    remoting_version: str | None
    address: str | None
    connected: bool
    """The success line is there and no termination follows it (facts E: stale success)."""
    terminated: bool
    never_connected: bool
    """The log is empty."""
    session: str
    """A fingerprint of the log's head, which changes when a new session rewinds the log."""
    rejected: str = ""
    """Why the controller refused the last agent, e.g. a remoting version that is too old."""
    text: str = ""
    """The log itself, masked."""


class ControllerPort(Protocol):
    """The Jenkins controller."""

    url: str

    def node_names(self) -> tuple[str, ...]:
        """Names of all nodes but the built-in one, sorted."""

    def node_state(self, name: str) -> NodeState:
        """Connection, work and mark, now. ``NodeGone`` when there is no such node."""

    def agent_log(self, name: str) -> AgentLog:
        """The agent log, read through /logText/progressiveText."""

    def read_node_config(self, name: str) -> bytes:
        """config.xml, byte for byte. Refuses a redacted body (``RedactedConfig``)."""

    def write_node_config(self, name: str, body: bytes) -> None:
        """POST config.xml as application/xml. Does not read it back: the caller compares."""

    def mark_offline(self, name: str, reason: str) -> None:
        """Mark temporarily offline; nothing when it is marked already (toggle: reads first)."""

    def renew_mark(self, name: str, reason: str) -> None:
        """Give the mark another reason. Nothing when there is no mark any more."""

    def clear_mark(self, name: str) -> None:
        """Clear the mark; nothing when there is none (toggle: reads first)."""

    def disconnect(self, name: str, reason: str) -> None:
        """doDisconnect; an inbound agent connects again by itself."""

    def agent_port(self) -> int | None:
        """``slaveAgentPort``: -1 off, 0 random, above 0 fixed; None: not readable."""

    def tcp_listener_on(self) -> bool:
        """Whether /tcpSlaveAgentListener/ answers 200 (False: 404)."""

    def set_agent_port(self, port: int) -> None:
        """Set and save slaveAgentPort through the script console (Administer)."""

    def run_script(
        self, script: str, arguments: Mapping[str, object], *, node: str | None = None
    ) -> Any:
        """Run one of this tool's own scripts (a name in jenkins/scripts) on the controller, or
        on a connected node's agent; returns its JSON result. ``ScriptFailed`` when it throws."""

    def can_script(self) -> bool:
        """Whether this user may use the script console (Overall/Administer)."""

    def create_inbound_node(self, name: str, description: str) -> None:
        """Create an inbound node with no executors to be scheduled on, for the probe."""

    def delete_node(self, name: str) -> None:
        """Delete a node; nothing when it is gone already."""

    def agent_secret(self, name: str) -> str:
        """The secret of a node, from its JNLP file (Agent/Connect). Never logged or kept."""

    def queue_length(self) -> int:
        """How many builds wait in the build queue."""

    def load(self) -> tuple[int, int]:
        """(busy executors, executors of all nodes that are online)."""

    def jar(self) -> tuple[str, str]:
        """(remoting version, SHA-256) of the agent.jar that the controller serves."""

    def jar_bytes(self) -> bytes:
        """That agent.jar itself, to be sent to a host."""


class ClusterPort(Protocol):
    """The Kubernetes API. Objects are plain dicts as the API serves them."""

    @property
    def context(self) -> str:
        """The kubeconfig context in use, or ``in-cluster``."""

    def get(self, kind: str, namespace: str, name: str) -> KubeObject:
        """Read an object; ``ObjectGone`` when there is none."""

    def json_patch(
        self,
        kind: str,
        namespace: str,
        name: str,
        patch: KubePatch,
        *,
        dry_run: bool = False,
    ) -> KubeObject:
        """JSON patch under this tool's field manager. The caller guards it with ``replace
        /metadata/resourceVersion``; ``Conflict`` for a stale one (409)."""

    def create(
        self, kind: str, namespace: str, body: KubeObject, *, dry_run: bool = False
    ) -> KubeObject:
        """Create an object."""

    def delete(
        self, kind: str, namespace: str, name: str, *, uid: str, dry_run: bool = False
    ) -> None:
        """Delete an object, with its uid as precondition; nothing when it is gone already."""

    def allowed(self, verb: str, kind: str, namespace: str, name: str = "") -> bool:
        """SelfSubjectAccessReview, of one object where ``name`` is given."""


class ProbePort(Protocol):
    """What can be tried from where this tool runs, through the address that agents use."""

    def knowing(self, root_url: str | None, version: str | None) -> "ProbePort":
        """The same for a controller whose configured URL and version are known now."""

    def without_secret(self) -> tuple[ProbeAnswer, ...]:
        """Tier 1: login, wsagents-bare, wsagents-made-up, cli-ws, tcp-listener; and as-tool where
        the front treats this tool's own requests otherwise."""

    def hold_cli(self, hold: float) -> tuple[ProbeAnswer, ...]:
        """cli-ws and, after a 101, ``hold``: a socket on /cli/ws, ``hold`` seconds long."""

    def sockets(self, count: int, hold: float) -> ProbeAnswer:
        """``sockets``: so many on /cli/ws at once."""

    def with_probe_node(
        self, controller: ControllerPort, node: str, hold: float
    ) -> tuple[ProbeAnswer, ...]:
        """Tier 2: a handshake on /wsagents/ as ``node`` (made for it by the caller), held for
        ``hold`` seconds: answers ``probe-node`` and, after a 101, ``hold``."""

    def tcp_port(self, host: str, port: int) -> ProbeAnswer:
        """``tcp-port``: GET on the raw port. ``port-closed`` when refused or never accepted,
        ``port-hangs-up`` when accepted and closed: the port is open, with nothing behind it."""
