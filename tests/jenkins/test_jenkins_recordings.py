"""The adapter against what a real 2.426.2 answered."""

import re

import pytest
from jenkins_recordings import (
    FOLDER,
    NODES,
    Answer,
    as_user,
    recording,
    serving,
    short,
    whole_controller,
)

from migrate.jenkins.agent_log import parse_log
from migrate.jenkins.client import JenkinsController
from migrate.jenkins.errors import (
    AuthFailed,
    Forbidden,
    NodeGone,
    NodeOffline,
    ScriptFailed,
    UnexpectedAnswer,
)
from migrate.jenkins.node_config import set_launcher, to_websocket
from migrate.model.inventory import LauncherKind, OfflineMark, Transport


def client(url: str) -> JenkinsController:
    return JenkinsController(url, "bob", "11" + "0" * 32, timeout=5)


def test_the_whole_controller_by_rest() -> None:
    answers = whole_controller()
    answers["GET", "/script"] = Answer(200)
    with serving(answers) as server:
        reading = client(server.url).read(by="rest")
    controller = reading.controller
    assert controller.version == "2.426.2"
    assert controller.root_url == "http://127.0.0.1:18080/"
    assert (controller.agent_port.configured, controller.agent_port.advertised) == (15000, 15000)
    assert controller.agent_port.protocols == ("JNLP4-connect", "Ping")
    assert controller.minimum_remoting == "4.13"
    assert controller.jar_version == "3160.vd76b_9ddd10cc"
    assert controller.user == "admin"
    assert "Overall/Administer" in controller.permissions
    nodes = {node.name: node for node in reading.nodes}
    assert tuple(sorted(nodes)) == ("(built-in)", *sorted(NODES))
    assert nodes["(built-in)"].launcher is LauncherKind.BUILT_IN
    transports = {name: node.transport.value for name, node in nodes.items()}
    assert transports == {
        "(built-in)": "unknown",
        "node c é": "tcp",
        "node-a": "tcp",
        "node-b": "tcp",
        "node-d": "websocket",
        "node-e": "tcp",
        "node-f": "unknown",
        "node-g": "tcp",
        "node-h": "websocket",
    }
    assert nodes["node-e"].remoting_version == "3063.v26e24490f041"
    assert nodes["node c é"].description == "space & non-ascii é <x>"
    assert nodes["node c é"].labels == ("lab", "node-c")
    assert nodes["node-d"].web_socket is True
    assert (nodes["node-f"].online, nodes["node-f"].ever_connected) == (False, False)
    assert (nodes["node-a"].address, nodes["node-d"].address) == (
        "localhost/127.0.0.1:53234",
        "127.0.0.1",
    )
    assert {s.subject for s in reading.skips} == {"controller"}


@pytest.mark.parametrize("permissions", ["read", "configureonly", "operator"])
def test_what_each_permission_set_sees(permissions: str) -> None:
    with serving(as_user(permissions)) as server:
        reading = client(server.url).read()
        assert server.asked("POST") == []
    assert (reading.read_by, reading.controller.user) == ("rest", "bob")
    held = reading.controller.permissions
    unknown = {s.what for s in reading.skips if s.what.startswith("permission ")}
    expected = {
        "read": (("Overall/Read",), {"permission Agent/Create", "permission Agent/Delete"}),
        "configureonly": (
            ("Overall/Read", "Agent/ExtendedRead"),
            {"permission " + p for p in ("Agent/Configure", "Agent/Create", "Agent/Delete")},
        ),
        "operator": (
            ("Overall/Read", "Agent/ExtendedRead", "Agent/Connect"),
            {
                "permission " + p
                for p in ("Agent/Configure", "Agent/Disconnect", "Agent/Create", "Agent/Delete")
            },
        ),
    }[permissions]
    assert (held, unknown) == expected
    unread = [s for s in reading.skips if s.subject.startswith("node ")]
    if permissions == "read":
        assert {(s.what, s.needed) for s in unread} == {
            ("config.xml", "Agent/Configure"),
            ("agent log", "Agent/Connect or Agent/ExtendedRead"),
        }
        assert all(n.launcher is LauncherKind.UNKNOWN for n in reading.nodes if n.name in NODES)
    else:
        assert unread == []


def test_without_any_permission() -> None:
    with serving(as_user("none")) as server, pytest.raises(Forbidden) as caught:
        client(server.url).read()
    assert caught.value.permission == "Overall/Read"
    assert "'bob' lacks Overall/Read" in caught.value.cause


