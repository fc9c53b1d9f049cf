"""What a scan saw: the controller, its nodes, the cluster, and what could not be read."""

from dataclasses import dataclass, field
from enum import StrEnum

from migrate.model.cluster_facts import Cluster, Owner


class Transport(StrEnum):
    """What an agent's connection really runs on, read from its log, never from config.xml."""

    TCP = "tcp"
    WEBSOCKET = "websocket"
    UNKNOWN = "unknown"
    """Not connected, or the log does not say."""


class LauncherKind(StrEnum):
    """How the controller thinks that the node is started."""

    INBOUND = "inbound"
    """hudson.slaves.JNLPLauncher, also when another launcher wraps it."""
    SSH = "ssh"
    COMMAND = "command"
    CLOUD = "cloud"
    BUILT_IN = "built-in"
    OTHER = "other"
    UNKNOWN = "unknown"
    """The node's configuration could not be read."""


class LaunchKind(StrEnum):
    """How the agent process was really started."""

    JNLP_URL = "jnlp-url"
    URL_NAME = "url-name"
    JNLP_MAIN = "jnlp-main"
    SWARM = "swarm"
    CONTAINER = "container"
    CLOUD_POD = "cloud-pod"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Skip:
    """Something that was not read, judged or translated, and why. A skip is data."""

    subject: str
    """``node NAME``, ``controller``, ``cluster``, ``ConfigMap ns/name`` ..."""
    what: str
    """The field or question left open, e.g. ``launch``, ``config.xml``, ``tcp-services``."""
    reason: str
    needed: str = ""
    """What would be needed to know: a permission, a flag, a file."""
    leaves_open: bool = False
    """It may be a way in to the agent port: then the plan and verify name it, too."""


STAYS_ON_TCP = "stays on TCP"
"""``Skip.what`` of a node that the plan leaves on TCP, so that the port stays open while it is."""


@dataclass(frozen=True)
class AgentPort:
    """The controller's TCP agent listener."""

    configured: int | None
    """``slaveAgentPort`` of /api/json: -1 off, 0 random, above 0 fixed; None: not readable."""
    advertised: int | None = None
    """X-Jenkins-JNLP-Port of /tcpSlaveAgentListener/; None when that answers 404 (off)."""
    advertised_host: str | None = None
    protocols: tuple[str, ...] = ()
    enforced: bool | None = None
    """``-Djenkins.model.Jenkins.slaveAgentPortEnforce=true``; None: not seen (needs Administer)."""

    @property
    def mode(self) -> str:
        """``fixed``, ``random``, ``off`` or ``unknown``."""
        if self.configured is None:
            return "unknown"
        if self.configured < 0:
            return "off"
        return "random" if self.configured == 0 else "fixed"


@dataclass(frozen=True)
class Controller:
    """The Jenkins controller."""

    url: str
    """As given to the tool; ends with a slash."""
    root_url: str | None
    """As Jenkins believes (/api/json ``url``): what agents are told."""
    version: str
    agent_port: AgentPort
    minimum_remoting: str | None
    """X-Remoting-Minimum-Version of /tcpSlaveAgentListener/, else as the script console says; None:
    neither was readable, then ``migrate.model.versions.minimum_remoting`` knows the releases'."""
    jar_version: str | None
    """Remoting version of the agent.jar that the controller serves."""
    jar_sha256: str | None
    java_version: str | None = None
    """Only seen through the script console."""
    inbound_url: str | None = None
    """System property jenkins.agent.inboundUrl (Administer only)."""
    port_owner: Owner | None = None
    """JCasC or a Helm chart that writes slaveAgentPort again."""
    user: str = ""
    minimum_lifted: bool | None = None
    """Whether older agents are let in all the same, by the controller's property
    hudson.slaves.SlaveComputer.allowUnsupportedRemotingVersions; None: not known."""
    permissions: tuple[str, ...] = ()
    """What the user may do, in Jenkins' own names: ``Overall/Administer``, ``Agent/Configure``."""


@dataclass(frozen=True)
class WorkDir:
    """``<workDirSettings>`` of the launcher; absent means disabled (JNLPLauncher.readResolve)."""

    disabled: bool
    path: str | None
    internal_dir: str
    fail_if_missing: bool


