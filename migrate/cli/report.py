"""``migrate report``."""

from pathlib import Path
from typing import Annotated

import typer

from migrate.cli import options as opt
from migrate.cli.console import check_format, columns, result


def report(
    run: Annotated[
        str,
        typer.Argument(
            metavar="RUN", help="A run's folder or id, plans/NAME for its last run, or a rehearsal."
        ),
    ],
    output: opt.Format = "md",
    summary: opt.Summary = False,
) -> None:
    """The record of a run or a rehearsal, to attach to a change ticket or an audit.

    migrate report plans/t1 -o html > report.html

    migrate report plans/t1/rehearsals -o html    (the newest one)
    """
    from migrate.cli.runs import run_of
    from migrate.engine.locks.file_lock import is_held
    from migrate.engine.record.folder import find_run
    from migrate.engine.record.journal import read_journal
    from migrate.plan_store.rehearsals import read_rehearsal, rehearsal_folder
    from migrate.report.dispatch import render_rehearsal, render_run

    check_format(output)
    rehearsed = rehearsal_folder(Path(run))
    if rehearsed is not None:
        result(render_rehearsal(read_rehearsal(rehearsed), output, columns()))
        return
    folder = find_run(run)
    alive = is_held(folder.plan_folder)
    run_state = run_of(folder, read_journal(folder.journal_path), alive=alive)
    result(render_run(run_state, output, summary=summary, columns=columns()))
