"""``migrate pause``, ``continue`` and ``mark``."""

import shlex
from typing import Annotated

import typer

from migrate.cli import options as opt
from migrate.cli.console import result, say_next
from migrate.model.errors import Blocked, UsageProblem
from migrate.plan_store.shown import shown_path


def pause(run: opt.RunPath) -> None:
    """Wait before the next node starts; the nodes in hand finish.

    migrate pause plans/t1
    """
    from migrate.engine.admission.control import pause as pause_run
    from migrate.engine.clock import RealClock, StopSignal
    from migrate.engine.locks.file_lock import is_held, me
    from migrate.engine.record.folder import find_run
    from migrate.engine.record.journal import read_journal
    from migrate.engine.record.state import derive

    folder = find_run(run)
    state = derive(
        read_journal(folder.journal_path), folder.run_id, alive=is_held(folder.plan_folder)
    )
    if state.state in ("finished", "rolled-back", "blocked"):
        raise Blocked(
            f"run {folder.run_id} is over ({state.state}): there is nothing to pause",
            next_command=f"migrate status {shlex.quote(run)}",
        )
    pause_run(folder, me(RealClock(StopSignal()).now(), "pause").told())
    result(f"Run {folder.run_id} is paused before its next node.")
    say_next(f"migrate continue {shlex.quote(run)}")


def go_on(run: opt.RunPath) -> None:
    """End a pause.

    migrate continue plans/t1
    """
    from migrate.engine.admission.control import go_on as continue_run
    from migrate.engine.record.folder import find_run

    folder = find_run(run)
    was = continue_run(folder)
    result(f"Run {folder.run_id} goes on." if was else f"Run {folder.run_id} was not paused.")


def mark(
    run: opt.RunPath,
    step: Annotated[str, typer.Argument(metavar="STEP", help="Step id or node name.")],
    state: Annotated[str, typer.Argument(metavar="done|undone")],
    reason: Annotated[str, typer.Option("--reason", help="Why; kept in the record.")],
) -> None:
    """Tell the journal what a person did by hand.

    migrate mark plans/t1 by-name done --reason "restarted with -webSocket, CHG-4711"
    """
    from migrate.engine.admission.control import mark as mark_step
    from migrate.engine.clock import RealClock, StopSignal
    from migrate.engine.locks.file_lock import me
    from migrate.engine.record.folder import find_run
    from migrate.engine.record.journal import read_journal
    from migrate.engine.record.state import derive

    if state not in ("done", "undone"):
        raise UsageProblem("a step is marked done or undone", next_command="migrate mark --help")
    clock = RealClock(StopSignal())
    folder = find_run(run)
    found = mark_step(
        folder,
        step,
        done=state == "done",
        reason=reason,
        clock=clock,
        holder=me(clock.now(), "mark"),
    )
    result(f"{found.id} is marked {state}.")
    given = derive(read_journal(folder.journal_path), folder.run_id, alive=False).given
    plan = shlex.quote(shown_path(folder.plan_folder))
    say_next(f"migrate apply {plan} --resume", given)
