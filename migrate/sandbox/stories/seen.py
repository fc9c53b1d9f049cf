"""What an installation looks like from outside, whatever the commands said."""

import socket
from collections.abc import Iterator

from migrate.sandbox.installation import Sandbox


def transport(sandbox: Sandbox, node: str) -> str:
    """What the node's log on the controller says; empty when it is not connected."""
    if not sandbox.jenkins.is_online(node):
        return ""
    lines = sandbox.jenkins.agent_log(node).splitlines()
    prefix = "Communication Protocol: "
    return next((line.removeprefix(prefix) for line in lines if line.startswith(prefix)), "")


def refused(port: int) -> bool:
    """Whether a connection is refused, and not merely unanswered."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    return False


def greets(port: int, expected: bytes) -> bool:
    """Whether what listens there says ``expected`` first."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            return connection.recv(64).startswith(expected)
    except OSError:
        return False


def untouched_checks(sandbox: Sandbox) -> Iterator[tuple[str, bool]]:
    """What must be true when apply refused."""
    yield f"the TCP port localhost:{sandbox.agent_port} is open", not refused(sandbox.agent_port)
    moved = [n for n in sandbox.scenario.nodes if n.launcher == "inbound" and n.agent is not None]
    same = [
        n
        for n in moved
        if n.web_socket or n.agent is None or transport(sandbox, n.name) == "JNLP4-connect"
    ]
    yield "no node was touched", len(same) == len(moved)
    yield "the database behind the same edge still answers", greets(sandbox.db_port, b"db ok")


def open_checks(sandbox: Sandbox) -> Iterator[tuple[str, bool]]:
    """What must be true when a wave was stopped."""
    yield f"the TCP port localhost:{sandbox.agent_port} is open", not refused(sandbox.agent_port)
    yield "the database behind the same edge still answers", greets(sandbox.db_port, b"db ok")
