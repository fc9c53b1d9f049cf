"""The sandbox controller as 2.541.3 answers the recorded requests as a real 2.541.3 did."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from conformance import ADMIN_TOKEN, BOB_TOKEN, NOT_REPLAYED, PASSWORD, Replayer, until
from replay import Recordings

from migrate.sandbox.agent.process import AgentProcess, stopping
from migrate.sandbox.jenkins import JenkinsServer
from migrate.sandbox.spec import AgentSpec, NodeSpec

RECORDINGS = Recordings("2.541.3")
_R3107, _R3160 = "3107.v665000b_51092", "3160.vd76b_9ddd10cc"
_R3206, _R3352 = "3206.vb_15dcf73f6a_9", "3352.v17a_fb_4b_2773f"
NODES: tuple[tuple[str, str, bool, AgentSpec | None], ...] = (
    ("node-a", "plain tcp inbound", False, AgentSpec(jar_version=_R3160)),
    ("node-b", "jnlp main tcp", False, AgentSpec(launch="jnlp-main", jar_version=_R3160)),
    ("node c é", "tcp, special name", False, AgentSpec(jar_version=_R3160, java_version="17.0.15")),
    ("node-d", "websocket inbound", True, AgentSpec(jar_version=_R3160)),
    ("node-e", "tcp, remoting 3107", False, AgentSpec(jar_version=_R3107)),
    ("node-f", "never connected", False, None),
    ("node-g", "tcp -url -name 3206", False, AgentSpec("url-name", _R3206)),
    (
        "node-h",
        "websocket -url -name 3206",
        True,
        AgentSpec("url-name", _R3206, web_socket=True),
    ),
    ("node-i", "tcp -url -name 3352", False, AgentSpec("url-name", _R3352)),
    (
        "node-j",
        "websocket -url -name 3352",
        True,
        AgentSpec("url-name", _R3352, web_socket=True),
    ),
    ("漢字", "name outside ISO-8859-1", True, None),
)
_READ = frozenset({"Overall/Read"})
_ALL = frozenset(
    f"Agent/{name}"
    for name in ("ExtendedRead", "Configure", "Connect", "Disconnect", "Create", "Delete")
)
GRANTS = {
    "none": frozenset[str](),
    "agentall": _ALL,
    "read": _READ,
    "extendedread": _READ | {"Agent/ExtendedRead"},
    "configureonly": _READ | {"Agent/Configure"},
    "operator": _READ
    | {"Agent/ExtendedRead", "Agent/Configure", "Agent/Connect", "Agent/Disconnect"},
    "agentallread": _READ | _ALL,
}
# The order in which requests with effects were sent.
ORDER_22 = (
    "toggle-GET",
    "toggle-anon",
    "toggle-nosuch",
    "toggle-nocrumb",
    "toggle-cookie-only-nocrumb",
    "mark-1-config-before",
    "toggle-off",
    "toggle-off-api",
    "toggle-off-api-tool",
    "mark-2-config-marked",
    "change-cause",
    "change-cause-api",
    "mark-3-config-changed",
    "toggle-on",
    "toggle-on-api",
    "mark-4-config-after",
    "mark-5-post-marked",
    "mark-5-post-marked-api",
    "mark-5-config",
    "mark-6-post-unmarked",
    "mark-6-post-unmarked-api",
    "change-cause-unmarked",
    "change-cause-unmarked-api",
    "change-cause-unmarked-config",
    "toggle-crumb-nocookie",
    "toggle-crumb",
    "toggle-token-and-cookie-nocrumb",
    "toggle-nomessage",
    "toggle-nomessage-api",
    "toggle-nomessage-config",
    "toggle-nomessage-unmarked",
    "toggle-nomessage-unmarked-api",
    "toggle-nomessage-unmarked-config",
    "toggle-nomessage-unmarked-back",
    "online-toggle-off",
    "online-toggle-off-api",
    "online-toggle-off-config",
    "online-toggle-off-log",
    "online-toggle-on",
    "online-toggle-on-api",
    "online-toggle-on-log",
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
    "config-builtin",
    "config-restore2",
    "config-c-same",
    "node-c-online-after-config-post",
    "rename",
    "rename-api",
    "rename-back",
    "final-f",
    "marked-1-mark",
    "marked-2-post-flip-with-mark",
    "marked-2-config",
    "marked-2-api",
    "marked-3-post-without-mark",
    "marked-3-api",
    "marked-3-config",
)
ORDER_24 = (
    "create-anon",
    "create-badname",
    "create",
    "create-again",
    "create-api",
    "create-config",
    "probe-node-ws",
    "delete",
    "delete-again",
    "delete-ws-after",
    "launch-GET",
    "launch",
    "launch-online",
    "disconnect-GET",
    "disconnect-offline",
    "disconnect-offline-api",
)


def _xml(name: str, description: str, web_socket: bool) -> bytes:
    flag = "true" if web_socket else "false"
    short = name.replace(" ", "-")
    folder = name.replace(" ", "_")
    return (
        f"<slave><name>{name}</name><description>{description}</description>"
        f"<remoteFS>/srv/lab/agents/{folder}</remoteFS><numExecutors>1</numExecutors>"
        '<mode>NORMAL</mode><retentionStrategy class="hudson.slaves.RetentionStrategy$Always"/>'
        '<launcher class="hudson.slaves.JNLPLauncher"><workDirSettings><disabled>false</disabled>'
        "<internalDir>remoting</internalDir>"
        "<failIfWorkDirIsMissing>false</failIfWorkDirIsMissing></workDirSettings>"
        f"<webSocket>{flag}</webSocket></launcher><label>lab {short}</label>"
        "<nodeProperties/></slave>"
    ).encode()


def _add_nodes(jenkins: JenkinsServer) -> None:
    for name, description, web_socket, _ in NODES:
        jenkins.add_node_xml(_xml(name, description, web_socket))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JenkinsServer]:
    home: Path = tmp_path_factory.mktemp("conformance-541")
    jenkins = JenkinsServer(home / "jenkins", time_scale=0.05, jenkins_version="2.541.3")
    jenkins.state.extended_read_on = True  # as when it was recorded (facts.md)
    jenkins.start()
    jenkins.add_user("admin", ADMIN_TOKEN, frozenset({"Overall/Administer"}), PASSWORD)
    jenkins.add_user("bob", BOB_TOKEN, frozenset())
    agents: list[AgentProcess] = []
    with stopping(agents):
        _add_nodes(jenkins)
        for name, _, _, agent in NODES:
            if agent is not None:
                agents.append(
                    AgentProcess.start(
                        NodeSpec(name, agent=agent),
                        home,
                        jenkins.root_url,
                        jenkins.secret(name),
                        home / "bin",
                        time_scale=0.05,
                    )
                )
        until(lambda: all(jenkins.is_online(a.spec.name) for a in agents))
        # Before it was recorded, a hand-made connection of node-f had ended.
        _lose_a_connection(jenkins, Replayer(jenkins, RECORDINGS, "127.0.0.1:18080"))
        until(lambda: "terminated" in jenkins.agent_log("node-f"))
        jenkins.state.computers["node-f"].log.path.unlink()
        yield jenkins
    jenkins.stop()


@pytest.fixture(scope="module")
def replayer(server: JenkinsServer) -> Replayer:
    return Replayer(server, RECORDINGS, "127.0.0.1:18080")


NOT_READ: dict[str, str] = {
    "06-api-port-disabled": "recorded with the port off: test_port_off replays it",
    "14-tcp-disabled": "recorded with the port off: test_port_off replays it",
    "10-node-f-offline-api-depth2": "recorded before there was an agent: test_without_agents",
}


@pytest.mark.parametrize(
    "name",
    [
        n
        for n in RECORDINGS.names("0", "10-", "11-", "12-", "13-", "14-", "15-", "16-", "21-")
        if n not in NOT_READ and n not in NOT_REPLAYED
    ],
)
def test_reading(name: str, replayer: Replayer) -> None:
    replayer.check(name)


@pytest.mark.parametrize(
    "name", [n for n in RECORDINGS.names("20-ws", "60-") if n not in NOT_REPLAYED]
)
def test_websocket_handshakes(name: str, replayer: Replayer) -> None:
    replayer.check(name)


def _lose_a_connection(server: JenkinsServer, replayer: Replayer) -> None:
    """A handshake of node-f that ends: its cause is a lost connection from then on."""
    replayer.check("20-ws-upgrade-right-on-tcp-node")
    state = server.state.computers["node-f"]
    until(lambda: state.sessions == 0 and state.cause is not None)


def test_every_recording_is_replayed_or_explained() -> None:
    ordered = {
        *(f"22-{n}" for n in ORDER_22),
        *(f"23-{n}" for n in ORDER_23),
        *(f"24-{n}" for n in ORDER_24),
    }
    assert set(RECORDINGS.names("22-", "23-", "24-")) == ordered
    others = set(RECORDINGS.names("")) - ordered - set(NOT_REPLAYED)
    groups = ("0", "10-", "11-", "12-", "13-", "14-", "15-", "16-", "20-", "21-", "33-", "40-")
    assert {n for n in others if not n.startswith((*groups, "60-", "70-"))} == set()
    assert set(NOT_REPLAYED) <= set(RECORDINGS.names(""))


def test_already_connected(replayer: Replayer) -> None:
    replayer.check("33-duplicate-ws-upgrade")
    replayer.check("33-duplicate-ws-upgrade-api")


def test_agent_log_after_a_handshake(server: JenkinsServer, replayer: Replayer) -> None:
    # The log of this very session: those of the tests before may still be at their end.
    computer = server.state.computers["node-f"]
    until(lambda: computer.sessions == 0 and computer.channel is None)
    computer.log.write("of a session before")
    _lose_a_connection(server, replayer)

    def told() -> bool:
        try:
            log = server.agent_log("node-f")
        except FileNotFoundError:
            return False  # What connects puts the last session's log aside before it begins one.
        return "of a session before" not in log and "Connection terminated" in log

    until(told)
    replayer.check("20-log-f-after-ws")


def test_marks(server: JenkinsServer, replayer: Replayer) -> None:
    _lose_a_connection(server, replayer)
    for name in ORDER_22:
        replayer.check(f"22-{name}")


def test_config_xml(server: JenkinsServer, replayer: Replayer) -> None:
    _lose_a_connection(server, replayer)
    for name in ORDER_23:
        replayer.check(f"23-{name}")


def test_create_delete_launch(server: JenkinsServer, replayer: Replayer) -> None:
    _lose_a_connection(server, replayer)
    for name in ORDER_24:
        replayer.check(f"24-{name}")


@pytest.mark.parametrize("grant", GRANTS)
def test_permissions(grant: str, server: JenkinsServer, replayer: Replayer) -> None:
    _lose_a_connection(server, replayer)
    server.add_user("bob", BOB_TOKEN, GRANTS[grant])
    for name in RECORDINGS.names(f"40-perm-{grant}-"):
        replayer.check(name)


def test_port_off(server: JenkinsServer, replayer: Replayer) -> None:
    port = server.agent_port
    server.set_agent_port(-1)
    try:
        for name in ("06-api-port-disabled", "14-tcp-disabled"):
            replayer.check(name)
    finally:
        server.set_agent_port(port)


def test_without_agents(tmp_path: Path) -> None:
    with _controller(tmp_path) as jenkins:
        _add_nodes(jenkins)
        Replayer(jenkins, RECORDINGS, "127.0.0.1:18080").check("10-node-f-offline-api-depth2")


@pytest.mark.parametrize("url", ["configured", "nourl"])
def test_below_a_context_path(url: str, tmp_path: Path) -> None:
    faults = frozenset({"no-jenkins-url"} if url == "nourl" else ())
    with _controller(tmp_path, context_path="/jenkins", faults=faults) as jenkins:
        for name in ("node-a", "node-b"):
            jenkins.add_node_xml(_xml(name, "", False))
        jenkins.set_agent_port(-1)
        replayer = Replayer(jenkins, RECORDINGS, "127.0.0.1:18082")
        found = RECORDINGS.names("70-ctx-")
        for name in found:
            if name.startswith("70-ctx-nourl-") == (url == "nourl"):
                replayer.check(name)


@contextmanager
def _controller(home: Path, **options: Any) -> Iterator[JenkinsServer]:
    jenkins = JenkinsServer(home, time_scale=0.05, jenkins_version="2.541.3", **options)
    jenkins.start()
    jenkins.add_user("admin", ADMIN_TOKEN, frozenset({"Overall/Administer"}), PASSWORD)
    try:
        yield jenkins
    finally:
        jenkins.stop()
