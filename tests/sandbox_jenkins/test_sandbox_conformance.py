"""The sandbox controller answers the recorded requests as the recordings do."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import replay
from replay import Answer, Recording

from migrate.sandbox.agent.process import AgentProcess, stopping
from migrate.sandbox.jenkins import JenkinsServer
from migrate.sandbox.spec import AgentSpec, NodeSpec

pytestmark = [
    pytest.mark.recordings,
    pytest.mark.skipif(
        not replay.FOLDER.is_dir(), reason="../shared/recordings is not beside this project"
    ),
]

ADMIN_TOKEN = "11" + "a" * 32
BOB_TOKEN = "11" + "b" * 32
PASSWORD = "a password"

NODES = (
    ("node-a", "plain tcp inbound", False, AgentSpec()),
    ("node-b", "tcp inbound, workDir settings", False, AgentSpec(launch="jnlp-main")),
    ("node c é", "space & non-ascii é <x>", False, AgentSpec()),
    ("node-d", "websocket", True, AgentSpec()),
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

HEADERS_NOT_COMPARED = {
    "date": "the time",
    "connection": "the connection's own business",
    "content-length": "HTML pages are short here; other bodies are compared themselves",
    "transfer-encoding": "Jetty sends large bodies chunked",
    "set-cookie": "a session is made where a crumb or a login needs one, not with each page",
    "last-modified": "the jar's own time",
}
VALUES_NOT_COMPARED = {
    "expires": "the time",
    "x-jenkins-session": "changes with each start",
    "x-instance-identity": "a key of its own",
    "x-consoleannotator": "random",
    "connection-cookie": "random",
    "x-hudson-jnlp-port": "a free port",
    "x-jenkins-jnlp-port": "a free port",
    "x-text-size": "checked against the body",
    "location": "compared by its path",
}
VOLATILE = {
    "timestamp",
    "size",
    "path",
    "average",
    "diff",
    "availablePhysicalMemory",
    "totalPhysicalMemory",
    "slaveAgentPort",
}
SCRIPT_OUTPUT = {
    "21-script-controller": r".*jenkins\.war\n$",
    "21-script-node-a": r"/.*/agent\.jar\n$",
    "21-script-node-c": r".*agent\.jar -jnlpUrl .*/computer/node%20c%20%C3%A9/jenkins-agent\.jnlp",
    "21-script-node-d-cmdline": r".*-jnlpUrl .*\n3160\.vd76b_9ddd10cc\nWebSocket\n$",
}
"""Paths of this machine stand in these outputs."""


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
    jenkins = JenkinsServer(home / "jenkins", time_scale=0.05)
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
        _until(lambda: all(jenkins.is_online(a.spec.name) for a in agents))
        yield jenkins
    jenkins.stop()


def _until(done: Any, seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "timed out"
        time.sleep(0.01)


def _request(recording: Recording, server: JenkinsServer) -> bytes:
    """The recorded request, with this installation's secrets in the place of the redacted."""
    head, _, body = recording.request.partition(b"\r\n\r\n")
    text = head.decode()
    text = text.replace("127.0.0.1:18080", f"127.0.0.1:{server.http_port}")
    text = text.replace("<base64 of USER:APITOKEN>", _credentials(recording))
    node = re.search(r"^Node-Name: (.*)\r?$", text, re.MULTILINE)
    secret = "0" * 64
    if node and "wrongsecret" not in recording.name:
        secret = server.secret(node[1].strip())
    text = text.replace("Secret-Key: <64 hex digits>", f"Secret-Key: {secret}")
    if "Jenkins-Crumb: <64 hex digits>" in text:
        crumb, cookie = _crumb(server)
        text = text.replace("<64 hex digits>", crumb)
        text = re.sub(r"^Cookie: [^\r\n]*", f"Cookie: {cookie}", text, flags=re.MULTILINE)
    return text.encode() + b"\r\n\r\n" + body