def test_each_refusal_names_its_permission() -> None:
    with serving(as_user("read")) as server:
        jenkins = client(server.url)
        body = recording("11-node-f-offline-config").body
        for call, permission in (
            (lambda: jenkins.read_node_config("node-f"), "Agent/Configure"),
            (lambda: jenkins.write_node_config("node-f", body), "Agent/Configure"),
            (lambda: jenkins.agent_log("node-f"), "Agent/Connect or Agent/ExtendedRead"),
            (lambda: jenkins.agent_secret("node-f"), "Agent/Connect"),
            (lambda: jenkins.mark_offline("node-f", "x"), "Agent/Disconnect"),
            (lambda: jenkins.run_script("echo", {"text": ""}), "Overall/Administer"),
            (lambda: jenkins.run_script("echo", {}, node="node-a"), "Overall/Administer"),
        ):
            with pytest.raises(Forbidden) as caught:
                call()
            assert caught.value.permission == permission
        assert jenkins.can_script() is False
        jenkins.disconnect("node-f", "a reader's doDisconnect of an offline node is 302 too")


def test_wrong_token_anonymous_and_gone() -> None:
    answers = {
        ("GET", "/api/json"): recording("08-api-badtoken"),
        ("GET", "/computer/node-a/config.xml"): recording("11-node-a-config-anon"),
        ("GET", "/computer/nosuch/api/json"): recording("10-node-nosuch-api-depth2"),
        ("GET", "/computer/nosuch/config.xml"): recording("11-node-nosuch-config"),
        ("POST", "/computer/nosuch/doDelete"): recording("22-toggle-nosuch"),
        ("POST", "/computer/node-f/toggleOffline"): recording("22-toggle-nocrumb"),
        ("GET", "/computer/node-f/api/json"): recording("22-toggle-on-api"),
    }
    with serving(answers) as server:
        jenkins = client(server.url)
        with pytest.raises(AuthFailed, match="refuses user 'bob' with this token"):
            jenkins.agent_port()
        with pytest.raises(AuthFailed, match="JENKINS_USER_ID"):
            JenkinsController(server.url).read_node_config("node-a")
        for call in (jenkins.node_state, jenkins.read_node_config):
            with pytest.raises(NodeGone, match="'nosuch'"):
                call("nosuch")
        jenkins.delete_node("nosuch")
        with pytest.raises(AuthFailed, match="API token"):
            jenkins.mark_offline("node-f", "a password needs a crumb")


def test_node_states() -> None:
    states = {
        "off": ("22-toggle-off-api", False, OfflineMark("", "maintenance é")),
        "on": ("22-toggle-on-api", False, None),
        "failed": ("24-disconnect-offline-api", False, None),
        "a": ("10-node-a-api-depth2", True, None),
    }
    answers = {}
    for name, (file, _, _) in states.items():
        answer = recording(file)
        if b"displayName" not in answer.body:
            answer = Answer(200, (), answer.body.replace(b"{", b'{"displayName":"x",', 1))
        answers["GET", f"/computer/{name}/api/json"] = answer
        answers["GET", f"/computer/{name}/logText/progressiveText"] = recording("12-log-f-never")
    with serving(answers) as server:
        for name, (_, online, mark) in states.items():
            state = client(server.url).node_state(name)
            assert (state.online, state.mark, state.busy, state.idle) == (online, mark, 0, True)


def test_port_on_and_off() -> None:
    answers = {
        ("GET", "/api/json"): recording("06-api-port-disabled"),
        ("GET", "/tcpSlaveAgentListener/"): recording("14-tcp-disabled"),
    }
    with serving(answers) as server:
        assert client(server.url).agent_port() == -1
        assert client(server.url).tcp_listener_on() is False
        server.answers["GET", "/tcpSlaveAgentListener/"] = Answer(404, (), b"nginx")
        with pytest.raises(UnexpectedAnswer, match="not said by Jenkins itself"):
            client(server.url).tcp_listener_on()
        server.answers["GET", "/tcpSlaveAgentListener/"] = recording("14-tcp-open")
        assert client(server.url).tcp_listener_on() is True


def test_scripts_that_fail() -> None:
    answers = {
        ("POST", "/scriptText"): recording("21-script-error"),
        ("POST", "/computer/node-a/scriptText"): recording("21-script-syntax"),
        ("POST", "/computer/node-f/scriptText"): recording("21-script-node-f-offline"),
        ("GET", "/computer/node-f/api/json"): recording("10-node-f-offline-api-depth2"),
        ("POST", "/computer/nosuch/scriptText"): recording("21-script-nosuch"),
        ("GET", "/computer/nosuch/api/json"): recording("10-node-nosuch-api-depth2"),
    }
    with serving(answers) as server:
        jenkins = client(server.url)
        with pytest.raises(ScriptFailed, match="the controller"):
            jenkins.run_script("echo", {"text": ""})
        with pytest.raises(ScriptFailed, match="startup failed"):
            jenkins.run_script("echo", {"text": ""}, node="node-a")
        with pytest.raises(NodeOffline):
            jenkins.run_script("echo", {"text": ""}, node="node-f")
        with pytest.raises(NodeGone):
            jenkins.run_script("echo", {"text": ""}, node="nosuch")


