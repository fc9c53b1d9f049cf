"""Holding a node while it is moved, and letting it go again."""

from collections.abc import Iterable

from migrate.model.inventory import OfflineMark
from migrate.model.ports import NodeState
from migrate.model.records import Record
from migrate.model.text import visible
from migrate.steps.base import Context, Event, Postponed, StepFailed, StepLog, journalled
from migrate.steps.patience import patiently


def is_held(log: StepLog) -> bool:
    """Whether this run's own mark is on the node, as far as the journal knows.

    An intent without an outcome counts: the mark may be there.
    """
    return held_in(log.records())


def held_in(records: Iterable[Record]) -> bool:
    """``is_held`` from one step's records, oldest first."""
    held = False
    for record in records:
        if record.action == "hold" and record.kind == "intent":
            held = True
        if record.action == "release" and record.kind == "outcome" and record.data.get("ok"):
            held = False
    return held


def hold(
    ctx: Context,
    log: StepLog,
    step_id: str,
    node: str,
    drain_timeout: float,
    *,
    first: bool = False,
) -> None:
    """Mark the node offline (unless it is already) and wait until no executor is busy.

    A running build is never killed: when it outlasts ``drain_timeout`` seconds, this raises
    ``StepFailed`` and the caller lets the node go. ``first``: nothing was changed yet, so when
    the window is over (or a stop was asked for) while builds still run, this raises
    ``Postponed``: the rest would come long after the window.
    """
    state = patiently(ctx, lambda: ctx.jenkins.node_state(node))
    if state.mark is None:
        with journalled(log, "hold", {"node": node, "reason": ctx.run_label}):
            patiently(ctx, lambda: ctx.jenkins.mark_offline(node, ctx.run_label))
    elif not is_held(log):
        log.write("note", "hold", {"already_marked_by": state.mark.by, "reason": state.mark.reason})
    _drain(ctx, step_id, node, drain_timeout, first=first)


def _drain(ctx: Context, step_id: str, node: str, timeout: float, *, first: bool) -> None:
    deadline = ctx.clock.monotonic() + timeout
    told = -1
    while True:
        state = patiently(ctx, lambda: ctx.jenkins.node_state(node))
        if state.busy == 0:
            return
        over = ctx.over() if first else ""
        if over:
            raise Postponed(f"{state.busy} build(s) still ran on it; nothing was changed: {over}")
        if ctx.clock.monotonic() >= deadline:
            raise StepFailed(
                f"{state.busy} build(s) still ran on it after {timeout:.0f} s; nothing was changed",
                next_command="migrate apply PLAN --resume (when the builds are done)",
            )
        if state.busy != told:
            told = state.busy
            message = f"waits for {state.busy} running build(s)"
            ctx.emit(Event("phase", step_id, "drain", message))
        ctx.clock.sleep(ctx.settings.poll)


def release(ctx: Context, log: StepLog, node: str) -> None:
    """Clear the mark that this run set; a mark by anybody else stays."""
    if not is_held(log):
        return
    with journalled(log, "release", {"node": node}) as result:
        state: NodeState = patiently(ctx, lambda: ctx.jenkins.node_state(node))
        mark = _behind_the_loss(ctx, node, state.mark)
        if mark is None:
            result["note"] = "the mark was gone already"
        elif mark.reason not in _own_reasons(ctx, log):
            result["note"] = f"now marked by {visible(mark.by)}: left"
        else:
            patiently(ctx, lambda: ctx.jenkins.clear_mark(node))


def _own_reasons(ctx: Context, log: StepLog) -> set[str]:
    """What this run wrote into its marks; a person's text may well have "migrate" in it."""
    held = (r for r in log.records() if r.kind == "intent" and r.action == "hold")
    return {ctx.run_label, *(str(r.data.get("reason", "")) for r in held)}


def _behind_the_loss(ctx: Context, node: str, mark: OfflineMark | None) -> OfflineMark | None:
    """While the channel is lost, REST names that as the cause; config.xml still has the mark.

    Seen in 30-switch-a-jnlpUrl-3160-back-to-tcp: "Connection was broken" until it is back.
    """
    if mark is None or mark.by or mark.reason:
        return mark
    from migrate.jenkins.node_config import read_launcher

    return read_launcher(patiently(ctx, lambda: ctx.jenkins.read_node_config(node))).mark or mark
