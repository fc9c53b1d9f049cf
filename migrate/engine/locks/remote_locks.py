"""The locks of a run that other machines see: a Lease, and a mark on the controller."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from migrate.engine.locks.controller_mark import ControllerMark
from migrate.engine.locks.lease import LeaseLock, lease_name
from migrate.model.errors import MigrateError

if TYPE_CHECKING:
    from migrate.engine.locks.remote_lock import RemoteLock
    from migrate.model.ports import ClusterPort, ControllerPort
    from migrate.steps.base import Clock


def remote_locks(
    url: str,
    jenkins: "ControllerPort",
    cluster: "ClusterPort | None",
    namespace: str,
    clock: "Clock",
    *,
    note: Callable[[str], None],
) -> "tuple[RemoteLock, ...]":
    """Those that this user can have; ``note`` says which are missing and why."""
    found: list[RemoteLock] = []
    if cluster is not None and namespace:
        found.append(LeaseLock(cluster, namespace, lease_name(url), clock))
    try:
        may = jenkins.can_script()
    except MigrateError as error:
        note(f"no mark on the controller: {error.cause}")
        may = False
    else:
        if not may:
            note("no mark on the controller: it takes Overall/Administer (script console)")
    if may:
        found.append(ControllerMark(jenkins))
    if not found:
        note("other machines cannot see this run: only the lock file in the plan's folder holds")
    return tuple(found)
