"""``command``: the operator's own program does it. Pure."""

import msgspec

from migrate.model.access import CommandAccess
from migrate.model.inventory import Launch, LaunchKind, Node
from migrate.model.patterns import matches
from migrate.model.plan_steps import ProgramEdit
from migrate.model.reach import CommandReach, NodeFacts, ToldFile
from migrate.planner.jar import judge_jar, next_version
from migrate.planner.offers.base import COMMAND, Facts, Offer, Refusal
from migrate.planner.offers.launch import lost_at_restart


def claims(node: Node, facts: Facts) -> bool:
    """Whether no other driver is asked, unless by ``--driver``: the program is for this node."""
    access = facts.access.command
    return access is not None and any(matches(node.name, pattern) for pattern in access.nodes)


def offer(node: Node, facts: Facts) -> Offer | Refusal:
    """Where a program is configured and this node is named for it, or it was asked for."""
    access = facts.access.command
    if access is None:
        return Refusal(
            "no program is configured (drivers: command: in the --config file)",
            "name a program and the node there",
        )
    claimed = claims(node, facts)
    if not claimed and facts.asked != COMMAND:
        return Refusal(
            "the configured program is not for it",
            "name it under drivers: command: nodes: in the --config file, "
            "or plan with --driver 'NODE=command'",
        )
    if not node.online:
        return Refusal("it is not connected", "start its agent, and plan again")
    return _with_program(node, facts, access, claimed=claimed)


def _with_program(
    node: Node, facts: Facts, access: CommandAccess, *, claimed: bool
) -> Offer | Refusal:
    launch = facts.launch
    upgrade_to, note = None, ""
    if facts.choices.upgrade and launch is not None and "upgrade" in access.actions:
        jar = judge_jar(node, facts.controller, launch)
        upgrade_to, note = jar.to, jar.why
    runs = upgrade_to or next_version(node, facts.controller, launch)
    lost = lost_at_restart(launch.options, runs, note) if launch is not None else None
    if lost is not None:
        return lost
    edits = "switch" in access.actions
    if not edits and (launch is None or launch.kind is not LaunchKind.JNLP_URL):
        return Refusal(
            "its launch must change, and the configured program does not know the action 'switch'",
            "give the program that action (drivers: command: actions:)",
        )
    return Offer(
        "the configured program is for it" if claimed else "it was asked for",
        upgrade_to=upgrade_to,
        reach=CommandReach(_told(node, launch)),
        launch_edit=ProgramEdit() if edits else None,
    )


def _told(node: Node, launch: Launch | None) -> NodeFacts:
    """What the program is told about the node."""
    facts = NodeFacts(
        host=(launch.host if launch else None) or node.address,
        labels=node.labels,
        remoting=node.remoting_version,
    )
    if launch is None:
        return facts
    return msgspec.structs.replace(
        facts,
        launch=launch.kind.value,
        asserted=launch.asserted,
        jar=launch.jar,
        os=launch.os,
        user=launch.user,
        supervisor=launch.supervisor,
        supervisor_detail=launch.supervisor_detail,
        launch_files=tuple(ToldFile(f.path, f.kind, f.writable) for f in launch.launch_files),
    )
