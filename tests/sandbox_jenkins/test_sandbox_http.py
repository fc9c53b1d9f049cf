"""Parts of the controller that no recording holds."""

import base64
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests
from lab import TOKEN, until

from migrate.sandbox.agent.websocket import WebSocket
from migrate.sandbox.jenkins import JenkinsServer
from migrate.sandbox.jenkins.exports import BadTree, Bean, Field, parse_tree, render
from migrate.sandbox.spec import DEFAULT, NodeSpec


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JenkinsServer]:
    jenkins = JenkinsServer(tmp_path_factory.mktemp("http"), time_scale=0.01)
    jenkins.start()
    jenkins.add_user("admin", TOKEN, frozenset({"Overall/Administer"}), "secret")
    for node in DEFAULT.nodes:
        jenkins.add_node(node)
    yield jenkins
    jenkins.stop()


def _get(server: JenkinsServer, path: str, **headers: str) -> requests.Response:
    return requests.get(
        server.url + path, auth=("admin", TOKEN), headers=headers, allow_redirects=False, timeout=5
    )


def _raw(server: JenkinsServer, data: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", server.agent_port), 5) as sock:
        sock.sendall(data)
        received = b""
        while part := sock.recv(4096):
            received += part
        return received


def test_raw_port(server: JenkinsServer) -> None:
    text = _raw(server, b"GET / HTTP/1.0\r\nHost: x\r\n\r\n").decode()
    assert text.startswith("HTTP/1.0 200 OK\r\nContent-Type: text/plain;charset=UTF-8\r\n")
    assert "\r\nJenkins-Agent-Protocols: JNLP4-connect, Ping\r\n" in text
    assert f"\r\nJenkins-Session: {server.state.session}\r\n" in text
    assert _raw(server, b"GET /x HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.0 404 Not Found\r\n")
    assert _raw(server, b"\x00\x0dProtocol:Ping") == b"Ping\n"
    assert _raw(server, b"\x00\x0fProtocol:Wrong!") == b"Unknown protocol:Wrong!\n"


def test_pings_on_an_idle_socket(server: JenkinsServer) -> None:
    with socket.create_connection(("127.0.0.1", server.http_port), 5) as sock:
        sock.sendall(
            b"GET /cli/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Origin: " + server.url.rstrip("/").encode() + b"\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        received = b""
        while not received.partition(b"\r\n\r\n")[2]:
            received += sock.recv(4096)
        assert received.startswith(b"HTTP/1.1 101 ")
        assert received.partition(b"\r\n\r\n")[2][:2] == b"\x89\x00", "a ping each 30 s, scaled"


def test_echo(server: JenkinsServer) -> None:
    basic = base64.b64encode(f"admin:{TOKEN}".encode()).decode()
    url = f"http://127.0.0.1:{server.http_port}/wsecho/"
    with closing(WebSocket(url, {"Authorization": f"Basic {basic}"}, 5)) as web_socket:
        for size in (1, 125, 126, 70000):
            web_socket.send(b"x" * size, opcode=1)
            assert web_socket.receive() == b"hello " + b"x" * size


def test_same_cookie_replaces_the_channel(server: JenkinsServer) -> None:
    headers = {
        "Node-Name": "linux-1",
        "Secret-Key": server.secret("linux-1"),
        "X-Remoting-Capability": "x",
    }
    url = f"http://127.0.0.1:{server.http_port}/wsagents/"
    with closing(WebSocket(url, headers, 5)) as first:
        first.send(b'{"hello": "3160.v1", "unix": true}')
        until(lambda: server.is_online("linux-1"), "online")
        headers["Connection-Cookie"] = first.headers["connection-cookie"]
        with closing(WebSocket(url, headers, 5)) as second:
            second.send(b'{"hello": "3160.v1", "unix": true}')
            while first.receive() is not None:
                pass
            until(lambda: server.is_online("linux-1"), "online again")
    until(lambda: not server.is_online("linux-1"), "offline")


def test_too_old_is_rejected_by_the_controller_too(server: JenkinsServer) -> None:
    headers = {
        "Node-Name": "builder",
        "Secret-Key": server.secret("builder"),
        "X-Remoting-Capability": "x",
    }
    url = f"http://127.0.0.1:{server.http_port}/wsagents/"
    with closing(WebSocket(url, headers, 5)) as web_socket:
        web_socket.send(b'{"hello": "4.11.2", "unix": true}')
        while web_socket.receive() is not None:
            pass
    assert "Rejecting the connection because the Remoting version" in server.agent_log("builder")
    assert not server.is_online("builder")


def test_ssh_node(server: JenkinsServer) -> None:
    assert server.is_online("ssh-1")
    assert "Communication Protocol: Standard in/out" in server.agent_log("ssh-1")
    node = _get(server, "computer/ssh-1/api/json").json()
    assert (node["jnlpAgent"], node["launchSupported"], node["offline"]) == (False, True, False)
    assert b'plugin="ssh-slaves@' in server.config_xml("ssh-1")


def test_root_url_and_advertised_address(server: JenkinsServer) -> None:
    server.root_url = "http://edge.example/jenkins"
    server.advertise("edge.example", 50000)
    try:
        assert _get(server, "api/json?tree=url").json()["url"] == "http://edge.example/jenkins/"
        headers = _get(server, "tcpSlaveAgentListener/").headers
        assert headers["X-Jenkins-JNLP-Port"] == "50000"
        assert headers["X-Jenkins-JNLP-Host"] == "edge.example"
        jnlp = _get(server, "computer/linux-1/jenkins-agent.jnlp").text
        assert "<argument>-url</argument><argument>http://edge.example/jenkins/</argument>" in jnlp
    finally:
        server.root_url = None
        server.advertise()


@pytest.mark.parametrize(
    ("version", "location"),
    [("2.426.2", "https://edge.example/wsagents/"), ("2.541.3", "/wsagents/")],
)
def test_redirects_keep_the_address_that_the_client_used(
    tmp_path: Path, version: str, location: str
) -> None:
    jenkins = JenkinsServer(tmp_path, jenkins_version=version)
    jenkins.start()
    jenkins.add_user("admin", TOKEN, frozenset({"Overall/Administer"}))
    try:
        answer = _get(jenkins, "wsagents", Host="edge.example", **{"X-Forwarded-Proto": "https"})
    finally:
        jenkins.stop()
    assert answer.headers["Location"] == location


def test_log_from_an_offset_and_after_a_rewind(server: JenkinsServer) -> None:
    log = server.agent_log("ssh-1").replace("\n", "\r\n")
    base = "computer/ssh-1/logText/progressiveText?start="
    assert _get(server, f"{base}5").text == log[5:]
    assert _get(server, f"{base}999999").text == log, "a log shorter than start is sent whole"


def test_new_nodes_survive_a_new_server(tmp_path: Path) -> None:
    first = JenkinsServer(tmp_path)
    first.add_node(NodeSpec("a é", tunnel="h:1"))
    secret, config = first.secret("a é"), first.config_xml("a é")
    second = JenkinsServer(tmp_path)
    assert (second.secret("a é"), second.config_xml("a é")) == (secret, config)


def test_tree() -> None:
    bean = Bean(
        "c",
        (
            Field("a", lambda: [1, 2, 3]),
            Field("b", lambda: Bean(None, (Field("x", lambda: 1), Field("y", lambda: 2)))),
            Field("m", lambda: {"k": 1, "l": 2}),
        ),
    )
    assert render(bean, parse_tree("a{0,2},b[y]")) == {"_class": "c", "a": [1, 2], "b": {"y": 2}}
    assert render(bean, parse_tree("b[*],no")) == {"_class": "c", "b": {"x": 1, "y": 2}}
    assert render(bean, parse_tree("m[l],a{1}")) == {"_class": "c", "a": [2], "m": {"l": 2}}
    for bad in ("a[b", "a]", "[a]", "a{x}", "a(b)"):
        with pytest.raises(BadTree):
            parse_tree(bad)


def test_agent_ends_with_the_sandbox(tmp_path: Path, server: JenkinsServer) -> None:
    """A sandbox that was killed leaves no agents behind."""
    code = (
        "import sys, os, pathlib\n"
        "from migrate.sandbox.agent.process import AgentProcess\n"
        "from migrate.sandbox.spec import CONTROLLER_JAR, AgentSpec, NodeSpec\n"
        "home = pathlib.Path(sys.argv[1])\n"
        "spec = NodeSpec('tunnelled', agent=AgentSpec(jar_version=CONTROLLER_JAR))\n"
        "agent = AgentProcess.start(spec, home, sys.argv[2], 'x',"
        " home / 'bin', time_scale=0.01)\n"
        "print(agent.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path), server.url],
        capture_output=True,
        text=True,
        timeout=30,
        cwd=Path(__file__).resolve().parents[2],
    )
    pid = int(done.stdout)

    def gone() -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        state = Path(f"/proc/{pid}/stat")
        return not state.exists() or state.read_text().split(") ")[1].startswith("Z")

    end = time.monotonic() + 15
    while not gone():
        assert time.monotonic() < end, "the agent still runs"
        time.sleep(0.05)
