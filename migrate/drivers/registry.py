"""All drivers by name."""

from migrate.drivers.base import Driver
from migrate.drivers.inband import Inband
from migrate.drivers.reread import Reread
from migrate.model.errors import UsageProblem

DRIVERS: dict[str, Driver] = {driver.name: driver for driver in (Reread(), Inband())}


def driver(name: str) -> Driver:
    """The driver with this name; ``UsageProblem`` for an unknown one."""
    try:
        return DRIVERS[name]
    except KeyError:
        raise UsageProblem(
            f"there is no driver {name!r}; known: {', '.join(sorted(DRIVERS))}, manual",
            next_command="migrate plan --help",
        ) from None
