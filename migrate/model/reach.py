"""What a plan may say of how a driver reaches one agent: one type for each driver.

A plan names hosts, units and facts, never what is run here: programs, and all settings of ssh, are
the operator's (``--config``, ``migrate.model.access``) and are read when they are used.
"""

from typing import Literal

import msgspec

from migrate.model.access import Access, is_host, is_unit, ssh_host
from migrate.model.errors import UsageProblem
from migrate.model.names import DriverName
from migrate.model.text import visible

RestartedBy = Literal["", "exit", "user-unit", "service"]
"""What starts an agent anew (``migrate.agents.restart``); empty: nothing, or not known."""


class _Reach(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="driver"):
    @property
    def driver(self) -> DriverName:
        """The driver's name, as ``--driver`` takes it."""
        return DriverName(str(self.__struct_config__.tag))


class SshReach(_Reach, frozen=True, tag=DriverName.SSH.value):
    """Over ssh; ``ValueError`` for what is no host name, or no unit of systemd."""

    host: str
    """As the operator's configuration gave it when the plan was made; another one is drift."""
    unit: str
    """systemd unit that is restarted: ``agent.service``."""

    def __post_init__(self) -> None:
        if not is_host(self.host):
            raise ValueError(f"{visible(self.host)!r} is not a host name")
        _check_unit(self.unit)


class InbandReach(_Reach, frozen=True, tag=DriverName.INBAND.value):
    """Through the agent itself."""

    by: RestartedBy = ""
    """How it starts anew (``migrate.agents.restart``); empty: it reads its JNLP file again."""
    unit: str = ""
    """systemd unit; empty for other supervisors."""

    def __post_init__(self) -> None:
        if self.unit:
            _check_unit(self.unit)


class ToldFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of the agent's launch (``migrate.model.inventory.LaunchFile``)."""

    path: str
    kind: str
    writable: bool | None = None


class NodeFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the operator's program is told about a node; None and empty: not known."""

    host: str | None = None
    labels: tuple[str, ...] = ()
    remoting: str | None = None
    launch: str | None = None
    """Kind of its launch: ``url-name``, ``jnlp-url`` ..."""
    asserted: bool = False
    """A person said so, and nobody read it on the host."""
    jar: str | None = None
    os: str | None = None
    user: str | None = None
    supervisor: str = ""
    supervisor_detail: str = ""
    launch_files: tuple[ToldFile, ...] = ()


class CommandReach(_Reach, frozen=True, tag=DriverName.COMMAND.value):
    """Through the program of the operator's configuration."""

    facts: NodeFacts


class RereadReach(_Reach, frozen=True, tag=DriverName.REREAD.value):
    """By the controller alone."""


Reach = SshReach | InbandReach | CommandReach | RereadReach
"""Told apart by ``driver``. An unknown field is refused."""


def way_of(driver: str, reach: Reach | None) -> Reach:
    """How a driver reaches a node; None: as a driver without anything to say. ``ValueError`` where
    that driver has to be told something, or ``reach`` is another driver's."""
    found: Reach = msgspec.convert({"driver": str(driver)}, Reach) if reach is None else reach
    if found.driver != driver:
        raise ValueError(f"the driver is '{visible(driver)}', and its reach is '{found.driver}'")
    return found


def not_configured(reach: Reach, access: Access) -> bool:
    """Whether the driver needs a section ``drivers:`` that the operator's configuration lacks."""
    if isinstance(reach, SshReach):
        return access.ssh is None
    return isinstance(reach, CommandReach) and access.command is None


def reach_obstacle(reach: Reach, access: Access, node: str) -> str:
    """Why the node is not reached as planned, in one sentence; empty when it is."""
    if not_configured(reach, access):
        return (
            f"node {visible(node)} is moved by the driver {reach.driver}, and no --config file "
            f"with drivers: {reach.driver}: is given"
        )
    if not isinstance(reach, SshReach) or access.ssh is None:
        return ""
    try:
        host = ssh_host(access.ssh, node)
    except UsageProblem as error:
        return error.cause
    if host != reach.host:
        return (
            f"the plan reaches node {visible(node)} on {reach.host}, and drivers: ssh: in the "
            f"--config file now says {host}"
        )
    return ""


def _check_unit(unit: str) -> None:
    if not is_unit(unit):
        raise ValueError(f"{visible(unit)!r} is not a systemd service")
