"""``verify-closed``: refused on every way in, listener off, every node still there."""

from concurrent.futures import ThreadPoolExecutor

from migrate.model import plan_steps
from migrate.model.inventory import Transport, Verdict
from migrate.model.journal.run import Mark
from migrate.model.text import visible
from migrate.steps.base import (
    Check,
    CheckState,
    Context,
    Description,
    LeavesAsIs,
    StepBlocked,
    StepLog,
    Verification,
)
from migrate.steps.controller.ways_from_hosts import try_from_hosts
from migrate.steps.controller.ways_tried import WayState, try_all
from migrate.steps.patience import patiently

EDGE_SETTLES = 30.0
"""Seconds that an edge may take to follow its objects (ingress-nginx reloads at once; a cloud
load balancer takes longer and is named when it has not followed by then)."""
WORKERS = 10
"""Nodes that are looked at side by side."""


class VerifyClosed(LeavesAsIs[plan_steps.VerifyClosed]):
    """Proves from outside that the port is closed. Changes nothing."""

    kind = "verify-closed"

    def describe(self, step: plan_steps.VerifyClosed) -> Description:
        """One line."""
        tried = ", ".join(place.at for place in step.places) or "the listener"
        return Description(f"{tried} must be closed", downtime="none", reversible=True)

    def describe_back(self, step: plan_steps.VerifyClosed) -> str:
        """One line."""
        del step
        return "nothing: it only looked"

    def check(
        self, step: plan_steps.VerifyClosed, ctx: Context, log: StepLog | None = None
    ) -> Check:
        """Done when it can be verified right now."""
        seen = self._look(step, ctx, log)
        done = seen.verdict is Verdict.PASS
        return Check(CheckState.DONE if done else CheckState.READY, seen.detail)

    def dry_run(self, step: plan_steps.VerifyClosed, ctx: Context) -> str:
        """What it says now."""
        return f"no change: only looks ({self.verify(step, ctx).detail})"

    def apply(self, step: plan_steps.VerifyClosed, ctx: Context, log: StepLog) -> str:
        """Look until the edge has followed.

        ``StepBlocked`` when it is not proven by then: nothing is to be put back, and a later run
        looks again.
        """
        deadline = ctx.clock.monotonic() + EDGE_SETTLES
        while True:
            seen = patiently(ctx, lambda: self._look(step, ctx, log))
            if seen.verdict is Verdict.PASS:
                return seen.detail
            if seen.verdict is Verdict.INCONCLUSIVE or ctx.clock.monotonic() >= deadline:
                raise StepBlocked(seen.detail, next_command="migrate verify")
            ctx.clock.sleep(min(ctx.settings.poll, 1.0))

    def verify(self, step: plan_steps.VerifyClosed, ctx: Context) -> Verification:
        """Every way in from here, the listener's page, and every node's log.

        INCONCLUSIVE: nothing is open as far as could be tried, and something could not.
        """
        return self._look(step, ctx, None)

    def _look(
        self, step: plan_steps.VerifyClosed, ctx: Context, log: StepLog | None
    ) -> Verification:
        on_ws, offline, tcp = _count(ctx)
        tried = try_all(step.places, ctx.prober, ctx.cluster)
        tried = try_from_hosts(tried, ctx.jenkins, ctx.cluster, (*on_ws, *tcp))
        wrong = [t.line for t in tried if t.state is WayState.OPEN]
        if ctx.jenkins.tcp_listener_on():
            wrong.append("/tcpSlaveAgentListener/ still answers 200")
        if tcp:
            wrong.append(f"still over TCP: {', '.join(map(visible, tcp))}")
        shut = [t.line for t in tried if t.state in (WayState.CLOSED, WayState.GONE)]
        untried = [t.line for t in tried if t.state is WayState.NOT_TRIED]
        told = [f"{len(on_ws)} node(s) on WebSocket", f"{len(offline)} offline"]
        if wrong:
            return Verification(Verdict.FAIL, "; ".join([*wrong, *untried, *shut, *told]))
        word = marked_done(log)
        if untried and not word:
            mark = f"then migrate mark PLAN {step.id} done --reason TEXT"
            detail = "; ".join(["not proven closed", *untried, mark, *shut, *told])
            return Verification(Verdict.INCONCLUSIVE, detail)
        said = [f"a person's word: {word}"] if untried else []
        return Verification(
            Verdict.PASS, "; ".join([*shut, *untried, *said, "the TCP listener is off", *told])
        )

    def rollback(self, step: plan_steps.VerifyClosed, ctx: Context, log: StepLog) -> str:
        """Nothing was changed."""
        del step, ctx, log
        return ""


def marked_done(log: StepLog | None) -> str:
    """What a person said when they marked it done; empty when nobody did."""
    marks = [r.entry for r in log.records() if isinstance(r.entry, Mark)] if log else []
    return marks[-1].reason if marks and marks[-1].done else ""


def _count(ctx: Context) -> tuple[list[str], list[str], list[str]]:
    """(who is on WebSocket, who is offline, who is on TCP)."""

    def one(name: str) -> str:
        agent = ctx.jenkins.agent_log(name)
        if agent.transport is Transport.TCP and agent.connected:
            return "tcp"
        online = ctx.jenkins.node_state(name).online
        return str(agent.transport) if online else "offline"

    names = ctx.jenkins.node_names()
    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        seen = list(zip(names, pool.map(one, names), strict=True))
    on_ws, offline, tcp = (
        [n for n, how in seen if how == wanted]
        for wanted in (Transport.WEBSOCKET, "offline", "tcp")
    )
    return on_ws, offline, tcp
