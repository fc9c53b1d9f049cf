"""The way back of one node: configuration, launch, agent.jar and connection, in that order."""

import shlex
from collections.abc import Callable

from migrate.agents.restart import USER_UNIT, unit_of
from migrate.drivers.base import Driver
from migrate.drivers.registry import driver_for
from migrate.jenkins.errors import AuthFailed, NodeGone
from migrate.model import plan_steps
from migrate.model.errors import MigrateError
from migrate.model.inventory import Launch, Node, Transport
from migrate.model.journal.base import Action, Intent
from migrate.model.journal.node import RestartUndo, RestartUndone, UpgradeIntent
from migrate.model.ports import AgentLog
from migrate.model.secrets import mask
from migrate.model.text import visible
from migrate.model.versions import AGENT_RETRIES_FIRST_CONNECT, Version
from migrate.steps.base import Change, Context, NotPutBack, StepLog, standing
from migrate.steps.node.hold import hold, keep_mark, release
from migrate.steps.node.jar import jar_back, jar_read_again, kept_jar
from migrate.steps.node.launch_switch import by_hand, launch_back
from migrate.steps.node.restart import restart_and_wait
from migrate.steps.node.switch import switch_back
from migrate.steps.node.wait import Wanted, await_agent
from migrate.steps.patience import patiently


class PutBack:
    """One rollback of one node; collects what could not be put back."""

    def __init__(
        self,
        step: plan_steps.MoveNode,
        ctx: Context,
        log: StepLog,
        done: dict[Action, Change[Intent]],
    ) -> None:
        self.step, self.ctx, self.log, self.done = step, ctx, log, done
        self.upgrade = standing(log, UpgradeIntent)
        self.node: str = step.node
        self.driver = driver_of(step, ctx)
        self.told: list[str] = []
        self.left: list[str] = []

    def run(self) -> str:
        """What was put back; ``NotPutBack`` names what was not, and what a person must do."""
        ctx, node = self.ctx, self.node
        state = patiently(ctx, lambda: ctx.jenkins.node_state(node))
        keep_mark(ctx, self.log, node, state)
        online = state.online
        if online:
            hold(ctx, self.log, self.step.id, node, ctx.choices.drain_timeout)
        self._try("config.xml", lambda: switch_back(ctx, self.log, node))
        offline_only = not {Action.RESTART, Action.UPGRADE, Action.LAUNCH} & set(self.done)
        reached = online or (not offline_only and (self.driver.starts_stopped or self._is_back()))
        self._try("launch", lambda: launch_back(ctx, self.log, self.step, self.driver))
        if reached:
            self._reconnect()
        if reached or not offline_only:
            # Also when it is not back: a later attempt must restart it, and not wait for this one.
            self.log.write(RestartUndone(node=node))
        self._try("offline mark", self._release)
        if self.left:
            raise NotPutBack("; ".join(self.left), needs=self._needs())
        return "; ".join(t for t in self.told if t)

    def _release(self) -> str:
        release(self.ctx, self.log, self.node)
        return ""

    def _try(self, what: str, act: Callable[[], str]) -> None:
        try:
            self.told.append(act())
        except MigrateError as error:
            _raise_what_ends_it(error)
            self.left.append(f"{what}: {error.cause}")

    def _is_back(self) -> bool:
        """An agent that is away may be on its way, with the old or the new settings: what is put
        back through the agent itself can only be put back once it is there."""
        try:
            await_agent(self.ctx, self.log, self.node, None, Wanted(None))
        except MigrateError as error:
            self.left.append(f"agent: {error.cause}")
            return False
        return True

    def _reconnect(self) -> None:
        ctx, node = self.ctx, self.node
        version = self.step.remoting
        try:
            before = ctx.jenkins.agent_log(node)
            again = before.transport is Transport.WEBSOCKET or not before.connected
            old_jar = self._restore_jar()
            # One that was never restarted still runs what it was started from.
            if again or (old_jar and before.remoting_version != version):
                wanted = Wanted(Transport.TCP, version if old_jar else None)
                self.told.append(_over_tcp_again(self.step, ctx, self.log, wanted))
        except MigrateError as error:
            _raise_what_ends_it(error)
            self.left.append(f"agent: {error.cause}")

    def _restore_jar(self) -> bool:
        if self.upgrade is None:
            return False
        back = jar_back(self.ctx, self.log, self.step, self.driver, self.upgrade)
        self.told.append(back.told)
        return back.restored

    def _runs(self) -> Version | None:
        """The remoting version that it was last started from, as far as that is known."""
        upgrade = self.step.upgrade
        if upgrade and {Action.UPGRADE, Action.RESTART} <= set(self.done):
            return Version.maybe(upgrade.to)
        return Version.maybe(self.step.remoting)

    def _needs(self) -> str:
        known = self.ctx.node(self.node)
        host, how = _host_and_command(known)
        files, end = by_hand(self.log), _end_first(known, self._runs())
        first = "".join(f"{part}, then " for part in (files, end) if part)
        text = f"on host {host} {first}start the agent of node {visible(self.node)} again: {how}"
        backup = kept_jar(self.upgrade)
        if backup and any(t.startswith("agent") for t in self.left):
            text += f" (its old jar is kept as {visible(backup)})"
        return text


