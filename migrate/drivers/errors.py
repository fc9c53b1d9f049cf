"""What can go wrong on an agent's host, in one sentence each."""

from migrate.model.errors import MigrateError
from migrate.model.secrets import mask
from migrate.model.text import visible


class DriverError(MigrateError):
    """Something on an agent's host did not work."""


class HostUnreachable(DriverError):
    """No session on the host: name, network, key, known_hosts or sudo. Nothing was run there."""


class LaunchChanged(DriverError):
    """A file is neither as it was read nor as it was written: somebody else edited it."""

    def __init__(self, node: str, path: str) -> None:
        super().__init__(
            f"node {visible(node)}: {visible(path)} was changed by somebody else meanwhile, "
            "and is left as it is",
            next_command="migrate plan --name NEW-NAME    # after a look at the file",
        )


def not_supported(driver: str, what: str, node: str) -> DriverError:
    """This driver has no way to do that; the planner never asks for it."""
    return DriverError(
        f"the driver '{driver}' cannot {what} of node {visible(node)}",
        next_command="migrate explain drivers",
    )


def shown_output(text: str, limit: int = 2000) -> str:
    """The end of what a command printed: masked, one line, at most ``limit`` characters."""
    plain = " | ".join(line.strip() for line in text.splitlines() if line.strip())
    told = mask(visible(plain))
    return told if len(told) <= limit else "... " + told[-limit:]
