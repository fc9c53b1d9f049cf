"""Inventories for planner tests, and strategies that make any inventory."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from typed import a

from migrate.model.access import Access, SshAccess
from migrate.model.cluster_facts import Cluster, Exposure, ExposureKind, Owner
from migrate.model.inventory import (
    AgentPort,
    Controller,
    Inventory,
    Launch,
    LauncherKind,
    LaunchFile,
    LaunchKind,
    Node,
    OfflineMark,
    Transport,
    WorkDir,
)
from migrate.model.plan import Choices
from migrate.model.plan_steps import Manual, NodeByHand, PlanStep
from migrate.planner.offers.base import Facts

JAR = "3160.vd76b_9ddd10cc"
OLD_JAR = "3063.v26e24490f041"
NEW_JAR = "3283.v92c105e0f819"
ADMIN = ("Overall/Administer",)
OPERATOR = ("Overall/Read", "Agent/Configure", "Agent/Connect", "Agent/Disconnect")


def of_node(step: PlanStep) -> NodeByHand:
    """What a step for a person says of the node that is left to them."""
    return a(NodeByHand, a(Manual, step).node)


def controller(**changes: Any) -> Controller:
    known = Controller(
        url="https://jenkins.example.org/",
        root_url="https://jenkins.example.org/",
        version="2.426.2",
        agent_port=AgentPort(50000, 50000),
        minimum_remoting="4.13",
        jar_version=JAR,
        jar_sha256="d" * 64,
        permissions=ADMIN,
    )
    return replace(known, **changes)


def launch(kind: LaunchKind = LaunchKind.JNLP_URL, **changes: Any) -> Launch:
    known = Launch(
        kind=kind,
        command="java -jar /srv/a/agent.jar -jnlpUrl https://jenkins.example.org/computer/a/"
        "jenkins-agent.jnlp -secret @/srv/a/secret-file",
        options=("-jnlpUrl", "-secret"),
        jar="/srv/a/agent.jar",
        jar_sha256="c" * 64,
        jar_writable=True,
        java_version="17.0.9",
        os="Linux",
        user="jenkins",
        host="a.example.org",
        supervisor="none",
        restarter=True,
    )
    return replace(known, **changes)


def node(name: str = "a", **changes: Any) -> Node:
    known = Node(
        name=name,
        launcher=LauncherKind.INBOUND,
        launcher_class="hudson.slaves.JNLPLauncher",
        node_class="slave",
        web_socket=False,
        work_dir=WorkDir(False, None, "remoting", False),
        remote_fs="/srv/a",
        online=True,
        transport=Transport.TCP,
        protocol="JNLP4-connect",
        remoting_version=JAR,
        launch=launch(),
        config_sha256="1" * 64,
    )
    return replace(known, **changes)


def inventory(*nodes: Node, **changes: Any) -> Inventory:
    known = Inventory(
        schema_version=1,
        tool_version="0.1.0",
        scanned_at="2026-11-21T20:00:00Z",
        read_by="script",
        controller=controller(),
        nodes=tuple(sorted(nodes, key=lambda n: n.name)),
        cluster=None,
    )
    return replace(known, **changes)


def choices(**changes: Any) -> Choices:
    return replace(Choices("t1"), **changes)


def facts(made: Launch | None = None, **changes: Any) -> Facts:
    """What drivers are told beside ``node(launch=made)``; the user administers."""
    return replace(Facts(controller(), choices(), made), **changes)


UNIT = launch(
    LaunchKind.URL_NAME,
    supervisor="systemd",
    supervisor_detail="agent-a.service",
    launch_files=(LaunchFile("/etc/systemd/system/agent-a.service", "systemd-unit", False),),
    jar_writable=False,
)
"""By ``-url`` and ``-name``, in a unit that is root's."""
SCRIPT = launch(
    LaunchKind.URL_NAME,
    supervisor="systemd",
    supervisor_detail="agent-a.service",
    restart="always",
    restart_exit=93,
    main_process=True,
    launch_files=(*UNIT.launch_files, LaunchFile("/srv/a/start.sh", "script", True)),
    secret_in_clear=True,
    work_dir="/srv/a/work",
    work_dir_writable=True,
)
"""The same, with a script between that the agent's own user may write."""
WINSW = replace(
    SCRIPT,
    os="Windows Server 2022 amd64",
    supervisor="winsw",
    supervisor_detail="jenkinsagent",
    restart="service",
    restart_exit=None,
    main_process=None,
    jar="C:\\jenkins\\agent.jar",
    work_dir="C:\\jenkins",
    launch_files=(LaunchFile("C:\\jenkins\\agent.xml", "winsw-xml", True),),
)
SSH = Access(ssh=SshAccess("{node}.example.com", sudo=True))
"""ssh is configured, with root's rights."""


def exposure(kind: ExposureKind, key: str = "50000", **changes: Any) -> Exposure:
    objects = {
        ExposureKind.TCP_SERVICES_ENTRY: "ConfigMap",
        ExposureKind.EDGE_CONTAINER_PORT: "Deployment",
        ExposureKind.CONTROLLER_CONTAINER_PORT: "StatefulSet",
        ExposureKind.NETWORK_POLICY: "NetworkPolicy",
    }
    known = Exposure(
        kind, objects.get(kind, "Service"), "ns", "obj", key, 50000, "jenkins/a:50000", uid="u-1"
    )
    return replace(known, **changes)


