"""``annotate-ingress``: annotations of an Ingress that WebSocket needs."""

from migrate.cluster.edits import Drift, set_annotations, strip_for_creation
from migrate.model import plan_steps
from migrate.model.errors import MigrateError
from migrate.model.inventory import Transport, Verdict
from migrate.model.journal.cluster import (
    AnnotateIntent,
    AnnotateOutcome,
    AnnotateUndo,
    AnnotateUndone,
)
from migrate.model.kube import KubeObject, KubePatch
from migrate.model.text import visible
from migrate.steps.base import (
    Check,
    CheckState,
    Context,
    Description,
    NotPutBack,
    StepFailed,
    StepLog,
    Verification,
    journalled,
    standing,
)
from migrate.steps.cluster.kube_edit import Target, keep, object_diff, patched
from migrate.steps.patience import patiently

Values = dict[str, str | None]


class AnnotateIngress:
    """Sets them all in one patch; rollback puts the old ones back."""

    kind = "annotate-ingress"

    def needs(self, step: plan_steps.AnnotateIngress) -> tuple[str, ...]:
        """Verbs on its object, also those of the way back."""
        del step
        return ("get", "patch")

    def describe(self, step: plan_steps.AnnotateIngress) -> Description:
        """One line. A reload of ingress-nginx ends connections of its old workers after its
        worker-shutdown-timeout (config.go 846: 240 s)."""
        return Description(
            f"{Target.of(step.target)}: {_told(_wanted(step))}",
            downtime="its controller reloads: within minutes, connections through it, of agents "
            "too, may be made anew",
            reversible=True,
        )

    def describe_back(self, step: plan_steps.AnnotateIngress) -> str:
        """One line."""
        return f"{Target.of(step.target)}: {_told(_before(step))}"

    def diff(self, step: plan_steps.AnnotateIngress, ctx: Context) -> str:
        """Before and after, computed by the API server's own dry run."""
        target = Target.of(step.target)
        before = target.read(ctx)
        if not self._to_do(step, before):
            return ""
        after = patched(ctx, target, lambda body: self._patch(step, body), dry_run=True)
        return object_diff(strip_for_creation(before), strip_for_creation(after), str(target))

    def check(
        self, step: plan_steps.AnnotateIngress, ctx: Context, log: StepLog | None = None
    ) -> Check:
        """Set already, as planned, or changed."""
        del log
        target = Target.of(step.target)
        body = target.read(ctx)
        replaced = target.replaced(body, ctx)
        if replaced:
            return Check(CheckState.DRIFTED, replaced)
        if not self._to_do(step, body):
            return Check(CheckState.DONE, f"{target} has them: {_told(_wanted(step))}")
        try:
            self._patch(step, body)
        except Drift as error:
            return Check(CheckState.DRIFTED, error.cause)
        return Check(CheckState.READY)

    def dry_run(self, step: plan_steps.AnnotateIngress, ctx: Context) -> str:
        """The API server's own dry run, with its admission and permissions."""
        target = Target.of(step.target)
        target.need(ctx, *self.needs(step))
        patched(ctx, target, lambda body: self._patch(step, body), dry_run=True)
        return f"would change: the API server accepts it for {target}"

    def apply(self, step: plan_steps.AnnotateIngress, ctx: Context, log: StepLog) -> str:
        """Set them and read that back."""
        target = Target.of(step.target)
        target.need(ctx, *self.needs(step))
        body = patiently(ctx, lambda: target.read(ctx))
        if self._to_do(step, body):
            self._patch(step, body)
            now = _values(body)
            ref = keep(log, target, body)
            intent = AnnotateIntent(
                object=str(target),
                before={edit.name: now.get(edit.name) for edit in step.annotations},
                backup=ref.file,
                backup_sha256=ref.sha256,
            )
            with journalled(log, intent, AnnotateOutcome(ok=True)) as end:
                after = patiently(ctx, lambda: patched(ctx, target, lambda b: self._patch(step, b)))
                version = str(after["metadata"]["resourceVersion"])
                end.outcome = AnnotateOutcome(ok=True, resource_version=version)
        seen = self.verify(step, ctx)
        if seen.verdict is not Verdict.PASS:
            raise StepFailed(seen.detail)
        return seen.detail

    def verify(self, step: plan_steps.AnnotateIngress, ctx: Context) -> Verification:
        """Read the object again. Whether the way works is the probe's to say."""
        target = Target.of(step.target)
        body = patiently(ctx, lambda: target.read(ctx))
        if self._to_do(step, body):
            return Verification(Verdict.FAIL, f"{target} is not so yet: {_told(_wanted(step))}")
        return Verification(Verdict.PASS, f"{target}: {_told(_wanted(step))}, read back")

    def rollback(self, step: plan_steps.AnnotateIngress, ctx: Context, log: StepLog) -> str:
        """Put the recorded ones back, once no agent needs the new ones any more."""
        known = standing(log, AnnotateIntent)
        if known is None:
            return ""
        target = Target.of(step.target)
        before: Values = {str(name): value for name, value in known.intent.before.items()}
        _refuse_while_needed(ctx, target)
        log.write(AnnotateUndo(object=str(target)))
        wanted = _wanted(step)
        patiently(ctx, lambda: patched(ctx, target, lambda b: set_annotations(b, wanted, before)))
        now = _values(patiently(ctx, lambda: target.read(ctx)))
        if any(now.get(name) != value for name, value in before.items()):
            raise StepFailed(f"{target}: its annotations were put back, but read otherwise")
        log.write(AnnotateUndone(text=f"{target} is as it was"))
        return f"{target} has its old annotations again"

    def _to_do(self, step: plan_steps.AnnotateIngress, body: KubeObject) -> bool:
        now = _values(body)
        return any(now.get(name) != value for name, value in _wanted(step).items())

    def _patch(self, step: plan_steps.AnnotateIngress, body: KubeObject) -> KubePatch:
        """Empty when a lost answer hid that it was done."""
        return set_annotations(body, _before(step), _wanted(step))


def _refuse_while_needed(ctx: Context, target: Target) -> None:
    """An agent that is still on WebSocket would be cut off for good."""
    still = []
    for name in ctx.jenkins.node_names():
        try:
            log = ctx.jenkins.agent_log(name)
        except MigrateError:
            continue
        if log.connected and log.transport is Transport.WEBSOCKET:
            still.append(visible(name))
    if still:
        shown = ", ".join(still[:5]) + (f" and {len(still) - 5} more" if len(still) > 5 else "")
        raise NotPutBack(
            f"{target} stays as it is: {shown} are on WebSocket and need it",
            needs=f"{target}: move these back to TCP, then run the rollback again",
        )


def _wanted(step: plan_steps.AnnotateIngress) -> Values:
    return {str(edit.name): edit.after for edit in step.annotations}


def _before(step: plan_steps.AnnotateIngress) -> Values:
    return {str(edit.name): edit.before for edit in step.annotations}


def _values(body: KubeObject) -> dict[str, str]:
    return dict(body.get("metadata", {}).get("annotations") or {})


def _told(values: Values) -> str:
    return ", ".join(
        f"without {name}" if value is None else f"{name}={visible(value)}"
        for name, value in values.items()
    )