def test_requests_are_as_recorded() -> None:
    jnlp = recording("13-jnlp-a-tcp").body.replace(b"<64 hex digits>", b"a" * 64)
    answers = {
        ("POST", "/computer/doCreateItem"): recording("24-create"),
        ("POST", "/computer/tmpnode/doDelete"): recording("24-delete"),
        ("POST", "/computer/node-f/config.xml"): recording("23-config-flip"),
        ("POST", "/computer/node c é/doDisconnect"): recording("24-disconnect-offline"),
        ("GET", "/computer/node-a/jenkins-agent.jnlp"): Answer(200, (), jnlp),
    }
    with serving(answers) as server:
        jenkins = client(server.url)
        jenkins.create_inbound_node("tmpnode", "")
        jenkins.delete_node("tmpnode")
        flip = to_websocket(recording("11-node-f-offline-config").body)
        jenkins.write_node_config("node-f", flip)
        jenkins.disconnect("node c é", "x")
        assert jenkins.agent_secret("node-a") == "a" * 64
    create, delete, config, disconnect, _ = server.seen
    assert create[1] == "/computer/doCreateItem?name=tmpnode&type=hudson.slaves.DumbSlave"
    assert re.search(rb"json=%7B%22name%22%3A\+%22tmpnode%22", create[3])
    assert delete[1] == "/computer/tmpnode/doDelete"
    recorded = (FOLDER / "23-config-flip.txt").read_bytes()
    assert config[3].strip() in recorded
    assert config[2]["Content-Type"] == "application/xml"
    assert disconnect[1] == "/computer/node%20c%20%C3%A9/doDisconnect"
    assert disconnect[3] == b"offlineMessage=x"
    assert all("Cookie" not in headers for _, _, headers, _ in server.seen)


@pytest.mark.parametrize("node", NODES)
def test_every_recorded_config_can_be_moved_and_put_back(node: str) -> None:
    body = recording(f"11-{short(node)}-config").body
    moved = to_websocket(body)
    assert moved.count(b"<webSocket>true</webSocket>") == 1
    assert moved.replace(b">true</webSocket>", b">false</webSocket>") in (
        body,
        body.replace(b">true</webSocket>", b">false</webSocket>"),
    )
    if b">false</webSocket>" in body:
        assert set_launcher(moved, web_socket=False, tunnel=None) == body


TIMELINE_LOGS = [
    ("30-switch-e-jnlpUrl-3063-to-ws", Transport.WEBSOCKET, "3063.v26e24490f041", True),
    ("30-switch-g-url-name-3206-to-ws", Transport.TCP, "3206.vb_15dcf73f6a_9", True),
    ("30-switch-a-jnlpUrl-3160-to-ws", Transport.WEBSOCKET, "3160.vd76b_9ddd10cc", True),
    ("32-too-old-agent-4.11.2-ws", Transport.UNKNOWN, None, False),
]


@pytest.mark.parametrize(("name", "transport", "version", "connected"), TIMELINE_LOGS)
def test_logs_of_timelines(
    name: str, transport: Transport, version: str | None, connected: bool
) -> None:
    text = (FOLDER / f"{name}.txt").read_text()
    log = re.search(
        r"\] (?:controller-side agent log:\n|controller log of node: )(.*?)(?=\n\[ ?\s*\d|\Z)",
        text,
        re.DOTALL,
    )
    assert log
    parsed = parse_log(log[1].encode())
    assert (parsed.transport, parsed.remoting_version) == (transport, version)
    assert parsed.connected is connected
    assert parsed.terminated is not connected


def test_log_of_a_lost_handshake() -> None:
    parsed = parse_log(recording("20-log-f-after-ws").body)
    assert (parsed.connected, parsed.terminated, parsed.never_connected) == (False, True, False)
    assert parsed.address == "127.0.0.1"


def test_a_script_that_fails_is_replaced_by_rest() -> None:
    answers = whole_controller()
    answers["GET", "/script"] = Answer(200)
    answers["POST", "/scriptText"] = recording("21-script-error")
    with serving(answers) as server:
        reading = client(server.url).read()
        assert reading.read_by == "rest"
        assert len(reading.nodes) == 9
        assert "Overall/Administer" in reading.controller.permissions
        (told,) = [s for s in reading.skips if s.what == "script inventory"]
        assert told.reason.startswith("the script inventory failed on the controller")
        with pytest.raises(ScriptFailed):
            client(server.url).read(by="script")


def test_without_the_script_page_a_script_is_tried() -> None:
    echo = '<<<migrate\n{"text": "migrate", "remoting_version": null}\nmigrate>>>\n'
    with serving({("POST", "/scriptText"): Answer(200, (), echo.encode())}) as server:
        jenkins = client(server.url)
        assert jenkins.can_script()
        assert jenkins.can_script()
        assert server.asked("POST") == ["/scriptText"]
    with serving({("POST", "/scriptText"): recording("21-script-anon")}) as server:
        assert not client(server.url).can_script()
        assert not JenkinsController(server.url).can_script()
