"""``reread``: a ``-jnlpUrl`` agent re-executes itself after a disconnect and reads its JNLP again.

Needs only Agent/Disconnect. Source: JnlpSlaveRestarterInstaller, UnixSlaveRestarter;
observed with remoting 3063 and 3160 on 2.426.2 (30-switch-*-jnlpUrl-*).
"""

from migrate.drivers.base import FileEdit
from migrate.drivers.errors import DriverError, not_supported
from migrate.model.host_work import JarDone, LaunchDone, RestartDone
from migrate.model.inventory import ProbeAnswer
from migrate.model.names import DriverName
from migrate.model.plan_steps import JarUpgrade
from migrate.model.ports import ControllerPort
from migrate.model.probe_requests import Target


class Reread:
    """Restart by doDisconnect; no access to the agent's host."""

    name = DriverName.REREAD
    starts_stopped = False

    @property
    def by_restarter(self) -> bool:
        """Always."""
        return True

    def probe_from_host(
        self, jenkins: ControllerPort, node: str, target: Target, timeout: float
    ) -> tuple[ProbeAnswer, ...]:
        """Nothing: this driver can't run code on the host."""
        del jenkins, node, target, timeout
        return ()

    def upgrade(self, jenkins: ControllerPort, node: str, upgrade: JarUpgrade) -> JarDone:
        """Not possible with this driver; the planner never asks for it."""
        del jenkins, upgrade
        raise _no_jar(self.name, node)

    def restore_jar(self, jenkins: ControllerPort, node: str, done: JarDone) -> None:
        """Not possible with this driver."""
        del jenkins, done
        raise _no_jar(self.name, node)

    def read_file(self, jenkins: ControllerPort, node: str, path: str) -> bytes | None:
        """Not possible with this driver."""
        del jenkins, path
        raise not_supported(self.name, "read the launch", node)

    def switch_launch(
        self, jenkins: ControllerPort, node: str, edits: tuple[FileEdit, ...]
    ) -> LaunchDone:
        """Not possible with this driver."""
        del jenkins, edits
        raise not_supported(self.name, "change the launch", node)

    def restore_launch(
        self, jenkins: ControllerPort, node: str, edits: tuple[FileEdit, ...]
    ) -> LaunchDone:
        """Not possible with this driver."""
        return self.switch_launch(jenkins, node, edits)

    def restart(self, jenkins: ControllerPort, node: str, reason: str) -> RestartDone:
        """doDisconnect; the agent waits 10 s and comes back."""
        jenkins.disconnect(node, reason)
        return RestartDone()


def _no_jar(driver: str, node: str) -> DriverError:
    return not_supported(driver, "upgrade the agent.jar", node)
