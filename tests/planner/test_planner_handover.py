"""What the owners of machines are given; the check runs against real processes and sockets."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from migrate.model.inventory import Inventory
from migrate.model.owners import NOBODY, OwnerRule, Owners
from migrate.plan_store.plan_folder import read_inventory, read_plan
from migrate.planner.by_people import by_people
from migrate.planner.handover import HandedNode, Share, check_script, shares

EXAMPLE = Path(__file__).parents[2] / "plans" / "example"
PLAN, SEEN = read_plan(EXAMPLE), read_inventory(EXAMPLE)
CONNECTS = (
    "import socket, sys, time\n"
    "held = socket.create_connection(('127.0.0.1', int(sys.argv[1])))\n"
    "print('up', flush=True)\n"
    "time.sleep(100)\n"
)


def test_every_node_that_needs_a_person_is_given_to_somebody() -> None:
    people = by_people(PLAN)
    first = min(people)
    found = shares(PLAN, SEEN, Owners((OwnerRule("x", nodes=(first,), contact="#x"),)))
    assert {n.name for share in found for n in share.nodes} == set(people)
    mine = next(share for share in found if share.owner == "x")
    assert (mine.contact, [n.name for n in mine.nodes]) == ("#x", [first])
    assert {share.owner for share in found} <= {"x", NOBODY}


@contextmanager
def agent(*words: str, port: int) -> Iterator[None]:
    """A process that looks like an agent, connected to a port of this machine."""
    command = [sys.executable, "-c", CONNECTS, str(port), "-jar", "/opt/agent.jar", *words]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        yield
    finally:
        process.kill()
        process.communicate()


@contextmanager
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def seen_at(tcp: int, http: int) -> Inventory:
    port = replace(SEEN.controller.agent_port, configured=tcp, advertised=tcp)
    controller = replace(SEEN.controller, url=f"http://j:{http}/", agent_port=port)
    return replace(SEEN, controller=controller, cluster=None)


def checked(inventory: Inventory, *names: str, shell: str = "sh") -> tuple[int, str]:
    share = Share("a team\x1b\nrm -rf /", "", tuple(HandedNode(name, "") for name in names))
    script = check_script(PLAN, inventory, share)
    done = subprocess.run(
        [shell, "-c", script], capture_output=True, text=True, timeout=60, env={"PATH": os.defpath}
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


@pytest.mark.parametrize("shell", [s for s in ("dash", "bash", "busybox") if shutil.which(s)][:2])
def test_the_check_tells_tcp_from_websocket(shell: str) -> None:
    name = f"it's $(a) {os.getpid()}"
    with listening() as tcp, listening() as http:
        inventory = seen_at(tcp, http)
        with agent("-name", name, "-secret", "s3cret", port=tcp):
            code, told = checked(inventory, name, shell=shell)
            assert code == 1
            assert f"{name}: STILL ON TCP (port {tcp})" in told
            assert "s3cret" not in told
        with agent("-name", name, port=http):
            code, told = checked(inventory, name, "not here", shell=shell)
            assert (code, f"connected to port {http} alone" in told) == (0, True)
            assert "not here: does not run on this machine" in told
        with agent("-webSocket", "-name", name, port=http):
            code, told = checked(inventory, name, shell=shell)
            assert (code, "on WebSocket (-webSocket)" in told) == (0, True)


def test_the_check_knows_an_agent_by_its_address() -> None:
    name = f"ü {os.getpid()}"
    with listening() as tcp, listening() as http:
        address = f"http://j/computer/%C3%BC%20{os.getpid()}/jenkins-agent.jnlp"
        with agent("-jnlpUrl", address, port=tcp):
            assert checked(seen_at(tcp, http), name)[0] == 1


def test_nothing_here_is_its_own_answer() -> None:
    code, told = checked(seen_at(50000, 443), "nowhere-at-all")
    assert (code, told) == (2, "nowhere-at-all: does not run on this machine\n")
