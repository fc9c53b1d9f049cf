"""Changing an agent's launch where it really lives, and back, byte for byte.

``launch_edit`` of a move-node step says how: the driver's own program knows the files, or
``migrate.steps.node.launch_files`` edits them.
"""

from typing import Any

from migrate.drivers.base import Driver, FileEdit
from migrate.model.plan_steps import MoveNode
from migrate.model.text import file_name, visible
from migrate.steps.base import BackupRef, Change, Context, Event, StepLog, changes, journalled
from migrate.steps.node.launch_files import edits_for, moves_secret
from migrate.steps.patience import patiently

ACTION = "launch"


def launch_edits(
    ctx: Context, log: StepLog, step: MoveNode, driver: Driver
) -> tuple[FileEdit, ...] | None:
    """What would be written; None when this step has no launch to edit, or has edited it.

    Looked at before anything is changed, so that a launch which can't be edited costs nothing.
    After a crash they are those of the journal.
    """
    wanted = step.launch_edit
    known = changes(log).get(ACTION)
    if wanted is None or (known is not None and known.outcome is not None and not known.undone):
        return None
    if known is not None and not known.undone:
        return _edits_of(log, known)
    edits = edits_for(ctx, step.node, driver, wanted)
    if step.secret_file and not moves_secret(edits, step.secret_file):
        text = "the launch does not hold the agent's secret itself: it stays where it is"
        log.write("note", ACTION, {"text": text})
        ctx.emit(Event("note", step.id, message=text))
    return edits


def switch_launch(
    ctx: Context, log: StepLog, step: MoveNode, driver: Driver, edits: tuple[FileEdit, ...] | None
) -> None:
    """Edit the launch; the old files are in the backup folder before anything is written.

    After a crash the edits are written again: each file is still as it was, or already as wanted.
    """
    if edits is None:
        return
    node = step.node
    kept = [_kept(log, node, number, edit) for number, edit in enumerate(edits)]
    with journalled(log, ACTION, {"node": node, "files": kept}) as result:
        done = patiently(ctx, lambda: driver.switch_launch(ctx.jenkins, node, edits))
        result["done"] = done


def launch_back(ctx: Context, log: StepLog, step: MoveNode, driver: Driver) -> str:
    """Restore the launch from the journal; says what was put back, empty for nothing.

    A file that somebody else changed meanwhile is left and named (``LaunchChanged``).
    """
    known = changes(log).get(ACTION)
    if known is None or known.undone:
        return ""
    node = step.node
    edits = _edits_of(log, known)
    log.write("undo", ACTION, {"node": node})
    done = patiently(ctx, lambda: driver.restore_launch(ctx.jenkins, node, edits))
    names = ", ".join(visible(edit.path) for edit in edits)
    told = f"launch is back: {names}" if names else "launch is back, as the program says"
    log.write("undone", ACTION, {"text": told, "done": done})
    return told


def _kept(log: StepLog, node: str, number: int, edit: FileEdit) -> dict[str, Any]:
    name = file_name(f"{node}.launch-{number}")
    kept: dict[str, Any] = {"path": edit.path, "mode": edit.mode, "owner": edit.owner}
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
        FileEdit(
            kept["path"],
            side(kept, "before"),
            side(kept, "after"),
            kept.get("mode"),
            kept.get("owner"),
        )
        for kept in known.intent["files"]
    )


def by_hand(log: StepLog) -> str:
    """What a person does where the launch could not be put back; empty when it is as it was."""
    known = changes(log).get(ACTION)
    if known is None or known.undone:
        return ""
    told = []
    for kept in reversed(known.intent["files"]):
        path, backup = visible(kept["path"]), kept.get("before_backup")
        told.append(
            f"put {path} back from the run's backup/{visible(backup)}" if backup else f"rm {path}"
        )
    return ", ".join(told)
