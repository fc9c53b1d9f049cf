"""Restarting an agent, and once more where Jenkins' restarter was not in it yet."""

from collections.abc import Callable

from migrate.drivers.base import Driver
from migrate.model.names import EventKind
from migrate.model.ports import AgentLog
from migrate.model.text import visible
from migrate.steps.base import Context, Event, StepLog
from migrate.steps.node.wait import CameBackWrong, Wanted, await_agent


def restart_and_wait(
    ctx: Context,
    log: StepLog,
    driver: Driver,
    node: str,
    wanted: Wanted,
    *,
    restart: Callable[[], AgentLog],
    asked: bool = False,
) -> str:
    """Restart and wait for the agent; says what it came back as. ``restart`` returns its log from
    before. ``asked``: it was asked for before a crash, and is only waited for.

    Jenkins puts its restarter into an agent some seconds after each connect. One that is cut off
    before goes on in the same process, over the same transport and from the same jar ("onReconnect
    operation completed.", JnlpSlaveRestarterInstaller; a real 2.361.4). It looks as if its launch
    had another transport, so it gets its time and is restarted once more.
    """
    try:
        return await_agent(ctx, log, node, None if asked else restart(), wanted)
    except CameBackWrong as wrong:
        if not driver.by_restarter:
            raise
        why = "once more, since it may have been cut off too soon"
        told = f"node {visible(node)} {visible(wrong.cause)}; {why}"
        ctx.emit(Event(EventKind.NOTE, message=told))
    ctx.clock.sleep(ctx.settings.settle)
    return await_agent(ctx, log, node, restart(), wanted)
