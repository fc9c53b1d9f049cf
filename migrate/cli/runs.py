"""A run as its folder has it now, for whoever shows it."""

from dataclasses import replace
from typing import TYPE_CHECKING

from migrate.model.next_command import with_plans
from migrate.plan_store.shown import shown_path

if TYPE_CHECKING:
    from migrate.engine.record.folder import RunFolder
    from migrate.model.records import Record
    from migrate.model.run import Run


def run_of(folder: "RunFolder", records: "tuple[Record, ...]", *, alive: bool) -> "Run":
    """The run that the journal tells of; its next commands name the plan where it lies now."""
    from migrate.engine.record.state import derive

    run = derive(records, folder.run_id, alive=alive)
    plans = shown_path(folder.plan_folder.parent)
    return replace(run, given=with_plans(run.given, plans))
