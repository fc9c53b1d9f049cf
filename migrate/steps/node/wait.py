"""Waiting for an agent to come back, judged by its log and never by config.xml."""

from dataclasses import dataclass

from migrate.model.inventory import Transport
from migrate.model.ports import AgentLog
from migrate.model.versions import Version
from migrate.steps.base import Context, StepFailed, StepLog
from migrate.steps.node.hold import keep_mark, renew_vanished
from migrate.steps.patience import patiently


class CameBackWrong(StepFailed):
    """Connected again, but not as wanted."""


class NotBack(StepFailed):
    """Not connected within the time."""


@dataclass(frozen=True)
class Wanted:
    """What the agent must come back as."""

    transport: Transport | None
    """None: any, as long as it is connected."""
    version: str | None = None
    """Remoting version; None: any."""


def _judge(log: AgentLog, wanted: Wanted) -> str:
    """What was verified; raises when a new session is not as wanted."""
    if wanted.transport is not None and log.transport is not wanted.transport:
        raise CameBackWrong(
            f"came back over {log.protocol or log.transport}, not over {wanted.transport}: "
            + (
                "its transport stands in its own launch, not in the node's configuration"
                if wanted.transport is Transport.WEBSOCKET
                else "its launch still says WebSocket"
            )
        )
    here, there = Version.maybe(log.remoting_version), Version.maybe(wanted.version)
    if there is not None and here is not None and here != there:
        raise CameBackWrong(
            f"came back with remoting {log.remoting_version}, not {wanted.version}: "
            "the replaced jar is not the one that it starts"
        )
    return f"{log.protocol or log.transport}, remoting {log.remoting_version or 'unknown'}"


def await_agent(
    ctx: Context,
    log: StepLog,
    node: str,
    before: AgentLog | None,
    wanted: Wanted,
) -> str:
    """Wait as long as the plan says for a session newer than ``before``; says what it is.

    Right after a disconnect the log still ends with the old success line, so a session
    counts only when the log was rewound or the agent was seen gone (facts E). Meanwhile its mark
    is kept.
    """
    timeout = float(ctx.choices.verify_timeout)
    deadline = ctx.clock.monotonic() + timeout
    gone = before is None
    rejected = ""
    while True:
        agent = patiently(ctx, lambda: ctx.jenkins.agent_log(node))
        state = patiently(ctx, lambda: ctx.jenkins.node_state(node))
        keep_mark(ctx, log, node, state)
        renew_vanished(ctx, log, node, state)
        here = agent.connected and state.online
        gone = gone or not here
        rejected = agent.rejected or rejected
        if here and (gone or (before is not None and agent.session != before.session)):
            return _judge(agent, wanted)
        if ctx.clock.monotonic() >= deadline:
            why = f": {rejected}" if rejected else ""
            raise NotBack(f"did not come back within {timeout:.0f} s{why}")
        ctx.clock.sleep(ctx.settings.poll)
