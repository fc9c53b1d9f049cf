"""What is closed, gone, open or not tried, on real sockets and the sandbox's API."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from migrate.cluster.client import ClusterClient
from migrate.model.inventory import ProbeAnswer, Verdict
from migrate.model.ways import Place
from migrate.probe.prober import Prober
from migrate.sandbox.kube.server import KubeServer
from migrate.steps.controller.ways_tried import WayState, moved, try_all

PROBER = Prober("http://127.0.0.1:1/", timeout=5)


class Silent(Prober):
    """Packets are dropped: no socket of this machine does that to itself."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:1/")

    def tcp_port(self, host: str, port: int) -> ProbeAnswer:
        return ProbeAnswer(
            "tcp-port", "", "timed out", Verdict.INCONCLUSIVE, "network", "", code="port-closed"
        )


@pytest.fixture
def served() -> Iterator[Callable[[bytes], int]]:
    """Opens ports that say something to whoever connects, and hang up."""
    sockets: list[socket.socket] = []

    def serve(said: bytes) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        sockets.append(listener)

        def answer() -> None:
            try:
                while True:
                    with closing(listener.accept()[0]) as connection:
                        connection.recv(100)
                        connection.sendall(said)
            except OSError:
                return

        threading.Thread(target=answer, daemon=True).start()
        return int(listener.getsockname()[1])

    yield serve
    for listener in sockets:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@pytest.fixture
def kube(tmp_path: Path) -> Iterator[KubeServer]:
    server = KubeServer(tmp_path)
    server.start()
    yield server
    server.stop()


def refused() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_each_place_is_named_with_its_answer(served: Callable[[bytes], int]) -> None:
    listener = served(b"HTTP/1.0 200 OK\r\nJenkins-Agent-Protocols: JNLP4-connect, Ping\r\n\r\n")
    proxy, other, shut = served(b""), served(b"SSH-2.0-x\r\n"), refused()
    places = (
        Place("Service a/b", shut, "127.0.0.1", also=("controller",)),
        Place("Service a/c", proxy, "127.0.0.1"),
        Place("controller", listener, "127.0.0.1"),
        Place("Deployment a/d", other, "127.0.0.1", sure=False),
        Place("--agent-address", other, "127.0.0.1"),
        Place("Service a/e", 31000, note="no pod tells the address of a node"),
        Place("--agent-address", 50000, "no-such-host.invalid"),
    )
    tried = try_all(places, PROBER, None)
    assert [each.state for each in tried] == [
        WayState.CLOSED,
        WayState.OPEN,
        WayState.OPEN,
        WayState.CLOSED,
        WayState.OPEN,
        WayState.NOT_TRIED,
        WayState.NOT_TRIED,
    ]
    lines = [each.line for each in tried]
    assert lines[0] == f"127.0.0.1:{shut} (Service a/b, controller) refuses connections"
    assert "still accepts connections, with nothing behind it" in lines[1]
    assert "still answers" in lines[2]
    assert "not tried: no pod tells" in lines[5]
    assert "migrate verify --agent-address HOST:31000" in lines[5]
    assert "not tried: cannot be reached from here" in lines[6]
    assert "nc -vz no-such-host.invalid 50000" in lines[6]


def test_silence_tells_something_only_where_there_was_an_answer() -> None:
    before = Place("controller", 50000, "192.0.2.1", reached=True)
    never = Place("controller", 50001, "192.0.2.1")
    first, second = try_all((before, never), Silent(), None)
    assert (first.state, second.state) == (WayState.CLOSED, WayState.NOT_TRIED)
    assert "accepts no connection any more" in first.line
    assert "on an agent's host: nc -vz 192.0.2.1 50001" in second.line


def service(kube: KubeServer, **more: Any) -> None:
    port = {"name": "agents", "port": 50000, "nodePort": 31000}
    spec = {"type": "NodePort", "selector": {"app": "x"}, "ports": [port, {**port, **more}]}
    spec["ports"] = [port] if not more else [{**port, **more}]
    body = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": spec}
    kube.add({**body, "metadata": {"name": "s", "namespace": "default"}})


def test_what_cannot_be_tried_is_gone_once_the_cluster_says_so(kube: KubeServer) -> None:
    cluster = ClusterClient(kube.kubeconfig("admin"))
    place = Place("Service default/s", 31000, note="no pod tells the address of a node")
    service(kube)
    assert try_all([place], PROBER, cluster)[0].state is WayState.NOT_TRIED
    kube.remove("Service", "default", "s")
    (tried,) = try_all([place], PROBER, cluster)
    assert tried.state is WayState.GONE
    assert "there is no Service default/s any more" in tried.line
    service(kube, nodePort=31001)
    assert "has no such port any more" in try_all([place], PROBER, cluster)[0].line
    # Who may not read it knows nothing.
    nobody = ClusterClient(kube.kubeconfig("nobody"))
    assert try_all([place], PROBER, nobody)[0].state is WayState.NOT_TRIED


def test_a_load_balancer_that_has_another_address_now(kube: KubeServer) -> None:
    cluster = ClusterClient(kube.kubeconfig("admin"))
    body = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "lb", "namespace": "default"},
        "spec": {"type": "LoadBalancer", "selector": {"a": "b"}, "ports": [{"port": 50000}]},
        "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.7"}]}},
    }
    kube.add(body)
    assert not moved(Place("Service default/lb", 50000, "192.0.2.7"), cluster)
    assert moved(Place("Service default/lb", 50000, "192.0.2.8"), cluster)
    assert not moved(Place("controller", 50000, "192.0.2.8"), cluster)
    assert not moved(Place("Service default/other", 50000, "192.0.2.8"), cluster)
