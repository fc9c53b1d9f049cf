"""The oldest remoting that a controller takes, and where that was read. Pure."""

from dataclasses import dataclass

from migrate.model.inventory import Controller
from migrate.model.versions import Version, minimum_remoting


@dataclass(frozen=True)
class Minimum:
    """A controller's minimum remoting."""

    text: str
    version: Version
    source: str
    """Where it is from, for evidence."""


def minimum(controller: Controller) -> Minimum | None:
    """As the controller says, else as releases of its version have it; None: neither is known."""
    for text, source in (
        (controller.minimum_remoting, "as the controller says"),
        (minimum_remoting(controller.version), f"by its version {controller.version}; not read"),
    ):
        version = Version.maybe(text)
        if text and version is not None:
            return Minimum(text, version, source)
    return None
