"""No port has two users: of one sandbox, of two, or while it is closed."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from migrate.sandbox import ports
from migrate.sandbox.installation import Sandbox
from migrate.sandbox.kube.checks import Target, Write
from migrate.sandbox.kube.resources import of_kind
from migrate.sandbox.ports import HeldPorts, NoFreePort, free_port, free_ports
from migrate.sandbox.spec import AgentSpec, NodeSpec, Scenario


def refused(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def another_process_gets(port: int) -> bool:
    program = (
        "import sys\n"
        "from migrate.sandbox import ports\n"
        "ports._RANGE = range(int(sys.argv[1]), int(sys.argv[1]) + 1)\n"
        "try:\n"
        "    print(ports.free_port())\n"
        "except ports.NoFreePort:\n"
        "    print('none')\n"
    )
    command = [sys.executable, "-c", program, str(port)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() in (str(port), "none")
    return done.stdout.strip() == str(port)


def test_they_are_different_and_below_the_ephemeral_range() -> None:
    found = free_ports(50)
    assert len(set(found)) == 50
    assert max(found) < 32768
    assert all(refused(port) for port in found)


def test_a_held_port_is_for_its_own_servers_only(monkeypatch: pytest.MonkeyPatch) -> None:
    held = HeldPorts()
    try:
        port = held.take()
        assert refused(port)
        monkeypatch.setattr(ports, "_RANGE", range(port, port + 1))
        with pytest.raises(NoFreePort):
            free_port()
        with pytest.raises(NoFreePort):
            held.take()
        for _ in range(2):
            with socket.socket() as server:
                server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                server.bind(("127.0.0.1", port))
                server.listen()
                assert not refused(port)
            assert refused(port)
            assert not another_process_gets(port)
        held.give_back(port)
        assert another_process_gets(port)
        held.give_back(port)
    finally:
        held.release()
    assert free_port() == port


def test_a_sandbox_keeps_its_ports_apart_and_while_they_are_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The edge drew its own port after the agents', which nobody listened on yet: once in 12,000
    starts it was the same, the TCP route fell away, and agents spoke JNLP to an HTTP server."""
    # The controller's two, three of the edge for agents, its HTTP port, nginx's two in turn.
    few = free_ports(8)
    monkeypatch.setattr(ports, "_RANGE", few)
    node = NodeSpec("a", agent=AgentSpec())
    with Sandbox(tmp_path, scenario=Scenario("one", "an agent", (node,)), time_scale=0.02) as here:
        jenkins = here.jenkins
        used = [jenkins.http_port, jenkins.agent_port, here.edge.http_port]
        used += [here.agent_port, here.db_port]
        assert len(set(used)) == 5
        assert set(used) <= set(few)
        assert here.edge.errors == []
        entries = Target(of_kind("ConfigMap"), "ingress-nginx", "tcp-services")
        here.kube.registry.delete(entries, {}, Write(manager="test"))
        here.edge.settle()
        jenkins.set_agent_port(-1)
        assert refused(here.agent_port)
        assert not another_process_gets(here.agent_port)
        assert not another_process_gets(used[1])
        jenkins.set_agent_port(used[1])
        assert not refused(used[1])
    assert another_process_gets(used[1])
