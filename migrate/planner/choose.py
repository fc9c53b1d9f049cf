"""Which driver moves a node: the first that offers to, in one order. Pure.

``kubernetes`` edits the pod template where that is the launch, ``command`` leaves all to the
operator's program, ``ssh`` edits a launch from outside, ``inband`` works through the agent, whose
host tries the new way first, ``reread`` only sets the flag and disconnects, ``manual`` is a
runbook.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from migrate.agents.minimum import minimum
from migrate.model.access import Access
from migrate.model.cluster_facts import AgentWorkload
from migrate.model.errors import UsageProblem
from migrate.model.finding import Finding
from migrate.model.inventory import Controller, Launch, LaunchKind, Node
from migrate.model.names import DriverName
from migrate.model.patterns import matches
from migrate.model.plan import Choices
from migrate.model.text import visible
from migrate.model.versions import Version
from migrate.planner.jar import next_version
from migrate.planner.offers import command, inband, kubernetes, manual, reread, ssh
from migrate.planner.offers.base import (
    COMMAND,
    INBAND,
    KUBERNETES,
    MANUAL,
    REREAD,
    SSH,
    Facts,
    Offer,
    Refusal,
)

ORDER: Mapping[str, Callable[[Node, Facts], Offer | Refusal]] = {
    KUBERNETES: kubernetes.offer,
    COMMAND: command.offer,
    SSH: ssh.offer,
    INBAND: inband.offer,
    REREAD: reread.offer,
}
"""In this order they are asked; ``manual`` is left when none offers."""
DRIVERS = (*ORDER, MANUAL)


@dataclass(frozen=True)
class Choice:
    """How one node is moved, and why not by those that were asked before."""

    driver: DriverName
    offer: Offer
    launch: Launch | None
    """As read, or as asserted by a person; None when neither."""
    refused: tuple[tuple[str, Refusal], ...] = ()
    """(driver, why not), in the order in which they were asked."""


def choose(node: Node, facts: Facts, blockers: tuple[Finding, ...] = ()) -> Choice:
    """The driver for an inbound node that has to move. ``blockers`` are findings on this node."""
    refused: list[tuple[str, Refusal]] = []
    for driver in _in_turn(node, facts):
        found = ORDER[driver](node, facts)
        if isinstance(found, Offer):
            stopped = _too_old(node, facts, found) or _blocked(blockers)
            if stopped is None:
                return Choice(DriverName(driver), found, facts.launch, tuple(refused))
            refused.append((driver, stopped))
            break  # What the controller or a blocker does not let through, no other driver can.
        refused.append((driver, found))
    asked = facts.asked if refused and refused[-1][0] == facts.asked else ""
    left = manual.offer([refusal for _, refusal in refused], asked)
    return Choice(MANUAL, left, facts.launch, tuple(refused))


def _in_turn(node: Node, facts: Facts) -> tuple[str, ...]:
    """Who is asked. What a person or the launch itself decides goes before the order."""
    only = facts.asked
    if not only and facts.workload is not None:
        only = KUBERNETES  # Its pod template would undo what is changed in a pod.
    if not only and command.claims(node, facts):
        only = COMMAND
    if not only:
        return tuple(ORDER)
    if only == MANUAL:
        return ()
    # Of a node that is away only the flag can be set; and where nothing may be run on a host, a
    # disconnect does what inband would do.
    away = not node.online and (only == SSH or (only == COMMAND and facts.access.command))
    return (only, REREAD) if away or only == INBAND else (only,)


def _too_old(node: Node, facts: Facts, offer: Offer) -> Refusal | None:
    """Why the controller would not take the agent as this offer leaves it; None: it would."""
    lowest = minimum(facts.controller)
    runs = offer.upgrade_to or next_version(node, facts.controller, facts.launch)
    version = Version.maybe(runs)
    if lowest is None or version is None or version >= lowest.version:
        return None
    return Refusal(
        f"the controller takes remoting {lowest.text} and newer ({lowest.source}), and its agent "
        f"would run {runs}: its agent.jar has to be replaced before the move",
        "bring a newer agent.jar to its host",
    )


def _blocked(blockers: tuple[Finding, ...]) -> Refusal | None:
    if not blockers:
        return None
    text = "; ".join(f"{finding.id} {finding.summary}" for finding in blockers)
    return Refusal(f"a blocker stands in the way: {text}", blockers[0].fix)


def facts_of(
    node: Node,
    controller: Controller,
    choices: Choices,
    access: Access,
    *,
    workload: AgentWorkload | None = None,
    unread: str = "",
) -> Facts:
    """What the drivers are told beside the node. ``UsageProblem`` for an unknown driver or launch.

    ``access`` is what the operator configured, ``unread`` why the launch could not be read.
    """
    launch = known_launch(node, choices)
    asked = asked_driver(node, choices)
    if launch is None and asked == REREAD:
        # Asking for reread says the same as asserting the launch that it needs.
        launch = Launch(LaunchKind.JNLP_URL, asserted=True)
    return Facts(controller, choices, launch, access, workload, asked, visible(unread))


def known_launch(node: Node, choices: Choices) -> Launch | None:
    """How the agent was started: as read on its host, else as asserted, else None."""
    if node.launch is not None and node.launch.kind is not LaunchKind.UNKNOWN:
        return node.launch
    for pattern, kind in choices.launches:
        if matches(node.name, pattern):
            known = node.launch or Launch(LaunchKind.UNKNOWN)
            return replace(known, kind=_launch_kind(kind), asserted=True)
    return None


def _launch_kind(text: str) -> LaunchKind:
    known = tuple(kind.value for kind in LaunchKind if kind is not LaunchKind.UNKNOWN)
    if text not in known:
        raise UsageProblem(
            f"{text!r} is not a way to launch an agent; known: {', '.join(known)}",
            next_command="migrate plan --help",
        )
    return LaunchKind(text)


def asked_driver(node: Node, choices: Choices) -> str:
    """The driver that the person asked for; empty for none, ``UsageProblem`` for an unknown one."""
    for pattern, driver in choices.drivers:
        if driver not in DRIVERS:
            raise UsageProblem(
                f"there is no driver {driver!r}; known: {', '.join(DRIVERS)}",
                next_command="migrate plan --help",
            )
        if matches(node.name, pattern):
            return driver
    return ""
