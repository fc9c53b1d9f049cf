"""``migrate status``."""

from pathlib import Path
from typing import Annotated

import typer

from migrate.cli import options as opt
from migrate.cli.console import check_format, columns, result
from migrate.model.errors import MigrateError
from migrate.model.text import visible


def status(
    run: Annotated[
        str, typer.Argument(metavar="[RUN]", help="A run or plan; without one: all plans here.")
    ] = "",
    output: opt.Format = "text",
    details: Annotated[
        bool, typer.Option("--details", help="Each step with what to do, and its phases.")
    ] = False,
    summary: opt.Summary = False,
) -> None:
    """Where a run stands, from its journal; also while it runs.

    migrate status plans/t1

    migrate status plans/t1 --details
    """
    from migrate.cli.runs import run_of
    from migrate.engine.locks.file_lock import holder, is_held
    from migrate.engine.record.folder import find_run
    from migrate.engine.record.journal import read_journal
    from migrate.engine.run.progress import standing
    from migrate.report.dispatch import render_run

    check_format(output)
    if not run:
        _all()
        return
    folder = find_run(run)
    alive = is_held(folder.plan_folder)
    records = read_journal(folder.journal_path)
    state = run_of(folder, records, alive=alive)
    brief = output == "text" and not details
    result(render_run(state, output, brief=brief, summary=summary, columns=columns()))
    for line in standing(state, records) if output == "text" else ():
        result(visible(line))
    owner = holder(folder.plan_folder) if alive else None
    if owner is not None and output == "text":
        result(f"held by {visible(owner.told())}")
    if folder.pause_file.exists() and output == "text":
        result("paused: `migrate continue` goes on")


def _all() -> None:

    from migrate.engine.locks.file_lock import is_held
    from migrate.engine.record.folder import last_run
    from migrate.engine.record.journal import read_journal
    from migrate.engine.record.state import derive

    plans = sorted(Path("plans").glob("*/plan.json"))
    if not plans:
        result("No plans here. Next: migrate plan --name NAME")
        return
    for plan in plans:
        folder = last_run(plan.parent.resolve())
        if folder is None:
            result(f"{visible(str(plan.parent))}: never applied")
            continue
        try:
            records = read_journal(folder.journal_path)
            state = derive(records, folder.run_id, alive=is_held(folder.plan_folder))
        except MigrateError as error:
            result(f"{visible(str(plan.parent))}: {error.cause}")
            continue
        told = f": {visible(state.summary)}" if state.summary else ""
        result(f"{visible(str(plan.parent))}: run {state.run_id} {state.state}{told}")
