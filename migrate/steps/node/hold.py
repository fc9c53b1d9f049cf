"""Holding a node while it is moved, and letting it go again."""

from collections.abc import Iterable

from migrate.jenkins.node_mark import mark_of, plain, without_mark
from migrate.model.inventory import OfflineMark
from migrate.model.journal.node import (
    HoldIntent,
    HoldNote,
    HoldOutcome,
    KeepMarkIntent,
    KeepMarkOutcome,
    ReleaseIntent,
    ReleaseOutcome,
)
from migrate.model.names import EventKind, PhaseName
from migrate.model.ports import NodeState
from migrate.model.records import Record
from migrate.model.secrets import mask
from migrate.model.text import visible
from migrate.steps.base import Context, Event, Postponed, StepFailed, StepLog, journalled
from migrate.steps.patience import patiently

VANISHED = (
    "its offline mark had vanished (somebody saved its page, loaded the configuration again or "
    "posted a config.xml without it): marked again"
)


def is_held(log: StepLog) -> bool:
    """Whether this run's own mark is on the node, as far as the journal knows.

    An intent without an outcome counts: the mark may be there.
    """
    return held_in(log.records())


def held_in(records: Iterable[Record]) -> bool:
    """``is_held`` from one step's records, oldest first."""
    held = False
    for record in records:
        entry = record.entry
        if isinstance(entry, HoldIntent):
            held = True
        if isinstance(entry, ReleaseOutcome) and entry.ok:
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
    keep_mark(ctx, log, node, state)
    if state.mark is None:
        _set_mark(ctx, log, node)
    elif not is_held(log) or _somebody_elses(ctx, log, state.mark):
        by, reason = mask(state.mark.by), mask(state.mark.reason)
        log.write(HoldNote(already_marked_by=by, reason=reason))
    _drain(ctx, log, step_id, node, drain_timeout, first=first)


def renew_vanished(ctx: Context, log: StepLog, node: str, state: NodeState) -> None:
    """Mark the node again where this run's mark is gone from it."""
    if state.mark is None and is_held(log):
        _set_mark(ctx, log, node)


def _set_mark(ctx: Context, log: StepLog, node: str) -> None:
    """Mark it; says so when this run had marked it before.

    The mark goes when the node's page is saved (2.482 to 2.547), when JCasC is loaded again (2.482
    to 2.563), or with a config.xml posted without it (2.482 onward), and builds start at once.
    """
    again = _was_set(log)
    intent = HoldIntent(node=node, reason=ctx.run_label)
    outcome = HoldOutcome(ok=True, text=VANISHED if again else "")
    with journalled(log, intent, outcome):
        patiently(ctx, lambda: ctx.jenkins.mark_offline(node, ctx.run_label))
    if again:
        ctx.emit(Event(EventKind.NOTE, message=f"node {visible(node)}: {VANISHED}"))


def _was_set(log: StepLog) -> bool:
    """Whether the last that is known of this run's mark is that it was set."""
    entries = (record.entry for record in log.records())
    known = (e for e in entries if isinstance(e, HoldOutcome | ReleaseOutcome) and e.ok)
    return isinstance(next(reversed(tuple(known)), None), HoldOutcome)


def _drain(
    ctx: Context, log: StepLog, step_id: str, node: str, timeout: float, *, first: bool
) -> None:
    deadline = ctx.clock.monotonic() + timeout
    told = -1
    while True:
        state = patiently(ctx, lambda: ctx.jenkins.node_state(node))
        if state.mark is None:
            # Builds may have started since: looked at again.
            _set_mark(ctx, log, node)
            state = patiently(ctx, lambda: ctx.jenkins.node_state(node))
        if state.busy == 0:
            return
        over = ctx.over() if first else ""
        if over:
            raise Postponed(f"{state.busy} build(s) still ran on it; nothing was changed: {over}")
        if ctx.clock.monotonic() >= deadline:
            raise StepFailed(
                f"{state.busy} build(s) still ran on it after {timeout:.0f} s; nothing was changed",
                next_command="migrate apply PLAN --resume    # when the builds are done",
            )
        if state.busy != told:
            told = state.busy
            message = f"waits for {state.busy} running build(s)"
            ctx.emit(Event(EventKind.PHASE, step_id, PhaseName.DRAIN, message))
        ctx.clock.sleep(ctx.settings.poll)


