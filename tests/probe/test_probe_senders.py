"""What each of the five senders really sends, as bytes, through real sockets.

The expected values are those of a real agent (remoting 3352, Java 17.0.15) and of a real
Jenkins 2.541.3 (recordings 61-agent-3352-url-ws, 60-cli-ws-*, 70-ctx-cli-ws-*).
"""

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from probe_standin import StandIn, header, jetty, plain, switching

from migrate.drivers.ssh import Ssh
from migrate.model.address import parse_address
from migrate.model.inventory import ProbeAnswer
from migrate.model.ports import ControllerPort
from migrate.model.probe_requests import (
    Target,
    agent_handshake,
    cli_handshake,
    origin_of,
    wants_configured_origin,
)
from migrate.model.probe_scripts import KEY, powershell_values, shell_functions
from migrate.planner.runbook import script as runbook
from migrate.probe.host_script import arguments
from migrate.probe.judge import judge_host_probe
from migrate.probe.prober import Prober

sys.path += [str(Path(__file__).parents[1] / name) for name in ("groovy", "drivers")]
import drivers_sshd
from groovy_runner import needs_groovy, run_groovy

ROOT = "http://CI.example.org:80/jenkins/"
"""The configured URL of the controller below: another name than the one that is asked."""
WANTED = "http://CI.example.org:80"
"""Its Origin: what is configured, letter by letter, without slash and context path."""
CAPABILITY = "rO0ABXNyABpodWRzb24ucmVtb3RpbmcuQ2FwYWJpbGl0eQAAAAAAAAABAgABSgAEbWFza3hwAAAAAAAAAf4="

LOGIN = (
    "GET /jenkins/login HTTP/1.1\r\n"
    "User-Agent: Java/17.0.15\r\n"
    "Host: 127.0.0.1:{port}\r\n"
    "Accept: text/html, image/gif, image/jpeg, */*; q=0.2\r\n"
    "Connection: keep-alive\r\n\r\n"
)
CLI = (
    "GET /jenkins/cli/ws HTTP/1.1\r\n"
    "Connection:Upgrade\r\n"
    "Host:127.0.0.1:{port}\r\n"
    f"Origin:{WANTED}\r\n"
    "Sec-WebSocket-Key:{key}\r\n"
    "Sec-WebSocket-Version:13\r\n"
    "Upgrade:websocket\r\n\r\n"
)
AGENT = (
    "GET /jenkins/wsagents/ HTTP/1.1\r\n"
    "Connection:Upgrade\r\n"
    "Host:127.0.0.1:{port}\r\n"
    "Node-Name:{node}\r\n"
    "Origin:http://127.0.0.1:{port}\r\n"
    "Sec-WebSocket-Key:{key}\r\n"
    "Sec-WebSocket-Version:13\r\n"
    "Secret-Key:{secret}\r\n"
    "Upgrade:websocket\r\n"
    f"X-Remoting-Capability:{CAPABILITY}\r\n\r\n"
)
# curl writes Host by itself, at its own place and in its own way; all else is the agent's.
CURL_CLI = CLI.replace("Host:127.0.0.1:{port}\r\n", "").replace(
    "HTTP/1.1\r\n", "HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
)
CURL_LOGIN = (
    "GET /jenkins/login HTTP/1.1\r\n"
    "Host: 127.0.0.1:{port}\r\n"
    "User-Agent: Java/17.0.15\r\n"
    "Accept: text/html, image/gif, image/jpeg, */*; q=0.2\r\n"
    "Connection: keep-alive\r\n\r\n"
)


def current_jenkins(sock: socket.socket, head: str) -> None:
    """As 2.541.3: Origin first, then Upgrade; the node before anything else on /wsagents/."""
    path = head.split(" ")[1]
    if path == "/jenkins/login":
        sock.sendall(plain("200 OK", "Sign in [Jenkins]", "X-Jenkins: 2.541.3"))
    elif path == "/jenkins/cli/ws" and header(head, "Origin") != WANTED:
        told = "X-CLI-Error: Unexpected request origin (check your reverse proxy settings)"
        sock.sendall(plain("403 Forbidden", "", told))
    elif path == "/jenkins/cli/ws" and header(head, "Upgrade") == "websocket":
        sock.sendall(switching(head))
    elif path == "/jenkins/wsagents/" and header(head, "Node-Name"):
        sock.sendall(jetty("no such agent"))
    else:
        sock.sendall(plain("404 Not Found"))


