"""A person who works on a node while it is being moved, on request by a fault."""

from migrate.sandbox.faults import node_faults
from migrate.sandbox.jenkins.causes import by_user
from migrate.sandbox.jenkins.nodeconfig import NodeConfig
from migrate.sandbox.jenkins.state import Computer, Installation

WHO = "bob"
REASON = "disk is being replaced"


class Meddler:
    """Acts once on each node that a fault names."""

    def __init__(self, home: Installation) -> None:
        self._home = home
        self._done: set[str] = set()

    def marked(self, computer: Computer) -> None:
        """Called right after a node was marked offline through the REST API."""
        name = computer.name
        found = node_faults(self._home.faults, name)
        if not found or name in self._done:
            return
        self._done.add(name)
        if "node-deleted" in found:
            self._home.remove(name)
        elif "node-renamed" in found:
            body = computer.config.to_bytes().replace(
                f"<name>{name}<".encode(), f"<name>{name}-renamed<".encode()
            )
            self._home.reconfigure(computer, NodeConfig.parse(body))
        elif "node-reconfigured" in found:
            body = computer.config.to_bytes().replace(b"<numExecutors>1<", b"<numExecutors>2<")
            self._home.reconfigure(computer, NodeConfig.parse(body))
        else:
            computer.set_mark(by_user(WHO, REASON))
