"""The real nginx as a child process."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from migrate.sandbox.nginx import Nginx, NginxConfig, NginxError
from migrate.sandbox.ports import free_port


def answering(port: int, text: str) -> str:
    return f"server {{ listen 127.0.0.1:{port}; return 200 '{text}'; }}\n"


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def nginx(tmp_path: Path, port: int) -> Iterator[Nginx]:
    with Nginx(NginxConfig(http=answering(port, "one")), tmp_path) as running:
        yield running


def get(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/")
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def refused(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_reload_is_true_when_it_returns(nginx: Nginx, port: int) -> None:
    other = free_port()
    assert get(port) == "one"
    pid = nginx.pid
    nginx.reload(NginxConfig(http=answering(port, "two")))
    assert get(port) == "two"
    nginx.reload(NginxConfig(stream=answering(other, "raw").replace("200 ", "")))
    assert refused(port)
    with socket.create_connection(("127.0.0.1", other), timeout=10) as connection:
        assert connection.recv(16) == b"raw"
    assert nginx.pid == pid


def test_a_bad_configuration_says_why_and_the_old_one_stays(nginx: Nginx, port: int) -> None:
    with pytest.raises(NginxError, match='unknown directive "nonsense"'):
        nginx.reload(NginxConfig(http="nonsense on;"))
    assert get(port) == "one"
    nginx.reload(NginxConfig(http=answering(port, "three")))
    assert get(port) == "three"


def test_a_taken_port_fails_at_start_and_leaves_nothing(tmp_path: Path, port: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        nginx = Nginx(NginxConfig(http=answering(port, "x")), tmp_path)
        with pytest.raises(NginxError, match="in use"):
            nginx.start()
        assert nginx.pid is None


def test_a_port_that_is_taken_at_a_reload_leaves_the_old_configuration(
    nginx: Nginx, port: int
) -> None:
    other = free_port()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", other))
        taken.listen()
        with pytest.raises(NginxError, match="in use"):
            nginx.reload(NginxConfig(http=answering(port, "two") + answering(other, "x")))
        assert get(port) == "one"
    nginx.reload(NginxConfig(http=answering(port, "two") + answering(other, "x")))
    assert [get(port), get(other)] == ["two", "x"]


def test_nothing_is_left_after_stop(tmp_path: Path, port: int) -> None:
    nginx = Nginx(NginxConfig(http=answering(port, "x")), tmp_path)
    nginx.start()
    pid = nginx.pid
    assert pid is not None
    with socket.create_connection(("127.0.0.1", port), timeout=10):
        nginx.stop()
    with pytest.raises(ProcessLookupError):
        # Master and workers are one session of their own.
        os.killpg(pid, 0)
    nginx.stop()
    assert refused(port)


def test_a_temporary_prefix_is_removed(port: int) -> None:
    with Nginx(NginxConfig(http=answering(port, "x"))) as nginx:
        assert (nginx.prefix / "nginx.conf").exists()
    assert not nginx.prefix.exists()


def test_it_dies_with_a_process_that_is_killed(tmp_path: Path, port: int) -> None:
    program = (
        "import sys, pathlib\n"
        "from migrate.sandbox.nginx import Nginx, NginxConfig\n"
        "nginx = Nginx(NginxConfig(http=sys.argv[2]), pathlib.Path(sys.argv[1]))\n"
        "nginx.start()\n"
        "print(nginx.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path), answering(port, "x")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        assert int(owner.stdout.readline()) > 0
        assert get(port) == "x"
        owner.kill()
    deadline = time.monotonic() + 10
    while not refused(port):
        assert time.monotonic() < deadline, "nginx outlived its owner"
        time.sleep(0.02)