@pytest.fixture
def jenkins() -> Iterator[StandIn]:
    with StandIn(current_jenkins) as started:
        yield started


def sent(jenkins: StandIn, path: str) -> str:
    return next(head for head in jenkins.heads if head.startswith(f"GET /jenkins/{path} "))


def expected(shape: str, jenkins: StandIn, head: str) -> str:
    return shape.format(
        port=jenkins.port,
        key=header(head, "Sec-WebSocket-Key"),
        node=header(head, "Node-Name"),
        secret=header(head, "Secret-Key"),
    )


def check(jenkins: StandIn, path: str, shape: str) -> None:
    head = sent(jenkins, path)
    assert head == expected(shape, jenkins, head)


def url(jenkins: StandIn) -> str:
    return f"http://127.0.0.1:{jenkins.port}/jenkins/"


def target(jenkins: StandIn) -> Target:
    return Target(url(jenkins), ROOT, "2.541.3")


def came(answers: tuple[ProbeAnswer, ...]) -> dict[str, str]:
    return {answer.id: answer.code for answer in answers}


def test_the_prober(jenkins: StandIn) -> None:
    answers = Prober(url(jenkins)).knowing(ROOT, "2.541.3").without_secret()
    assert came(answers)["cli-ws"] == came(answers)["wsagents-made-up"] == "ok"
    check(jenkins, "login", LOGIN)
    check(jenkins, "cli/ws", CLI)
    made_up = next(h for h in jenkins.heads if "Node-Name" in h)
    assert made_up == expected(AGENT, jenkins, made_up)


def test_the_probers_probe_node_is_an_agent(jenkins: StandIn) -> None:
    class Secrets:
        def agent_secret(self, name: str) -> str:
            return "0f" * 32

    Prober(url(jenkins)).with_probe_node(cast(ControllerPort, Secrets()), "nöde f", 1)
    check(jenkins, "wsagents/", AGENT)
    assert header(sent(jenkins, "wsagents/"), "Node-Name") == "nöde f"


@pytest.mark.groovy
@needs_groovy
def test_the_script_on_an_agents_host(jenkins: StandIn, tmp_path: Path) -> None:
    result, _ = run_groovy("probe-from-host", arguments(target(jenkins), 5), tmp_path)
    assert set(came(judge_host_probe(result, url(jenkins))).values()) == {"ok"}
    check(jenkins, "cli/ws", CLI)
    check(jenkins, "wsagents/", AGENT)
    login = sent(jenkins, "login")
    # This Java's own version; what else stands there is Java's, too.
    assert header(login, "User-Agent").startswith("Java/")
    assert login.replace(header(login, "User-Agent"), "Java/17.0.15") == expected(
        LOGIN, jenkins, login
    )


