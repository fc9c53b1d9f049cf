"""The page that a run leaves beside its journal."""

from migrate.cli.console import say
from migrate.cli.runs import run_of
from migrate.engine.record.folder import RunFolder
from migrate.engine.record.journal import read_journal
from migrate.plan_store.private import is_shareable, write_own
from migrate.plan_store.shown import shown_path
from migrate.report.dispatch import render_run


def write_report(run_folder: RunFolder) -> None:
    """Write ``report.html`` beside the journal."""
    run = run_of(run_folder, read_journal(run_folder.journal_path), alive=False)
    page = run_folder.path / "report.html"
    try:
        write_own(page, render_run(run, "html"), shareable=is_shareable(run_folder.plan_folder))
    except OSError as error:
        # The journal holds all of it: `migrate report` makes it anywhere.
        say(f"report.html could not be written: {error.strerror}")
        return
    say(f"report: {shown_path(page)}")
