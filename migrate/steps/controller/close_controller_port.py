"""``close-controller-port``: slaveAgentPort to -1, read back; rollback sets the old number."""

from migrate.model import plan_steps
from migrate.model.inventory import Verdict
from migrate.model.journal.controller import (
    SetPortIntent,
    SetPortOutcome,
    SetPortUndo,
    SetPortUndone,
)
from migrate.steps.base import (
    Check,
    CheckState,
    Context,
    Description,
    StepBlocked,
    StepFailed,
    StepLog,
    Verification,
    journalled,
    standing,
)
from migrate.steps.patience import patiently


class CloseControllerPort:
    """Turns the TCP agent listener off. Established channels stay (facts 0.7)."""

    kind = "close-controller-port"

    def describe(self, step: plan_steps.CloseControllerPort) -> Description:
        """One line."""
        return Description(
            f"controller: turn off the TCP agent port {step.port}",
            downtime="none for agents on WebSocket",
            reversible=True,
        )

    def describe_back(self, step: plan_steps.CloseControllerPort) -> str:
        """One line."""
        return f"controller: TCP agent port {step.port} on again"

    def diff(self, step: plan_steps.CloseControllerPort, ctx: Context) -> str:
        """The one number."""
        del step
        return f"-slaveAgentPort: {ctx.jenkins.agent_port()}\n+slaveAgentPort: -1"

    def check(
        self, step: plan_steps.CloseControllerPort, ctx: Context, log: StepLog | None = None
    ) -> Check:
        """Off already, as planned, or another port than planned."""
        del log
        now = ctx.jenkins.agent_port()
        if now is not None and now < 0:
            return Check(CheckState.DONE, "slaveAgentPort is -1")
        if now is None:
            return Check(CheckState.BLOCKED, "slaveAgentPort cannot be read (needs Overall/Read)")
        planned = step.fingerprint.get("configured")
        if planned is not None and str(now) != planned:
            return Check(CheckState.DRIFTED, f"slaveAgentPort is {now}, planned from {planned}")
        return Check(CheckState.READY)

    def dry_run(self, step: plan_steps.CloseControllerPort, ctx: Context) -> str:
        """Whether the script console may be used."""
        del step
        if not ctx.jenkins.can_script():
            raise StepBlocked(
                "closing the controller's port takes Overall/Administer (script console)",
                next_command="migrate doctor",
            )
        return f"would change: slaveAgentPort {ctx.jenkins.agent_port()} to -1"

    def apply(self, step: plan_steps.CloseControllerPort, ctx: Context, log: StepLog) -> str:
        """Set -1 and read it back, twice: the setting and the listener."""
        patiently(ctx, lambda: self.dry_run(step, ctx))
        known = standing(log, SetPortIntent)
        if known is not None:
            # A second look, or a crash in between: what to go back to was recorded then.
            before = known.intent.before
        else:
            before = patiently(ctx, ctx.jenkins.agent_port)
        with journalled(log, SetPortIntent(before=before, after=-1), SetPortOutcome(ok=True)):
            patiently(ctx, lambda: ctx.jenkins.set_agent_port(-1))
            seen = patiently(ctx, lambda: port_off(ctx))
            if seen.verdict is not Verdict.PASS:
                raise StepFailed(seen.detail)
        return seen.detail

    def verify(self, step: plan_steps.CloseControllerPort, ctx: Context) -> Verification:
        """slaveAgentPort -1 and /tcpSlaveAgentListener/ 404."""
        del step
        return port_off(ctx)

    def rollback(self, step: plan_steps.CloseControllerPort, ctx: Context, log: StepLog) -> str:
        """Set the recorded number again and read it back."""
        del step
        known = standing(log, SetPortIntent)
        if known is None:
            return ""
        before = known.intent.before
        if before is None:
            raise StepFailed("the journal does not say what slaveAgentPort was")
        if patiently(ctx, ctx.jenkins.agent_port) != before:
            log.write(SetPortUndo(to=before))
            patiently(ctx, lambda: ctx.jenkins.set_agent_port(before))
        now = patiently(ctx, ctx.jenkins.agent_port)
        on = patiently(ctx, ctx.jenkins.tcp_listener_on)
        if now != before or not on:
            raise StepFailed(f"slaveAgentPort is {now}, not {before}, or the listener is off")
        log.write(SetPortUndone(now=now))
        return f"slaveAgentPort is {now} again, the listener answers"


def port_off(ctx: Context) -> Verification:
    """Whether the controller reads as closed: the setting and the listener."""
    port, on = ctx.jenkins.agent_port(), ctx.jenkins.tcp_listener_on()
    if port == -1 and not on:
        return Verification(Verdict.PASS, "slaveAgentPort -1, /tcpSlaveAgentListener/ 404")
    listener = "200" if on else "404"
    return Verification(Verdict.FAIL, f"slaveAgentPort {port}, /tcpSlaveAgentListener/ {listener}")
