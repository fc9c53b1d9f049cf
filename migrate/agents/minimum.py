"""The oldest remoting that a controller takes, and where that was read. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from migrate.model.inventory import Controller, Node
from migrate.model.versions import MINIMUM_CAN_BE_LIFTED_FROM, Version, minimum_remoting


@dataclass(frozen=True)
class Minimum:
    """A controller's minimum remoting."""

    text: str
    version: Version
    source: str
    """Where it is from, for evidence."""
    read: bool
    """As the controller itself says; else as its version has it, unless its property lifts it."""


def minimum(controller: Controller) -> Minimum | None:
    """As the controller says, else as releases of its version have it; None: neither is known, or
    older agents are let in all the same."""
    if controller.minimum_lifted and can_be_lifted(controller.version):
        return None
    by_version = f"by its version {controller.version}; whether it lets older ones in was not read"
    for text, source, read in (
        (controller.minimum_remoting, "as the controller says", True),
        (minimum_remoting(controller.version), by_version, False),
    ):
        version = Version.maybe(text)
        if text and version is not None:
            return Minimum(text, version, source, read)
    return None


def can_be_lifted(core: str) -> bool:
    """Whether the property counts for inbound agents of this core; an unreadable one as a new."""
    version = Version.maybe(core)
    return version is None or version >= MINIMUM_CAN_BE_LIFTED_FROM


def is_lifted(core: str, *, listens: bool, told: str | None) -> bool | None:
    """What the TCP listener's answer says: since 2.469 it has no X-Remoting-Minimum-Version where
    the minimum is lifted (TcpSlaveAgentListener/index.jelly). None: nothing."""
    if told:
        return False
    return True if listens and can_be_lifted(core) else None


def has_let_in_older(core: str, nodes: Iterable[Node]) -> bool:
    """Whether an agent is connected that this core would refuse as it is released."""
    lowest = Version.maybe(minimum_remoting(core))
    if lowest is None or not can_be_lifted(core):
        return False
    running = (Version.maybe(node.remoting_version) for node in nodes if node.online)
    return any(version is not None and version < lowest for version in running)
