"""What the planner says of one node: which driver, why, and why not a better one. Pure."""

from dataclasses import dataclass

from migrate.agents.options import forbidden_options
from migrate.model.inventory import Controller, Launch, LaunchKind
from migrate.model.plan_steps import FilesEdit, LaunchEdit
from migrate.model.reach import Reach
from migrate.model.versions import AGENT_BLOCK_BELOW, Version

KUBERNETES = "kubernetes"
SSH = "ssh"
COMMAND = "command"
REREAD = "reread"
INBAND = "inband"
MANUAL = "manual"
DRIVERS = (KUBERNETES, INBAND, SSH, COMMAND, REREAD, MANUAL)
"""Best first; a launch that has to be edited is better edited by ssh than inband."""
ADMINISTER = "Overall/Administer"

BY_HAND = {
    LaunchKind.URL_NAME: (
        "its transport stands in its own command line (-url and -name), not in the node's flag"
    ),
    LaunchKind.JNLP_MAIN: (
        "its transport stands in its own command line (hudson.remoting.jnlp.Main), "
        "not in the node's flag"
    ),
    LaunchKind.SWARM: "the transport of a Swarm client stands in its own options",
    LaunchKind.CONTAINER: "the transport of a container agent stands in its environment",
    LaunchKind.CLOUD_POD: "the transport of a cloud's pod stands in the cloud's template",
}
"""Why the node's flag alone does not move such an agent."""


@dataclass(frozen=True)
class DriverChoice:
    """How one node is moved."""

    driver: str
    reason: str
    """Why this driver; one sentence."""
    not_better: str
    """Why not a better one, and what would make it possible; empty for the best."""
    launch: Launch | None
    """As read, or as asserted by a person; None when neither."""
    upgrade_to: str | None
    """Version of the agent.jar to bring; None to leave the jar."""
    reach: Reach | None = None
    """How the driver reaches the host; None: nothing is to be said of it."""
    launch_edit: LaunchEdit | None = None
    """How the launch itself is edited ; None: it is not."""
    by_hand: str = ""
    """What a person does instead, where that is known to the letter."""

    @property
    def secret_file(self) -> str:
        """Where the agent's secret moves to; empty: it stays."""
        edit = self.launch_edit
        return (edit.secret_file or "") if isinstance(edit, FilesEdit) else ""


def is_administrator(controller: Controller) -> bool:
    """Whether the user may use the script console."""
    return ADMINISTER in controller.permissions


def manual(reason: str, not_better: str, launch: Launch | None) -> DriverChoice:
    """For a person, with what would make it possible otherwise."""
    return DriverChoice(MANUAL, reason, not_better, launch, None)


def restart_obstacle(launch: Launch, runs: str | None) -> str:
    """Why a disconnect would not bring this -jnlpUrl agent back on WebSocket.

    ``runs`` is the remoting version that runs after it.
    """
    version = Version.maybe(runs)
    if version is None:
        return (
            "its remoting version is not known, since the agent log could not be read "
            "(Agent/Connect)"
        )
    if version < AGENT_BLOCK_BELOW:
        return (
            f"remoting {runs} does not hold a WebSocket connection "
            "(4.13 is the first that reconnects on Java 11), and its agent.jar can't be "
            "replaced from here"
        )
    if launch.restarter is False:
        return (
            "Jenkins' restarter does not work on it, so it reconnects in the same process "
            "over the same transport"
        )
    quits = [name for name in launch.options if name.lower() == "-noreconnect"]
    if quits:
        return f"{quits[0]} ends it at a disconnect, and only its supervisor can start it again"
    forbidden = forbidden_options(launch.options, runs)
    if forbidden:
        return (
            f"its command line has {', '.join(forbidden)}, which ends the agent when it meets "
            "-webSocket"
        )
    return ""
