"""Editing objects through the API opens and closes real ports."""

import copy
import http.client
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from edge_standin import EDGE, TCP, Cluster, cluster
from kubernetes import client

from migrate.sandbox.database import GREETING


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Cluster]:
    with cluster(tmp_path) as found:
        yield found


def get(running: Cluster, path: str, host: str = "localhost", **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", running.edge.http_port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": host, **headers})
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def drop_key(running: Cluster) -> None:
    patch = {"data": {str(running.agent_port): None}}
    client.CoreV1Api(running.api).patch_namespaced_config_map(*TCP, patch)


def drop_service_port(running: Cluster) -> None:
    api = client.CoreV1Api(running.api)
    spec = api.read_namespaced_service(*EDGE).spec
    assert spec is not None
    ports = spec.ports or []
    index = next(i for i, port in enumerate(ports) if port.port == running.agent_port)
    api.patch_namespaced_service(*EDGE, [{"op": "remove", "path": f"/spec/ports/{index}"}])


def drop_named_container_port(running: Cluster) -> None:
    api = client.AppsV1Api(running.api)
    path = "/spec/template/spec/containers/0/ports/2"
    api.patch_namespaced_deployment(*EDGE, [{"op": "remove", "path": path}])


def drop_flag(running: Cluster) -> None:
    path = "/spec/template/spec/containers/0/args/6"
    patch = [{"op": "remove", "path": path}]
    client.AppsV1Api(running.api).patch_namespaced_deployment(*EDGE, patch)


def drop_agent_service(running: Cluster) -> None:
    client.CoreV1Api(running.api).delete_namespaced_service("jenkins-agent", "jenkins")


@pytest.mark.parametrize(
    ("change", "database_stays"),
    [
        (drop_key, True),
        (drop_service_port, True),
        (drop_named_container_port, True),
        (drop_agent_service, True),
        (drop_flag, False),
    ],
)
def test_each_link_of_the_chain_closes_the_port(
    running: Cluster, change: Callable[[Cluster], None], database_stays: bool
) -> None:
    assert running.edge.tcp_ports == tuple(sorted((running.agent_port, running.db_port)))
    assert running.is_open(running.agent_port)
    assert running.is_open(running.db_port)
    change(running)
    running.edge.settle()
    assert not running.is_open(running.agent_port)
    assert running.is_open(running.db_port) is database_stays
    assert get(running, "/login")[0] == 200
    assert running.edge.errors == []


def test_a_port_that_was_closed_outermost_first_opens_again(running: Cluster) -> None:
    api = client.CoreV1Api(running.api)
    config_map = api.read_namespaced_config_map(*TCP)
    service = running.kube.get("Service", "jenkins", "jenkins-agent")
    assert service is not None
    drop_key(running)
    drop_agent_service(running)
    running.edge.settle()
    assert not running.is_open(running.agent_port)
    body: Any = copy.deepcopy(service)
    for key in ("uid", "resourceVersion", "creationTimestamp", "managedFields"):
        del body["metadata"][key]
    api.create_namespaced_service("jenkins", body)
    api.patch_namespaced_config_map(*TCP, {"data": config_map.data})
    running.edge.settle()
    assert running.is_open(running.agent_port)


def test_a_connection_outlives_the_port(running: Cluster) -> None:
    """As with ingress-nginx: the old worker keeps what is established."""
    with socket.socket() as waiting:
        # A listener that says nothing until asked.
        waiting.bind(("127.0.0.1", 0))
        waiting.listen()
        waiting.settimeout(20)
        port = waiting.getsockname()[1]
        patch = [
            {
                "op": "replace",
                "path": "/spec/template/spec/containers/0/ports/1",
                "value": {"name": "agent-listener", "containerPort": port, "protocol": "TCP"},
            }
        ]
        client.AppsV1Api(running.api).patch_namespaced_stateful_set("jenkins", "jenkins", patch)
        running.edge.settle()
        with socket.create_connection(("127.0.0.1", running.agent_port), timeout=10) as agent:
            there, _ = waiting.accept()
            with there:
                drop_key(running)
                running.edge.settle()
                assert not running.is_open(running.agent_port)
                there.sendall(b"still here")
                assert agent.recv(64) == b"still here"


def test_a_backend_that_is_gone_is_not_listened_for(running: Cluster) -> None:
    scale = {"spec": {"replicas": 0}}
    client.AppsV1Api(running.api).patch_namespaced_stateful_set("jenkins", "jenkins", scale)
    running.edge.settle()
    assert not running.is_open(running.agent_port)
    assert get(running, "/login")[0] == 503


def test_http_by_host_class_and_path(running: Cluster) -> None:
    status, body = get(running, "/a%20b/c?d=e", Connection="Upgrade", Upgrade="websocket")
    assert status == 200
    assert body.startswith("/a%20b/c?d=e\n")
    assert "Upgrade: websocket" in body
    assert "Connection: upgrade" in body
    assert "X-Forwarded-For: 127.0.0.1" in body
    assert get(running, "/", host="other.example.com")[0] == 404
    ingress = client.NetworkingV1Api(running.api)
    ingress.patch_namespaced_ingress("jenkins", "jenkins", {"spec": {"ingressClassName": "other"}})
    running.edge.settle()
    assert get(running, "/")[0] == 404


def test_annotations_that_matter_for_websocket(running: Cluster) -> None:
    name = "nginx.ingress.kubernetes.io/connection-proxy-header"
    patch = {"metadata": {"annotations": {name: "keep-alive"}}}
    client.NetworkingV1Api(running.api).patch_namespaced_ingress("jenkins", "jenkins", patch)
    running.edge.settle()
    _, body = get(running, "/", Connection="Upgrade", Upgrade="websocket")
    assert "Connection: keep-alive" in body
    patch = {"metadata": {"annotations": {name: "x; return 200"}}}
    client.NetworkingV1Api(running.api).patch_namespaced_ingress("jenkins", "jenkins", patch)
    running.edge.settle()
    _, body = get(running, "/", Connection="Upgrade", Upgrade="websocket")
    assert "Connection: upgrade" in body
    assert running.edge.errors == []


def test_the_proxy_protocol_slot_is_honoured(running: Cluster) -> None:
    value = f"jenkins/jenkins-agent:{running.listener.port}:PROXY"
    patch = {"data": {str(running.agent_port): value}}
    client.CoreV1Api(running.api).patch_namespaced_config_map(*TCP, patch)
    running.edge.settle()
    with socket.create_connection(("127.0.0.1", running.agent_port), timeout=10) as connection:
        connection.sendall(b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n")
        assert connection.recv(64) == GREETING
