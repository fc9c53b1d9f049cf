"""Which driver moves a node, why, and why not a better one. Pure.

From best to worst: ``kubernetes`` edits the pod template where that is the launch; ``inband`` tries
the new way from the agent's own host first and can bring a newer agent.jar; ``ssh`` does so from
outside, edits the launch and restarts its unit; ``command`` leaves all that to the user's program;
``reread`` only flips the flag and disconnects; ``manual`` is a runbook.
"""

from dataclasses import replace

from migrate.agents.minimum import minimum
from migrate.model.access import NO_ACCESS, Access, CommandAccess
from migrate.model.cluster_facts import AgentWorkload
from migrate.model.errors import UsageProblem
from migrate.model.finding import Finding
from migrate.model.inventory import Controller, Launch, LaunchKind, Node
from migrate.model.patterns import matches
from migrate.model.plan import Choices
from migrate.model.plan_steps import ProgramEdit
from migrate.model.text import visible
from migrate.model.versions import (
    AGENT_BLOCK_BELOW,
    AGENT_RETRIES_FIRST_CONNECT,
    Version,
)
from migrate.planner.by_launch import EDITED, edited, over_ssh, within
from migrate.planner.driver_choice import (
    ADMINISTER,
    BY_HAND,
    COMMAND,
    DRIVERS,
    INBAND,
    KUBERNETES,
    MANUAL,
    REREAD,
    SSH,
    DriverChoice,
    is_administrator,
    manual,
    restart_obstacle,
)
from migrate.planner.jar import jar_within, judge_jar, next_version
from migrate.planner.reach import OverSsh, by_command, by_ssh, workload_obstacle
from migrate.planner.secrets import wanted as secrets_wanted

LAUNCH_NOT_KNOWN = "how its agent was started is not known"


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


def wanted_driver(node: Node, choices: Choices) -> str | None:
    """The driver that the person asked for; ``UsageProblem`` for an unknown one."""
    for pattern, driver in choices.drivers:
        if driver not in DRIVERS:
            raise UsageProblem(
                f"there is no driver {driver!r}; known: {', '.join(DRIVERS)}",
                next_command="migrate plan --help",
            )
        if matches(node.name, pattern):
            return driver
    return None


def choose(
    node: Node,
    controller: Controller,
    choices: Choices,
    blockers: tuple[Finding, ...],
    workload: AgentWorkload | None = None,
    *,
    access: Access = NO_ACCESS,
) -> DriverChoice:
    """The driver for an inbound node that has to move. ``blockers`` are findings on this node,
    ``workload`` is what runs its agent in the cluster, ``access`` what the operator configured."""
    chosen = _choose(node, controller, choices, workload, access)
    refused = _refused(node, controller, chosen)
    if refused and chosen.driver != MANUAL:
        chosen = manual(refused, chosen.not_better, chosen.launch)
    if not blockers or chosen.driver == MANUAL:
        return chosen
    text = "; ".join(f"{finding.id} {finding.summary}" for finding in blockers)
    return manual(f"a blocker stands in the way: {text}", blockers[0].fix, chosen.launch)


def _refused(node: Node, controller: Controller, chosen: DriverChoice) -> str:
    """Why the controller would not take the agent as this choice leaves it; empty when it would."""
    lowest = minimum(controller)
    runs = chosen.upgrade_to or next_version(node, controller, chosen.launch)
    version = Version.maybe(runs)
    if lowest is None or version is None or version >= lowest.version:
        return ""
    return (
        f"the controller takes remoting {lowest.text} and newer ({lowest.source}), and its agent "
        f"would run {runs}: its agent.jar has to be replaced before the move"
    )


def _choose(
    node: Node,
    controller: Controller,
    choices: Choices,
    workload: AgentWorkload | None,
    access: Access,
) -> DriverChoice:
    launch = known_launch(node, choices)
    wanted = wanted_driver(node, choices)
    if wanted == MANUAL:
        return manual("it was asked for (--driver)", "", launch)
    if wanted == KUBERNETES or (workload is not None and wanted is None):
        return _kubernetes(node, controller, choices, workload, launch)
    if wanted == COMMAND or (wanted is None and _has_program(node, access.command)):
        return _command(node, controller, choices, launch, access.command)
    if launch is None and wanted == REREAD:
        # Asking for reread says the same as asserting the launch that it needs.
        launch = Launch(LaunchKind.JNLP_URL, asserted=True)
    if not node.online:
        return _offline(node, launch)
    if launch is None:
        return manual(
            LAUNCH_NOT_KNOWN,
            _how_to_know(node, controller),
            None,
        )
    reach = by_ssh(node, launch, access.ssh)
    return _by_kind(node, controller, choices, launch, wanted, reach=reach)


def _by_kind(
    node: Node,
    controller: Controller,
    choices: Choices,
    launch: Launch,
    wanted: str | None,
    *,
    reach: OverSsh,
) -> DriverChoice:
    """For a connected agent of a known launch that neither a workload nor a program has."""
    if launch.kind in EDITED and wanted in (None, SSH, INBAND):
        return edited(node, controller, choices, launch, wanted, reach=reach)
    if launch.kind is not LaunchKind.JNLP_URL:
        return manual(
            BY_HAND[launch.kind],
            "reread and inband move only agents that were started with -jnlpUrl",
            launch,
        )
    if wanted == SSH:
        return over_ssh(node, controller, choices, launch, reach)
    chosen = _jnlp_url(node, controller, choices, launch, wanted)
    stuck = chosen.driver == MANUAL
    if wanted == REREAD or not (stuck or secrets_wanted(launch, choices)):
        return chosen
    over = over_ssh(node, controller, choices, launch, reach) if wanted is None else None
    for other in (over, within(node, controller, choices, launch)):
        # A secret alone is no reason to restart an agent otherwise, if it would stay all the same.
        if other is not None and other.driver != MANUAL and (stuck or other.launch_edit):
            return other
    return over if over is not None and stuck and not reach.obstacle else chosen


