"""A cluster with an edge in front of two small backends, for the tests of the edge."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from official_client import official_client

from migrate.sandbox.database import GREETING, Database
from migrate.sandbox.edge.edge import Edge
from migrate.sandbox.kube.objects import Ports, usual_installation
from migrate.sandbox.kube.server import KubeServer
from migrate.sandbox.ports import free_ports

EDGE = ("ingress-nginx-controller", "ingress-nginx")
TCP = ("tcp-services", "ingress-nginx")


class Echo(BaseHTTPRequestHandler):
    """Answers with the request's path and headers."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        lines = [self.path, *(f"{name}: {value}" for name, value in self.headers.items())]
        body = "\n".join(lines).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@dataclass
class Cluster:
    """What a test has in hand."""

    kube: KubeServer
    edge: Edge
    agent_port: int
    db_port: int
    listener: Database
    """Stands for the controller's TCP listener."""

    @property
    def api(self) -> Any:
        """The official client, as an administrator."""
        return official_client(str(self.kube.kubeconfig("admin")))

    def is_open(self, port: int) -> bool:
        """Whether the port is open; False only when it is refused."""
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
                assert connection.recv(64) == GREETING
        except ConnectionRefusedError:
            return False
        return True


@contextmanager
def cluster(home: Path, faults: frozenset[str] = frozenset()) -> Iterator[Cluster]:
    """A usual installation whose controller is an echo server."""
    web = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    Thread(target=web.serve_forever, args=(0.05,), daemon=True).start()
    listener, database = Database(), Database()
    listener.start()
    database.start()
    edge_agent, edge_database = free_ports(2)
    ports = Ports(edge_agent, edge_database, web.server_port, listener.port, database.port)
    try:
        with KubeServer(home / "kube") as kube:
            for body in usual_installation(ports):
                kube.add(body)
            with Edge(kube.registry, home / "nginx", faults=faults) as edge:
                yield Cluster(kube, edge, ports.edge_agent, ports.edge_database, listener)
    finally:
        web.shutdown()
        web.server_close()
        listener.stop()
        database.stop()