@dataclass(frozen=True)
class OfflineMark:
    """A person's (or this tool's) temporarily-offline mark."""

    by: str
    """User id, empty when it cannot be read."""
    reason: str


@dataclass(frozen=True)
class LaunchFile:
    """A file on the agent's host that holds its launch, or a part of it."""

    path: str
    kind: str
    """``systemd-unit``, ``systemd-drop-in``, ``env-file``, ``winsw-xml``, ``launchd-plist``,
    ``script``."""
    writable: bool | None = None
    """Whether the agent's own user may replace it: file and folder. None: not known."""


@dataclass(frozen=True)
class ProxySettings:
    """What decides whether an agent goes through a forward proxy, read in its process.

    User and password of a proxy are cut off on the agent, before the text leaves that machine.
    """

    properties: dict[str, str] = field(default_factory=dict)
    """Java's system properties that are set, such as ``https.proxyHost``, ``http.nonProxyHosts``,
    ``java.net.useSystemProxies``."""
    environment: dict[str, str] = field(default_factory=dict)
    """Variables that are set, by their own name: ``http_proxy``, ``NO_PROXY``, ``proxy_host``."""
    credentials: bool = False
    """Whether a user for the proxy is given somewhere: in a URL, or by ``-proxyCredentials``."""
    direct: bool | None = None
    """Whether host and port of the address that agents use open from there without any proxy.
    None: not tried, since nothing about a proxy is set or no address was known."""


@dataclass(frozen=True)
class Launch:
    """How the agent process was started, read on the agent through its script console.

    Every secret is masked on the agent, before the text leaves that machine.
    """

    kind: LaunchKind
    command: str = ""
    """The masked command line."""
    options: tuple[str, ...] = ()
    """Option names given to the jar, such as ``-jnlpUrl``, ``-workDir``, ``-noReconnect``."""
    jar: str | None = None
    jar_sha256: str | None = None
    jar_writable: bool | None = None
    """Whether the jar's folder may be written, so that it can be replaced by rename."""
    java_version: str | None = None
    java_home: str | None = None
    os: str | None = None
    user: str | None = None
    host: str | None = None
    pid: int | None = None
    supervisor: str = "unknown"
    """``systemd``, ``winsw``, ``launchd``, ``docker``, ``kubernetes``, ``none``, ``unknown``."""
    supervisor_detail: str = ""
    """Unit name, service id, pod name."""
    restarter: bool | None = None
    """Whether Jenkins' own restarter (re-exec on reconnect) works here."""
    restart: str | None = None
    """What its supervisor does when the process ends: systemd's ``Restart=`` as it counts now
    (``always``, ``on-failure``, ``no`` ...); ``user-unit`` for a unit that the agent's own user may
    restart (``systemctl --user`` answers); ``service`` where Jenkins' restarter has WinSW start the
    service anew. None: nothing, or not known."""
    restart_exit: int | None = None
    """The exit status after which its supervisor starts it again; None: there is none."""
    main_process: bool | None = None
    """Whether the supervisor waits for this very process. False: a shell in between does, and goes
    on with the script that it read when it was started."""
    asserted: bool = False
    """True when a person said so (``--launch``), and nobody read it."""
    main: str | None = None
    """The jar or the main class, as the command line names it."""
    work_dir: str | None = None
    """``-workDir`` of the command line, else the folder that the process runs in."""
    work_dir_writable: bool | None = None
    secret_in_clear: bool | None = None
    """Whether the command line holds a secret itself, instead of ``@file``."""
    launch_files: tuple[LaunchFile, ...] = ()
    """What to change so that the next start is another one; the file that counts most last."""
    namespace: str | None = None
    """Of the pod, as its service account's files say."""
    owner_guess: str | None = None
    """``Deployment NAME``, ``StatefulSet NAME`` ...: what the pod's name looks like. From inside
    a pod its owner can't be read, so only the cluster makes this certain."""
    proxy: ProxySettings | None = None
    """None: not read."""


