"""What a sandbox scenario holds: nodes, their agents, and the cluster around them."""

from dataclasses import dataclass, field

CONTROLLER_VERSION = "2.426.2"
CONTROLLER_JAR = "3160.vd76b_9ddd10cc"


@dataclass(frozen=True)
class AgentSpec:
    """One agent process: how it is launched, with which jar and Java."""

    launch: str = "jnlp-url"
    """``jnlp-url``, ``url-name``, ``jnlp-main``."""
    jar_version: str = CONTROLLER_JAR
    java_version: str = "17.0.9"
    web_socket: bool = False
    """``-webSocket`` on the command line (``url-name`` and ``jnlp-main`` only)."""
    extra_options: tuple[str, ...] = ()
    build_seconds: float = 0
    """A build runs on it from the start, this long (real seconds, not scaled)."""
    secret_in_clear: bool = False
    """``-secret HEX`` instead of ``-secret @file``."""


@dataclass(frozen=True)
class NodeSpec:
    """One node of the controller."""

    name: str
    web_socket: bool = False
    """``<webSocket>`` of its config.xml."""
    tunnel: str | None = None
    labels: str = ""
    description: str = ""
    launcher: str = "inbound"
    """``inbound`` or ``ssh`` (then connected from the start, ``Standard in/out``)."""
    agent: AgentSpec | None = field(default_factory=AgentSpec)
    """None: never connected."""


@dataclass(frozen=True)
class Scenario:
    """A whole installation."""

    name: str
    title: str
    nodes: tuple[NodeSpec, ...]


DEFAULT = Scenario(
    name="default",
    title="a controller behind ingress-nginx with nine nodes and a database on the same edge",
    nodes=(
        NodeSpec("linux-1", labels="linux"),
        NodeSpec("linux-old", labels="linux", agent=AgentSpec(jar_version="3063.v26e24490f041")),
        NodeSpec("tunnelled", labels="linux dmz", tunnel="{edge}"),
        NodeSpec("node c é", labels="lab", description="space & non-ascii é <x>"),
        NodeSpec("ws-already", web_socket=True, labels="linux"),
        NodeSpec(
            "by-name",
            labels="manual",
            agent=AgentSpec(launch="url-name", jar_version="3206.vb_15dcf73f6a_9"),
        ),
        NodeSpec("never-seen", description="never connected", agent=None),
        NodeSpec("ssh-1", labels="ssh", launcher="ssh"),
        NodeSpec("builder", labels="linux", agent=AgentSpec(build_seconds=20)),
    ),
)
"""``{edge}`` in a tunnel stands for HOST:PORT of the edge's TCP port."""