def _credentials(recording: Recording) -> str:
    import base64

    pair = f"admin:{ADMIN_TOKEN}"
    if recording.note.startswith("password"):
        pair = f"admin:{PASSWORD}"
    elif recording.note.startswith("wrong token"):
        pair = "admin:wrong"
    elif recording.name.startswith("40-"):
        pair = f"bob:{BOB_TOKEN}"
    return base64.b64encode(pair.encode()).decode()


def _crumb(server: JenkinsServer) -> tuple[str, str]:
    import base64

    basic = base64.b64encode(f"admin:{PASSWORD}".encode()).decode()
    answer = replay.send(
        server.http_port,
        f"GET /crumbIssuer/api/json HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {basic}\r\n"
        "Connection: close\r\n\r\n".encode(),
    )
    cookie = (answer.get("Set-Cookie") or "").partition(";")[0]
    return json.loads(answer.body)["crumb"], cookie


def _compare_headers(recorded: Answer, got: Answer, recording: Recording) -> None:
    ignored = set(HEADERS_NOT_COMPARED)
    assert got.names - ignored == recorded.names - ignored
    for name in recorded.names - ignored - set(VALUES_NOT_COMPARED):
        assert got.all(name) == recorded.all(name), name
    if recorded.get("Location"):
        cut = re.compile(r"^https?://[^/]+")
        assert cut.sub("", got.get("Location") or "") == cut.sub("", recorded.get("Location") or "")
    if recorded.get("X-Text-Size"):
        assert got.get("X-Text-Size") == str(len(got.body.replace(b"\r\n", b"\n")))
        size = int(recorded.get("X-Text-Size") or 0)
        assert size == int(recorded.get("Content-Length") or 0) - recorded.body.count(b"\r\n")


def _data(value: Any, root: str) -> Any:
    """JSON with the order of labels and volatile values taken out."""
    if isinstance(value, dict):
        return {
            key: type(item).__name__ if key in VOLATILE else _data(item, root)
            for key, item in value.items()
        }
    if isinstance(value, list):
        items = [_data(item, root) for item in value]
        if all(
            isinstance(item, dict) and "name" in item and "_class" not in item for item in items
        ):
            return sorted(items, key=lambda item: str(item["name"]))
        return items
    return value.replace(root, "ROOT") if isinstance(value, str) else value


def _jetty_text(body: bytes) -> str:
    return body.decode("latin-1").strip()


def _title(body: bytes) -> str:
    found = re.search(rb"<title>(.*?)</title>", body, re.DOTALL)
    return found[1].decode() if found else ""


def _plain(body: bytes, root: str) -> str:
    text = body.decode("utf-8").replace(root, "ROOT")
    text = re.sub(r"\b[0-9a-f]{64}\b|<64 hex digits>", "SECRET", text)
    return re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text)


def _compare_body(recorded: Answer, got: Answer, recording: Recording, root: str) -> None:
    kind = (recorded.get("Content-Type") or "").partition(";")[0]
    if recorded.status == 101 or recording.request.startswith(b"HEAD"):
        return
    if recording.name == "13-jnlp-encrypted":
        assert len(got.body) > 16
        assert b"jnlp" not in got.body
    elif kind == "application/json":
        mine, theirs = json.loads(got.body), json.loads(recorded.body)
        if "crumb" in theirs:
            theirs["crumb"] = mine["crumb"]
            assert re.fullmatch("[0-9a-f]{64}", mine["crumb"])
        assert _data(mine, root) == _data(theirs, replay.RECORDED)
        assert list(mine) == list(theirs)
    elif kind == "text/html" and b"Powered by Jetty" in recorded.body:
        assert _jetty_text(got.body) == _jetty_text(recorded.body)
    elif kind == "text/html" and b"Authentication required" in recorded.body:
        assert got.body.split() == recorded.body.split()
    elif kind == "text/html" and recorded.get("X-Text-Size") is None:
        assert _title(got.body) == _title(recorded.body)
    elif recording.name in SCRIPT_OUTPUT:
        assert re.match(SCRIPT_OUTPUT[recording.name], got.body.decode(), re.DOTALL)
    elif "21-script" in recording.name and "\tat " in recorded.body.decode():
        assert got.body.splitlines()[0] == recorded.body.splitlines()[0]
        assert b"\tat " in got.body
    elif b"Connection terminated" in recorded.body:
        lines = got.body.decode().splitlines()
        assert lines[:3] == recorded.body.decode().splitlines()[:3]
    else:
        # Files are kept with one LF at their end.
        assert _plain(got.body, root).rstrip("\n") == _plain(recorded.body, replay.RECORDED).rstrip(
            "\n"
        )


