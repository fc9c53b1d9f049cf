"""``verify-closed``: refused from outside, listener off, every node still there."""

from concurrent.futures import ThreadPoolExecutor

from migrate.model.inventory import Transport, Verdict
from migrate.model.plan import Step
from migrate.model.text import visible
from migrate.steps.base import (
    Check,
    CheckState,
    Context,
    Description,
    StepFailed,
    StepLog,
    Verification,
)
from migrate.steps.patience import patiently

EDGE_SETTLES = 30.0
"""Seconds that an edge may take to follow its objects (ingress-nginx reloads at once; a cloud
load balancer takes longer and is named when it has not followed by then)."""
WORKERS = 10
"""Nodes that are looked at side by side."""


class VerifyClosed:
    """Proves from outside that the port is closed. Changes nothing."""

    kind = "verify-closed"

    def describe(self, step: Step) -> Description:
        """One line."""
        return Description(
            f"connect to {step.params.get('host')}:{step.params.get('port')} must be refused",
            downtime="none",
            reversible=True,
        )

    def describe_back(self, step: Step) -> str:
        """One line."""
        del step
        return "nothing: it only looked"

    def diff(self, step: Step, ctx: Context) -> str:
        """Nothing changes."""
        del step, ctx
        return ""

    def check(self, step: Step, ctx: Context, log: StepLog | None = None) -> Check:
        """Done when it can be verified right now."""
        del log
        seen = self.verify(step, ctx)
        done = seen.verdict is Verdict.PASS
        return Check(CheckState.DONE if done else CheckState.READY, seen.detail)

    def dry_run(self, step: Step, ctx: Context) -> str:
        """What it says now."""
        return f"no change: only looks ({self.verify(step, ctx).detail})"

    def apply(self, step: Step, ctx: Context, log: StepLog) -> str:
        """Look until the edge has followed."""
        del log
        deadline = ctx.clock.monotonic() + EDGE_SETTLES
        while True:
            seen = patiently(ctx, lambda: self.verify(step, ctx))
            if seen.verdict is Verdict.PASS:
                return seen.detail
            if ctx.clock.monotonic() >= deadline:
                raise StepFailed(seen.detail, next_command="migrate verify")
            ctx.clock.sleep(min(ctx.settings.poll, 1.0))

    def verify(self, step: Step, ctx: Context) -> Verification:
        """TCP connect from here, the listener's page, and every node's log."""
        wrong: list[str] = []
        host, port = str(step.params["host"]), int(step.params["port"])
        closed = ""
        if port > 0:
            answer = ctx.prober.tcp_port(host, port)
            if answer.code == "port-hangs-up":
                wrong.append(f"{host}:{port} still accepts connections, with nothing behind it")
            elif answer.code != "port-closed":
                wrong.append(f"{host}:{port} still answers ({answer.answer})")
            elif answer.verdict is not Verdict.FAIL:
                closed = f"nothing accepts connections at {host}:{port} ({answer.answer}), "
            else:
                closed = f"{host}:{port} refuses connections, "
        if ctx.jenkins.tcp_listener_on():
            wrong.append("/tcpSlaveAgentListener/ still answers 200")
        on_ws, offline, tcp = _count(ctx)
        if tcp:
            wrong.append(f"still over TCP: {', '.join(tcp)}")
        told = f"{on_ws} node(s) on WebSocket, {len(offline)} offline"
        if wrong:
            return Verification(Verdict.FAIL, "; ".join([*wrong, told]))
        return Verification(Verdict.PASS, closed + "the TCP listener is off, " + told)

    def rollback(self, step: Step, ctx: Context, log: StepLog) -> str:
        """Nothing was changed."""
        del step, ctx, log
        return ""


def _count(ctx: Context) -> tuple[int, list[str], list[str]]:
    """(how many are on WebSocket, who is offline, who is on TCP)."""

    def one(name: str) -> str:
        agent = ctx.jenkins.agent_log(name)
        if agent.transport is Transport.TCP and agent.connected:
            return "tcp"
        online = ctx.jenkins.node_state(name).online
        return str(agent.transport) if online else "offline"

    names = ctx.jenkins.node_names()
    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        seen = list(zip(names, pool.map(one, names), strict=True))
    offline, tcp = (
        [visible(n) for n, how in seen if how == wanted] for wanted in ("offline", "tcp")
    )
    return sum(how == Transport.WEBSOCKET for _, how in seen), offline, tcp