def keep_mark(ctx: Context, log: StepLog, node: str, state: NodeState) -> None:
    """Say again why the node is marked, where Jenkins names a lost connection instead.

    Up to 2.481 whatever saves any node (another node's config.xml, a cloud's new agent) tells
    each marked one the cause that it is offline for right now. A lost connection stays in it
    when its agent is back, and on Java 17 its config.xml is cut off there from then on, since
    XStream may not write that exception (Computer.setNode; seen on 2.361.4). A person's mark is
    left to them unless this happened: until then it comes back by itself.
    """
    if state.mark is None or _named(state.mark):
        return
    behind = _behind_the_loss(ctx, node, state.mark)
    person = _last_person(log)
    known = bool(person) or is_held(log)
    if not known or _somebody_elses(ctx, log, behind) or (person and _named(behind)):
        return
    reason = person or ctx.run_label
    with journalled(log, KeepMarkIntent(node=node, reason=reason), KeepMarkOutcome(ok=True)):
        patiently(ctx, lambda: ctx.jenkins.renew_mark(node, reason))


def _named(mark: OfflineMark) -> bool:
    return bool(mark.by or mark.reason)


def _somebody_elses(ctx: Context, log: StepLog, mark: OfflineMark) -> bool:
    return _named(mark) and plain(mark.reason) not in _own_reasons(ctx, log)


def _last_person(log: StepLog) -> str:
    """Whose mark and what for, where the last one that was seen was not this run's; else empty."""
    entries = (record.entry for record in log.records())
    seen = [entry for entry in entries if isinstance(entry, HoldIntent | HoldNote)]
    last = seen[-1] if seen else None
    if not isinstance(last, HoldNote):
        return ""
    by = last.already_marked_by or "somebody"
    return f"{last.reason or 'no reason given'} (marked by {by})"


def release(ctx: Context, log: StepLog, node: str) -> None:
    """Clear the mark that this run set; a mark by anybody else stays."""
    if not is_held(log):
        return
    with journalled(log, ReleaseIntent(node=node), ReleaseOutcome(ok=True)) as end:
        state: NodeState = patiently(ctx, lambda: ctx.jenkins.node_state(node))
        mark = _behind_the_loss(ctx, node, state.mark) if state.mark else None
        if mark is None:
            end.outcome = ReleaseOutcome(ok=True, note="the mark was gone already")
        elif _somebody_elses(ctx, log, mark):
            note = f"now marked by {visible(mark.by)}: left"
            end.outcome = ReleaseOutcome(ok=True, note=note)
        elif not _named(mark) and (person := _last_person(log)):
            note = f"now marked, {visible(person)}: left"
            end.outcome = ReleaseOutcome(ok=True, note=note)
        else:
            patiently(ctx, lambda: ctx.jenkins.clear_mark(node))


def without_own_mark(ctx: Context, log: StepLog, body: bytes) -> bytes:
    """``body`` without this run's mark; a mark by anybody else stays in it."""
    mark = mark_of(body)
    if mark is None or not is_held(log) or _somebody_elses(ctx, log, mark):
        return body
    if not _named(mark) and _last_person(log):
        return body
    return without_mark(body)


def _own_reasons(ctx: Context, log: StepLog) -> set[str]:
    """What this run wrote into its marks; a person's text may well have "migrate" in it."""
    entries = (record.entry for record in log.records())
    held = (entry.reason for entry in entries if isinstance(entry, HoldIntent))
    return {plain(text) for text in (ctx.run_label, *held)}


def _behind_the_loss(ctx: Context, node: str, mark: OfflineMark) -> OfflineMark:
    """While the channel is lost, REST names that as the cause; config.xml still has the mark.

    Seen in 30-switch-a-jnlpUrl-3160-back-to-tcp: "Connection was broken" until it is back.
    """
    if _named(mark):
        return mark
    # Where it can't be read, the loss is all that it names by now (``keep_mark``).
    return mark_of(patiently(ctx, lambda: ctx.jenkins.read_node_config(node))) or mark
