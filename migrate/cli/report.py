"""``migrate report``."""

from migrate.cli import options as opt
from migrate.cli.console import check_format, columns, result


def report(
    run: opt.RunPath,
    output: opt.Format = "md",
) -> None:
    """The record of a run, to attach to a change ticket.

    migrate report plans/t1 -o html > report.html
    """
    from migrate.cli.runs import run_of
    from migrate.engine.locks.file_lock import is_held
    from migrate.engine.record.folder import find_run
    from migrate.engine.record.journal import read_journal
    from migrate.report.dispatch import render_run

    check_format(output)
    folder = find_run(run)
    alive = is_held(folder.plan_folder)
    run_state = run_of(folder, read_journal(folder.journal_path), alive=alive)
    result(render_run(run_state, output, columns=columns()))
