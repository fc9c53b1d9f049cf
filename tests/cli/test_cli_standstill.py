"""An API server or a Jenkins that accepts connections and says nothing for a while."""

import json
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from migrate.cluster.client import ClusterClient
from migrate.jenkins.client import JenkinsController
from migrate.model import waiting

NAMESPACE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 57\r\n"
    b"X-Jenkins: 2.541.3\r\nConnection: close\r\n\r\n"
    b'{"metadata": {"name": "x"}, "computer": [], "items": [] }'
)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is said; for the test it is said after a tenth of a second."""
    monkeypatch.setattr(waiting.Standstill.__init__, "__defaults__", (0.1,))
    return []


def still_one(told: list[str]) -> tuple[int, threading.Thread]:
    """A server that answers once it was said that it does not."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with server, server.accept()[0] as connection:
            connection.recv(65536)
            limit = time.monotonic() + 30
            while not told and time.monotonic() < limit:
                time.sleep(0.01)
            connection.sendall(NAMESPACE)

    thread = threading.Thread(target=serve)
    thread.start()
    return server.getsockname()[1], thread


def cluster(port: int, folder: Path, tell: Callable[[str], None]) -> None:
    config = {
        "apiVersion": "v1", "kind": "Config", "current-context": "c",
        "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "users": [{"name": "u", "user": {}}],
    }  # fmt: skip
    (folder / "kubeconfig").write_text(json.dumps(config))
    client = ClusterClient(folder / "kubeconfig")
    client.tell_standstill(tell)
    client.get("ConfigMap", "ns", "x")
    client.close()


def jenkins(port: int, folder: Path, tell: Callable[[str], None]) -> None:
    del folder
    controller = JenkinsController(f"http://127.0.0.1:{port}/")
    controller.tell_standstill(tell)
    assert controller.node_names() == ()


@pytest.mark.parametrize(("ask", "who"), [(cluster, "the Kubernetes API"), (jenkins, "Jenkins at")])
def test_it_is_waited_for_with_a_line_that_says_so(
    tmp_path: Path, told: list[str], ask: Callable[..., None], who: str
) -> None:
    port, thread = still_one(told)
    ask(port, tmp_path, told.append)
    thread.join(30)
    assert [who in line for line in told] == [True, True]
    assert "still waiting" in told[0]
    assert "answers again" in told[1]
