"""The scenario ``fleet``: forty nodes, every way of starting an agent, several to a host."""

from migrate.sandbox.behind_proxies import BEHIND_PROXIES
from migrate.sandbox.fronts import FRONTS
from migrate.sandbox.spec import (
    DEFAULT,
    OLDEST_JAR,
    SWARM_NODE,
    AgentSpec,
    CloudSpec,
    HostSpec,
    NodeSpec,
    Scenario,
    WorkloadSpec,
)
from migrate.sandbox.two_edges import TWO_EDGES

R3107 = "3107.v665000b_51092"
R3160 = "3160.vd76b_9ddd10cc"
R3206 = "3206.vb_15dcf73f6a_9"
R3283 = "3283.v92c105e0f819"
JAVA17, JAVA21 = "17.0.9", "21.0.1"


def _node(
    name: str,
    launch: str,
    jar: str,
    java: str = JAVA17,
    *,
    node_tunnel: str | None = None,
    **agent: object,
) -> NodeSpec:
    made = AgentSpec(launch=launch, jar_version=jar, java_version=java, **agent)  # type: ignore[arg-type]
    return NodeSpec(name, labels="fleet", tunnel=node_tunnel, agent=made)


_BARE = (
    _node("bare-url-1", "jnlp-url", OLDEST_JAR),
    _node("bare-url-2", "jnlp-url", R3107),
    _node("bare-url-3", "jnlp-url", R3160, JAVA21),
    _node("bare-url-4", "jnlp-url", R3206, node_tunnel="{edge}"),
    _node("bare-name", "url-name", R3283, JAVA21),
)
_HOME_UNITS = (_node("home-main", "jnlp-main", R3160, secret_in_clear=True),)
"""Units of the agent's own user, in its home."""
_UNITS = (
    _node("unit-name-1", "url-name", R3206),
    _node("unit-name-2", "url-name", R3283, JAVA21, tunnel="{edge}"),
    _node("unit-main", "jnlp-main", R3107),
    _node("unit-url", "jnlp-url", OLDEST_JAR),
)
_OTHER_UNITS = (
    _node("vendor-name", "url-name", R3206, held="vendor-unit"),
    _node("env-name", "url-name", R3283, held="env-file"),
    _node("script-name", "url-name", R3206, held="script", secret_in_clear=True),
    _node("vendor-main", "jnlp-main", R3160, held="vendor-unit"),
)
_WINSW = (
    _node("winsw-name-1", "url-name", R3206),
    _node("winsw-name-2", "url-name", R3283, held="argument", secret_in_clear=True),
    _node("winsw-main", "jnlp-main", R3107),
    _node("winsw-url", "jnlp-url", R3160),
)
_SCRIPTS = (
    _node("loop-name-1", "url-name", R3206, secret_in_clear=True),
    _node("loop-name-2", "url-name", R3283, JAVA21),
    _node("loop-main", "jnlp-main", OLDEST_JAR),
    _node("loop-url", "jnlp-url", R3107),
)
_CONTAINERS = (
    _node("docker-1", "url-name", R3206),
    _node("docker-2", "url-name", R3283, JAVA21, tunnel="{edge}"),
    _node("docker-3", "url-name", R3206, held="command"),
    _node("docker-4", "url-name", R3160),
)
_SWARM = tuple(
    NodeSpec(
        f"swarm-{number}",
        labels="fleet swarm",
        node_class=SWARM_NODE,
        agent=AgentSpec(launch="swarm", jar_version=jar, tunnel=tunnel),
    )
    for number, jar, tunnel in ((1, R3160, None), (2, R3206, None), (3, R3206, "{edge}"))
)
_PODS = (
    _node("kube-deployment", "url-name", R3206),
    _node("kube-set", "url-name", R3283, JAVA21, tunnel="{edge}"),
    _node("kube-daemon", "url-name", R3206),
    _node("kube-pod", "url-name", R3206),
)
_OTHERS = (
    NodeSpec("on-websocket", web_socket=True, labels="fleet"),
    NodeSpec("never-seen", labels="fleet", agent=None),
    NodeSpec("by-ssh", labels="fleet ssh", launcher="ssh"),
)


def _host(name: str, nodes: tuple[NodeSpec, ...], supervisor: str) -> HostSpec:
    return HostSpec(name, tuple(node.name for node in nodes), supervisor)


FLEET = Scenario(
    name="fleet",
    title="forty nodes with every kind of launch, on hosts, in workloads and in two clouds",
    nodes=(
        *_BARE,
        *_UNITS,
        *_OTHER_UNITS,
        *_HOME_UNITS,
        *_WINSW,
        *_SCRIPTS,
        *_CONTAINERS,
        *_SWARM,
        *_PODS,
        *_OTHERS,
    ),
    hosts=(
        _host("bare-01", _BARE, "none"),
        _host("systemd-01", _UNITS, "systemd"),
        _host("systemd-02", _OTHER_UNITS, "systemd"),
        _host("home-01", _HOME_UNITS, "systemd-user"),
        _host("winsw-01", _WINSW, "winsw"),
        _host("scripts-01", _SCRIPTS, "script"),
        _host("docker-01", _CONTAINERS, "docker"),
        _host("swarm-01", _SWARM, "script"),
    ),
    workloads=(
        WorkloadSpec("kube-deployment", "agent-deployment"),
        WorkloadSpec(
            "kube-set", "agent-set", "StatefulSet", image=f"jenkins/inbound-agent:{R3283}-1-jdk21"
        ),
        WorkloadSpec("kube-daemon", "agent-daemon", "DaemonSet", by_args=True),
        WorkloadSpec("kube-pod", "agent-pod", "Pod"),
    ),
    clouds=(
        CloudSpec("kubernetes", "build", pods=2, label="linux-pod", tunnel="{edge}"),
        CloudSpec("kubernetes-arm", "build-arm", pods=2, label="arm-pod"),
    ),
    adapts=True,
)
JCASC = Scenario(
    name="jcasc",
    title="a controller whose cloud, port and a node JCasC sets, with the checkout of its files",
    nodes=(
        NodeSpec("linux-1", labels="linux"),
        NodeSpec("linux-2", labels="linux", agent=AgentSpec(jar_version=OLDEST_JAR)),
        NodeSpec("by-file", labels="linux", tunnel="{edge}", by_casc=True),
    ),
    clouds=(
        CloudSpec("kubernetes", "build", pods=1, label="pod", tunnel="{edge}", finish_seconds=5),
    ),
    casc=True,
    adapts=True,
)
_ALL = (DEFAULT, FLEET, JCASC, BEHIND_PROXIES, TWO_EDGES, *FRONTS)
SCENARIOS = {scenario.name: scenario for scenario in _ALL}
"""All scenarios by name."""
