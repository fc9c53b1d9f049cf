"""How one agent process is upgraded and restarted."""

from typing import Any, Protocol

from migrate.model.inventory import ProbeAnswer
from migrate.model.ports import ControllerPort


class Driver(Protocol):
    """One way to reach an agent. Holds no state; all it needs is in the step's params."""

    name: str

    def probe_from_host(
        self, jenkins: ControllerPort, node: str, url: str, timeout: float
    ) -> tuple[ProbeAnswer, ...]:
        """What the agent's own host is answered by ``url``; empty where code can't run there."""

    def upgrade(
        self, jenkins: ControllerPort, node: str, upgrade: dict[str, Any]
    ) -> dict[str, Any]:
        """Replace agent.jar on disk (download beside, compare, keep the old one, rename).

        ``upgrade`` is {jar, url, sha256, to}. Returns {jar, before_sha256, after_sha256, backup}.
        """

    def restore_jar(self, jenkins: ControllerPort, node: str, done: dict[str, Any]) -> None:
        """Put the kept jar back; ``done`` is what ``upgrade`` returned."""

    def restart(self, jenkins: ControllerPort, node: str, reason: str) -> None:
        """Make the agent connect again with what its launch now says."""