def cluster(*exposures: Exposure) -> Cluster:
    return Cluster("ctx", "v1.31", exposures=exposures)


names = st.one_of(
    st.text(min_size=1, max_size=12),
    st.sampled_from(["a[1]", "node c é", "*", "-rf", "$(id)", "`id`", "a'b", 'a"b', "x\ny", "#h"]),
)
versions = st.sampled_from([None, "3.14", "4.2", "4.11.2", OLD_JAR, JAR, NEW_JAR, "junk"])


@st.composite
def launches(draw: st.DrawFn) -> Launch | None:
    if draw(st.booleans()):
        return None
    return launch(
        draw(st.sampled_from(list(LaunchKind))),
        command=draw(
            st.sampled_from(
                [
                    "",
                    launch().command,
                    "java -jar agent.jar -url https://j/ -name a -secret **** -tunnel h:1",
                    "java -cp agent.jar hudson.remoting.jnlp.Main -headless -url https://j/ **** a",
                    "java 'broken",
                ]
            )
        ),
        options=draw(
            st.sampled_from([(), ("-jnlpUrl",), ("-jnlpUrl", "-noReconnect"), ("-slaveLog",)])
        ),
        jar=draw(st.sampled_from([None, "/srv/a/agent.jar", "C:\\jenkins\\agent.jar"])),
        jar_sha256=draw(st.sampled_from([None, "c" * 64, "d" * 64])),
        jar_writable=draw(st.sampled_from([None, True, False])),
        java_version=draw(st.sampled_from([None, "1.8.0_392", "11.0.2", "17.0.9"])),
        os=draw(st.sampled_from([None, "Linux", "Windows Server 2022"])),
        host=draw(st.one_of(st.none(), names)),
        supervisor=draw(
            st.sampled_from(
                ["systemd", "winsw", "launchd", "docker", "kubernetes", "none", "unknown"]
            )
        ),
        supervisor_detail=draw(st.one_of(st.just(""), names)),
        restarter=draw(st.sampled_from([None, True, False])),
        restart=draw(st.sampled_from([None, "always", "no", "user-unit", "service"])),
        restart_exit=draw(st.sampled_from([None, 93])),
        main_process=draw(st.sampled_from([None, True, False])),
        secret_in_clear=draw(st.sampled_from([None, True, False])),
        work_dir=draw(st.sampled_from([None, "/srv/a", "work"])),
        work_dir_writable=draw(st.sampled_from([None, True, False])),
        launch_files=draw(
            st.lists(
                st.builds(
                    LaunchFile,
                    st.sampled_from(["/srv/a/x", "C:\\x.xml"]),
                    st.sampled_from(["script", "env-file", "systemd-unit", "winsw-xml"]),
                    st.sampled_from([None, True, False]),
                ),
                max_size=2,
            ).map(tuple)
        ),
    )


@st.composite
def nodes(draw: st.DrawFn, name: str) -> Node:
    online = draw(st.booleans())
    return node(
        name,
        launcher=draw(
            st.one_of(st.just(LauncherKind.INBOUND), st.sampled_from(list(LauncherKind)))
        ),
        node_class=draw(st.sampled_from(["slave", "slave", "slave", "com.example.Cloudy"])),
        web_socket=draw(st.sampled_from([None, True, False])),
        tunnel=draw(st.sampled_from([None, "edge:50000", ""])),
        online=online,
        busy=draw(st.integers(0, 3)),
        offline_mark=draw(st.sampled_from([None, OfflineMark("ann", "repair")])),
        transport=draw(st.sampled_from(list(Transport))),
        remoting_version=draw(versions),
        launch=draw(launches()),
        config_sha256=draw(st.sampled_from([None, "1" * 64])),
    )


@st.composite
def inventories(draw: st.DrawFn) -> Inventory:
    chosen = draw(st.lists(names, unique=True, max_size=8))
    exposures = draw(
        st.lists(
            st.builds(
                exposure,
                st.sampled_from(list(ExposureKind)),
                key=st.sampled_from(["50000", "50001", "c/agent"]),
                value=st.sampled_from(["jenkins/a:50000", "hostPort 50000 on every node"]),
                owner=st.sampled_from(
                    [None, Owner("helm", "j", "label"), Owner("argocd", "x", "y")]
                ),
            ),
            max_size=5,
        )
    )
    return inventory(
        *(draw(nodes(name)) for name in chosen),
        controller=controller(
            permissions=draw(st.sampled_from([ADMIN, OPERATOR, ()])),
            agent_port=AgentPort(draw(st.sampled_from([None, -1, 0, 50000]))),
            port_owner=draw(st.sampled_from([None, Owner("jcasc", "jcasc", "slaveAgentPort")])),
        ),
        cluster=draw(st.sampled_from([None, cluster(*exposures)])),
    )


all_choices = st.builds(
    choices,
    include=st.sampled_from([("*",), ("a*",)]),
    exclude=st.sampled_from([(), ("*é*",)]),
    canary=st.integers(0, 3),
    wave_sizes=st.sampled_from([("1",), ("10%", "25%", "100%"), ("50%",), ("2", "3")]),
    drivers=st.sampled_from([(), (("*", "reread"),), (("*", "inband"),), (("a*", "manual"),)]),
    launches=st.sampled_from([(), (("*", "jnlp-url"),), (("*", "url-name"),)]),
    upgrade=st.booleans(),
    close=st.booleans(),
    allow_live_edit=st.booleans(),
    secrets_to_files=st.booleans(),
)
