"""Taking a run's backups away once nobody needs them: they hold whole configurations."""

import os
import stat
from collections.abc import Iterable

from migrate.engine.back.rollback import undo_plan
from migrate.engine.locks.file_lock import Holder, locked
from migrate.engine.record.backups import own_folder
from migrate.engine.record.folder import RunFolder
from migrate.engine.record.journal import Journal, sync_folder
from migrate.engine.record.state import derive, purged
from migrate.model.errors import Blocked
from migrate.model.journal.run import PurgedNote
from migrate.model.records import Record
from migrate.model.run import Run, StepState
from migrate.model.text import visible
from migrate.steps.base import Clock

_OVER = (StepState.DONE, StepState.NOTHING)


def backups_of(folder: RunFolder) -> dict[str, int]:
    """Name and bytes of each file that a purge removes; ``UnsafeBackup`` for a linked folder."""
    if not os.path.lexists(folder.backups):
        return {}
    own_folder(folder.backups)
    found = {path.name: path.lstat() for path in sorted(folder.backups.iterdir())}
    return {name: seen.st_size for name, seen in found.items() if not stat.S_ISDIR(seen.st_mode)}


def refuse_unfinished(folder: RunFolder, run: Run) -> None:
    """``Blocked`` for a run whose backups may still be needed."""
    if run.state == "rolled-back" and not undo_plan(folder):
        return
    again = f"migrate apply {folder.plan_word} --resume"
    if run.state != "finished":
        raise Blocked(
            f"run {run.run_id} is {run.state}, and its way back needs its backups; nothing was "
            "removed",
            next_command=f"{again}    # or: migrate rollback {folder.plan_word}",
        )
    left = [step for step in run.steps if step.state not in _OVER]
    if left:
        more = f" and {len(left) - 1} more" if len(left) > 1 else ""
        raise Blocked(
            f"the plan is not at its end: {visible(left[0].subject)} is {left[0].state}{more}; "
            "nothing was removed",
            next_command=again,
        )


def purge(folder: RunFolder, clock: Clock, holder: Holder) -> int:
    """Remove the backups of a run that is over; how many. The journal says so first, so that a
    purge that was cut off is known for one. ``Blocked`` as of ``refuse_unfinished``."""
    with locked(folder.plan_folder, holder):
        journal = Journal(folder.journal_path, clock.now)
        try:
            refuse_unfinished(folder, derive(journal.records(), folder.run_id, alive=False))
            files = backups_of(folder)
            if not purged(journal.records()):
                told = f"{len(files)} backup(s) removed by {holder.user}: no rollback any more"
                journal.write(PurgedNote(text=told))
        finally:
            journal.close()
        for name in files:
            (folder.backups / name).unlink(missing_ok=True)
        if files:
            sync_folder(folder.backups)
    return len(files)


def refuse_purged(folder: RunFolder, records: Iterable[Record]) -> None:
    """``Blocked`` for a rollback of a run that has no backups any more."""
    told = purged(records)
    if told:
        raise Blocked(
            f"run {folder.run_id} can't be put back: {visible(told)}; nothing was changed",
            next_command=f"migrate report {folder.plan_word}    # what it changed, to undo by hand",
        )
