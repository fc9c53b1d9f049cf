"""What a sandbox scenario holds: nodes, their agents, and the cluster around them."""

from dataclasses import dataclass, field

CONTROLLER_VERSION = "2.541.3"
"""What the sandbox is unless it is told another release."""
CONTROLLER_JAR = "3352.v17a_fb_4b_2773f"
"""The agent.jar of that release."""
USUAL_JAVA = "17.0.9"
OWN_JAR, OLDEST_JAR = "own", "oldest"
"""For ``AgentSpec.jar_version``: that of whichever release the controller is, and the oldest one
that it still accepts."""
SWARM_NODE = "hudson.plugins.swarm.SwarmSlave"
KUBERNETES_NODE = "org.csanchez.jenkins.plugins.kubernetes.KubernetesSlave"


@dataclass(frozen=True)
class AgentSpec:
    """One agent process: how it is launched, with which jar and Java."""

    launch: str = "jnlp-url"
    """``jnlp-url``, ``url-name``, ``jnlp-main``, ``swarm``; an agent in a container or in a pod
    is always started by the image's own script, from its environment."""
    jar_version: str = OWN_JAR
    """A version of remoting, ``OWN_JAR`` or ``OLDEST_JAR``."""
    jar_of: str = ""
    """Name of an earlier node without a host of its own whose agent.jar this one is started
    from; its ``jar_version`` counts for both."""
    java_version: str = ""
    """Empty: ``USUAL_JAVA``, or the oldest that the release takes."""
    web_socket: bool = False
    """``-webSocket`` on the command line (``url-name`` and ``jnlp-main`` only)."""
    extra_options: tuple[str, ...] = ()
    build_seconds: float = 0
    """A build runs on it from the start, this long (real seconds, not scaled)."""
    secret_in_clear: bool = False
    """``-secret HEX`` instead of ``-secret @file``."""
    held: str = ""
    """Where the launch stands on its host: for systemd ``unit``, ``vendor-unit`` (with a drop-in
    of somebody else's), ``env-file`` or ``script``; for WinSW ``arguments`` or ``argument``; for a
    container ``environment`` or ``command``. Empty: the first of these."""
    tunnel: str | None = None
    """``-tunnel`` or JENKINS_TUNNEL of the launch itself; ``{edge}`` as for a node."""
    java_options: tuple[str, ...] = ()
    """Words for Java itself, before the jar; JENKINS_JAVA_OPTS of a container."""
    environment: tuple[tuple[str, str], ...] = ()
    """Variables that the launch sets."""

    @property
    def java(self) -> str:
        """The version of Java that it runs on."""
        return self.java_version or USUAL_JAVA


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
    node_class: str = "slave"
    """``slave`` for a permanent agent, else the class of a plugin's node: ``SWARM_NODE``,
    ``KUBERNETES_NODE``."""
    agent: AgentSpec | None = field(default_factory=AgentSpec)
    """None: never connected."""
    by_casc: bool = False
    """Configuration as code sets its transport (in a scenario with ``casc``)."""


@dataclass(frozen=True)
class HostSpec:
    """A machine of the sandbox: the folder ``hosts/NAME`` of its home.

    In it: ``agents/NODE`` (jar, secret, work directory), ``bin`` (the stand-ins that belong on
    this host's PATH: ``systemctl``, ``docker``), ``etc/systemd/system`` (units),
    ``services`` (WinSW), ``compose``, ``home/.ssh/authorized_keys`` (empty until somebody who
    runs an sshd for this host fills it), ``run`` and ``log``.
    """

    name: str
    agents: tuple[str, ...]
    """Names of the nodes whose agents run here."""
    supervisor: str = "none"
    """``systemd``, ``systemd-user`` (units of the agent's own user), ``winsw``, ``script``,
    ``docker``, ``none``."""
    network: str = "open"
    """``open``, ``proxied`` or ``stripping`` (``migrate.sandbox.networks``); it counts in a
    scenario with ``networks``."""


@dataclass(frozen=True)
class WorkloadSpec:
    """An agent that lives in a workload of the cluster."""

    node: str
    name: str
    kind: str = "Deployment"
    """``Deployment``, ``StatefulSet``, ``DaemonSet``, or ``Pod`` for a bare one."""
    namespace: str = "build"
    image: str = "jenkins/inbound-agent:3206.vb_15dcf73f6a_9-1"
    by_args: bool = False
    """Node and secret stand in the container's args instead of in its environment."""


@dataclass(frozen=True)
class CloudSpec:
    """A cloud of the kubernetes plugin, and how many of its pods run."""

    name: str
    namespace: str
    pods: int
    web_socket: bool = False
    tunnel: str | None = None
    label: str = ""
    finish_seconds: float = 20
    """How long the builds of the running pods go on once the cloud was changed, before scaling."""


@dataclass(frozen=True)
class Front:
    """What passes HTTP to the controller, and how its Ingress is annotated."""

    inc: bool = False
    """NGINX Inc's ingress controller, not the community's."""
    annotations: tuple[tuple[str, str], ...] = ()
    open_paths: tuple[str, ...] = ()
    """Paths of a second Ingress, which has no annotations."""


INGRESS_NGINX = Front()


@dataclass(frozen=True)
class Scenario:
    """A whole installation."""

    name: str
    title: str
    nodes: tuple[NodeSpec, ...]
    hosts: tuple[HostSpec, ...] = ()
    """Agents of nodes that no host names run by themselves, in ``agents/NODE``."""
    workloads: tuple[WorkloadSpec, ...] = ()
    clouds: tuple[CloudSpec, ...] = ()
    networks: bool = False
    """Agents know the controller by a name of its own, each host as its network leads there."""
    second_edge: bool = False
    """A second ingress controller and a LoadBalancer Service lead to the controller as well:
    ``{inside}`` and ``{balancer}`` in a node's tunnel stand for HOST:PORT there."""
    front: Front = INGRESS_NGINX
    casc: bool = False
    """The clouds and the agent port are set by configuration as code, from ``HOME/checkout``,
    which ``HOME/bin/deploy-casc`` deploys."""
    adapts: bool = False
    """An agent that the release refuses is changed (``migrate.sandbox.fitting``), and the sandbox
    says so; elsewhere it is an error."""


DEFAULT = Scenario(
    name="default",
    title="a controller behind ingress-nginx with nine nodes and a database on the same edge",
    nodes=(
        NodeSpec("linux-1", labels="linux"),
        NodeSpec("linux-old", labels="linux", agent=AgentSpec(jar_version=OLDEST_JAR)),
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
    adapts=True,
)
"""``{edge}`` in a tunnel stands for HOST:PORT of the edge's TCP port."""
