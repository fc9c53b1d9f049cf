"""Whether a node's agent.jar can be replaced by the controller's."""

from collections.abc import Iterable
from dataclasses import dataclass

from migrate.agents.options import lost
from migrate.model.inventory import Controller, Launch, Node
from migrate.model.text import visible
from migrate.model.versions import Version, java_feature, java_needed, v


@dataclass(frozen=True)
class JarPlan:
    """What happens to the jar of one node."""

    to: str | None
    """Version to replace it by; None: it stays."""
    why: str
    """Why it is replaced, or why it stays although it is older; empty when it is not older."""


def is_older(node: Node, controller: Controller) -> bool:
    """Whether the node's agent.jar is known to be older than the one that the controller serves."""
    have, served = (
        Version.maybe(node.remoting_version),
        Version.maybe(controller.jar_version),
    )
    return have is not None and served is not None and have < served


def next_version(node: Node, controller: Controller, launch: Launch | None) -> str | None:
    """Remoting version after the next start of the agent if nobody changes the jar any more.

    The jar on disk may be the controller's already, with an older one still in memory.
    """
    if on_disk_already(controller, launch):
        return controller.jar_version
    return node.remoting_version


def on_disk_already(controller: Controller, launch: Launch | None) -> bool:
    """Whether the jar file on the host is the one that the controller serves."""
    return (
        launch is not None
        and launch.jar_sha256 is not None
        and launch.jar_sha256 == controller.jar_sha256
        and controller.jar_version is not None
    )


def judge_jar(node: Node, controller: Controller, launch: Launch | None) -> JarPlan:
    """Whether this node's jar should and can be replaced by the controller's. Never a downgrade."""
    have, served = node.remoting_version, controller.jar_version
    if have is None or served is None or not is_older(node, controller):
        return JarPlan(None, "")
    if on_disk_already(controller, launch):
        return JarPlan(
            None, f"agent.jar {served} is on its disk already and runs at its next start"
        )
    reason = _obstacle(controller, launch, served)
    if reason:
        return JarPlan(None, f"its agent.jar {have} stays: {reason}")
    return JarPlan(served, f"agent.jar {have} is older than the controller's {served}")


def jar_within(node: Node, controller: Controller, launch: Launch, *, upgrade: bool) -> JarPlan:
    """The same where the agent itself would replace it; ``upgrade``: whether it is asked for."""
    if not upgrade:
        return JarPlan(None, "")
    jar = judge_jar(node, controller, launch)
    if jar.to is not None and not launch.jar_writable:
        stays = f"its agent.jar {node.remoting_version} stays: the agent may not replace it"
        return JarPlan(None, stays)
    return jar


def _obstacle(controller: Controller, launch: Launch | None, served: str) -> str:
    if controller.jar_sha256 is None:
        return "the SHA-256 of the controller's agent.jar is not known"
    if launch is None or launch.asserted:
        return "its launch was not read on the host"
    if not launch.jar:
        return "the path of its jar is not known"
    feature, needed = java_feature(launch.java_version), java_needed(served)
    if feature is None:
        return "its Java version is not known"
    if feature < needed:
        return f"{served} needs Java {needed}, and the agent runs on Java {feature}"
    gone = lost(launch.options, launch.kind, v(served))
    if gone:
        return f"{served} no longer knows the option {', '.join(gone)} of its command line"
    return ""


def shared_jars(nodes: Iterable[Node]) -> dict[str, tuple[Node, ...]]:
    """By node, the other nodes whose agents were started from the same file of the same host.

    As read on the hosts: where no host or no path was read, nobody knows, and it is not listed.
    """
    by_file: dict[tuple[str, str], list[Node]] = {}
    for node in nodes:
        launch = node.launch
        if launch is not None and launch.host and launch.jar:
            by_file.setdefault((launch.host, launch.jar), []).append(node)
    return {
        node.name: tuple(other for other in group if other is not node)
        for group in by_file.values()
        if len(group) > 1
        for node in group
    }


def jar_must_stay(sharers: Iterable[Node], controller: Controller) -> str:
    """Why a file that also serves ``sharers`` may not be replaced; empty: it may."""
    for other in sharers:
        jar = judge_jar(other, controller, other.launch)
        settled = jar.to is not None or on_disk_already(controller, other.launch)
        if is_older(other, controller) and not settled:
            return f"{visible(other.name)} on the same host is started from it, and {jar.why}"
    return ""
