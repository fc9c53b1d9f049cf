"""What the drivers ``ssh``, ``command`` and ``kubernetes`` need to know, and when they can't. Pure.

Each function says either how a node is reached, or in one clause why it is not.
"""

from dataclasses import dataclass

import msgspec

from migrate.agents.restart import unit_of
from migrate.model.access import SshAccess, ssh_host
from migrate.model.cluster_facts import AgentWorkload
from migrate.model.errors import UsageProblem
from migrate.model.inventory import Controller, Inventory, Launch, Node
from migrate.model.plan import Choices
from migrate.model.reach import CommandReach, NodeFacts, SshReach, ToldFile
from migrate.model.text import visible
from migrate.model.versions import AGENT_BLOCK_BELOW, Version

EDITABLE_FILES = ("systemd-unit", "systemd-drop-in", "env-file", "script", "argument-file", "")
"""Kinds of launch files that ssh edits: on hosts with a POSIX shell and systemd."""


@dataclass(frozen=True)
class OverSsh:
    """How a host is reached by ssh; ``obstacle`` is why not, empty when it is."""

    how: SshReach | None = None
    obstacle: str = ""
    as_root: bool = False
    """Files are written by sudo."""


def by_ssh(node: Node, launch: Launch | None, access: SshAccess | None) -> OverSsh:
    """Over ssh, to a host whose systemd starts the agent."""
    if access is None:
        return OverSsh(obstacle="ssh is not configured (drivers: ssh: in the --config file)")
    if launch is None or launch.asserted:
        return OverSsh(
            obstacle="its launch was not read on its host, so nothing is restarted there"
        )
    if launch.os and launch.os.lower().startswith("windows"):
        return OverSsh(obstacle="ssh needs a host with a POSIX shell, and this one runs Windows")
    unit = unit_of(launch)
    if not unit:
        told = visible(launch.supervisor)
        return OverSsh(obstacle=f"ssh restarts systemd units, and {told} starts this agent")
    try:
        host = ssh_host(access, node.name)
    except UsageProblem as error:
        return OverSsh(obstacle=error.cause)
    return OverSsh(SshReach(host, unit), as_root=access.sudo)


def by_command(node: Node, launch: Launch | None) -> CommandReach:
    """What the operator's program is told about the node."""
    facts = NodeFacts(
        host=(launch.host if launch else None) or node.address,
        labels=node.labels,
        remoting=node.remoting_version,
    )
    if launch is not None:
        facts = msgspec.structs.replace(
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
    return CommandReach(facts)


def serving(inventory: Inventory) -> dict[str, AgentWorkload]:
    """The workload that serves each node, where exactly one does."""
    found: dict[str, AgentWorkload] = {}
    twice: set[str] = set()
    for workload in inventory.cluster.agents if inventory.cluster else ():
        for name in workload.nodes:
            twice |= {name} if name in found else set()
            found[name] = workload
    return {name: workload for name, workload in found.items() if name not in twice}


def workload_obstacle(
    node: Node, workload: AgentWorkload, controller: Controller, choices: Choices
) -> str:
    """Why the workload's pod template is not edited for this node; empty when it is."""
    del controller
    place = visible(f"{workload.kind} {workload.namespace}/{workload.name}")
    if workload.obstacle:
        return f"{place} can't be edited safely: {workload.obstacle}"
    if workload.owner is not None and workload.owner.reverts and not choices.allow_live_edit:
        owner = workload.owner
        name = visible(f"{owner.kind} {owner.name}".strip())
        return (
            f"{name} owns {place} ({visible(owner.evidence)}) and would put an edit back; there, "
            "set JENKINS_WEB_SOCKET=true and take out JENKINS_TUNNEL and "
            "JENKINS_DIRECT_CONNECTION, or plan with --allow-live-edit"
        )
    version = Version.maybe(node.remoting_version)
    if version is None and node.online:
        return f"the remoting version in the image {visible(workload.image)} is not known"
    if version is not None and version < AGENT_BLOCK_BELOW:
        return (
            f"the image {visible(workload.image)} brings remoting {node.remoting_version}, which "
            "does not hold a WebSocket connection: a newer image is needed"
        )
    return ""