def _end_first(known: Node | None, runs: Version | None) -> str:
    """What ends the process that is still there; empty where none is, or its supervisor does it.

    From remoting 3283 on a handshake that fails is tried again for ever; before, it ended the
    process. Started beside it, a second one of the same name is refused, or throws it out.
    """
    launch = known.launch if known else None
    if launch and (unit_of(launch) or launch.supervisor in ("winsw", "docker", "kubernetes")):
        return ""
    if runs is not None and runs < AGENT_RETRIES_FIRST_CONNECT:
        return ""
    windows = bool(launch and (launch.os or "").startswith("Windows"))
    pid = launch.pid if launch else None
    if windows:
        how = f"Stop-Process -Id {pid}" if pid else "Stop-Process -Id PID"
        look = f"Get-Process -Id {pid}" if pid else 'Get-CimInstance Win32_Process -Filter "name '
        look += "" if pid else "like 'java%'\" | select ProcessId, CommandLine"
    else:
        how = f"kill {pid}" if pid else "kill PID"
        look = f"ps -o args= -p {pid}" if pid else "pgrep -fl agent.jar"
    when = "which still tries to connect" if runs is not None else "if it still runs"
    of = " (its pid when it was scanned" if pid else " (its pid"
    return f"end its old process first, {when}: {how}{of}; look: {look})"


def read_old_jar(step: plan_steps.MoveNode, ctx: Context, log: StepLog) -> str:
    """Restart a node that went back while its jar had to stay the new one."""
    hold(ctx, log, step.id, step.node, ctx.choices.drain_timeout)
    told = _over_tcp_again(step, ctx, log, Wanted(Transport.TCP, step.remoting))
    jar_read_again(log)
    return f"agent.jar is back for all of its nodes; {told}"


def _over_tcp_again(step: plan_steps.MoveNode, ctx: Context, log: StepLog, wanted: Wanted) -> str:
    node, driver = step.node, driver_of(step, ctx)

    def restart() -> AgentLog:
        now = patiently(ctx, lambda: ctx.jenkins.agent_log(node))
        if now.connected:
            hold(ctx, log, step.id, node, ctx.choices.drain_timeout)
        log.write(RestartUndo(node=node))
        patiently(ctx, lambda: driver.restart(ctx.jenkins, node, ctx.run_label))
        return now

    return restart_and_wait(ctx, log, driver, node, wanted, restart=restart)


def driver_of(step: plan_steps.MoveNode, ctx: Context) -> Driver:
    """The driver that the plan gave this step, as the operator configured it; ``UsageProblem``
    where that is not (or no longer) as planned."""
    return driver_for(step.way(), ctx.access, step.node)


def _raise_what_ends_it(error: MigrateError) -> None:
    """Without the node, or a login, none of the other parts can be put back either."""
    if isinstance(error, NodeGone | AuthFailed):
        raise error


def _host_and_command(known: Node | None) -> tuple[str, str]:
    launch = known.launch if known else None
    host = (launch.host if launch else None) or (known.address if known else None) or "(unknown)"
    return visible(host), visible(_start_command(launch))


def _start_command(launch: Launch | None) -> str:
    """What starts it again: its supervisor where it has one that a person asks."""
    unit = unit_of(launch) if launch else ""
    if launch and unit:
        user = launch.restart == USER_UNIT
        systemctl = "systemctl --user" if user else "systemctl"
        return f"{systemctl} daemon-reload && {systemctl} restart {shlex.quote(unit)}"
    if launch and launch.supervisor == "winsw":
        return f"Restart-Service {launch.supervisor_detail or 'of its WinSW wrapper'}"
    return mask(launch.command) if launch and launch.command else "with its own start command"
