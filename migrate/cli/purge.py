"""``migrate purge``."""

import shlex
from typing import Annotated

import typer

from migrate.cli import options as opt
from migrate.cli.console import must_agree, result
from migrate.model.text import visible
from migrate.plan_store.shown import shown_path


def purge(
    run: opt.RunPath,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove the backups of a run that is over: they hold whole configurations.

    There is no rollback of it any more. The journal and the report stay.

    migrate purge plans/t1
    """
    from migrate.cli.runs import run_of
    from migrate.engine.back.purge import backups_of, refuse_unfinished
    from migrate.engine.back.purge import purge as purge_run
    from migrate.engine.clock import RealClock, StopSignal
    from migrate.engine.locks.file_lock import is_held, me
    from migrate.engine.record.folder import find_run
    from migrate.engine.record.journal import read_journal
    from migrate.engine.record.trust import check_journal

    folder = find_run(run)
    records = read_journal(folder.journal_path)
    check_journal(folder, records)
    refuse_unfinished(folder, run_of(folder, records, alive=is_held(folder.plan_folder)))
    files = backups_of(folder)
    where = visible(shown_path(folder.backups))
    if not files:
        result(f"There is no backup in {where}.")
        return
    result(f"{'Removes' if yes else 'Would remove'} from {where}:")
    for name, size in files.items():
        result(f"  {visible(name)} ({size} bytes)")
    result("Old files that agents' hosts keep (*.migrate-...) stay there.")
    if not yes:
        question = f"Remove {len(files)} backup(s)? There is no rollback of this run any more."
        must_agree(question, "--yes", f"migrate status {shlex.quote(run)}")
    clock = RealClock(StopSignal())
    count = purge_run(folder, clock, me(clock.now(), "purge"))
    result(f"{count} backup(s) of run {folder.run_id} removed; journal and report stay.")
