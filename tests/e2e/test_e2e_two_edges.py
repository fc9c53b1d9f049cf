"""Three ways to one agent port: closed, tried, named and opened again one by one."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from e2e_cli import PLAN, Cli
from e2e_installation import until
from e2e_sandbox import SandboxInstallation

from migrate.sandbox.two_edges import TWO_EDGES

BALANCER = ("Service", "jenkins", "jenkins-agents-lb")
INSIDE = "Service ingress-inside/ingress-inside-controller"
OUTSIDE = "Service ingress-nginx/ingress-nginx-controller"


@pytest.fixture
def there(tmp_path: Path) -> Iterator[SandboxInstallation]:
    work = tmp_path / "work"
    work.mkdir()
    made = SandboxInstallation(
        work, tmp_path / "home", TWO_EDGES.nodes, frozenset(), scenario=TWO_EDGES
    )
    yield made
    made.stop()


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
    except OSError:
        return False
    return True


def over_tcp(there: SandboxInstallation) -> bool:
    return set(there.transports().values()) == {"JNLP4-connect"}


def free_node_port() -> int:
    for port in range(30000, 32768):
        with socket.socket() as probe:
            try:
                probe.bind(("0.0.0.0", port))
            except OSError:
                continue
            return port
    raise AssertionError("every node port is taken")


def left_over() -> dict[str, Any]:
    """A NodePort Service that nobody planned for."""
    labels = {
        "app.kubernetes.io/name": "jenkins",
        "app.kubernetes.io/component": "jenkins-controller",
    }
    port = {
        "name": "agent-listener",
        "port": 50000,
        "targetPort": "agent-listener",
        "nodePort": free_node_port(),
    }
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "forgotten", "namespace": "jenkins"},
        "spec": {"type": "NodePort", "selector": labels, "ports": [port]},
    }


@pytest.mark.timeout(600)
def test_every_way_is_closed_tried_and_opened_again(there: SandboxInstallation) -> None:
    cli = Cli(there)
    ports = {"outside": there.agent_port, **there.sandbox.other_ports}
    service = there.kube.get(*BALANCER)
    assert service is not None
    assert all(map(accepts, ports.values()))
    assert over_tcp(there)

    before = cli.run("verify", code=1).out
    assert before.count("still answers") == len(ports) + 1  # localhost, and the address itself
    cli.plan()
    ticket = (cli.folder / PLAN / "plan.md").read_text()
    for name, port in ports.items():
        assert f"127.0.0.1:{port}" in ticket, name

    # One way belongs to somebody else: it stays open, and both commands say which.
    stopped = cli.apply(code=4)
    assert "by hand: delete Service jenkins/jenkins-agents-lb" in stopped.text
    assert set(there.transports().values()) == {"WebSocket"}
    until(lambda: not accepts(ports["outside"]) and not accepts(ports["inside"]))
    open_still = cli.run("verify", code=4).out
    assert f"127.0.0.1:{ports['outside']} ({OUTSIDE}) refuses connections" in open_still
    assert f"127.0.0.1:{ports['inside']} ({INSIDE}) refuses connections" in open_still
    assert f"127.0.0.1:{ports['balancer']} (Service jenkins/jenkins-agents-lb) still" in open_still
    assert "NOT closed." in open_still

    there.kube.remove(*BALANCER)
    there.settle()
    done = cli.apply("--resume").text
    assert "The port is closed" in done
    closed = cli.run("verify").out
    assert "Verified: closed." in closed
    for port in ports.values():
        assert f"127.0.0.1:{port} (" in closed
        assert not accepts(port)

    # Opened again by somebody, past the plan: it is found, and told by what it answers.
    forgotten = left_over()
    there.kube.add(forgotten)
    there.settle()
    text = cli.run("verify", code=4).out
    at = f"127.0.0.1:{forgotten['spec']['ports'][0]['nodePort']} (Service jenkins/forgotten)"
    assert f"{at} still accepts connections, with nothing behind it" in text
    there.kube.remove("Service", "jenkins", "forgotten")
    there.settle()

    shown = cli.run("rollback", PLAN, "--dry-run").out
    for named in ("ingress-inside/tcp-services", "ingress-nginx/tcp-services", *BALANCER[2:]):
        assert named in shown
    # The way of some agents is still closed: no node goes back before its owner opens it.
    refused = cli.rollback(code=(1, 4)).text
    assert "jenkins-agents-lb" in refused
    assert set(there.transports().values()) == {"WebSocket"}
    meta = {k: service["metadata"][k] for k in ("name", "namespace", "annotations")}
    spec = {k: service["spec"][k] for k in ("type", "selector", "ports")}
    there.kube.add({**service, "metadata": meta, "spec": spec})
    there.settle()
    cli.rollback(code=(0, 4))
    assert all(map(accepts, ports.values()))
    until(lambda: over_tcp(there))
    assert there.database_answers()


def test_a_way_that_opens_while_a_run_closes_stops_it(there: SandboxInstallation) -> None:
    """The verify stage tries what was planned, also what no step of this plan has closed."""
    cli = Cli(there)
    there.kube.remove(*BALANCER)
    there.settle()
    forgotten = left_over()
    node_port = forgotten["spec"]["ports"][0]["nodePort"]
    cli.plan("--agent-address", f"localhost:{node_port}")
    there.kube.add(forgotten)
    there.settle()
    # It looks for half a minute whether the way closes after all: that often is enough.
    stopped = cli.apply("--accept-offline", "all", "--poll", "1", code=4)
    told = f"localhost:{node_port} (--agent-address) still accepts connections"
    assert told in stopped.text
    assert f"{told}, with nothing behind it" in cli.run("status", PLAN).out
    there.kube.remove("Service", "jenkins", "forgotten")
    there.settle()
    assert "The port is closed" in cli.apply("--resume", "--accept-offline", "all").text
