"""Questions about nodes that several rules ask."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from migrate.agents.options import lost
from migrate.model.inventory import Inventory, LauncherKind, LaunchKind, Node, Transport
from migrate.model.node_name import name_obstacle
from migrate.model.patterns import matches
from migrate.model.plan import Choices
from migrate.model.versions import Version, java_feature, java_needed

MOVED_BY_HAND = (
    LaunchKind.URL_NAME,
    LaunchKind.JNLP_MAIN,
    LaunchKind.SWARM,
    LaunchKind.CONTAINER,
)
"""Launches whose transport stands on their own command line, not in the node's configuration."""

SUPERVISORS_THAT_RESTART = ("systemd", "winsw", "launchd", "docker", "kubernetes", "supervisord")


def subject(node: Node) -> str:
    """How findings name a node."""
    return f"node {node.name}"


def quoted(node: Node) -> str:
    """The node's name as a shell argument."""
    return shlex.quote(node.name)


def inbound(inventory: Inventory) -> Iterator[Node]:
    """Nodes whose agents dial in by themselves."""
    return (n for n in inventory.nodes if n.launcher is LauncherKind.INBOUND)


def to_move(inventory: Inventory) -> Iterator[Node]:
    """Inbound nodes that are not known to be on WebSocket, and whose agents may ever be (M049)."""
    for node in inbound(inventory):
        if node.transport is not Transport.WEBSOCKET and not name_obstacle(node.name):
            yield node


def launch_kind(node: Node, choices: Choices | None) -> LaunchKind:
    """How the agent was started: as read, else as the person asserted (``--launch``)."""
    if node.launch is not None and node.launch.kind is not LaunchKind.UNKNOWN:
        return node.launch.kind
    for pattern, kind in choices.launches if choices else ():
        if matches(node.name, pattern):
            try:
                return LaunchKind(kind)
            except ValueError:
                return LaunchKind.UNKNOWN
    return LaunchKind.UNKNOWN


def administers(inventory: Inventory) -> bool:
    """Whether the user may use the script console."""
    return "Overall/Administer" in inventory.controller.permissions


class Way(StrEnum):
    """Who can replace an agent's jar."""

    DRIVER = "driver"
    """The tool itself, through the node's script console."""
    HAND = "hand"
    """A person, who has to change the launch on that host anyway: the runbook holds it."""
    NONE = "none"


@dataclass(frozen=True)
class Upgrade:
    """Whether and how a node's agent.jar gets the controller's version."""

    way: Way
    reason: str


def upgrade(inventory: Inventory, node: Node, choices: Choices | None) -> Upgrade:
    """How ``node``'s jar can be brought to the controller's version, or why it can't."""
    if choices is not None and not choices.upgrade:
        return Upgrade(Way.NONE, "the plan was made with --no-upgrade")
    served = Version.maybe(inventory.controller.jar_version)
    current = Version.maybe(node.remoting_version)
    if served is None or current is None or current >= served:
        return Upgrade(Way.NONE, "the controller serves no newer agent.jar")
    if launch_kind(node, choices) in MOVED_BY_HAND:
        return Upgrade(Way.HAND, "the runbook for its host replaces agent.jar first")
    launch = node.launch
    if launch is None or launch.kind is LaunchKind.UNKNOWN:
        return Upgrade(Way.NONE, "how the agent was started was not read")
    if not administers(inventory):
        return Upgrade(Way.NONE, "this user has no Overall/Administer to work on the agent's host")
    if launch.jar_sha256 is not None and launch.jar_sha256 == inventory.controller.jar_sha256:
        return Upgrade(Way.NONE, "the new agent.jar is on its disk already, for its next start")
    if launch.jar is None:
        return Upgrade(Way.NONE, "the place of its agent.jar was not found")
    if launch.jar_writable is not True:
        return Upgrade(Way.NONE, f"the folder of {launch.jar} is not known to be writable")
    feature = java_feature(launch.java_version)
    needed = java_needed(inventory.controller.jar_version or "")
    if feature is None or feature < needed:
        return Upgrade(
            Way.NONE, f"it runs on Java {launch.java_version or '?'}, and the jar needs {needed}"
        )
    gone = lost(launch.options, launch_kind(node, choices), served)
    if gone:
        return Upgrade(Way.NONE, f"the new agent.jar no longer knows {' and '.join(gone)}")
    return Upgrade(Way.DRIVER, "the plan replaces agent.jar before the switch")


def version_at_next_start(
    inventory: Inventory, node: Node, choices: Choices | None
) -> Version | None:
    """The remoting version that runs after the next restart of the agent's process.

    It is not the running one when the plan replaces the jar, or when somebody replaced it on
    disk already (then its SHA-256 is that of the controller's jar).
    """
    served = inventory.controller.jar_version
    if served is not None and (
        upgrade(inventory, node, choices).way is not Way.NONE
        or (
            node.launch is not None
            and node.launch.jar_sha256 is not None
            and node.launch.jar_sha256 == inventory.controller.jar_sha256
        )
    ):
        return Version.maybe(served)
    return Version.maybe(node.remoting_version)
