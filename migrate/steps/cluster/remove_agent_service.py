"""``remove-agent-service``: a Service that exists for the agent port alone."""

import json

from migrate.cluster.edits import strip_for_creation
from migrate.cluster.errors import ObjectGone
from migrate.model import plan_steps
from migrate.model.inventory import Verdict
from migrate.model.journal.cluster import DeleteIntent, DeleteOutcome, DeleteUndo, DeleteUndone
from migrate.model.kube import KubeObject
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
from migrate.steps.cluster.kube_edit import Target, as_planned, keep, object_diff
from migrate.steps.patience import patiently


class RemoveAgentService:
    """Deletes it whole; rollback creates it again with its clusterIP and nodePorts."""

    kind = "remove-agent-service"

    def needs(self, step: plan_steps.RemoveAgentService) -> tuple[str, ...]:
        """Verbs on its object; ``create`` is the way back."""
        del step
        return ("get", "delete", "create")

    def describe(self, step: plan_steps.RemoveAgentService) -> Description:
        """One line."""
        return Description(
            f"delete {Target.of(step.piece.target)}, which serves the agent port alone",
            downtime="none for agents on WebSocket",
            reversible=True,
        )

    def describe_back(self, step: plan_steps.RemoveAgentService) -> str:
        """One line."""
        return f"{Target.of(step.piece.target)}: create it again, under its old addresses"

    def diff(self, step: plan_steps.RemoveAgentService, ctx: Context) -> str:
        """The whole object goes."""
        target = Target.of(step.piece.target)
        return object_diff(strip_for_creation(target.read(ctx)), None, str(target))

    def check(
        self, step: plan_steps.RemoveAgentService, ctx: Context, log: StepLog | None = None
    ) -> Check:
        """Gone already, the one that was planned, or another one of that name."""
        del log
        target = Target.of(step.piece.target)
        body = as_planned(ctx, target, lambda _: "")
        if isinstance(body, Check):
            return body
        ports = [p.get("port") for p in body["spec"].get("ports", [])]
        if ports != [step.piece.port]:
            return Check(CheckState.DRIFTED, f"{target} now has the ports {ports}")
        return Check(CheckState.READY)

    def dry_run(self, step: plan_steps.RemoveAgentService, ctx: Context) -> str:
        """The API server's own dry run."""
        target = Target.of(step.piece.target)
        target.need(ctx, *self.needs(step))
        uid = target.read(ctx)["metadata"]["uid"]
        ctx.need_cluster().delete(
            target.object_kind, target.namespace, target.name, uid=uid, dry_run=True
        )
        return f"would change: the API server accepts deleting {target}"

    def apply(self, step: plan_steps.RemoveAgentService, ctx: Context, log: StepLog) -> str:
        """Delete it, guarded by its uid, and read that back."""
        target = Target.of(step.piece.target)
        target.need(ctx, *self.needs(step))
        try:
            body = patiently(ctx, lambda: target.read(ctx))
        except ObjectGone:
            return f"there is no {target} any more"
        uid = body["metadata"]["uid"]
        ref = keep(log, target, body)
        intent = DeleteIntent(object=str(target), backup=ref.file, backup_sha256=ref.sha256)
        with journalled(log, intent, DeleteOutcome(ok=True)):
            patiently(
                ctx,
                lambda: ctx.need_cluster().delete(
                    target.object_kind, target.namespace, target.name, uid=uid
                ),
            )
            seen = self.verify(step, ctx)
            if seen.verdict is not Verdict.PASS:
                raise StepFailed(seen.detail)
        return seen.detail

    def verify(self, step: plan_steps.RemoveAgentService, ctx: Context) -> Verification:
        """Read it."""
        target = Target.of(step.piece.target)
        try:
            patiently(ctx, lambda: target.read(ctx))
        except ObjectGone:
            return Verification(Verdict.PASS, f"there is no {target} any more")
        return Verification(Verdict.FAIL, f"{target} is still there")

    def rollback(self, step: plan_steps.RemoveAgentService, ctx: Context, log: StepLog) -> str:
        """Create it again from its backup and compare."""
        known = standing(log, DeleteIntent)
        if known is None:
            return ""
        target = Target.of(step.piece.target)
        wanted = strip_for_creation(json.loads(log.load(known.intent.kept)))
        target.refuse_another(wanted)

        def present() -> KubeObject:
            # Looks first, each time: an answer that was lost may have created it.
            try:
                return target.read(ctx)
            except ObjectGone:
                kind, namespace = target.object_kind, target.namespace
                return ctx.need_cluster().create(kind, namespace, wanted)

        log.write(DeleteUndo(object=str(target)))
        now = patiently(ctx, present)
        if strip_for_creation(now).get("spec") != wanted.get("spec"):
            raise StepFailed(f"{target} is there, but differs from what was deleted")
        uid = str(now["metadata"]["uid"])
        log.write(DeleteUndone(text=f"{target} is back", made_anew=uid))
        return f"{target} is back with its clusterIP and nodePorts"
