"""What every step that takes one piece out of a Kubernetes object does, whatever the piece."""

from abc import ABC, abstractmethod

from migrate.cluster.edits import Drift, strip_for_creation
from migrate.cluster.errors import ObjectGone
from migrate.model.errors import MigrateError
from migrate.model.inventory import Verdict
from migrate.model.journal.cluster import (
    RemovedPiece,
    RemoveIntent,
    RemoveOutcome,
    RemoveUndo,
    RemoveUndone,
)
from migrate.model.kube import KubeObject, KubePatch
from migrate.model.plan_steps import RemoveStep
from migrate.steps.base import (
    Check,
    CheckState,
    Context,
    Description,
    StepFailed,
    StepLog,
    Verification,
    journalled,
    standing,
)
from migrate.steps.cluster.kube_edit import Target, as_planned, keep, object_diff, patched
from migrate.steps.patience import patiently


class RemovePiece(ABC):
    """Removes one piece; the journal keeps the piece itself and a backup of the object."""

    kind: str
    downtime: str = "none for agents on WebSocket"

    @abstractmethod
    def find(self, step: RemoveStep, body: KubeObject) -> RemovedPiece | None:
        """The piece as it is in ``body``, enough for ``restoring``; None: not there."""

    @abstractmethod
    def removing(self, step: RemoveStep, body: KubeObject) -> KubePatch:
        """The guarded patch that removes it; raises ``Drift`` when it is not as planned."""

    @abstractmethod
    def restoring(self, step: RemoveStep, body: KubeObject, piece: RemovedPiece) -> KubePatch:
        """The guarded patch that puts it back; empty when it is there."""

    @abstractmethod
    def told(self, step: RemoveStep) -> str:
        """The piece, for a person."""

    def needs(self, step: RemoveStep) -> tuple[str, ...]:
        """Verbs on its object, also those of the way back."""
        del step
        return ("get", "patch")

    def describe(self, step: RemoveStep) -> Description:
        """One line."""
        text = f"{Target.of(step.piece.target)}: remove {self.told(step)}"
        return Description(text, downtime=self.downtime, reversible=True)

    def describe_back(self, step: RemoveStep) -> str:
        """One line."""
        return f"{Target.of(step.piece.target)}: put {self.told(step)} back"

    def diff(self, step: RemoveStep, ctx: Context) -> str:
        """Before and after, computed by the API server's own dry run."""
        target = Target.of(step.piece.target)
        before = target.read(ctx)
        if self.find(step, before) is None:
            return ""
        after = patched(ctx, target, lambda body: self.removing(step, body), dry_run=True)
        return object_diff(_shown(before), _shown(after), str(target))

    def check(self, step: RemoveStep, ctx: Context, log: StepLog | None = None) -> Check:
        """Gone already, as planned, or changed."""
        del log
        target = Target.of(step.piece.target)

        def done(body: KubeObject) -> str:
            return "" if self.find(step, body) else f"{target} has no {self.told(step)}"

        body = as_planned(ctx, target, done)
        if isinstance(body, Check):
            return body
        try:
            self.removing(step, body)
        except Drift as error:
            return Check(CheckState.DRIFTED, error.cause)
        except MigrateError as error:
            return Check(CheckState.BLOCKED, error.cause)
        return Check(CheckState.READY)

    def dry_run(self, step: RemoveStep, ctx: Context) -> str:
        """The API server's own dry run, with its admission and permissions."""
        target = Target.of(step.piece.target)
        target.need(ctx, *self.needs(step))
        patched(ctx, target, lambda body: self.removing(step, body), dry_run=True)
        return f"would change: the API server accepts removing {self.told(step)} from {target}"

    def apply(self, step: RemoveStep, ctx: Context, log: StepLog) -> str:
        """Remove it and read that back."""
        target = Target.of(step.piece.target)
        target.need(ctx, *self.needs(step))
        body = patiently(ctx, lambda: target.read(ctx))
        piece = self.find(step, body)
        if piece is not None:
            self.removing(step, body)
            ref = keep(log, target, body)
            intent = RemoveIntent(
                object=str(target), piece=piece, backup=ref.file, backup_sha256=ref.sha256
            )
            with journalled(log, intent, RemoveOutcome(ok=True)) as end:
                after = patiently(
                    ctx, lambda: patched(ctx, target, lambda b: self._removing(step, b))
                )
                version = str(after["metadata"]["resourceVersion"])
                end.outcome = RemoveOutcome(ok=True, resource_version=version)
        seen = self.verify(step, ctx)
        if seen.verdict is not Verdict.PASS:
            raise StepFailed(seen.detail)
        return seen.detail

    def _removing(self, step: RemoveStep, body: KubeObject) -> KubePatch:
        """Nothing to send when a lost answer hid that it was done."""
        return self.removing(step, body) if self.find(step, body) is not None else []

    def verify(self, step: RemoveStep, ctx: Context) -> Verification:
        """Read the object again."""
        target = Target.of(step.piece.target)
        try:
            body = patiently(ctx, lambda: target.read(ctx))
        except ObjectGone:
            return Verification(Verdict.PASS, f"there is no {target} any more")
        if self.find(step, body) is None:
            return Verification(Verdict.PASS, f"{target} has no {self.told(step)} any more")
        return Verification(Verdict.FAIL, f"{target} still has {self.told(step)}")

    def rollback(self, step: RemoveStep, ctx: Context, log: StepLog) -> str:
        """Put the recorded piece back and compare."""
        known = standing(log, RemoveIntent)
        if known is None:
            return ""
        target, piece = Target.of(step.piece.target), known.intent.piece
        log.write(RemoveUndo(object=str(target)))
        patiently(ctx, lambda: patched(ctx, target, lambda b: self.restoring(step, b, piece)))
        now = self.find(step, patiently(ctx, lambda: target.read(ctx)))
        if now is None or now.value != piece.value:
            seen = now.value if now else None
            raise StepFailed(f"{target}: {self.told(step)} was put back, but reads {seen}")
        log.write(RemoveUndone(text=f"{self.told(step)} is back"))
        return f"{target} has {self.told(step)} again, as it was"


def port_of(piece: RemovedPiece, step: RemoveStep) -> tuple[KubeObject, int]:
    """The port that was taken out, and its place; ``StepFailed`` where the record has none."""
    if not isinstance(piece.value, dict) or piece.index is None:
        raise StepFailed(
            f"the journal does not say which port of {step.piece.target} was taken out; "
            "nothing was changed"
        )
    return piece.value, piece.index


def _shown(body: KubeObject) -> KubeObject:
    """An object without what the server keeps book of."""
    return strip_for_creation(body)
