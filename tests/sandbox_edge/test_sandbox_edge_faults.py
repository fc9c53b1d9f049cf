"""A broken edge answers as nginx did in front of a real Jenkins with the same fault."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from migrate.sandbox.edge.edge import Edge
from migrate.sandbox.jenkins.server import JenkinsServer
from migrate.sandbox.kube.objects import Ports, usual_installation
from migrate.sandbox.kube.server import KubeServer
from migrate.sandbox.ports import free_ports

RECORDINGS = Path(__file__).parents[1] / "recordings" / "nginx"
RECORDED = {
    "good": "good.txt",
    "no-upgrade": "no-upgrade-headers.txt",
    "header-names-dropped": "header-names-dropped.txt",
    "sso-everywhere": "sso-302-everywhere.txt",
    "read-timeout": "read-timeout-5s.txt",
}
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
MADE_UP = {"Node-Name": "no-such-node-probe", "Secret-Key": "0", "X-Remoting-Capability": "0"}
REQUESTS = {
    "login": ("/login", {"Connection": "close"}),
    "wsagents bare": ("/wsagents/", {"Connection": "close"}),
    "wsagents made-up node": ("/wsagents/", {**UPGRADE, **MADE_UP}),
    "cli/ws upgrade": ("/cli/ws", UPGRADE),
}


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    home = tmp_path_factory.mktemp("edge")
    jenkins = JenkinsServer(home / "jenkins")
    jenkins.start()
    try:
        with KubeServer(home / "kube") as kube:
            edge_agent, edge_database = free_ports(2)
            ports = Ports(edge_agent, edge_database, jenkins.http_port, jenkins.agent_port, 1)
            for body in usual_installation(ports):
                kube.add(body)
            with Edge(kube.registry, home / "nginx") as running:
                jenkins.root_url = f"http://localhost:{running.http_port}/"
                jenkins.add_user("admin", "sandbox-token", frozenset({"Overall/Administer"}))
                yield running
    finally:
        jenkins.stop()


def ask(edge: Edge, path: str, headers: dict[str, str]) -> tuple[socket.socket, str]:
    """The connection after a request, and the head and body that were answered."""
    connection = socket.create_connection(("127.0.0.1", edge.http_port), timeout=20)
    here = f"localhost:{edge.http_port}"
    lines = [f"GET {path} HTTP/1.1", f"Host: {here}", f"Origin: http://{here}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(65536) or b"\r\n\r\n"
    length = re.search(rb"content-length: (\d+)", answer, re.I)
    wanted = answer.index(b"\r\n\r\n") + 4 + int(length[1] if length else 0)
    while len(answer) < wanted:
        answer += connection.recv(65536)
    return connection, answer.decode("utf-8", "replace")


def recorded(file: str) -> dict[str, str]:
    """Request name to the block of its answer."""
    text = (RECORDINGS / file).read_text()
    blocks = re.split(r"\n(?=[a-z/ -]+: GET )", text)
    return {block.split(": GET")[0].strip(): block for block in blocks[1:]}


@pytest.mark.parametrize("fault", RECORDED)
def test_answers_as_recorded(edge: Edge, fault: str) -> None:
    edge.set_faults(frozenset({fault} - {"good"}))
    blocks = recorded(RECORDED[fault])
    for name, (path, headers) in REQUESTS.items():
        connection, answer = ask(edge, path, headers)
        with connection:
            block = blocks[name]
            status = re.search(r"-> HTTP/1.1 (.*)", block)
            assert status is not None
            assert answer.startswith(f"HTTP/1.1 {status[1]}\r\n"), (name, answer)
            for words in (
                "This endpoint is only for use from agent.jar",
                "no such agent",
                "only WS connections accepted here",
            ):
                assert (words in answer) == (words in block), (name, words, answer)
            location = re.search(r"Location: (\S+)", block)
            found = re.search(r"Location: (\S+)", answer)
            assert (found and found[1]) == (location and location[1])


def test_a_read_timeout_closes_an_idle_socket(edge: Edge) -> None:
    edge.set_faults(frozenset({"read-timeout"}))
    connection, answer = ask(edge, *REQUESTS["cli/ws upgrade"])
    with connection:
        assert answer.startswith("HTTP/1.1 101 ")
        # recv would raise TimeoutError were the socket still open after 20 s.
        while connection.recv(65536):
            pass


def test_a_single_sign_on_with_the_bypass_of_tcp_times(edge: Edge) -> None:
    edge.set_faults(frozenset({"sso-login"}))
    basic = {"Authorization": "Basic YWRtaW46c2FuZGJveC10b2tlbg==", "Connection": "close"}
    for path, headers, status in (
        ("/login", {"Connection": "close"}, 302),
        ("/wsagents/", {**UPGRADE, **MADE_UP}, 302),
        ("/cli/ws", UPGRADE, 302),
        ("/tcpSlaveAgentListener/", {"Connection": "close"}, 200),
        ("/jnlpJars/agent.jar", {"Connection": "close"}, 200),
        ("/api/json", basic, 200),
    ):
        connection, answer = ask(edge, path, headers)
        connection.close()
        assert answer.startswith(f"HTTP/1.1 {status} "), (path, answer[:200])
