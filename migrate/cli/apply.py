"""``migrate apply``."""

import shlex
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from migrate.cli import options as opt
from migrate.cli.connected import connected
from migrate.cli.console import (
    animated,
    ask_text,
    can_ask,
    must_agree,
    result,
    say,
    say_next,
)
from migrate.model.errors import Blocked, ExitCode, UsageProblem
from migrate.model.names import StageName
from migrate.plan_store.shown import shown_path

if TYPE_CHECKING:
    from migrate.cli.connect import Connection
    from migrate.cli.session import Session
    from migrate.engine.locks.file_lock import Held
    from migrate.engine.record.folder import RunFolder
    from migrate.engine.run.options import RunOptions
    from migrate.engine.run.outcome import Outcome
    from migrate.model.plan import Plan
    from migrate.model.plan_steps import PlanStep


@connected
def apply(
    conn: "Connection",
    plan: opt.PlanPath,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Rehearse: reads and checks, changes nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before the start.")] = False,
    confirm: Annotated[
        str | None,
        typer.Option("--confirm", metavar="HOST", help="The controller's host: allows closing."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the plan's stopped run.")
    ] = False,
    stage: Annotated[
        str | None, typer.Option("--stage", help="Only: preflight, nodes, close or verify.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", help="Up to and including this stage.")
    ] = None,
    node: Annotated[
        list[str] | None, typer.Option("--node", help="Only these nodes (pattern); repeatable.")
    ] = None,
    soak: Annotated[
        str, typer.Option("--soak", help="Time on WebSocket before closing: 0, 90s, 30m, 24h.")
    ] = "24h",
    concurrency: Annotated[
        int, typer.Option("--concurrency", min=1, max=500, help="Nodes side by side.")
    ] = 10,
    max_failures: Annotated[
        str,
        typer.Option("--max-failures", help="N or P% of the stage; a failed canary always stops."),
    ] = "0",
    on_failure: Annotated[
        str, typer.Option("--on-failure", help="rollback (put the node back) or leave.")
    ] = "rollback",
    include_offline: Annotated[
        bool, typer.Option("--include-offline", help="Set the flag of offline nodes, unverified.")
    ] = False,
    accept_offline: Annotated[
        list[str] | None,
        typer.Option(
            "--accept-offline",
            metavar="NODE",
            help="Close although NODE (or: all) is offline; repeatable.",
        ),
    ] = None,
    accept_unproven_upgrade: Annotated[
        bool,
        typer.Option("--accept-unproven-upgrade", help="Go on without the probe node's proof."),
    ] = False,
    require_signature: opt.RequireSignature = None,
    expect: Annotated[
        str | None,
        typer.Option("--expect", metavar="PLAN_ID", help="Only the plan with this id."),
    ] = None,
    source: opt.SourcesNow = None,
    window: opt.Windows = None,
    deadline: opt.Deadline = None,
    max_queue: opt.MaxQueue = None,
    max_busy: opt.MaxBusy = None,
    wait_file: opt.WaitFile = None,
    max_wait: opt.MaxWait = None,
    hooks: opt.HooksFolder = None,
    hook_timeout: opt.HookTimeout = 60.0,
    poll: Annotated[
        float, typer.Option("--poll", min=0.05, help="Seconds between looks at a node.")
    ] = 2.0,
    quiet: opt.Quiet = False,
    no_color: opt.NoColor = False,
) -> None:
    """Run a plan: preflight, nodes in waves, close, verify. Stops where a person must act.

    migrate apply plans/t1 --dry-run

    migrate apply plans/t1 --yes --confirm jenkins.example.com

    migrate apply plans/t1 --resume --accept-offline old-node

    migrate apply plans/t1 --yes --window "Sat 22:00-02:00 Europe/Berlin" --max-busy 80%
    """

    from migrate.cli.limits import limits, span, throttles
    from migrate.cli.patterns import must_match
    from migrate.cli.reaching import must_be_configured
    from migrate.cli.session import open_session
    from migrate.cli.sources import named
    from migrate.engine.admission.budget import Budget
    from migrate.engine.admission.hooks import Hooks
    from migrate.engine.record.signature import expect_id, require_signed_plan
    from migrate.engine.run.options import STAGES, RunOptions, nodes_of
    from migrate.steps.base import RunSettings

    for value, flag in ((stage, "--stage"), (until, "--until")):
        if value is not None and value not in STAGES:
            raise UsageProblem(
                f"there is no stage {value!r}", next_command=f"{flag} {' | '.join(STAGES)}"
            )
    if on_failure not in ("rollback", "leave"):
        raise UsageProblem("--on-failure is rollback or leave", next_command="migrate apply --help")
    if confirm is not None and confirm != conn.host:
        raise UsageProblem(
            f"--confirm says {confirm!r}, and the controller's host is {conn.host!r}",
            next_command=f"--confirm {conn.host}",
        )
    settings = RunSettings(
        include_offline=include_offline,
        accept_unproven_upgrade=accept_unproven_upgrade,
        poll=poll,
        sources=named(source),
    )
    time_limits = limits(window, deadline, datetime.now(UTC))
    user_hooks = Hooks.of(hooks, timeout=hook_timeout)
    longest = None if max_wait is None else span(max_wait, "--max-wait")
    session = open_session(plan, conn, settings, animated=animated(no_color), quiet=quiet)
    if expect is not None:
        expect_id(session.plan, expect)
    if require_signature is not None:
        seen = session.ctx.inventory
        who = require_signed_plan(session.plan_folder, session.plan, seen, require_signature)
        say(f"plan signed by {who}")
    run_options = RunOptions(
        stage=stage,
        until=until,
        nodes=tuple(node or ()),
        concurrency=concurrency,
        max_failures=Budget.parse(max_failures),
        on_failure=on_failure,
        accept_offline=tuple(accept_offline or ()),
        soak=span(soak, "--soak"),
        limits=time_limits,
        throttles=throttles(session.ctx.jenkins, max_queue, max_busy, wait_file),
        max_wait=longest,
        hooks=user_hooks,
        given=conn.given,
        confirm=lambda: confirm is not None or _typed(session, conn.host),
    )
    names = (name for step in session.plan.steps() for name in nodes_of(step))
    must_match("--node", run_options.nodes, names, "the plan", f"migrate show {plan}")
    if run_options.wants(StageName.NODES):
        steps = tuple(s for s in session.plan.steps() if run_options.takes(s))
        must_be_configured(steps, conn.access, f"migrate apply {shlex.quote(str(plan))}")
    if dry_run:
        from migrate.cli.rehearse import show_rehearsal

        raise typer.Exit(int(show_rehearsal(session, run_options)))
    outcome = _run(session, run_options, yes=yes, resume=resume)
    result(f"{outcome.summary}")
    if outcome.exit_code is not ExitCode.OK or outcome.state != "finished":
        say_next(outcome.next_command, conn.given)
    raise typer.Exit(int(outcome.exit_code))


def _typed(session: "Session", host: str) -> bool:
    if not can_ask():
        return False
    why = "All agents are on WebSocket. Closing the port is next; `migrate rollback` reopens it."
    question = f"Type the controller's host name ({host}) to close the port"
    return ask_text(why, question, session.progress.paused()) == host


def _run(session: "Session", run_options: "RunOptions", *, yes: bool, resume: bool) -> "Outcome":
    from migrate.cli.run_report import write_report
    from migrate.engine.locks.file_lock import locked, me
    from migrate.engine.locks.remote_lock import with_token
    from migrate.engine.record.journal import read_journal
    from migrate.engine.record.state import derive
    from migrate.engine.run.outcome import Outcome
    from migrate.engine.run.survey import left_to_do, look_again, nothing_to_do

    plan, folder = session.plan, session.plan_folder
    mine = with_token(me(session.ctx.clock.now(), f"apply {plan.choices.name}"))
    with locked(folder, mine) as held:
        run_folder = _run_folder(session, resume=resume)
        going_on = run_folder if run_folder and run_folder.journal_path.exists() else None
        run = None
        if going_on:
            run = derive(read_journal(going_on.journal_path), going_on.run_id, alive=False)
        if run is None or run.state == "finished":
            say("Looking at every target ...")
            found = look_again(plan, session.ctx, run_options.concurrency, going_on)
            nothing = nothing_to_do(plan, found)
            if nothing:
                return Outcome(ExitCode.OK, "finished", nothing)
        left = left_to_do(plan, run, run_options)
        session.progress.only(left)
        if not yes:
            question = _question(plan, left, run_options, again=run is not None)
            again = f"migrate show {shlex.quote(shown_path(folder))}"
            must_agree(question, "--yes", again)
        outcome, run_folder = _execute(session, run_options, run_folder, held)
    write_report(run_folder)
    return outcome


def _execute(
    session: "Session",
    run_options: "RunOptions",
    run_folder: "RunFolder | None",
    held: "Held",
) -> "tuple[Outcome, RunFolder]":
    """Run the plan while the locks that other machines see are held."""
    from migrate.cli.interrupt import Interruptible
    from migrate.engine.locks.run_locks import run_locks
    from migrate.engine.run.execution import Execution
    from migrate.engine.run.runner import Runner

    plan, ctx = session.plan, session.ctx
    target = plan.target
    with run_locks(target.controller_url, target.lock_namespace, ctx, held) as locks:
        for text in locks.notes:
            say(text)
        if run_folder is None:
            run_folder = session.new_run()
        execution = Execution(
            plan,
            shlex.quote(shown_path(session.plan_folder)),
            run_folder,
            session.for_run(run_folder),
            run_options,
            session.stop,
            held.mine,
            locks.check,
            locks.notes,
        )
        say(f"run {run_folder.run_id}, journal {shown_path(run_folder.journal_path)}")
        with Interruptible(session.stop), session.progress.showing():
            return Runner(execution).run(), run_folder


def _question(
    plan: "Plan", left: "tuple[PlanStep, ...]", run_options: "RunOptions", *, again: bool
) -> str:
    from migrate.model.plan import NODE_STEPS

    moves = sum(1 for s in left if s.kind in NODE_STEPS)
    closing = any(stage.name is StageName.CLOSE for stage in plan.stages) and run_options.wants(
        StageName.CLOSE
    )
    files = sum(1 for s in left if s.kind == "edit-file")
    what = f"move up to {moves} node(s)" + (f", edit {files} file(s)" if files else "")
    what += " and then close the TCP port" if closing else ""
    begin = "Go on with" if again else "Run"
    return f"{begin} plan {plan.choices.name} on {plan.target.controller_url}: {what}?"


def _run_folder(session: "Session", *, resume: bool) -> "RunFolder | None":
    """The run to go on with; None: a new one. Refuses to guess."""
    from migrate.engine.record.folder import last_run
    from migrate.engine.record.journal import read_journal
    from migrate.engine.record.state import derive, purged
    from migrate.engine.record.trust import check_journal, check_steps

    last = last_run(session.plan_folder)
    path = shlex.quote(shown_path(session.plan_folder))
    if last is None:
        if resume:
            raise UsageProblem(
                f"the plan {path} was never applied", next_command=f"migrate apply {path}"
            )
        return None
    records = read_journal(last.journal_path)
    check_journal(last, records)
    run = derive(records, last.run_id, alive=False)
    over = run.state in ("finished", "blocked", "rolled-back")
    if resume:
        if run.plan_id != session.plan.plan_id:
            raise Blocked(
                f"the run {run.run_id} belongs to another version of this plan",
                next_command=f"migrate rollback {path}    # or plan under a new name",
            )
        check_steps(session.plan, records)
        if run.state == "rolled-back":
            # Somebody took it back for a reason: a nightly job must not begin it again.
            raise Blocked(
                f"the plan's run {run.run_id} was rolled back; --resume does not begin another",
                next_command=f"migrate apply {path}",
            )
        # What is still to do has backups of its own, and a rollback.
        return None if run.state == "blocked" or purged(records) else last
    if not over:
        raise Blocked(
            f"the plan's run {run.run_id} is {run.state}: {run.summary}",
            next_command=f"migrate apply {path} --resume    # or: migrate rollback {path}",
        )
    return None
