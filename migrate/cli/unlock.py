"""``migrate unlock``."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from migrate.cli import options as opt
from migrate.cli.connected import maybe_connected
from migrate.cli.console import must_agree, result, say
from migrate.model.errors import MigrateError, UsageProblem
from migrate.model.text import visible
from migrate.plan_store.shown import shown_path

if TYPE_CHECKING:
    from migrate.cli.connect import Connection
    from migrate.engine.locks.remote_lock import RemoteLock, Seen


@maybe_connected
def unlock(
    conn: "Connection | None",
    plan: opt.PlanPath,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Clear the locks of a run that died, after showing whose they are.

    The lock file beside the plan; and, when a controller is named (JENKINS_URL), its mark there
    and its Lease in the cluster.

    migrate unlock plans/t1
    """
    from migrate.engine.locks.file_lock import Locked, clear, holder
    from migrate.engine.locks.remote_lock import FRESH, WATCH

    folder = plan.resolve()
    if not folder.is_dir():
        raise UsageProblem(f"there is no folder {plan}", next_command="migrate status")
    known = holder(folder)
    if known is None:
        clear(folder)
    remote = _remote(conn, folder) if conn is not None else []
    if known is None and not remote:
        result("No lock is left there.")
        return
    if known is not None:
        say(f"lock file in {plan}: {visible(known.told())}")
    for lock, seen in remote:
        say(f"{lock.name}: {seen.told()}")
    if any(seen.age < 0 for _, seen in remote):
        say(f"its heartbeat can't be compared with this clock: watched for {WATCH:.0f} s")
    alive = [lock.name for lock, seen in remote if lock.lives(seen)]
    if alive:
        raise Locked(
            f"that run lives: the {alive[0]} had a heartbeat within the last {FRESH:.0f} s",
            next_command="stop that run first (Ctrl-C there), or ask again in a minute",
        )
    if not yes:
        must_agree("Clear it?", "--yes", f"migrate status {plan}")
    clear(folder)
    for lock, seen in remote:
        lock.release(seen.token)
    result("The lock is cleared." if len(remote) == 0 else "The locks are cleared.")


def _again(folder: Path) -> str:
    return f"migrate unlock {shlex.quote(shown_path(folder))}"


def _remote(conn: "Connection", folder: Path) -> "list[tuple[RemoteLock, Seen]]":
    """Locks elsewhere that are held; what can't be read is said."""
    from migrate.cli.session import same_controller
    from migrate.engine.clock import RealClock, StopSignal
    from migrate.engine.locks.remote_locks import remote_locks
    from migrate.plan_store.plan_folder import read_plan

    plan = read_plan(folder)
    same_controller(plan.target.controller_url, conn, _again(folder))
    cluster = conn.cluster() if plan.target.cluster_context else None
    found = []
    for lock in remote_locks(
        plan.target.controller_url,
        conn.jenkins(),
        cluster,
        plan.target.lock_namespace,
        RealClock(StopSignal()),
        note=say,
    ):
        try:
            seen = lock.look()
        except MigrateError as error:
            say(f"the {lock.name} cannot be read: {error.cause}")
            continue
        if seen is not None:
            found.append((lock, seen))
    return found
