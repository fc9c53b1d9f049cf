"""``migrate rollback``."""

import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from migrate.cli import options as opt
from migrate.cli.connected import connected
from migrate.cli.console import animated, must_agree, result, say, say_next
from migrate.model.errors import Blocked, UsageProblem
from migrate.model.next_command import Given, with_given
from migrate.model.text import visible
from migrate.plan_store.shown import shown_path

if TYPE_CHECKING:
    from migrate.cli.connect import Connection
    from migrate.cli.progress import Progress
    from migrate.engine.back.rollback import Undo
    from migrate.engine.record.folder import RunFolder
    from migrate.engine.run.outcome import Outcome
    from migrate.model.records import Record
    from migrate.steps.base import RunSettings


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
    require_signature: opt.RequireSignature = None,
    source: opt.SourcesNow = None,
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
    from migrate.cli.progress import Progress
    from migrate.cli.reaching import must_be_configured
    from migrate.cli.session import same_controller
    from migrate.cli.sources import named
    from migrate.engine.back.purge import refuse_purged
    from migrate.engine.back.rollback import port_first, undo_plan
    from migrate.engine.record.folder import find_run
    from migrate.engine.record.journal import read_journal
    from migrate.engine.record.signature import require_signed_run
    from migrate.engine.record.state import start_of
    from migrate.engine.record.trust import check_journal, verified_plan
    from migrate.steps.base import RunSettings

    folder = find_run(run)
    if require_signature is not None:
        who = require_signed_run(folder.journal_path, require_signature)
        say(f"journal signed by {who}")
    records = read_journal(folder.journal_path)
    check_journal(folder, records)
    refuse_purged(folder, records)
    plan, missing = verified_plan(folder, records)
    _check_choice(records, stage, node, run)
    settings = RunSettings(
        poll=poll,
        include_offline=True,
        sources=named(source),
        planned_sources=plan is not None,
    )
    nodes = tuple(node or ())
    undo = undo_plan(folder, stage=stage, nodes=nodes)
    port_first(folder, undo)
    _note_earlier(folder, conn.given)
    _show(undo, str(folder.run_id), asked=dry_run or not yes)
    if missing and undo:
        _show_targets(undo, settings, missing)
    if dry_run or not undo:
        return
    same_controller(start_of(records).controller_url, conn, f"migrate rollback {run}")
    again = f"migrate rollback {shlex.quote(run)}"
    must_be_configured((u.step for u in undo), conn.access, again)
    if not yes:
        must_agree("Put this back?", "--yes", f"migrate status {run}")

    def unchanged() -> None:
        """What was shown is what is put back."""
        if undo_plan(folder, stage=stage, nodes=nodes) != undo:
            raise Blocked(
                "the run went on since this was shown, and there is something else to put back "
                "now; nothing was changed",
                next_command=f"migrate rollback {shlex.quote(run)}    # shows it again",
            )

    progress = Progress(tuple(u.step for u in undo), animated=animated(no_color), quiet=quiet)
    outcome = _run(conn, folder, records, undo, settings, progress, unchanged, concurrency)
    result(outcome.summary)
    say_next(outcome.next_command, conn.given)
    raise typer.Exit(int(outcome.exit_code))


def _run(
    conn: "Connection",
    folder: "RunFolder",
    records: "tuple[Record, ...]",
    undo: "tuple[Undo, ...]",
    settings: "RunSettings",
    progress: "Progress",
    unchanged: Callable[[], None],
    concurrency: int,
) -> "Outcome":
    from migrate.cli.interrupt import Interruptible
    from migrate.cli.run_report import write_report
    from migrate.cli.session import context
    from migrate.engine.back.rollback import BY_HAND, Rollback
    from migrate.engine.clock import StopSignal
    from migrate.engine.locks.file_lock import locked, me
    from migrate.engine.locks.remote_lock import with_token
    from migrate.engine.locks.run_locks import run_locks
    from migrate.engine.record.state import start_of
    from migrate.engine.run.permissions import lacking

    started = start_of(records)
    stop = StopSignal()
    ctx = context(
        conn,
        conn.cluster(),
        folder.plan_folder,
        started.choices,
        settings,
        stop,
        progress,
        run_label=f"migrate {started.plan_name} {folder.run_id}",
    )
    changed = (u.step for u in undo if u.actions not in ((BY_HAND,), ("hold",)))
    if lacks := lacking(changed, ctx):
        raise Blocked(
            f"{lacks[1]} on its way back; nothing was put back",
            next_command=f"migrate rollback {shlex.quote(shown_path(folder.path))}"
            "    # as a user who has it (docs/security.md), or with --node of others",
        )
    mine = with_token(me(ctx.clock.now(), f"rollback {folder.run_id}"))
    with locked(folder.plan_folder, mine) as held:
        unchanged()
        with run_locks(started.controller_url, started.lock_namespace, ctx, held) as locks:
            for text in locks.notes:
                say(text)
            plan = shlex.quote(shown_path(folder.plan_folder))
            engine = Rollback(
                folder, ctx, plan, mine, check_lock=locks.check, stop=stop, given=conn.given
            )
            with Interruptible(stop), progress.showing():
                outcome = engine.run(undo, concurrency)
    write_report(folder)
    return outcome


def _check_choice(
    records: "tuple[Record, ...]", stage: str | None, nodes: list[str] | None, run: str
) -> None:
    """``UsageProblem`` for what this run does not have: nothing would be put back, in silence."""
    from migrate.cli.patterns import must_match
    from migrate.engine.record.state import planned_steps
    from migrate.engine.run.options import STAGES, nodes_of

    if stage is not None and stage not in STAGES:
        raise UsageProblem(
            f"there is no stage {stage!r}", next_command=f"--stage {' | '.join(STAGES)}"
        )
    names = (name for _, _, step in planned_steps(records) for name in nodes_of(step))
    must_match("--node", nodes or (), names, "the run", f"migrate status {run}")


def _note_earlier(folder: "RunFolder", given: "Given") -> None:
    from migrate.engine.back.rollback import undo_plan
    from migrate.engine.record.folder import run_folders

    for earlier in run_folders(folder.plan_folder):
        if earlier.run_id < folder.run_id and undo_plan(earlier):
            back = with_given(f"migrate rollback {shlex.quote(shown_path(earlier.path))}", given)
            say(f"note: changes of an earlier run stand as well: {back}")


def _show(undo: "tuple[Undo, ...]", run_id: str, *, asked: bool) -> None:
    if not undo:
        result(f"Nothing to put back in run {run_id}.")
        return
    result(f"{'Would put' if asked else 'Puts'} back, in this order (run {run_id}):")
    for item in undo:
        result(f"  {item.stage}: {item.told}")


def _show_targets(undo: "tuple[Undo, ...]", settings: "RunSettings", missing: str) -> None:
    """What is written, as the journal says it: no plan vouches for these names."""

    say(f"from the journal alone, since no plan vouches for it: {visible(missing)}")
    for item in undo:
        say(f"  writes {visible(_target(item, settings))}")


def _target(item: "Undo", settings: "RunSettings") -> str:
    from migrate.model.plan_steps import EditFile, MoveNode, target_of

    step = item.step
    if isinstance(step, EditFile):
        where = " or ".join(settings.sources) or "(nothing: give --source DIR)"
        return f"file {step.path} below {where}"
    target = target_of(step)
    if target is not None:
        return f"object {target} {f'uid {target.uid}' if target.uid else ''}".rstrip()
    if isinstance(step, MoveNode):
        return f"node config of {step.node}, and its agent's files by {step.driver}"
    return f"{step.kind} {step.subject}"
