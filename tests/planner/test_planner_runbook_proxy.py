"""curl goes the way of the agent's WebSocket client, whatever the shell's environment says.

In the runbook for Unix and in the script of the driver ssh, through a real CONNECT proxy.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import planner_data as data
import pytest

from migrate.drivers import ssh_scripts
from migrate.model.forward_proxy import DIRECT, Way, Ways, agents_ways
from migrate.model.inventory import ProxySettings, Verdict
from migrate.model.probe_requests import Target
from migrate.model.probe_scripts import curl_options, powershell_values, shell_functions
from migrate.planner.runbook import script as runbook
from migrate.probe.host_curl import curl_result
from migrate.probe.judge import judge_host_probe

sys.path += [str(Path(__file__).parents[1] / name) for name in ("groovy", "probe")]
from connect_proxy import ConnectProxy
from probe_standin import StandIn, plain, switching

pytestmark = pytest.mark.skipif(not shutil.which("curl"), reason="no curl here")

FAR = "http://controller.invalid:8080/"
"""Nobody can resolve this name: reached through a proxy, or not at all."""


@pytest.fixture
def jenkins() -> Iterator[StandIn]:
    def answer(sock, head):  # type: ignore[no-untyped-def]
        sock.sendall(switching(head) if "/cli/ws" in head else plain("200 OK", "Sign in"))

    with StandIn(answer) as started:
        yield started


def through(port: int) -> Ways:
    way = Way("http", "127.0.0.1", port, "http.proxyHost")
    return Ways(way, way)


def by_runbook(tmp_path: Path, target: Target, proxy: str = "") -> subprocess.CompletedProcess[str]:
    body = runbook._body("body.sh").split("# ---- The agent's process")[0]
    text = f"set -eu\nSTATE=\nURL={target.url}\nCANNOT_PROBE=\n{shell_functions(target)}{body}probe"
    return _run(tmp_path, text, proxy)


def by_ssh_script(
    tmp_path: Path, target: Target, proxy: str = ""
) -> subprocess.CompletedProcess[str]:
    text = f"URL={target.url}\nTIMEOUT=5\n{shell_functions(target)}{ssh_scripts.PROBE}"
    return _run(tmp_path, text, proxy)


def _run(tmp_path: Path, text: str, proxy: str) -> subprocess.CompletedProcess[str]:
    file = tmp_path / "run.sh"
    file.write_text(text)
    environment = {"PATH": "/usr/bin:/bin", "MIGRATE_PROBE_SECONDS": "1"}
    if proxy:
        environment |= {"http_proxy": proxy, "https_proxy": proxy}
    return subprocess.run(["sh", file], capture_output=True, text=True, env=environment, timeout=40)


def test_a_proxy_of_javas_settings_is_taken(jenkins: StandIn, tmp_path: Path) -> None:
    with ConnectProxy(jenkins.port) as proxy:
        target = Target(FAR, ways=through(proxy.port))
        done = by_runbook(tmp_path, target, "http://127.0.0.1:9")
        assert done.returncode == 0, done.stderr
        told = f"through the proxy 127.0.0.1:{proxy.port}, by the agent's http.proxyHost"
        assert f"a WebSocket opens from this host, {told}" in done.stdout
        # A plain GET as it is, and CONNECT for what stays: as Java and Tyrus ask their proxy.
        assert proxy.asked == [
            f"GET {FAR}login HTTP/1.1",
            "CONNECT controller.invalid:8080 HTTP/1.1",
        ]
        over_ssh = by_ssh_script(tmp_path, target, "http://127.0.0.1:9")
    answers = judge_host_probe(curl_result(over_ssh.stdout), FAR, curl=True)
    assert [(a.id, a.verdict) for a in answers if a.id != "wsagents-made-up"] == [
        ("login", Verdict.PASS),
        ("cli-ws", Verdict.PASS),
    ]
    assert all(a.request.endswith(f"by its curl, {told}") for a in answers)


def test_no_proxy_where_the_agent_takes_none(jenkins: StandIn, tmp_path: Path) -> None:
    near = Target(f"http://127.0.0.1:{jenkins.port}/", ways=Ways(DIRECT, DIRECT))
    with ConnectProxy(jenkins.port) as proxy:
        shells = f"http://127.0.0.1:{proxy.port}"
        done = by_runbook(tmp_path, near, shells)
        assert done.returncode == 0, done.stderr
        assert "from this host, without a proxy, as the agent's Java will go" in done.stdout
        # http_proxy carries the agent over TCP, and curl: not its WebSocket client.
        lost = by_runbook(tmp_path, replace(near, url=FAR), shells)
        assert (lost.returncode, lost.stdout) == (1, "")
        assert "login gives no answer (curl's exit 6), without a proxy" in lost.stderr
        over_ssh = by_ssh_script(tmp_path, replace(near, url=FAR), shells)
        assert proxy.asked == []
    answers = judge_host_probe(curl_result(over_ssh.stdout), FAR, curl=True)
    assert {a.verdict for a in answers if a.id != "wsagents-made-up"} == {Verdict.FAIL}


def test_unknown_settings_leave_it_to_the_shell_and_say_so(
    jenkins: StandIn, tmp_path: Path
) -> None:
    with ConnectProxy(jenkins.port) as proxy:
        done = by_runbook(tmp_path, Target(FAR), f"http://127.0.0.1:{proxy.port}")
    # curl asks that proxy for cli/ws with a plain GET, which this one takes apart.
    assert "as the proxy settings of this shell have it" in done.stdout + done.stderr
    near = by_runbook(tmp_path, Target(f"http://127.0.0.1:{jenkins.port}/"))
    assert near.stdout.endswith("and a WebSocket opens from this host\n")


def test_a_proxy_that_refuses_is_named(jenkins: StandIn, tmp_path: Path) -> None:
    with ConnectProxy(jenkins.port, 407) as proxy:
        target = Target("https://controller.invalid/", ways=through(proxy.port))
        done = by_runbook(tmp_path, target)
        over_ssh = by_ssh_script(tmp_path, target)
    assert "a proxy answers 407 to CONNECT for https://controller.invalid/login" in done.stderr
    assert "Nothing was changed" in done.stderr
    login = judge_host_probe(curl_result(over_ssh.stdout), target.url, curl=True)[0]
    assert (login.verdict, login.code) == (Verdict.FAIL, "forward-proxy")
    assert "407 to CONNECT" in login.cause


def test_which_options() -> None:
    assert curl_options(DIRECT, tunnel=True) == ("--noproxy", "*")
    assert curl_options(Way("system"), tunnel=True) == ()
    v6 = Way("http", "::1", 3128, "http.proxyHost")
    assert curl_options(v6, tunnel=False)[-1] == "http://[::1]:3128"
    assert curl_options(replace(v6, kind="socks"), tunnel=False)[-1] == "socks5h://[::1]:3128"


def test_a_hostile_proxy_name_is_one_word(tmp_path: Path) -> None:
    evil = Way("http", "x'; touch pwned; '", 1, "http.proxyHost")
    target = Target("http://127.0.0.1:9/", ways=Ways(evil, evil))
    by_runbook(tmp_path, target)
    assert not (tmp_path / "pwned").exists() and not Path("pwned").exists()
    assert "Authority = 'x''; touch pwned; '':1'" in powershell_values(target)


def test_the_ways_come_from_the_launch_that_was_read() -> None:
    url = "https://jenkins.example.org/"
    assert agents_ways(data.launch(), url, data.JAR) is None
    read = data.launch(proxy=ProxySettings(environment={"http_proxy": "http://p:3128"}))
    assert agents_ways(read, url, data.JAR) == Ways(DIRECT, DIRECT)
