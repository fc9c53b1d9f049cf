"""What the drivers ``ssh``, ``command`` and ``kubernetes`` need to know, and when they can't. Pure.

Each function says either how a node is reached, or in one clause why it is not.
"""

from dataclasses import asdict, dataclass
from typing import Any

from migrate.model.cluster_facts import AgentWorkload
from migrate.model.errors import UsageProblem
from migrate.model.inventory import Controller, Inventory, Launch, Node
from migrate.model.plan import Choices
from migrate.model.restart import unit_of
from migrate.model.text import visible
from migrate.model.versions import AGENT_BLOCK_BELOW, Version

EDITABLE_FILES = ("systemd-unit", "systemd-drop-in", "env-file", "script", "argument-file", "")
"""Kinds of launch files that ssh edits: on hosts with a POSIX shell and systemd."""


@dataclass(frozen=True)
class Reach:
    """How a host is reached; ``obstacle`` is why not, empty when it is."""

    how: dict[str, Any]
    obstacle: str = ""


def by_ssh(node: Node, launch: Launch | None, choices: Choices) -> Reach:
    """Over ssh, to a host whose systemd starts the agent."""
    from migrate.model.access import ssh_host

    access = choices.access.ssh
    if access is None:
        return Reach({}, "ssh is not configured (drivers: ssh: in the --config file)")
    if launch is None or launch.asserted:
        return Reach({}, "its launch was not read on its host, so nothing is restarted there")
    if launch.os and launch.os.lower().startswith("windows"):
        return Reach({}, "ssh needs a host with a POSIX shell, and this one runs Windows")
    unit = unit_of(launch)
    if not unit:
        return Reach(
            {},
            f"ssh restarts systemd units, and {visible(launch.supervisor)} starts this agent",
        )
    try:
        host = ssh_host(access, node.name)
    except UsageProblem as error:
        return Reach({}, error.cause)
    how = {
        "host": host,
        "user": access.user,
        "port": access.port,
        "sudo": access.sudo,
        "config": access.config,
        "connect_timeout": access.connect_timeout,
        "unit": unit,
    }
    return Reach(how)


def by_command(node: Node, launch: Launch | None, choices: Choices) -> Reach:
    """Through the user's own program."""
    access = choices.access.command
    if access is None:
        return Reach({}, "no program is configured (drivers: command: in the --config file)")
    facts: dict[str, Any] = {
        "host": (launch.host if launch else None) or node.address,
        "labels": list(node.labels),
        "remoting": node.remoting_version,
    }
    if launch is not None:
        facts |= {
            "launch": launch.kind.value,
            "asserted": launch.asserted,
            "jar": launch.jar,
            "os": launch.os,
            "user": launch.user,
            "supervisor": launch.supervisor,
            "supervisor_detail": launch.supervisor_detail,
            "launch_files": [asdict(file) for file in launch.launch_files],
        }
    return Reach(
        {
            "program": list(access.program),
            "actions": list(access.actions),
            "timeout": access.timeout,
            "facts": facts,
        }
    )


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
