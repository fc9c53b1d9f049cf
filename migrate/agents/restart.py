"""Whether an agent that ends is started again from its launch as it stands then, and by whom. Pure.

An agent that re-executes itself (UnixSlaveRestarter) keeps its old arguments, so an edited launch
counts only when a supervisor starts the process. What nobody would start again is never ended.
"""

from dataclasses import dataclass
from typing import Final

from migrate.agents.options import normal
from migrate.model.access import is_unit
from migrate.model.inventory import Launch
from migrate.model.reach import RestartedBy
from migrate.model.text import visible

EXIT: Final = "exit"
"""The process ends with a status after which its supervisor starts it again."""
USER_UNIT: Final = "user-unit"
"""The agent's own user has its systemd restart the unit."""
SERVICE: Final = "service"
"""After a disconnect Jenkins' own restarter has WinSW start the service anew."""

_FILES = {
    # systemd reads a system unit again only when root says so; what a unit names, at each start.
    EXIT: ("env-file", "script", "argument-file"),
    USER_UNIT: ("systemd-unit", "systemd-drop-in", "env-file", "script", "argument-file"),
    SERVICE: ("winsw-xml",),
}


@dataclass(frozen=True)
class Restart:
    """How an agent is made to start from its edited launch; ``obstacle`` is why it can't be."""

    by: RestartedBy = ""
    unit: str = ""
    """systemd unit; empty for other supervisors."""
    status: int = 0
    """For ``exit``: the exit status to end with."""
    obstacle: str = ""
    possible: str = ""
    """What would take the obstacle away; empty: nothing is known."""


def unit_of(launch: Launch) -> str:
    """The systemd unit that starts the agent; empty for none."""
    if launch.supervisor != "systemd":
        return ""
    words = launch.supervisor_detail.split()
    return next((word for word in words if is_unit(word)), "")


def restart_of(launch: Launch) -> Restart:
    """How this agent, asked from within, is started again by its supervisor."""
    if launch.asserted:
        return _no(
            "its launch was not read on its host, so nothing is restarted there",
            "have a scan read its launch there",
        )
    if launch.supervisor == "winsw":
        return _by_winsw(launch)
    if launch.supervisor == "launchd":
        return _no(
            "launchd keeps the property list as it was when it was loaded, so from within nobody "
            "can tell what it does when the agent ends"
        )
    if launch.supervisor != "systemd":
        return _by_another(launch)
    unit = unit_of(launch)
    if not unit:
        return _no("the name of its systemd unit is not known")
    if launch.restart == USER_UNIT:
        return Restart(USER_UNIT, unit)
    if launch.restart is None:
        return _no("what systemd does when its unit ends could not be read")
    if launch.restart_exit is None:
        return _no(
            f"its unit has Restart={visible(launch.restart)}: ended from within, it would not be "
            "started again",
            "set Restart=always in its unit",
        )
    if launch.main_process is not True:
        return _no(
            "a shell stands between its unit and the agent and would go on with the script as it "
            "was read",
            "put exec before java in that script",
        )
    return Restart(EXIT, unit, launch.restart_exit)


def _by_another(launch: Launch) -> Restart:
    if launch.supervisor in ("none", "unknown"):
        return _no(
            "no supervisor starts the agent again when it ends", "start it by a systemd unit"
        )
    if launch.supervisor in ("docker", "kubernetes"):
        return _no(f"{visible(launch.supervisor)} starts it from outside of its host")
    return _no(f"{visible(launch.supervisor)} starts it, and nothing here restarts that")


def _by_winsw(launch: Launch) -> Restart:
    if launch.restart != SERVICE:
        return _no("Jenkins' restarter does not reach its WinSW service, and nothing restarts it")
    if "-noReconnect" in normal(launch.options):
        return _no("-noReconnect ends it at a disconnect before its service could be restarted")
    return Restart(SERVICE)


def editable_within(launch: Launch, restart: Restart) -> tuple[str, ...]:
    """Paths of the launch files that the agent's own user may write and that count at its next
    start by ``restart``; the one that counts most last."""
    kinds = _FILES.get(restart.by, ())
    return tuple(f.path for f in launch.launch_files if f.kind in kinds and f.writable)


def _no(reason: str, possible: str = "") -> Restart:
    return Restart(obstacle=reason, possible=possible)
