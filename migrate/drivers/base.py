"""How one agent process is upgraded, switched and restarted."""

from dataclasses import dataclass, replace
from typing import Protocol

from migrate.model.host_work import JarDone, LaunchDone, RestartDone
from migrate.model.inventory import ProbeAnswer
from migrate.model.names import DriverName
from migrate.model.plan_steps import JarUpgrade
from migrate.model.ports import ControllerPort
from migrate.model.probe_requests import Target


@dataclass(frozen=True)
class FileEdit:
    """One file of an agent's launch, before and after. None: there is no such file."""

    path: str
    before: bytes | None
    after: bytes | None
    mode: int | None = None
    """Of a file that is new, e.g. 0o600; None: as the old one, or as the host makes files."""
    owner: str | None = None
    """Who a new file must belong to: the agent's user, for a secret that only its owner reads."""

    def back(self) -> "FileEdit":
        """The way back."""
        return replace(self, before=self.after, after=self.before)


class Driver(Protocol):
    """One way to reach an agent. Changes of state are the step's to journal; a driver keeps
    nothing but how to reach the host."""

    @property
    def name(self) -> DriverName:
        """As ``--driver`` names it."""

    @property
    def starts_stopped(self) -> bool:
        """Whether ``restart`` also starts an agent whose process has ended."""

    @property
    def by_restarter(self) -> bool:
        """Whether ``restart`` cuts the agent off and leaves it to Jenkins' restarter in it."""

    def probe_from_host(
        self, jenkins: ControllerPort, node: str, target: Target, timeout: float
    ) -> tuple[ProbeAnswer, ...]:
        """What the agent's own host is answered by ``target``; empty where code can't run there."""

    def upgrade(self, jenkins: ControllerPort, node: str, upgrade: JarUpgrade) -> JarDone:
        """Replace agent.jar on disk (download beside, compare, keep the old one, rename)."""

    def restore_jar(self, jenkins: ControllerPort, node: str, done: JarDone) -> None:
        """Put the kept jar back; ``done`` is what ``upgrade`` returned."""

    def read_file(self, jenkins: ControllerPort, node: str, path: str) -> bytes | None:
        """A file of the agent's launch; None when there is none."""

    def switch_launch(
        self, jenkins: ControllerPort, node: str, edits: tuple[FileEdit, ...]
    ) -> LaunchDone:
        """Write ``after`` of each file whose content is still ``before`` (or ``after`` already).

        ``LaunchChanged`` when a file is neither. Returns what the journal should keep.
        """

    def restore_launch(
        self, jenkins: ControllerPort, node: str, edits: tuple[FileEdit, ...]
    ) -> LaunchDone:
        """The way back: ``before`` of each file that is still ``after``."""

    def restart(self, jenkins: ControllerPort, node: str, reason: str) -> RestartDone:
        """Make the agent connect again with what its launch now says. Returns what the journal
        should keep."""
