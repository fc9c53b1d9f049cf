"""Changing an agent's launch where it really lives, and back, byte for byte.

``launch_edit`` of a move-node step says how: the driver's own program knows the files, or
``migrate.steps.node.launch_files`` edits them.
"""

from migrate.drivers.base import Driver, FileEdit
from migrate.model.journal.base import BackupRef
from migrate.model.journal.node import (
    KeptFile,
    LaunchIntent,
    LaunchNote,
    LaunchOutcome,
    LaunchUndo,
    LaunchUndone,
)
from migrate.model.names import EventKind
from migrate.model.plan_steps import MoveNode
from migrate.model.text import file_name, visible
from migrate.steps.base import Context, Event, StepLog, journalled, standing
from migrate.steps.node.launch_files import edits_for, moves_secret
from migrate.steps.patience import patiently


def launch_edits(
    ctx: Context, log: StepLog, step: MoveNode, driver: Driver
) -> tuple[FileEdit, ...] | None:
    """What would be written; None when this step has no launch to edit, or has edited it.

    Looked at before anything is changed, so that a launch which can't be edited costs nothing.
    After a crash they are those of the journal.
    """
    wanted = step.launch_edit
    known = standing(log, LaunchIntent)
    if wanted is None or (known is not None and known.outcome is not None):
        return None
    if known is not None:
        return _edits_of(log, known.intent)
    edits = edits_for(ctx, step.node, driver, wanted)
    if step.secret_file and not moves_secret(edits, step.secret_file):
        text = "the launch does not hold the agent's secret itself: it stays where it is"
        log.write(LaunchNote(text=text))
        ctx.emit(Event(EventKind.NOTE, step.id, message=text))
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
    kept = tuple(_kept(log, node, number, edit) for number, edit in enumerate(edits))
    intent = LaunchIntent(node=node, files=kept)
    with journalled(log, intent, LaunchOutcome(ok=True)) as end:
        done = patiently(ctx, lambda: driver.switch_launch(ctx.jenkins, node, edits))
        end.outcome = LaunchOutcome(ok=True, done=done)


def launch_back(ctx: Context, log: StepLog, step: MoveNode, driver: Driver) -> str:
    """Restore the launch from the journal; says what was put back, empty for nothing.

    A file that somebody else changed meanwhile is left and named (``LaunchChanged``).
    """
    known = standing(log, LaunchIntent)
    if known is None:
        return ""
    node = step.node
    edits = _edits_of(log, known.intent)
    log.write(LaunchUndo(node=node))
    done = patiently(ctx, lambda: driver.restore_launch(ctx.jenkins, node, edits))
    names = ", ".join(visible(edit.path) for edit in edits)
    told = f"launch is back: {names}" if names else "launch is back, as the program says"
    log.write(LaunchUndone(text=told, done=done))
    return told


def _kept(log: StepLog, node: str, number: int, edit: FileEdit) -> KeptFile:
    name = file_name(f"{node}.launch-{number}")
    before = None if edit.before is None else log.save(f"{name}.before", edit.before)
    after = None if edit.after is None else log.save(f"{name}.after", edit.after)
    return KeptFile(
        path=edit.path,
        mode=edit.mode,
        owner=edit.owner,
        before_backup=before.file if before else None,
        before_sha256=before.sha256 if before else None,
        after_backup=after.file if after else None,
        after_sha256=after.sha256 if after else None,
    )


def _edits_of(log: StepLog, intent: LaunchIntent) -> tuple[FileEdit, ...]:
    def body(kept: BackupRef | None) -> bytes | None:
        return None if kept is None else log.load(kept)

    return tuple(
        FileEdit(kept.path, body(kept.before), body(kept.after), kept.mode, kept.owner)
        for kept in intent.files
    )


def by_hand(log: StepLog) -> str:
    """What a person does where the launch could not be put back; empty when it is as it was."""
    known = standing(log, LaunchIntent)
    if known is None:
        return ""
    told = []
    for kept in reversed(known.intent.files):
        path, backup = visible(kept.path), kept.before_backup
        told.append(
            f"put {path} back from the run's backup/{visible(backup)}" if backup else f"rm {path}"
        )
    return ", ".join(told)
