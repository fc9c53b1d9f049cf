"""What a controller answers is bounded in bytes and in time, over real sockets."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hostile import HEAD, OPEN_END, bomb, drip, endless, hostile, whole

from migrate.jenkins.client import JenkinsController
from migrate.jenkins.errors import EndlessAnswer, JenkinsError, UnexpectedAnswer, Unreachable

CHUNKED = HEAD % b"identity" + b"Transfer-Encoding: chunked\r\n\r\n"
PIECE = b"10000\r\n" + b"a" * 65536 + b"\r\n"

LATE = 3.0
"""Seconds: --timeout is 1, and a loaded machine is slow. Without a limit it never ends."""

Call = Callable[[JenkinsController], object]
CALLS: dict[str, Call] = {
    "list": lambda jenkins: jenkins.node_names(),
    "config": lambda jenkins: jenkins.read_node_config("a"),
    "log": lambda jenkins: jenkins.agent_log("a"),
    "secret": lambda jenkins: jenkins.agent_secret("a"),
    "script": lambda jenkins: jenkins.run_script("echo", {"text": "x"}, timeout=1),
    "change": lambda jenkins: jenkins.disconnect("a", "r"),
}


def client(port: int, timeout: float = 1.0) -> JenkinsController:
    return JenkinsController(f"http://127.0.0.1:{port}/", "bob", "sekrit-token", timeout=timeout)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize(
    "sent",
    [(b"", b"H"), (b"HTTP/1.1 200 OK\r\nX: ", b"a"), (OPEN_END, b" "), (CHUNKED, b"1\r\n \r\n")],
    ids=["status", "header", "body", "chunks"],
)
def test_one_byte_now_and_then(call: Call, sent: tuple[bytes, bytes]) -> None:
    with hostile(drip(*sent)) as port:
        jenkins = client(port)  # loads what a connection needs
        begun = time.monotonic()
        with pytest.raises(JenkinsError, match=r"within 1 s") as caught:
            call(jenkins)
        assert time.monotonic() - begun < LATE
        assert caught.value.transient
        assert "\n" not in caught.value.cause


@pytest.mark.parametrize("name", [name for name in CALLS if name != "log"])
@pytest.mark.parametrize(
    "sent", [(OPEN_END, b"a" * 65536), (CHUNKED, PIECE)], ids=["body", "chunks"]
)
def test_a_body_without_end(name: str, sent: tuple[bytes, bytes]) -> None:
    with hostile(endless(*sent)) as port, pytest.raises(EndlessAnswer, match="too large") as caught:
        jenkins = client(port, timeout=20)
        if name == "script":
            jenkins.run_script("echo", {"text": "x"}, timeout=20)
        CALLS[name](jenkins)
    assert not caught.value.transient


def test_a_log_without_end_is_its_head() -> None:
    with hostile(endless(OPEN_END, b"Remoting version: 3.0\n" * 1000)) as port:
        assert client(port, timeout=20).agent_log("a").remoting_version == "3.0"


def test_an_error_page_without_end_is_still_that_error() -> None:
    head = OPEN_END.replace(b"200 OK", b"503 Away")
    with hostile(endless(head)) as port, pytest.raises(Unreachable, match="503"):
        client(port, timeout=20).node_names()
    with hostile(drip(head)) as port, pytest.raises(Unreachable, match="503"):
        client(port).node_names()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (whole(bomb(100 << 20), b"gzip"), "more than 32 MiB"),
        (whole(b"x", b"br"), "not asked for"),
        (whole(b"[" * 500_000), "nested too deeply"),
        (whole(b'{"computer":[' + b'"",' * 1_000_000 + b"0]}"), "1,000,000 values"),
        (whole(b'{"computer":[' + b"0" * 5000 + b"]}"), "not Jenkins' JSON"),
    ],
    ids=["gzip", "brotli", "deep", "many", "digits"],
)
def test_bombs(answer: Callable[..., None], why: str) -> None:
    with hostile(answer) as port, pytest.raises(UnexpectedAnswer, match=why):
        client(port, timeout=20).node_names()


def test_an_endless_body_takes_little_memory(tmp_path: Path) -> None:
    """In a process of its own, whose peak is its own."""
    code = """
import sys
from migrate.jenkins.client import JenkinsController
from migrate.jenkins.errors import EndlessAnswer
from hostile import peak_mib
url = f"http://127.0.0.1:{sys.argv[1]}/"
jenkins = JenkinsController(url, "bob", "sekrit-token", timeout=30)
try:
    jenkins.run_script("nothing", {})
except Exception:
    pass
before = peak_mib()
for call in (jenkins.node_names, lambda: jenkins.read_node_config("a"), jenkins.jar_bytes):
    try:
        call()
    except EndlessAnswer:
        continue
    raise SystemExit("no end")
print(peak_mib() - before)
"""
    with hostile(endless(OPEN_END)) as port:
        done = subprocess.run(
            [sys.executable, "-c", code, str(port)],
            capture_output=True,
            text=True,
            check=False,
            cwd=Path(__file__).parents[1],
            timeout=100,
        )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) <= 64


def test_many_endless_nodes_side_by_side_take_little_memory() -> None:
    """Each is a skip, and the rest is read."""
    code = """
import sys
from migrate.jenkins.client import JenkinsController
from hostile import peak_mib
jenkins = JenkinsController(f"http://127.0.0.1:{sys.argv[1]}/", "bob", "sekrit-token", timeout=60)
jenkins.node_names()
before = peak_mib()
reading = jenkins.read(by="rest")
skips = [skip for skip in reading.skips if skip.what == "config.xml"]
assert len(reading.nodes) == len(skips) == 60, (len(reading.nodes), len(skips))
assert all("more than 2 MiB" in skip.reason for skip in skips), skips
print(peak_mib() - before)
"""
    nodes = ",".join(f'{{"displayName": "n{n}", "offline": true}}' for n in range(60))
    plain = {
        "/computer/api/json": f'{{"computer": [{nodes}]}}',
        "/api/json": '{"slaveAgentPort": 50000}',
        "/whoAmI/api/json": '{"name": "bob"}',
    }

    def answer(sock: socket.socket, head: str) -> None:
        path = head.split(" ")[1].partition("?")[0]
        if path in plain:
            whole(plain[path].encode())(sock)
        elif path.endswith("config.xml"):
            endless(OPEN_END)(sock)
        elif path.startswith("/computer/"):
            whole(b"")(sock)
        else:
            sock.sendall(b"HTTP/1.1 404 No\r\nX-Jenkins: 2\r\nContent-Length: 0\r\n\r\n")

    with hostile(answer, with_head=True) as port:
        done = subprocess.run(
            [sys.executable, "-c", code, str(port)],
            capture_output=True,
            text=True,
            check=False,
            cwd=Path(__file__).parents[1],
            timeout=100,
        )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) <= 64