@pytest.mark.skipif(not shutil.which("curl"), reason="no curl here")
def test_the_runbook_for_unix(jenkins: StandIn, tmp_path: Path) -> None:
    file = tmp_path / "run.sh"
    body = runbook._body("body.sh").split("# ---- The agent's process")[0]
    head = f"set -eu\nSTATE=\nURL={url(jenkins)}\nCANNOT_PROBE=\n"
    file.write_text(head + shell_functions(target(jenkins)) + body + "probe\n")
    done = subprocess.run(
        ["sh", file],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "MIGRATE_PROBE_SECONDS": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert "a WebSocket opens from this host" in done.stdout
    check(jenkins, "login", CURL_LOGIN)
    check(jenkins, "cli/ws", CURL_CLI)


@pytest.mark.sshd
@pytest.mark.skipif(not shutil.which("curl"), reason="no curl here")
def test_the_driver_ssh(jenkins: StandIn, tmp_path: Path) -> None:
    from migrate.drivers.remote_shell import Host

    if why := drivers_sshd.missing():
        pytest.skip(why)
    server, process = drivers_sshd.start(tmp_path)
    try:
        driver = Ssh(Host(server.host, config=str(server.config)))
        nobody = cast(ControllerPort, None)
        answers = driver.probe_from_host(nobody, "n", target(jenkins), 3)
    finally:
        process.terminate()
        process.wait(timeout=10)
    assert came(answers) == {"login": "ok", "cli-ws": "ok"}
    check(jenkins, "login", CURL_LOGIN)
    check(jenkins, "cli/ws", CURL_CLI)


POWERSHELL = """
function Stop-Here([string] $Message) { [Console]::Error.WriteLine("stopped: $Message"); exit 1 }
"""


def test_the_runbook_for_windows_holds_the_lines(jenkins: StandIn) -> None:
    text = powershell_values(target(jenkins))
    for shape in (LOGIN, CLI):
        whole = shape.format(port=jenkins.port, key=KEY)
        lines = "".join(f"    '{line}',\n" for line in whole.strip().split("\r\n"))
        assert f"@(\n{lines.removesuffix(',' + chr(10))}\n)" in text


@pytest.mark.skipif(not shutil.which("pwsh"), reason="no pwsh here: only the text is checked")
def test_the_runbook_for_windows(jenkins: StandIn, tmp_path: Path) -> None:
    body = runbook._body("body.ps1")
    ways = body[body.index("# By which proxy") : body.index("function Test-Secret")]
    head = f"$ErrorActionPreference = 'Stop'\n$Url = '{url(jenkins)}'\n$CannotProbe = ''\n"
    file = tmp_path / "run.ps1"
    file.write_text(head + powershell_values(target(jenkins)) + POWERSHELL + ways + "Test-Way\n")
    done = subprocess.run(["pwsh", "-NoProfile", "-File", file], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    check(jenkins, "login", LOGIN)
    check(jenkins, "cli/ws", CLI)


@pytest.mark.parametrize(
    ("version", "wanted"),
    [
        ("2.426.2", "http://10.0.0.7:8080"),
        ("2.541.2", "http://10.0.0.7:8080"),
        ("2.554", "http://10.0.0.7:8080"),
        ("2.541.3", "https://ci.example.org"),
        ("2.555", "https://ci.example.org"),
        ("2.568.2", "https://ci.example.org"),
        (None, "https://ci.example.org"),
    ],
)
def test_which_origin(version: str | None, wanted: str) -> None:
    asked = Target("http://10.0.0.7:8080/ci/", "https://ci.example.org/ci/", version)
    assert asked.cli_origin == wanted
    assert dict(cli_handshake(asked, "k").headers)["Origin"] == wanted
    assert wants_configured_origin(version) is wanted.startswith("https")


def test_an_origin_is_what_was_typed() -> None:
    assert origin_of("HTTPS://Ci.Example.org:443/x/") == "HTTPS://Ci.Example.org:443"
    assert origin_of("https://user:word@ci.example.org/") == "https://ci.example.org"
    assert origin_of("http://[fd00::7]:8080") == "http://[fd00::7]:8080"
    assert origin_of("ci.example.org") == origin_of("ftp://x/") == origin_of("http://[/") == ""
    # Nothing is configured, or what is configured is no URL: the address that is asked.
    for root in (None, "", "ci.example.org"):
        assert Target("http://j:8080/x/", root, "2.541.3").cli_origin == "http://j:8080"


def test_a_name_is_sent_in_latin_1_and_never_as_a_header() -> None:
    address = parse_address("http://j/")
    assert b"Node-Name:\xe9?\r\n" in agent_handshake(address, "é漢", "0", "k").wire
    with pytest.raises(Exception, match="line break"):
        agent_handshake(address, "a\r\nSecret-Key:x", "0", "k")


@pytest.mark.parametrize("wanted", [LOGIN, AGENT])
def test_agents_were_recorded_so(wanted: str) -> None:
    file = Path(__file__).parents[1] / "recordings/jenkins-2.541.3/61-agent-3352-url-ws.txt"
    first = wanted.split("\r\n", maxsplit=1)[0].replace("/jenkins", "")
    text = file.read_text(encoding="utf-8")
    block = text[text.index(first) :].split("\n\n")[0]
    names = [line.strip().partition(":")[0] for line in block.splitlines()[1:]]
    assert names == [line.partition(":")[0] for line in wanted.strip().split("\r\n")[1:]]
    spaced = [": " in line for line in block.splitlines()[1:]]
    assert set(spaced) == {": " in wanted}
