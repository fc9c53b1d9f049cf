"""What a driver says of a node: how it would move it, or why not and what would help. Pure.

Each driver has a file in this room with ``offer(node, facts)``; ``migrate.planner.choose`` asks
them in one order. They talk to nobody and know nothing of each other. How a driver does what it
offers is in ``migrate.drivers`` and ``migrate.steps``.
"""

from dataclasses import dataclass

from migrate.model.access import NO_ACCESS, Access
from migrate.model.cluster_facts import AgentWorkload
from migrate.model.inventory import Controller, Launch, Node
from migrate.model.names import DriverName
from migrate.model.plan import Choices
from migrate.model.plan_steps import FilesEdit, LaunchEdit
from migrate.model.reach import Reach

KUBERNETES = DriverName.KUBERNETES
COMMAND = DriverName.COMMAND
SSH = DriverName.SSH
INBAND = DriverName.INBAND
REREAD = DriverName.REREAD
MANUAL = DriverName.MANUAL
ADMINISTER = "Overall/Administer"


@dataclass(frozen=True)
class Facts:
    """What is known for a node beside itself."""

    controller: Controller
    choices: Choices
    launch: Launch | None = None
    """How its agent was started, as read or as a person asserted; None when neither."""
    access: Access = NO_ACCESS
    """What the operator configured."""
    workload: AgentWorkload | None = None
    """What runs its agent in the cluster."""
    asked: str = ""
    """The driver of ``--driver``; empty: none was asked for."""
    unread: str = ""
    """Why its launch could not be read, where the scan says so."""

    @property
    def administers(self) -> bool:
        """Whether the user may use the script console."""
        return is_administrator(self.controller)


@dataclass(frozen=True)
class Offer:
    """How a driver would move the node."""

    reason: str
    """Why it is moved so; one sentence."""
    note: str = ""
    """What is left undone beside it, and why: an older agent.jar that stays. For ``manual``: what
    would let a driver do it."""
    upgrade_to: str | None = None
    """Version of the agent.jar to bring; None to leave the jar."""
    reach: Reach | None = None
    """How the driver reaches the host; None: nothing is to be said of it."""
    launch_edit: LaunchEdit | None = None
    """How the launch itself is edited; None: it is not."""
    by_hand: str = ""
    """For ``manual``: what a person does, where that is known to the letter."""

    @property
    def secret_file(self) -> str:
        """Where the agent's secret moves to; empty: it stays."""
        edit = self.launch_edit
        return (edit.secret_file or "") if isinstance(edit, FilesEdit) else ""


@dataclass(frozen=True)
class Refusal:
    """Why a driver does not move the node."""

    reason: str
    possible: str = ""
    """What would make it possible; empty: nothing known. ``'NODE=...'`` in it is for the node's
    name (``migrate.model.plan.for_node``), so that what holds for many nodes is said once."""
    by_hand: str = ""
    """What a person does instead, where that is known to the letter."""


def is_administrator(controller: Controller) -> bool:
    """Whether the user may use the script console."""
    return ADMINISTER in controller.permissions


def at_hand(node: Node, facts: Facts) -> Launch | Refusal:
    """The launch of an agent whose host can be worked on now, or why it can't."""
    if not node.online:
        return Refusal(
            "it is not connected: nothing can be run on or read from its host",
            "start its agent, and plan again",
        )
    return facts.launch or launch_not_known(facts)


def launch_not_known(facts: Facts) -> Refusal:
    """Nothing is restarted on a guess."""
    reason = "how its agent was started is not known"
    possible = "plan with --launch 'NODE=jnlp-url', if you know that it was started with -jnlpUrl"
    if not facts.administers:
        possible = f"scan as a user with {ADMINISTER}, who can have it read, or {possible}"
    return Refusal(f"{reason}: {facts.unread}" if facts.unread else reason, possible)
