"""``manual``: what only a person can do; the tool shows how, and looks whether it is done."""

from collections.abc import Mapping
from typing import Any

from migrate.model import plan_steps
from migrate.model.errors import MigrateError
from migrate.model.inventory import Transport, Verdict
from migrate.model.journal.run import Mark
from migrate.model.text import visible, visible_lines
from migrate.steps.base import (
    Check,
    CheckState,
    Context,
    Description,
    NotPutBack,
    StepFailed,
    StepKind,
    StepLog,
    Verification,
)
from migrate.steps.node.owned_nodes import owned_nodes_read


class Manual:
    """A step for a person. About a node: done once that node is seen on WebSocket."""

    kind = "manual"

    def __init__(self, twins: Mapping[str, StepKind[Any]]) -> None:
        """``twins``: the kinds that the tool does itself, by name, to see what a person did."""
        self._twins = twins

    def describe(self, step: plan_steps.Manual) -> Description:
        """One line with the reason."""
        return Description(
            f"{step.title} (by hand: {step.reason})",
            downtime="as the person decides",
            reversible=False,
        )

    def describe_back(self, step: plan_steps.Manual) -> str:
        """One line."""
        return f"by hand: undo what was done for {visible(step.subject)}"

    def diff(self, step: plan_steps.Manual, ctx: Context) -> str:
        """No diff can be made; the instructions stand for it."""
        del ctx
        return visible_lines(step.instructions)

    def check(self, step: plan_steps.Manual, ctx: Context, log: StepLog | None = None) -> Check:
        """A person's mark, else what can be seen; never assumed."""
        marked = _marked_done(log)
        seen = self.verify(step, ctx)
        if seen.verdict is Verdict.PASS:
            return Check(CheckState.DONE, seen.detail)
        if marked and not step.read_back:
            return Check(CheckState.DONE, f"marked as done by a person; {seen.detail}")
        return Check(CheckState.MANUAL, seen.detail)

    def dry_run(self, step: plan_steps.Manual, ctx: Context) -> str:
        """Nothing to try."""
        del step, ctx
        return "cannot tell: a person does this"

    def apply(self, step: plan_steps.Manual, ctx: Context, log: StepLog) -> str:
        """Never called for a step that is not done: the engine stops at it."""
        found = self.check(step, ctx, log)
        if found.state is CheckState.DONE:
            return found.detail
        raise StepFailed("a person must do this", needs=step.instructions)

    def verify(self, step: plan_steps.Manual, ctx: Context) -> Verification:
        """About a node: its log. About an object that this tool can read: the object itself."""
        if step.owned_nodes:
            return owned_nodes_read(ctx.jenkins, step.owned_nodes)
        if step.node is None:
            return _seen_on_object(step, ctx, self._twins)
        node = step.node.name
        try:
            state, agent = ctx.jenkins.node_state(node), ctx.jenkins.agent_log(node)
        except MigrateError as error:
            return Verification(Verdict.INCONCLUSIVE, error.cause)
        if state.online and agent.connected and agent.transport is Transport.WEBSOCKET:
            return Verification(Verdict.PASS, f"seen on WebSocket, {agent.remoting_version}")
        if not state.online:
            return Verification(Verdict.INCONCLUSIVE, "not connected")
        return Verification(Verdict.FAIL, f"still over {agent.protocol or agent.transport}")

    def rollback(self, step: plan_steps.Manual, ctx: Context, log: StepLog) -> str:
        """What a person did, only a person can undo."""
        if isinstance(step.would_be, plan_steps.ProbeWebSocket):
            return ""  # A way that lets WebSocket in does no harm to agents on TCP.
        seen = self.verify(step, ctx).verdict is Verdict.PASS
        if not seen and (step.node is not None or not _marked_done(log)):
            return ""
        undo = visible_lines(step.undo or "see its runbook, section Undo")
        subject = visible(step.subject)
        raise NotPutBack(f"{subject} was changed by hand", needs=f"{subject}: {undo}")


def _seen_on_object(
    step: plan_steps.Manual, ctx: Context, twins: Mapping[str, StepKind[Any]]
) -> Verification:
    """What the step kind would see that could have done it, were the object not owned."""
    if step.would_be is None:
        return Verification(Verdict.INCONCLUSIVE, "cannot be seen from here; use migrate mark")
    try:
        return twins[step.would_be.kind].verify(step.would_be, ctx)
    except MigrateError as error:
        return Verification(Verdict.INCONCLUSIVE, error.cause)


def _marked_done(log: StepLog | None) -> bool:
    marks = [r.entry for r in log.records() if isinstance(r.entry, Mark)] if log else []
    return bool(marks) and marks[-1].done
