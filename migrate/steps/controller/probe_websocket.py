"""``probe-websocket``: prove that WebSocket agents can come through, before touching any."""

from dataclasses import dataclass

from migrate.model import plan_steps
from migrate.model.inventory import Verdict
from migrate.model.journal.base import Entry
from migrate.model.journal.cluster import AnnotateOutcome
from migrate.model.journal.controller import (
    CreateProbeNodeUndone,
    DeleteProbeNodeOutcome,
    DeleteProbeNodeUndone,
    ProbeNote,
)
from migrate.model.names import EventKind
from migrate.model.records import Record
from migrate.probe.node import probe_with_own_node, remove_leftovers
from migrate.probe.summary import summarise
from migrate.steps.base import (
    Check,
    CheckState,
    Context,
    Description,
    Event,
    LeavesAsIs,
    StepBlocked,
    StepLog,
    Verification,
)

SETTLES = 60.0
"""Seconds from a change of the front to the last try: controllers reload within some seconds, and
one that gathers changes (NGINX Inc: batched reloads) within some more."""
_AGAIN = 3.0


def _front_changed(log: StepLog) -> bool:
    return any(isinstance(r.entry, AnnotateOutcome) and r.entry.ok for r in log.of_run())


@dataclass(frozen=True)
class _ProbeNodeLog:
    """The step's journal, in which a deleted probe node counts as undone."""

    log: StepLog

    def write(self, entry: Entry) -> None:
        self.log.write(entry)
        if isinstance(entry, DeleteProbeNodeOutcome) and entry.deleted:
            self.log.write(CreateProbeNodeUndone(node=entry.node))
            self.log.write(DeleteProbeNodeUndone(node=entry.node))

    def records(self) -> tuple[Record, ...]:
        return self.log.records()


class ProbeWebSocket(LeavesAsIs[plan_steps.ProbeWebSocket]):
    """Tier 1 without a secret, then tier 2 with a probe node of its own."""

    kind = "probe-websocket"

    def describe(self, step: plan_steps.ProbeWebSocket) -> Description:
        """One line."""
        return Description(
            f"probe {step.url} with a probe node, held open for {step.hold} s",
            downtime="none",
            reversible=True,
        )

    def describe_back(self, step: plan_steps.ProbeWebSocket) -> str:
        """One line."""
        del step
        return "the probe node: removed, where it is left over"

    def check(
        self, step: plan_steps.ProbeWebSocket, ctx: Context, log: StepLog | None = None
    ) -> Check:
        """Always worth doing again: proxies change."""
        del step, ctx, log
        return Check(CheckState.READY)

    def dry_run(self, step: plan_steps.ProbeWebSocket, ctx: Context) -> str:
        """Tier 1 only: it needs no node."""
        seen = self.verify(step, ctx)
        if seen.verdict is Verdict.FAIL:
            raise StepBlocked(seen.detail, next_command="migrate doctor")
        return f"no change: {seen.detail}"

    def apply(self, step: plan_steps.ProbeWebSocket, ctx: Context, log: StepLog) -> str:
        """Both tiers; raises ``StepBlocked`` when WebSocket would not work.

        A front that this run has just changed gets its time: an ingress controller reloads when it
        has seen the change.
        """
        until = ctx.clock.monotonic() + (SETTLES if _front_changed(log) else 0.0)
        while True:
            try:
                return self._proof(step, ctx, log)
            except StepBlocked as blocked:
                if ctx.clock.monotonic() >= until:
                    raise
                ctx.emit(Event(EventKind.PHASE, step.id, f"not yet ({blocked.cause}): tried again"))
                ctx.clock.sleep(_AGAIN)

    def _proof(self, step: plan_steps.ProbeWebSocket, ctx: Context, log: StepLog) -> str:
        ctx.emit(Event(EventKind.PHASE, step.id, "without a secret"))
        answers = ctx.prober.without_secret()
        seen = summarise(answers)
        if seen.verdict is Verdict.FAIL:
            raise StepBlocked(seen.sentence, next_command="migrate doctor")
        ctx.emit(Event(EventKind.PHASE, step.id, f"with a probe node, {step.hold} s"))
        journal = _ProbeNodeLog(log)
        answers += probe_with_own_node(ctx.jenkins, ctx.prober, step.hold, journal, ctx.run_label)
        seen = summarise(answers)
        log.write(ProbeNote(answers=tuple(f"{a.id}: {a.answer}" for a in answers)))
        if seen.verdict is Verdict.PASS:
            return seen.sentence
        if seen.verdict is Verdict.INCONCLUSIVE and ctx.settings.accept_unproven_upgrade:
            return f"NOT proven, accepted by --accept-unproven-upgrade: {seen.sentence}"
        hint = "" if seen.verdict is Verdict.FAIL else " (or go on with --accept-unproven-upgrade)"
        raise StepBlocked(seen.sentence + hint, next_command="migrate doctor")

    def verify(self, step: plan_steps.ProbeWebSocket, ctx: Context) -> Verification:
        """Tier 1, which changes nothing."""
        del step
        seen = summarise(ctx.prober.without_secret())
        return Verification(seen.verdict, seen.sentence)

    def rollback(self, step: plan_steps.ProbeWebSocket, ctx: Context, log: StepLog) -> str:
        """Remove a probe node that a crash left."""
        del step
        removed = remove_leftovers(ctx.jenkins, _ProbeNodeLog(log))
        return f"removed {len(removed)} probe node(s)" if removed else ""
