"""Which files of a launch change, and how: read through a driver, edited by pure editors."""

from typing import Any

from migrate.drivers.base import Driver, FileEdit
from migrate.steps.base import Context


def edits_for(
    ctx: Context, node: str, driver: Driver, wanted: dict[str, Any]
) -> tuple[FileEdit, ...]:
    """The edits of this node's launch; none where the driver's program makes them itself."""
    del ctx, node, driver, wanted
    return ()
