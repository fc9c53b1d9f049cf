"""What is changed in Kubernetes."""

import msgspec

from migrate.model.journal.base import (
    Acted,
    Action,
    Intent,
    Note,
    ObjectIntent,
    Outcome,
    Undo,
    Undone,
)
from migrate.model.kube import KubeObject
from migrate.model.steps.cluster import FrontAnnotation


class TemplateIntent(ObjectIntent, frozen=True, kw_only=True, tag=Action.TEMPLATE.value):
    """A workload's agent container gets other variables."""


class TemplateOutcome(Outcome, frozen=True, kw_only=True, tag=Action.TEMPLATE.value):
    """It has them."""

    read_back: bool = False


class TemplateUndo(Undo, frozen=True, kw_only=True, tag=Action.TEMPLATE.value):
    """It gets the old ones."""

    object: str = ""


class TemplateUndone(Undone, frozen=True, kw_only=True, tag=Action.TEMPLATE.value):
    """It has them."""


class TemplateNote(Note, frozen=True, kw_only=True, tag=Action.TEMPLATE.value):
    """Nothing had to be edited."""


class RolloutIntent(Intent, frozen=True, kw_only=True, tag=Action.ROLLOUT.value):
    """A workload's pods are replaced."""

    object: str
    sessions: dict[str, str]
    """Of each node that was connected before: its log's ``AgentLog.session``."""


class RolloutOutcome(Outcome, frozen=True, kw_only=True, tag=Action.ROLLOUT.value):
    """They were."""

    seen: tuple[str, ...] = ()
    """What each node came back as."""


class RolloutUndone(Undone, frozen=True, kw_only=True, tag=Action.ROLLOUT.value):
    """The old ones run again."""


class AnnotateIntent(ObjectIntent, frozen=True, kw_only=True, tag=Action.ANNOTATE.value):
    """Annotations of an Ingress are set."""

    before: dict[FrontAnnotation, str | None]
    """As they were; null: it was not there."""


class AnnotateOutcome(Outcome, frozen=True, kw_only=True, tag=Action.ANNOTATE.value):
    """They were."""

    resource_version: str = ""


class AnnotateUndo(Undo, frozen=True, kw_only=True, tag=Action.ANNOTATE.value):
    """The old ones are put back."""

    object: str = ""


class AnnotateUndone(Undone, frozen=True, kw_only=True, tag=Action.ANNOTATE.value):
    """They are there again."""


class RemovedPiece(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """A piece of an object as it was."""

    value: str | KubeObject
    """The value of a key; or a port, with whatever fields the API gave it."""
    index: int | None = None
    """Its place in the list."""


class RemoveIntent(ObjectIntent, frozen=True, kw_only=True, tag=Action.REMOVE.value):
    """A piece is taken out of an object."""

    piece: RemovedPiece


class RemoveOutcome(Outcome, frozen=True, kw_only=True, tag=Action.REMOVE.value):
    """It was."""

    resource_version: str = ""


class RemoveUndo(Undo, frozen=True, kw_only=True, tag=Action.REMOVE.value):
    """It is put back."""

    object: str = ""


class RemoveUndone(Undone, frozen=True, kw_only=True, tag=Action.REMOVE.value):
    """It is there again."""


class DeleteIntent(ObjectIntent, frozen=True, kw_only=True, tag=Action.DELETE.value):
    """An object is deleted."""


class DeleteOutcome(Outcome, frozen=True, kw_only=True, tag=Action.DELETE.value):
    """It was."""


class DeleteUndo(Undo, frozen=True, kw_only=True, tag=Action.DELETE.value):
    """It is created again."""

    object: str = ""


class DeleteUndone(Undone, frozen=True, kw_only=True, tag=Action.DELETE.value):
    """It is there again."""


CLUSTER_ENTRIES: tuple[type[Acted], ...] = (
    TemplateIntent, TemplateOutcome, TemplateUndo, TemplateUndone, TemplateNote,
    RolloutIntent, RolloutOutcome, RolloutUndone,
    AnnotateIntent, AnnotateOutcome, AnnotateUndo, AnnotateUndone,
    RemoveIntent, RemoveOutcome, RemoveUndo, RemoveUndone,
    DeleteIntent, DeleteOutcome, DeleteUndo, DeleteUndone,
)  # fmt: skip