def _check(name: str, server: JenkinsServer) -> None:
    recording = replay.load(name)
    got = replay.send(server.http_port, _request(recording, server))
    recorded = recording.answer
    assert (got.status, got.reason) == (recorded.status, recorded.reason)
    _compare_headers(recorded, got, recording)
    _compare_body(recorded, got, recording, server.url.rstrip("/"))


NOT_IMITATED = {
    "06-api-port-disabled": "recorded with the port off: test_port_off replays it",
    "14-tcp-disabled": "recorded with the port off: test_port_off replays it",
}


@pytest.mark.parametrize(
    "name",
    [
        n
        for n in replay.names("0", "10-", "11-", "12-", "13-", "14-", "15-", "16-", "21-")
        if n not in NOT_IMITATED
    ],
)
def test_reading(name: str, server: JenkinsServer) -> None:
    _check(name, server)


def test_every_recording_is_replayed() -> None:
    """What is left out is listed, and nothing is forgotten."""
    by_order = (
        {f"22-toggle-{n}" for n in ORDER_22}
        | {f"23-{n}" for n in ORDER_23}
        | {f"24-{n}" for n in ORDER_24}
    )
    effects = set(replay.names("22-", "23-", "24-"))
    assert effects == by_order
    others = set(replay.names("")) - effects
    groups = ("0", "10-", "11-", "12-", "13-", "14-", "15-", "16-", "20-", "21-", "33-", "40-")
    assert all(n.startswith(groups) for n in others)


def _ws_order() -> list[str]:
    found = [n for n in replay.names("20-") if n != "20-log-f-after-ws"]
    return sorted(found, key=lambda n: "right" in n)


@pytest.mark.parametrize("name", _ws_order())
def test_websocket_handshakes(name: str, server: JenkinsServer) -> None:
    _check(name, server)


def test_agent_log_after_a_handshake(server: JenkinsServer) -> None:
    if "Connection terminated" not in server.agent_log("node-f"):
        _check("20-ws-upgrade-right-on-tcp-node", server)
    _until(lambda: "Connection terminated" in server.agent_log("node-f"))
    _check("20-log-f-after-ws", server)


def test_already_connected(server: JenkinsServer) -> None:
    _check("33-duplicate-ws-upgrade", server)


def test_toggle(server: JenkinsServer) -> None:
    for name in ORDER_22:
        _check(f"22-toggle-{name}", server)


def test_config_xml(server: JenkinsServer) -> None:
    if "Connection terminated" not in server.agent_log("node-f"):
        _check("20-ws-upgrade-right-on-tcp-node", server)
        _until(lambda: "Connection terminated" in server.agent_log("node-f"))
    before = server.config_xml("node-f")
    for name in ORDER_23:
        _check(f"23-{name}", server)
    assert server.config_xml("node-f") == before


def test_create_delete_launch(server: JenkinsServer) -> None:
    for name in ORDER_24:
        _check(f"24-{name}", server)


def test_permissions(server: JenkinsServer) -> None:
    # As recorded, node-f had lost a connection before, and the operator's two toggles
    # cleared that cause before the last grant was tried.
    _check("20-ws-upgrade-right-on-tcp-node", server)
    state = server.state.computers["node-f"]
    _until(lambda: state.sessions == 0)
    for grant, permissions in GRANTS.items():
        server.add_user("bob", BOB_TOKEN, permissions)
        for name in replay.names(f"40-perm-{grant}-"):
            _check(name, server)


def test_port_off(server: JenkinsServer) -> None:
    port = server.agent_port
    server.set_agent_port(-1)
    try:
        for name in NOT_IMITATED:
            _check(name, server)
    finally:
        server.set_agent_port(port)
    assert server.agent_port == port
