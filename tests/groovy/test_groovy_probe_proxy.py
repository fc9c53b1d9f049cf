"""The probe from an agent's host goes the way of the agent's WebSocket client.

Java's own choice of a proxy, by CONNECT (Tyrus' JdkClientContainer.processProxy).
"""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from connect_proxy import ConnectProxy
from groovy_runner import Sent, needs_groovy, run_all

from migrate.model.forward_proxy import websocket_ways
from migrate.model.inventory import ProxySettings, Verdict
from migrate.model.probe_requests import Target
from migrate.model.versions import v
from migrate.probe import host_script
from migrate.probe.judge import judge_host_probe

pytestmark = [pytest.mark.groovy, needs_groovy]

NAMES = ("http.proxy", "https.proxy", "socksProxy")


class Front(BaseHTTPRequestHandler):
    """A controller that lets an upgrade through, or not."""

    upgrades: ClassVar[bool] = True

    def do_GET(self) -> None:
        if self.path == "/cli/ws" and self.upgrades:
            self.send_response(101)
        else:
            self.send_response(200 if self.path == "/login" else 400)
        self.end_headers()
        if self.path == "/wsagents/":
            self.wfile.write(b"no such agent")

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    Front.upgrades = True
    server = ThreadingHTTPServer(("127.0.0.1", 0), Front)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def sent(url: str, proxies: dict[str, int]) -> Sent:
    before = "System.setProperty('http.nonProxyHosts', '')\n"
    for name in NAMES:
        before += f"System.clearProperty('{name}Host'); System.clearProperty('{name}Port')\n"
    for name, port in proxies.items():
        before += f"System.setProperty('{name}Host', '127.0.0.1')\n"
        before += f"System.setProperty('{name}Port', '{port}')\n"
    return "probe-from-host", host_script.arguments(Target(url), 5), before


def by_engine(url: str, port: int) -> Sent:
    """As an agent with proxy_host in its environment: Java itself knows no proxy."""
    read = ProxySettings({"http.proxyPort": str(port)}, {"proxy_host": "127.0.0.1"})
    ways = websocket_ways(read, url, v("3184"))
    _, _, before = sent(url, {})
    return "probe-from-host", host_script.arguments(Target(url, ways=ways), 5), before


def test_the_way_is_the_agents_own(port: int, tmp_path: Path) -> None:
    far = "http://controller.invalid:8080/"
    with ConnectProxy(port) as proxy, ConnectProxy(port, 407) as refusing:
        asked = [
            sent(far, {"https.proxy": proxy.port}),
            sent(far, {"https.proxy": refusing.port, "http.proxy": proxy.port}),
            sent(far, {"https.proxy": refusing.port}),
            # SOCKS is not for Tyrus; nothing listens there.
            sent(f"http://127.0.0.1:{port}/", {"socksProxy": 1}),
            sent(f"http://127.0.0.1:{port}/", {}),
            sent(far, {}),
            by_engine(far, proxy.port),
        ]
        results = [result for result, _ in run_all(asked, tmp_path)]
        by_https, by_http, refused, socks, direct, lost, engine = results
        named = f"127.0.0.1:{proxy.port}"
        for result in (by_https, by_http, engine):
            assert (result["via"], result["cli_ws"]["status"]) == (named, 101)
            assert result["wsagents"]["body"] == "no such agent"
        # Not the absolute form of a plain request, which a proxy would take apart.
        assert "CONNECT controller.invalid:8080 HTTP/1.1" in proxy.asked
    answers = {a.id: a for a in judge_host_probe(by_https, far)}
    assert answers["cli-ws"].verdict is Verdict.PASS
    assert answers["cli-ws"].request.endswith(f"through the proxy {named}")
    no_way = {a.id: a for a in judge_host_probe(refused, far)}["cli-ws"]
    assert (no_way.verdict, no_way.code) == (Verdict.FAIL, "forward-proxy")
    assert "answers 407 to CONNECT" in no_way.cause
    for result in (socks, direct):
        assert (result["via"], result["cli_ws"]["status"]) == (None, 101)
    assert "UnknownHost" in lost["cli_ws"]["error"]


def test_an_upgrade_that_is_lost_behind_the_proxy_is_seen(port: int, tmp_path: Path) -> None:
    Front.upgrades = False
    far = "http://controller.invalid/"
    with ConnectProxy(port) as proxy:
        ((result, _),) = run_all([sent(far, {"https.proxy": proxy.port})], tmp_path)
    answer = {a.id: a for a in judge_host_probe(result, far)}["cli-ws"]
    assert (result["cli_ws"]["status"], answer.code) == (400, "upgrade-stripped")
