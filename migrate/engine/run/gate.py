"""The gate before the port is closed: nothing may still need it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from migrate.model.errors import MigrateError
from migrate.model.inventory import STAYS_ON_TCP, LauncherKind, Skip, Transport, Verdict
from migrate.model.names import StageName
from migrate.model.plan import Plan
from migrate.model.plan_steps import Manual, SwitchCloud, acts_as
from migrate.model.run import Run, StepState
from migrate.model.text import visible
from migrate.steps.base import Context, Verification
from migrate.steps.patience import patiently
from migrate.steps.registry import kind_of

SETTLED = (StepState.DONE, StepState.NOTHING)


@dataclass(frozen=True)
class Reason:
    """One thing that keeps the port open."""

    subject: str
    text: str
    flag: str = ""
    """The flag that accepts it, if any."""


@dataclass(frozen=True)
class NodeSight:
    """What the gate saw of one node just now."""

    name: str
    connected: bool
    transport: Transport
    problem: str = ""


def look(ctx: Context, names: tuple[str, ...], workers: int) -> tuple[NodeSight, ...]:
    """Every node's log, read now: an established TCP connection outlives a closed port."""

    def one(name: str) -> NodeSight:
        try:
            state = patiently(ctx, lambda: ctx.jenkins.node_state(name))
            agent = patiently(ctx, lambda: ctx.jenkins.agent_log(name))
        except MigrateError as error:
            return NodeSight(name, connected=True, transport=Transport.UNKNOWN, problem=error.cause)
        return NodeSight(name, state.online and agent.connected, agent.transport)

    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        return tuple(pool.map(one, names))


def _settled(ctx: Context, awaited: set[str], workers: int) -> tuple[NodeSight, ...]:
    """Every node, once those ``awaited`` are connected or have been away for too long.

    An agent that reconnects (its proxy was reloaded, its controller restarted) is not "offline".
    """
    deadline = ctx.clock.monotonic() + ctx.settings.rejoin
    seen = {sight.name: sight for sight in look(ctx, ctx.jenkins.node_names(), workers)}
    while ctx.clock.monotonic() < deadline:
        away = tuple(name for name, s in seen.items() if name in awaited and not s.connected)
        if not away:
            break
        ctx.clock.sleep(ctx.settings.poll)
        seen |= {sight.name: sight for sight in look(ctx, away, workers)}
    return tuple(seen.values())


def _not_inbound(ctx: Context) -> set[str]:
    """Nodes that never dial in (SSH, command): offline, they do not matter for the port."""
    nodes = ctx.inventory.nodes if ctx.inventory else ()
    never = (LauncherKind.SSH, LauncherKind.COMMAND, LauncherKind.BUILT_IN)
    return {n.name for n in nodes if n.launcher in never}


def close_reasons(
    ctx: Context,
    run: Run,
    *,
    accept_offline: tuple[str, ...],
    workers: int,
    skips: tuple[Skip, ...] = (),
) -> tuple[tuple[Reason, ...], tuple[str, ...]]:
    """(what keeps the port open, offline nodes that were accepted by name or by ``all``).

    ``skips`` are the plan's: why it does not move a node."""
    reasons: list[Reason] = []
    accepted: list[str] = []
    outside = _not_inbound(ctx)
    left = {skip.subject: skip.reason for skip in skips if skip.what in ("move", STAYS_ON_TCP)}
    was_there = {n.name for n in ctx.inventory.nodes if n.online} if ctx.inventory else set()
    for sight in _settled(ctx, was_there - set(accept_offline) - outside, workers):
        name = visible(sight.name)
        if sight.problem:
            reasons.append(Reason(name, f"cannot be judged: {sight.problem}"))
        elif sight.connected and sight.transport is Transport.TCP and sight.name not in outside:
            why = left.get(f"node {sight.name}", "")
            reasons.append(Reason(name, "is still connected over TCP" + (why and f" ({why})")))
        elif sight.connected and sight.transport is Transport.UNKNOWN:
            if sight.name not in outside:
                reasons.append(Reason(name, "its log does not say what it is connected over"))
        elif not sight.connected and sight.name not in outside:
            named = sight.name in accept_offline
            if named or ("all" in accept_offline and sight.name not in was_there):
                accepted.append(sight.name)
            elif "all" in accept_offline:
                why = "was connected when it was planned, and is gone: 'all' does not cover it"
                reasons.append(Reason(name, why, f"--accept-offline '{name}'"))
            else:
                flag = f"--accept-offline '{name}'"
                reasons.append(Reason(name, "is offline: nobody can tell how it returns", flag))
    told = {reason.subject for reason in reasons}
    for step in run.steps:
        node = step.subject.removeprefix("node ")
        if step.stage is not StageName.NODES or step.state in SETTLED or visible(node) in told:
            continue
        # A node that this run left broken is not "just offline": only its own name accepts it.
        if node in accepted and (step.state is not StepState.STUCK or node in accept_offline):
            continue
        reasons.append(Reason(visible(node), f"{step.state}: {step.message}"))
    return tuple(reasons), tuple(accepted)


def cloud_reasons(ctx: Context, plan: Plan) -> tuple[Reason, ...]:
    """Clouds whose next pods would need the port, and nodes that JCasC would set back to it, as
    the controller reads now: what a step saw may be undone by the next load of its configuration.
    """
    reasons: list[Reason] = []
    for step in plan.steps():
        by_hand = step if isinstance(step, Manual) else None
        if not (isinstance(acts_as(step), SwitchCloud) or (by_hand and by_hand.owned_nodes)):
            continue
        try:
            seen = kind_of(step.kind).verify(step, ctx)
        except MigrateError as error:
            seen = Verification(Verdict.INCONCLUSIVE, error.cause)
        unseen = seen.verdict is Verdict.INCONCLUSIVE and by_hand is not None and by_hand.read_back
        if seen.verdict is Verdict.FAIL or unseen:
            text = f"is not read back on WebSocket: {seen.detail}"
            reasons.append(Reason(visible(step.subject), text))
    return tuple(reasons)


def soak_left(run: Run, now: str, soak: float) -> float:
    """Seconds until ``soak`` has passed since the last node was verified."""
    moved = [
        s.finished for s in run.steps if s.stage is StageName.NODES and s.state is StepState.DONE
    ]
    if not moved or soak <= 0:
        return 0.0
    since = (datetime.fromisoformat(now) - datetime.fromisoformat(max(moved))).total_seconds()
    return max(0.0, soak - since)


def open_again(ctx: Context, plan: Plan, run: Run) -> str:
    """What of the close stage was done and is not so any more; empty: all of it is.

    An owner (GitOps, Helm) has its object as it was a little later.
    """
    for known in run.steps:
        if (
            known.stage is not StageName.CLOSE
            or known.state is not StepState.DONE
            or known.kind == "manual"
        ):
            continue
        step = plan.step(known.id)
        seen = patiently(ctx, partial(kind_of(step.kind).verify, step, ctx))
        if seen.verdict is Verdict.FAIL:
            return f"{step.title}: was done, and somebody put it back: {seen.detail}"
    return ""