def _kubernetes(
    node: Node,
    controller: Controller,
    choices: Choices,
    workload: AgentWorkload | None,
    launch: Launch | None,
) -> DriverChoice:
    if workload is None:
        return manual(
            "--driver kubernetes was asked for, and no workload of the cluster serves it",
            "the scan names the workloads whose pods are agents",
            launch,
        )
    why = workload_obstacle(node, workload, controller, choices)
    if why:
        return replace(manual(why, "", launch), by_hand=visible(workload.by_hand))
    place = visible(f"{workload.kind} {workload.namespace}/{workload.name}")
    return DriverChoice(KUBERNETES, f"its launch is the pod template of {place}", "", launch, None)


def _has_program(node: Node, access: CommandAccess | None) -> bool:
    return access is not None and any(matches(node.name, pattern) for pattern in access.nodes)


def _command(
    node: Node,
    controller: Controller,
    choices: Choices,
    launch: Launch | None,
    access: CommandAccess | None,
) -> DriverChoice:
    if access is None:
        why = "no program is configured (drivers: command: in the --config file)"
        return manual(why, "", launch)
    if not node.online:
        return _offline(node, launch)
    upgrade_to = None
    if choices.upgrade and launch is not None and "upgrade" in access.actions:
        upgrade_to = judge_jar(node, controller, launch).to
    runs = upgrade_to or next_version(node, controller, launch)
    why = restart_obstacle(replace(launch, restarter=None), runs) if launch else ""
    if why:
        return manual(why, "", launch)
    edit = ProgramEdit() if "switch" in access.actions else None
    if not edit and (launch is None or launch.kind is not LaunchKind.JNLP_URL):
        return manual(
            "its launch must change, and the configured program does not know the action 'switch'",
            "",
            launch,
        )
    told = "the configured program is for it" if _has_program(node, access) else "it was asked for"
    return DriverChoice(COMMAND, told, "", launch, upgrade_to, by_command(node, launch), edit)


def _jnlp_url(
    node: Node, controller: Controller, choices: Choices, launch: Launch, wanted: str | None
) -> DriverChoice:
    inband_obstacle = _inband_obstacle(controller, launch)
    jar = jar_within(node, controller, launch, upgrade=choices.upgrade)
    upgrade_to, jar_note = jar.to, jar.why
    if inband_obstacle or wanted == REREAD:
        upgrade_to = None

    version = upgrade_to or next_version(node, controller, launch)
    by_hand = restart_obstacle(launch, version)
    if by_hand:
        return manual(by_hand, jar_note or inband_obstacle, launch)
    if upgrade_to is not None:
        return DriverChoice(INBAND, f"{jar_note}, and it can be replaced", "", launch, upgrade_to)
    have = Version.maybe(version)
    exits = have is not None and have < AGENT_RETRIES_FIRST_CONNECT
    if not inband_obstacle and wanted in (None, INBAND):
        # Neither comes back by the flag alone: one is gone, one retries over WebSocket.
        stuck = "exits for good" if exits else "retries without end"
        why = (
            f"remoting {version} {stuck} when its first WebSocket handshake fails, "
            "so its host tries the way first"
            if exits or wanted is None
            else "it was asked for (--driver)"
        )
        return DriverChoice(INBAND, why, jar_note, launch, None)
    why = "started with -jnlpUrl: after a disconnect it reads its JNLP file again"
    if launch.asserted:
        why += " (nobody read that on its host: --launch or --driver says so)"
    if wanted == REREAD:
        not_better = "it was asked for (--driver)"
    else:
        not_better = "; ".join(note for note in (inband_obstacle, jar_note) if note)
    return DriverChoice(REREAD, why, not_better, launch, None)


def _inband_obstacle(controller: Controller, launch: Launch) -> str:
    if not is_administrator(controller):
        return (
            f"without {ADMINISTER} nothing can be run on its host: "
            "neither a probe from there nor a newer agent.jar"
        )
    if launch.asserted:
        return "its host could not be asked how it was started, so nothing else is run there"
    return ""


def _offline(node: Node, launch: Launch | None) -> DriverChoice:
    if launch is not None and launch.kind is not LaunchKind.JNLP_URL:
        return manual(
            BY_HAND[launch.kind],
            "reread and inband move only agents that were started with -jnlpUrl",
            launch,
        )
    version = Version.maybe(node.remoting_version)
    if version is not None and version < AGENT_BLOCK_BELOW:
        return manual(
            f"it is not connected, and remoting {node.remoting_version} does not hold a "
            "WebSocket connection",
            "",
            launch,
        )
    why = (
        "it is not connected: only its flag is set, which moves it when it was started "
        "with -jnlpUrl"
    )
    return DriverChoice(
        REREAD, why, "nothing can be run on or read from a node that is away", launch, None
    )


def _how_to_know(node: Node, controller: Controller) -> str:
    assertion = (
        f"if you know that it was started with -jnlpUrl: migrate plan --launch "
        f"'{visible(node.name)}={LaunchKind.JNLP_URL}'"
    )
    if is_administrator(controller):
        return assertion
    return f"a user with {ADMINISTER} can have it read on its host; {assertion}"
