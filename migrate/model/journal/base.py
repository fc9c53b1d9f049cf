"""Kinds of records, what steps do, and what every entry of a journal says."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

import msgspec


class RecordKind(StrEnum):
    """What a record is about."""

    RUN_STARTED = "run-started"
    RUN_RESUMED = "run-resumed"
    ROLLBACK_STARTED = "rollback-started"
    RUN_FINISHED = "run-finished"
    STAGE_STARTED = "stage-started"
    STAGE_FINISHED = "stage-finished"
    WAVE_STARTED = "wave-started"
    WAVE_FINISHED = "wave-finished"
    STEP_STARTED = "step-started"
    STEP_FINISHED = "step-finished"
    INTENT = "intent"
    """Written and synced before a change, with all that is needed to undo it."""
    OUTCOME = "outcome"
    UNDO = "undo"
    """Before something is put back."""
    UNDONE = "undone"
    MARK = "mark"
    """What a person did by hand."""
    NOTE = "note"


class Action(StrEnum):
    """What is done within a step, or what a note is about."""

    HOLD = "hold"
    """Mark a node offline, so that it gets no new builds."""
    RELEASE = "release"
    KEEP_MARK = "keep-mark"
    """Say again why a node is marked offline."""
    SWITCH = "switch"
    """The node's configuration."""
    LAUNCH = "launch"
    """The files that start its agent."""
    UPGRADE = "upgrade"
    """Its agent.jar."""
    RESTART = "restart"
    TEMPLATE = "template"
    """A workload's pod template."""
    ROLLOUT = "rollout"
    """Its pods."""
    ANNOTATE = "annotate"
    """Annotations of an Ingress."""
    REMOVE = "remove"
    """A piece of an object of Kubernetes."""
    DELETE = "delete"
    """A whole object."""
    FILE = "file"
    """A file of a checkout."""
    CLOUD = "cloud"
    SET_PORT = "set-port"
    """The controller's agent port."""
    CREATE_PROBE_NODE = "create-probe-node"
    DELETE_PROBE_NODE = "delete-probe-node"

    PROBE = "probe"
    RUN = "run"
    LOCK = "lock"
    HELD = "held"
    """No further node starts for now."""
    RELEASED = "released"
    CLOCK = "clock"
    NO_PROGRESS = "no-progress"
    HOOK = "hook"
    ACCEPTED = "accepted"
    """What a person accepted."""
    PURGED = "purged"
    """The run's backups were removed."""


MARKING = (Action.HOLD, Action.RELEASE, Action.KEEP_MARK)
"""Actions that change nothing of a node but its offline mark."""


@dataclass(frozen=True)
class BackupRef:
    """A file in the run's ``backup/`` folder."""

    file: str
    sha256: str


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one record says, beside when and of which step."""

    kind: ClassVar[RecordKind]


class Acted(Entry, frozen=True, kw_only=True, tag_field="action"):
    """An entry about one action."""

    node: str = ""
    """The node that it is about; empty where the step tells."""

    @property
    def action(self) -> Action:
        """What is done."""
        return action_of(type(self))


class Intent(Acted, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A change that is about to be made. What it says is written back one day, so nothing
    in it goes unread."""

    kind = RecordKind.INTENT

    def backups(self) -> tuple[BackupRef, ...]:
        """The files of the run's ``backup/`` that it needs to be undone."""
        return ()


class ObjectIntent(Intent, frozen=True, kw_only=True):
    """A change of an object that is kept whole."""

    object: str
    """``KIND ns/name``."""
    backup: str
    backup_sha256: str

    @property
    def kept(self) -> BackupRef:
        """The object as it was, as JSON."""
        return BackupRef(self.backup, self.backup_sha256)

    def backups(self) -> tuple[BackupRef, ...]:
        """The object."""
        return (self.kept,)


class Outcome(Acted, frozen=True, kw_only=True):
    """How a change ended."""

    kind = RecordKind.OUTCOME
    ok: bool
    error: str = ""
    """Why it failed, masked."""
    text: str = ""


class Undo(Acted, frozen=True, kw_only=True):
    """Something is about to be put back."""

    kind = RecordKind.UNDO


class Undone(Acted, frozen=True, kw_only=True):
    """Something was put back, or there was nothing to put back."""

    kind = RecordKind.UNDONE
    text: str = ""
    made_anew: str = ""
    """The uid of the object that was created again."""


class Note(Acted, frozen=True, kw_only=True):
    """Something worth knowing that changes nothing."""

    kind = RecordKind.NOTE
    text: str = ""


def action_of(of: type[Acted]) -> Action:
    """The action that entries of this type are about."""
    return Action(str(of.__struct_config__.tag))
