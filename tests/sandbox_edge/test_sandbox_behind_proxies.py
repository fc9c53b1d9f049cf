"""The scenario behind-proxies by the sandbox's own means: who comes back over WebSocket."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from migrate.sandbox.behind_proxies import BEHIND_PROXIES
from migrate.sandbox.installation import Sandbox

SCALE = 0.05


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    home: Path = tmp_path_factory.mktemp("sandbox")
    with Sandbox(
        home, scenario=BEHIND_PROXIES, time_scale=SCALE, jenkins_version="2.541.3"
    ) as started:
        yield started


def _until(done: Callable[[], object], what: str) -> None:
    end = time.monotonic() + 30
    while not done():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def test_only_the_agents_that_can_come_back_over_websocket(sandbox: Sandbox) -> None:
    assert sandbox.networks is not None
    asked = sandbox.networks.proxy.asked
    port = sandbox.agent_port
    agents = {name: agent for host in sandbox.hosts.values() for name, agent in host.agents.items()}
    for name, agent in agents.items():
        assert _protocol(sandbox, name) == "JNLP4-connect"
        assert f"Connecting to jenkins.sandbox.invalid:{port}" in agent.log()
    assert asked.count(f"CONNECT jenkins.sandbox.invalid:{port} HTTP/1.1") >= 4
    assert not any("west" in line or "plain" in line for line in asked)
    time.sleep(6 * SCALE)
    asked.clear()
    for name in agents:
        _flip(sandbox, name)
    for name in ("plain-1", "plain-2", "proxy-by-java"):
        _until(lambda name=name: _protocol(sandbox, name) == "WebSocket", name)  # type: ignore[misc]
        _until(lambda name=name: sandbox.jenkins.is_online(name), name)  # type: ignore[misc]
    http = sandbox.edge.http_port
    assert f"CONNECT jenkins.sandbox.invalid:{http} HTTP/1.1" in asked
    assert f"GET http://jenkins.sandbox.invalid:{http}/login HTTP/1.1" in asked
    lost = {
        "proxy-by-env": f"http://jenkins.sandbox.invalid:{http}/login is not ready\n"
        "java.net.UnknownHostException: jenkins.sandbox.invalid",
        "west-office": "Failed to connect: Handshake error.",
        "漢字": "Failed to connect: Handshake error.",
        "Łódź": "Failed to connect: Handshake error.",
    }
    for name, words in lost.items():
        _until(lambda n=name, w=words: w in agents[n].log(), name)  # type: ignore[misc]
        assert not sandbox.jenkins.is_online(name)


def _protocol(sandbox: Sandbox, name: str) -> str:
    for line in sandbox.jenkins.agent_log(name).splitlines():
        if line.startswith("Communication Protocol: "):
            return line.removeprefix("Communication Protocol: ")
    return ""


def _flip(sandbox: Sandbox, name: str) -> None:
    import requests

    auth = ("admin", sandbox.tokens["admin"])
    url = f"{sandbox.root_url}computer/{name}/"
    body = requests.get(f"{url}config.xml", auth=auth, timeout=10).content
    changed = body.replace(b"<webSocket>false<", b"<webSocket>true<")
    assert changed != body
    headers = {"Content-Type": "application/xml"}
    posted = requests.post(f"{url}config.xml", changed, auth=auth, headers=headers, timeout=10)
    assert posted.status_code == 200
    requests.post(f"{url}doDisconnect", auth=auth, timeout=10, allow_redirects=False)
