"""The sandbox controller answers the recorded requests as the recordings do."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from conformance import ADMIN_TOKEN, BOB_TOKEN, PASSWORD, Replayer, until
from replay import Recordings

from migrate.sandbox.agent.process import AgentProcess, stopping
from migrate.sandbox.jenkins import JenkinsServer
from migrate.sandbox.spec import AgentSpec, NodeSpec

RECORDINGS = Recordings("2.426.2")


R3160 = "3160.vd76b_9ddd10cc"
NODES = (
    ("node-a", "plain tcp inbound", False, AgentSpec(jar_version=R3160)),
    (
        "node-b",
        "tcp inbound, workDir settings",
        False,
        AgentSpec(launch="jnlp-main", jar_version=R3160),
    ),
    ("node c é", "space & non-ascii é <x>", False, AgentSpec(jar_version=R3160)),
    ("node-d", "websocket", True, AgentSpec(jar_version=R3160)),
    ("node-e", "old agent.jar", False, AgentSpec(jar_version="3063.v26e24490f041")),
    ("node-f", "never connected", False, None),
    (
        "node-g",
        "-url/-name style, remoting 3206",
        False,
        AgentSpec(launch="url-name", jar_version="3206.vb_15dcf73f6a_9"),
    ),
    (
        "node-h",
        "-url/-name -webSocket style, remoting 3206",
        True,
        AgentSpec(launch="url-name", jar_version="3206.vb_15dcf73f6a_9", web_socket=True),
    ),
)

_READ = frozenset({"Overall/Read"})
GRANTS = {
    "none": frozenset[str](),
    "read": _READ,
    "operator": _READ
    | {"Agent/ExtendedRead", "Agent/Configure", "Agent/Connect", "Agent/Disconnect"},
    "configureonly": _READ | {"Agent/Configure"},
}

# The order in which requests with effects were sent; what is not named here runs by name.
ORDER_22 = (
    "GET",
    "anon",
    "nosuch",
    "nocrumb",
    "off",
    "off-api",
    "on",
    "on-api",
    "crumb-nocookie",
    "crumb",
    "back",
)
ORDER_23 = (
    "config-same",
    "config-flip",
    "config-after-flip",
    "jnlp-after-flip",
    "config-selfclose",
    "config-after-absent",
    "config-unknownelem",
    "config-after-unknownelem",
    "config-badlauncher",
    "config-after-badlauncher",
    "config-restore",
    "config-malformed",
    "config-wrongroot",
    "config-empty",
    "config-form",
    "config-noctype",
    "config-nodecl",
    "config-xml10",
    "config-textplain",
    "config-nocrumb",
    "config-badcrumb",
    "config-anon",
    "config-badtoken",
    "config-nosuch",
    "config-put",
    "config-c-same",
    "node-c-online-after-config-post",
    "log-f",
    "rename",
    "rename-api",
    "rename-back",
    "final-f",
)
ORDER_24 = (
    "create",
    "create-config",
    "delete",
    "launch",
    "disconnect-offline",
    "disconnect-offline-api",
)


def _xml(name: str, description: str, web_socket: bool) -> bytes:
    short = "node-c" if name.startswith("node c") else name
    flag = "true" if web_socket else "false"
    path = "<workDirPath>/srv/agents/node-b-wd</workDirPath>" if name == "node-b" else ""
    missing = "true" if name == "node-b" else "false"
    text = description.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return (
        f"<slave><name>{name}</name><description>{text}</description>"
        f"<remoteFS>/srv/agents/{short}</remoteFS><numExecutors>1</numExecutors>"
        '<mode>NORMAL</mode><launcher class="hudson.slaves.JNLPLauncher"><workDirSettings>'
        f"<disabled>false</disabled>{path}<internalDir>remoting</internalDir>"
        f"<failIfWorkDirIsMissing>{missing}</failIfWorkDirIsMissing></workDirSettings>"
        f"<webSocket>{flag}</webSocket></launcher><label>lab {short}</label>"
        "<nodeProperties/></slave>"
    ).encode()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JenkinsServer]:
    home: Path = tmp_path_factory.mktemp("conformance")
    jenkins = JenkinsServer(home / "jenkins", time_scale=0.05, jenkins_version="2.426.2")
    jenkins.start()
    jenkins.add_user("admin", ADMIN_TOKEN, frozenset({"Overall/Administer"}), PASSWORD)
    agents: list[AgentProcess] = []
    with stopping(agents):
        for name, description, web_socket, agent in NODES:
            jenkins.add_node_xml(_xml(name, description, web_socket))
            if agent is not None:
                spec = NodeSpec(name, agent=agent)
                secret = jenkins.secret(name)
                agents.append(
                    AgentProcess.start(
                        spec, home, jenkins.root_url, secret, home / "bin", time_scale=0.05
                    )
                )
        until(lambda: all(jenkins.is_online(a.spec.name) for a in agents))
        yield jenkins
    jenkins.stop()


@pytest.fixture(scope="module")
def replayer(server: JenkinsServer) -> Replayer:
    return Replayer(server, RECORDINGS, "127.0.0.1:18080")


NOT_IMITATED = {
    "06-api-port-disabled": "recorded with the port off: test_port_off replays it",
    "14-tcp-disabled": "recorded with the port off: test_port_off replays it",
}


@pytest.mark.parametrize(
    "name",
    [
        n
        for n in RECORDINGS.names("0", "10-", "11-", "12-", "13-", "14-", "15-", "16-", "21-")
        if n not in NOT_IMITATED
    ],
)
def test_reading(name: str, replayer: Replayer) -> None:
    replayer.check(name)


def test_every_recording_is_replayed() -> None:
    """What is left out is listed, and nothing is forgotten."""
    by_order = (
        {f"22-toggle-{n}" for n in ORDER_22}
        | {f"23-{n}" for n in ORDER_23}
        | {f"24-{n}" for n in ORDER_24}
    )
    effects = set(RECORDINGS.names("22-", "23-", "24-"))
    assert effects == by_order
    others = set(RECORDINGS.names("")) - effects
    groups = ("0", "10-", "11-", "12-", "13-", "14-", "15-", "16-", "20-", "21-", "33-", "40-")
    assert all(n.startswith(groups) for n in others)


def _ws_order() -> list[str]:
    found = [n for n in RECORDINGS.names("20-") if n != "20-log-f-after-ws"]
    return sorted(found, key=lambda n: "right" in n)


@pytest.mark.parametrize("name", _ws_order())
def test_websocket_handshakes(name: str, replayer: Replayer) -> None:
    replayer.check(name)


def test_agent_log_after_a_handshake(server: JenkinsServer, replayer: Replayer) -> None:
    # The log of this very session: those of the tests before may still be at their end.
    computer = server.state.computers["node-f"]
    until(lambda: computer.sessions == 0 and computer.channel is None)
    computer.log.write("of a session before")
    replayer.check("20-ws-upgrade-right-on-tcp-node")
    until(lambda: "of a session before" not in server.agent_log("node-f"))
    until(lambda: "Connection terminated" in server.agent_log("node-f"))
    replayer.check("20-log-f-after-ws")


def test_already_connected(replayer: Replayer) -> None:
    replayer.check("33-duplicate-ws-upgrade")


def test_toggle(replayer: Replayer) -> None:
    for name in ORDER_22:
        replayer.check(f"22-toggle-{name}")


def test_config_xml(server: JenkinsServer, replayer: Replayer) -> None:
    if "Connection terminated" not in server.agent_log("node-f"):
        replayer.check("20-ws-upgrade-right-on-tcp-node")
        until(lambda: "Connection terminated" in server.agent_log("node-f"))
    before = server.config_xml("node-f")
    for name in ORDER_23:
        replayer.check(f"23-{name}")
    assert server.config_xml("node-f") == before


def test_create_delete_launch(replayer: Replayer) -> None:
    for name in ORDER_24:
        replayer.check(f"24-{name}")


def test_permissions(server: JenkinsServer, replayer: Replayer) -> None:
    # As recorded, node-f had lost a connection before, and the operator's two toggles
    # cleared that cause before the last grant was tried.
    replayer.check("20-ws-upgrade-right-on-tcp-node")
    state = server.state.computers["node-f"]
    until(lambda: state.sessions == 0)
    for grant, permissions in GRANTS.items():
        server.add_user("bob", BOB_TOKEN, permissions)
        for name in RECORDINGS.names(f"40-perm-{grant}-"):
            replayer.check(name)


def test_port_off(server: JenkinsServer, replayer: Replayer) -> None:
    port = server.agent_port
    server.set_agent_port(-1)
    try:
        for name in NOT_IMITATED:
            replayer.check(name)
    finally:
        server.set_agent_port(port)
    assert server.agent_port == port
