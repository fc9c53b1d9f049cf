"""Changing an agent's launch where it really lives, and back, byte for byte.

``params["launch_edit"]`` of a move-node step is {by: "program"} (the driver's own program knows
the files) or {by: "files", ...} as ``migrate.steps.launch_files`` reads it.
"""

from typing import Any

from migrate.drivers.base import Driver, FileEdit
from migrate.model.plan import Step
from migrate.model.text import file_name, visible
from migrate.steps.base import BackupRef, Change, Context, StepLog, changes, journalled
from migrate.steps.launch_files import edits_for
from migrate.steps.patience import patiently

ACTION = "launch"


def switch_launch(ctx: Context, log: StepLog, step: Step, driver: Driver) -> bool:
    """Edit the launch; the old files are in the backup folder before anything is written.

    False when this step has no launch to edit. After a crash the edits of the journal are
    written again: each file is still as it was, or already as wanted.
    """
    wanted = step.params.get("launch_edit")
    if not wanted:
        return False
    node = step.params["node"]
    known = changes(log).get(ACTION)
    if known is not None and known.outcome is not None and not known.undone:
        return True
    if known is not None and not known.undone:
        edits = _edits_of(log, known)
    else:
        edits = edits_for(ctx, node, driver, wanted)
    kept = [_kept(log, node, number, edit) for number, edit in enumerate(edits)]
    with journalled(log, ACTION, {"node": node, "files": kept}) as result:
        done = patiently(ctx, lambda: driver.switch_launch(ctx.jenkins, node, edits))
        result["done"] = done
    return True


def launch_back(ctx: Context, log: StepLog, step: Step, driver: Driver) -> str:
    """Restore the launch from the journal; says what was put back, empty for nothing.

    A file that somebody else changed meanwhile is left and named (``LaunchChanged``).
    """
    known = changes(log).get(ACTION)
    if known is None or known.undone:
        return ""
    node = step.params["node"]
    edits = _edits_of(log, known)
    log.write("undo", ACTION, {"node": node})
    done = patiently(ctx, lambda: driver.restore_launch(ctx.jenkins, node, edits))
    names = ", ".join(visible(edit.path) for edit in edits)
    told = f"launch is back: {names}" if names else "launch is back, as the program says"
    log.write("undone", ACTION, {"text": told, "done": done})
    return told


def _kept(log: StepLog, node: str, number: int, edit: FileEdit) -> dict[str, Any]:
    name = file_name(f"{node}.launch-{number}")
    kept: dict[str, Any] = {"path": edit.path, "mode": edit.mode}
    for side, body in (("before", edit.before), ("after", edit.after)):
        if body is not None:
            ref = log.save(f"{name}.{side}", body)
            kept |= {f"{side}_backup": ref.file, f"{side}_sha256": ref.sha256}
    return kept


def _edits_of(log: StepLog, known: Change) -> tuple[FileEdit, ...]:
    def side(kept: dict[str, Any], name: str) -> bytes | None:
        file = kept.get(f"{name}_backup")
        return log.load(BackupRef(file, kept[f"{name}_sha256"])) if file else None

    return tuple(
        FileEdit(kept["path"], side(kept, "before"), side(kept, "after"), kept.get("mode"))
        for kept in known.intent["files"]
    )
