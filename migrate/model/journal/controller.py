"""What is changed on the controller itself, and in a checkout that configures it."""

from migrate.model.journal.base import (
    Acted,
    Action,
    BackupRef,
    Intent,
    Note,
    Outcome,
    Undo,
    Undone,
)
from migrate.model.plan_steps import CloudSettings


class SetPortIntent(Intent, frozen=True, kw_only=True, tag=Action.SET_PORT.value):
    """slaveAgentPort is set."""

    before: int | None
    """None: it could not be read."""
    after: int


class SetPortOutcome(Outcome, frozen=True, kw_only=True, tag=Action.SET_PORT.value):
    """It was."""


class SetPortUndo(Undo, frozen=True, kw_only=True, tag=Action.SET_PORT.value):
    """It gets its old number."""

    to: int


class SetPortUndone(Undone, frozen=True, kw_only=True, tag=Action.SET_PORT.value):
    """It has it."""

    now: int | None = None


class CloudIntent(Intent, frozen=True, kw_only=True, tag=Action.CLOUD.value):
    """A cloud's settings are changed."""

    cloud: str
    before: CloudSettings


class CloudOutcome(Outcome, frozen=True, kw_only=True, tag=Action.CLOUD.value):
    """They were."""


class CloudUndo(Undo, frozen=True, kw_only=True, tag=Action.CLOUD.value):
    """It gets the old ones."""

    cloud: str = ""


class CloudUndone(Undone, frozen=True, kw_only=True, tag=Action.CLOUD.value):
    """It has them."""


class FileIntent(Intent, frozen=True, kw_only=True, tag=Action.FILE.value):
    """A file of a checkout is edited."""

    path: str
    """Below its source."""
    sha256: str
    """As it was."""
    after_sha256: str
    backup: str
    backup_sha256: str

    @property
    def kept(self) -> BackupRef:
        """The file as it was."""
        return BackupRef(self.backup, self.backup_sha256)

    def backups(self) -> tuple[BackupRef, ...]:
        """The file."""
        return (self.kept,)


class FileOutcome(Outcome, frozen=True, kw_only=True, tag=Action.FILE.value):
    """It was."""

    sha256: str = ""


class FileUndo(Undo, frozen=True, kw_only=True, tag=Action.FILE.value):
    """It is written back."""

    path: str = ""


class FileUndone(Undone, frozen=True, kw_only=True, tag=Action.FILE.value):
    """It is as it was."""


class CreateProbeNodeIntent(Intent, frozen=True, kw_only=True, tag=Action.CREATE_PROBE_NODE.value):
    """The probe node is made."""

    node: str


class CreateProbeNodeOutcome(
    Outcome, frozen=True, kw_only=True, tag=Action.CREATE_PROBE_NODE.value
):
    """It was."""

    created: bool = False


class CreateProbeNodeUndone(Undone, frozen=True, kw_only=True, tag=Action.CREATE_PROBE_NODE.value):
    """It is gone again."""


class DeleteProbeNodeIntent(Intent, frozen=True, kw_only=True, tag=Action.DELETE_PROBE_NODE.value):
    """A probe node is deleted."""

    node: str


class DeleteProbeNodeOutcome(
    Outcome, frozen=True, kw_only=True, tag=Action.DELETE_PROBE_NODE.value
):
    """It was, or it stays for the next run."""

    deleted: bool = False
    reason: str = ""
    """Why it could not be, or needed not."""


class DeleteProbeNodeUndone(Undone, frozen=True, kw_only=True, tag=Action.DELETE_PROBE_NODE.value):
    """Nothing is left of it to put back."""


class ProbeNote(Note, frozen=True, kw_only=True, tag=Action.PROBE.value):
    """What the preflight was answered."""

    answers: tuple[str, ...] = ()
    """``ID: ANSWER`` each."""


CONTROLLER_ENTRIES: tuple[type[Acted], ...] = (
    SetPortIntent, SetPortOutcome, SetPortUndo, SetPortUndone,
    CloudIntent, CloudOutcome, CloudUndo, CloudUndone,
    FileIntent, FileOutcome, FileUndo, FileUndone,
    CreateProbeNodeIntent, CreateProbeNodeOutcome, CreateProbeNodeUndone,
    DeleteProbeNodeIntent, DeleteProbeNodeOutcome, DeleteProbeNodeUndone,
    ProbeNote,
)  # fmt: skip
