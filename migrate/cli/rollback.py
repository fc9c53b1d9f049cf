"""``migrate rollback``."""

from typing import TYPE_CHECKING, Annotated

import typer

from migrate.cli import options as opt
from migrate.cli.connected import connected
from migrate.cli.console import animated, must_agree, result, say, shown_path

if TYPE_CHECKING:
    from migrate.cli.connect import Connection
    from migrate.engine.rollback import Undo


@connected
def rollback(
    conn: "Connection",
    run: opt.RunPath,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Only show what would be put back.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    stage: Annotated[
        str | None, typer.Option("--stage", help="Only this stage: nodes or close.")
    ] = None,
    node: Annotated[
        list[str] | None, typer.Option("--node", help="Only these nodes (pattern); repeatable.")
    ] = None,
    concurrency: Annotated[
        int, typer.Option("--concurrency", min=1, max=500, help="Nodes side by side.")
    ] = 10,
    poll: Annotated[
        float, typer.Option("--poll", min=0.05, help="Seconds between looks at a node.")
    ] = 2.0,
    quiet: opt.Quiet = False,
    no_color: opt.NoColor = False,
) -> None:
    """Put back what a run did, from its journal alone: the port first, then the nodes.

    migrate rollback plans/t1 --dry-run

    migrate rollback plans/t1 --node linux-1 --yes
    """
    from migrate.cli.holding import lease_namespace, remote_locks
    from migrate.cli.patterns import must_match
    from migrate.cli.progress import Progress
    from migrate.cli.session import answering, inventory_of, same_controller
    from migrate.engine.clock import RealClock, StopSignal
    from migrate.engine.folder import find_run, run_folders
    from migrate.engine.journal import read_journal
    from migrate.engine.keeper import keeping
    from migrate.engine.lock import locked, me
    from migrate.engine.options import STAGES
    from migrate.engine.remote_lock import with_token
    from migrate.engine.rollback import Rollback, undo_plan
    from migrate.engine.state import choices_of, planned_steps
    from migrate.model.errors import UsageProblem
    from migrate.steps.base import Context, RunSettings

    folder = find_run(run)
    records = read_journal(folder.journal_path)
    if stage is not None and stage not in STAGES:
        raise UsageProblem(
            f"there is no stage {stage!r}", next_command=f"--stage {' | '.join(STAGES)}"
        )
    names = (str(s.params.get("node")) for _, _, s in planned_steps(records))
    must_match("--node", node or (), names, "the run", f"migrate status {run}")
    undo = undo_plan(folder, stage=stage, nodes=tuple(node or ()))
    for earlier in run_folders(folder.plan_folder):
        if earlier.run_id < folder.run_id and undo_plan(earlier):
            path = shown_path(earlier.path)
            say(f"note: changes of an earlier run stand as well: migrate rollback {path}")
    _show(undo, str(folder.run_id), asked=dry_run or not yes)
    if dry_run or not undo:
        return
    same_controller(records[0].data["controller_url"], conn, f"migrate rollback {run}")
    if not yes:
        must_agree("Put this back?", "--yes", f"migrate status {run}")
    stop = StopSignal()
    progress = Progress(tuple(u.step for u in undo), animated=animated(no_color), quiet=quiet)
    ctx = Context(
        jenkins=answering(conn),
        cluster=conn.cluster(),
        prober=conn.prober(),
        inventory=inventory_of(folder.plan_folder),
        choices=choices_of(records),
        settings=RunSettings(poll=poll, include_offline=True),
        clock=RealClock(stop),
        emit=progress,
        run_label=f"migrate {records[0].data['plan_name']} {folder.run_id}",
    )
    mine = with_token(me(ctx.clock.now(), f"rollback {folder.run_id}"))
    who = {"user": mine.user, "host": mine.host, "pid": mine.pid}
    from migrate.cli.apply import Interruptible, write_report

    notes: list[str] = []
    with locked(folder.plan_folder, mine) as held:
        namespace = lease_namespace(step for _, _, step in planned_steps(records))
        locks = remote_locks(
            records[0].data["controller_url"],
            ctx.jenkins,
            ctx.cluster,
            namespace,
            ctx.clock,
            notes.append,
        )
        with keeping(locks, held, ctx.clock, note=notes.append) as keeper:
            for text in notes:
                say(text)
            engine = Rollback(
                folder,
                ctx,
                shown_path(folder.plan_folder),
                dict(who),
                check_lock=keeper.check,
                stop=stop,
            )
            with Interruptible(stop), progress.showing():
                outcome = engine.run(undo, concurrency)
    write_report(folder)
    result(outcome.summary)
    say(f"next: {outcome.next_command}")
    raise typer.Exit(int(outcome.exit_code))


def _show(undo: "tuple[Undo, ...]", run_id: str, *, asked: bool) -> None:
    from migrate.model.text import visible

    if not undo:
        result(f"Nothing to put back in run {run_id}.")
        return
    result(f"{'Would put' if asked else 'Puts'} back, in this order (run {run_id}):")
    for item in undo:
        result(f"  {item.stage}: {visible(item.step.title)} ({', '.join(item.actions)})")