@dataclass(frozen=True)
class Node:
    """A node of the controller, and what is known of its agent."""

    name: str
    launcher: LauncherKind
    launcher_class: str | None
    launcher_wrappers: tuple[str, ...] = ()
    """Classes of delegating launchers around the real one, outermost first."""
    node_class: str = ""
    """Root element of config.xml, ``slave`` for a permanent agent."""
    web_socket: bool | None = None
    """``<webSocket>``; None: not read. Absent in the XML is False."""
    tunnel: str | None = None
    work_dir: WorkDir | None = None
    remote_fs: str | None = None
    labels: tuple[str, ...] = ()
    description: str = ""
    executors: int = 1
    online: bool = False
    """Connected (a mark by a person does not count as disconnected)."""
    busy: int = 0
    """Executors at work, flyweight ones included."""
    offline_mark: OfflineMark | None = None
    offline_reason: str = ""
    ever_connected: bool | None = None
    """False: the agent log is empty. None: the log was not readable."""
    transport: Transport = Transport.UNKNOWN
    protocol: str | None = None
    """As the log says: ``WebSocket``, ``JNLP4-connect``."""
    remoting_version: str | None = None
    address: str | None = None
    """Where the log says that the agent connected from."""
    launch: Launch | None = None
    """None: not asked or not readable, then a Skip says why."""
    config_sha256: str | None = None
    """Of the raw config.xml bytes as served."""
    owner: Owner | None = None
    """Who writes its configuration again: JCasC at each load, a script of init.groovy.d at each
    start. None: nobody, or not known (Overall/Administer)."""
    owner_says: Transport = Transport.UNKNOWN
    """What its owner sets: ``websocket`` only with the flag and without a tunnel."""


class Verdict(StrEnum):
    """Outcome of a probe or a verification."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class ProbeAnswer:
    """What one probe request was answered, and the layer that it accuses."""

    id: str
    """``login``, ``wsagents-bare``, ``wsagents-made-up``, ``cli-ws``, ``probe-node``, ``hold``,
    ``tcp-listener``, ``tcp-port``."""
    request: str
    """Method, path and the headers that matter; no secret."""
    answer: str
    """Status line, or the connection error."""
    verdict: Verdict
    layer: str
    """Who answered or is at fault: ``jenkins``, ``proxy``, ``auth``, ``tls``, ``network``."""
    cause: str
    """One sentence in the administrator's words."""
    fix: str = ""
    code: str = "ok"
    """Stable word for rules: ``ok``, ``upgrade-stripped``, ``headers-dropped``, ``auth-in-front``,
    ``redirect``, ``wrong-path``, ``backend-down``, ``idle-timeout``, ``websocket-unsupported``,
    ``controller-too-old``, ``tls``, ``unreachable``, ``port-closed``, ``port-hangs-up``,
    ``not-jenkins``, ``already-connected``, ``origin-rejected``, ``wrong-secret``,
    ``wrong-controller``, ``not-done``, ``unexpected``."""


@dataclass(frozen=True)
class CloudTemplate:
    """A pod template of a cloud, as far as it has settings of its own for the agent."""

    name: str
    label: str = ""
    env: dict[str, str] = field(default_factory=dict)
    """JENKINS_* and REMOTING_OPTS variables of its agent container, secrets masked."""
    args: str = ""
    """Arguments of its agent container, masked."""


@dataclass(frozen=True)
class Cloud:
    """A cloud of the controller that makes agents."""

    name: str
    cloud_class: str
    web_socket: bool | None = None
    """None: a cloud of a kind that has no such setting, or that this tool does not know."""
    tunnel: str | None = None
    direct: bool = False
    jenkins_url: str | None = None
    templates: tuple[CloudTemplate, ...] = ()
    nodes: tuple[str, ...] = ()
    """Its agents at the time of the scan."""
    owner: Owner | None = None
    """JCasC, when its sources name clouds."""


@dataclass(frozen=True)
class Inventory:
    """Everything that one scan saw."""

    schema_version: int
    tool_version: str
    scanned_at: str
    """UTC, ISO 8601. Not part of a plan, so that the same state gives the same plan."""
    read_by: str
    """``rest`` or ``script``: how the controller was read."""
    controller: Controller
    nodes: tuple[Node, ...]
    """Sorted by name; the built-in node included."""
    cluster: Cluster | None
    """None: no cluster in play, or not readable (then a Skip says why)."""
    probes: tuple[ProbeAnswer, ...] = ()
    skips: tuple[Skip, ...] = ()
    clouds: tuple[Cloud, ...] = ()
    """Sorted by name; empty also when they could not be read (then a Skip says so)."""
