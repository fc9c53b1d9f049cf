"""``move-node``: hold, probe, upgrade, switch, restart, verify, release, in this order."""

from migrate.drivers.base import Driver
from migrate.jenkins.errors import NodeGone, NotEditable
from migrate.jenkins.node_config import digest, read_launcher, to_websocket
from migrate.model import plan_steps
from migrate.model.forward_proxy import agents_ways
from migrate.model.inventory import Transport, Verdict
from migrate.model.journal.base import Action
from migrate.model.journal.controller import ProbeNote
from migrate.model.journal.node import (
    RestartIntent,
    RestartOutcome,
    SwitchIntent,
    SwitchOutcome,
)
from migrate.model.names import EventKind, PhaseName
from migrate.model.ports import AgentLog
from migrate.model.probe_requests import Target
from migrate.model.text import visible
from migrate.model.versions import AGENT_RETRIES_FIRST_CONNECT, Version
from migrate.planner.jar import next_version
from migrate.scan.differences import node_differences
from migrate.steps.base import (
    Check,
    CheckState,
    Context,
    Description,
    Event,
    StepFailed,
    StepLog,
    Verification,
    change_of,
    changes,
    journalled,
    standing,
)
from migrate.steps.node.hold import hold, is_held, release
from migrate.steps.node.jar import awaits_old_jar, bring_jar
from migrate.steps.node.launch_switch import launch_edits, switch_launch
from migrate.steps.node.put_back import PutBack, driver_of, read_old_jar
from migrate.steps.node.reach import move_obstacle, reached
from migrate.steps.node.restart import restart_and_wait
from migrate.steps.node.switch import diff, switch
from migrate.steps.node.wait import Wanted
from migrate.steps.patience import patiently

HOST_PROBE_TIMEOUT = 10.0
_PAST_SWITCH = (Action.UPGRADE, Action.LAUNCH, Action.RESTART)
_MOVING = {Action.SWITCH, *_PAST_SWITCH}
"""What leaves a node other than it was, beside its mark."""


class MoveNode:
    """Moves one node to WebSocket: its setting, and its launch where the transport stands there."""

    kind = "move-node"

    def describe(self, step: plan_steps.MoveNode) -> Description:
        """One line with what it costs."""
        upgrade = step.upgrade
        parts = ["set webSocket", "reconnect"]
        if step.launch_edit:
            parts.insert(1, "edit its launch")
        if step.secret_file:
            parts.insert(2, f"move its secret to {visible(step.secret_file)}")
        if step.drop_tunnel:
            parts.insert(1, "drop the tunnel")
        if upgrade:
            parts.insert(0, f"agent.jar {upgrade.from_version} to {upgrade.to}")
        text = f"{visible(step.node)}: {', '.join(parts)} (driver {step.driver})"
        return Description(
            text,
            downtime="waits for running builds, then about 15 s without this node",
            reversible=True,
        )

    def describe_back(self, step: plan_steps.MoveNode) -> str:
        """One line."""
        name = visible(step.node)
        if step.transport is Transport.WEBSOCKET:
            return f"node {name}: its agent.jar and settings as they were"
        return f"node {name}: back to TCP"

    def diff(self, step: plan_steps.MoveNode, ctx: Context) -> str:
        """What config.xml would become."""
        node = step.node
        body = ctx.jenkins.read_node_config(node)
        return diff(body, to_websocket(body), node)

    def check(self, step: plan_steps.MoveNode, ctx: Context, log: StepLog | None = None) -> Check:
        """Compare the node with the plan's fingerprint, and see whether it is moved already."""
        node = step.node
        try:
            state = ctx.jenkins.node_state(node)
            body = ctx.jenkins.read_node_config(node)
        except NodeGone:
            return Check(CheckState.DRIFTED, "the controller has no such node any more")
        try:
            facts = read_launcher(body)
        except NotEditable:
            if _started(log):
                return Check(CheckState.READY)  # its mark may be what can't be read (keep_mark)
            raise
        agent = ctx.jenkins.agent_log(node)
        if agent.connected and state.online and agent.transport is Transport.WEBSOCKET:
            if facts.web_socket and not facts.tunnel:
                return Check(CheckState.DONE, _seen(agent))
            if not step.set_flag:
                return Check(CheckState.DONE, _seen(agent))
        planned = step.fingerprint.get("config_sha256")
        if planned and digest(body) != planned and digest(body) not in _own_bodies(log):
            return Check(CheckState.DRIFTED, self._what_changed(ctx, node, body))
        if not state.online and step.launch_edit and not _started(log):
            return Check(
                CheckState.BLOCKED,
                "offline: its flag alone would not move it, since its launch has to change",
                passing=not step.offline,
            )
        if not state.online and not ctx.settings.include_offline and not _started(log):
            return Check(
                CheckState.BLOCKED,
                "offline: its move could not be verified; left alone "
                "(--include-offline sets its flag all the same)",
                passing=not step.offline,
            )
        obstacle = move_obstacle(step, ctx.access)
        return Check(CheckState.BLOCKED, obstacle) if obstacle else Check(CheckState.READY)

    def _what_changed(self, ctx: Context, node: str, body: bytes) -> str:
        known = ctx.node(node)
        told = node_differences(known, body) if known is not None else ()
        return "config.xml changed since the plan: " + ("; ".join(told) or "in other elements")

    def dry_run(self, step: plan_steps.MoveNode, ctx: Context) -> str:
        """Nothing of a node can be tried without changing it: tells what would change."""
        text = "would change: " + self.describe(step).text + reached(step, ctx.access)
        state = ctx.jenkins.node_state(step.node)
        if state.busy:
            text += f"; would wait for {state.busy} running build(s)"
        if not step.upgrade:
            return text
        version, jar_sha = ctx.jenkins.jar()
        if jar_sha != step.upgrade.sha256:
            return f"cannot tell: the controller now serves agent.jar {version}; plan again"
        return text

    def apply(self, step: plan_steps.MoveNode, ctx: Context, log: StepLog) -> str:
        """All seven parts; each one is skipped when a look at the target says it is done."""
        node = step.node
        driver = driver_of(step, ctx)
        if not ctx.jenkins.node_state(node).online and not _in_hand(log):
            return self._flag_only(step, ctx, log)
        self._phase(ctx, step, PhaseName.HOLD)
        open_now = {name for name, change in changes(log).items() if not change.undone}
        untouched = not open_now & _MOVING
        hold(ctx, log, step.id, node, ctx.choices.drain_timeout, first=untouched)
        if Action.RESTART not in open_now:
            # Else a crash came after its restart: it is on its way, and can't be asked.
            self._phase(ctx, step, PhaseName.PROBE)
            self._probe(step, ctx, driver, log)
        edits = launch_edits(ctx, log, step, driver)
        if step.upgrade:
            self._phase(ctx, step, PhaseName.UPGRADE)
            bring_jar(ctx, log, step, driver)
        self._phase(ctx, step, PhaseName.SWITCH)
        switch(ctx, log, node)
        switch_launch(ctx, log, step, driver, edits)
        seen = self._restart(step, ctx, log, driver)
        self._phase(ctx, step, PhaseName.RELEASE)
        release(ctx, log, node)
        return seen

    def _phase(self, ctx: Context, step: plan_steps.MoveNode, name: PhaseName) -> None:
        ctx.emit(Event(EventKind.PHASE, step.id, name))

    def _flag_only(self, step: plan_steps.MoveNode, ctx: Context, log: StepLog) -> str:
        """An offline node: set and read back the flag; its connection stays unproven."""
        self._phase(ctx, step, PhaseName.SWITCH)
        switch(ctx, log, step.node)
        return "flag set and read back; the node is offline, so its connection is NOT verified"

    def _probe(self, step: plan_steps.MoveNode, ctx: Context, driver: Driver, log: StepLog) -> None:
        """From the agent's host: an agent older than 3283 exits for good on a failed handshake."""
        node = step.node
        agent = ctx.jenkins.agent_log(node)
        if agent.transport is Transport.WEBSOCKET or not agent.connected:
            return
        target = _target(ctx, node, step.upgrade)
        answers = driver.probe_from_host(ctx.jenkins, node, target, HOST_PROBE_TIMEOUT)
        bad = [a for a in answers if a.verdict is Verdict.FAIL]
        if bad:
            told = "; ".join(f"{a.id}: {a.cause}" for a in bad)
            raise StepFailed(f"from the agent's own host {told}; nothing was changed")
        cli = next((a for a in answers if a.id == "cli-ws"), None)
        # Where /cli/ws did not let this tool through either, its answer there proves nothing.
        if cli is None or cli.verdict is Verdict.PASS or not _passed_at_the_start(log):
            return
        if cli.code == "upgrade-stripped" or _exits_at_a_failure(step):
            raise StepFailed(
                f"from the agent's own host: {cli.cause}; it came through from where migrate runs "
                "when this run began. Nothing was changed",
                needs="look at what stands between that host and Jenkins, or plan the node with "
                "--driver 'NODE=reread' when only /wsagents/ is open from there",
            )

    def _restart(
        self, step: plan_steps.MoveNode, ctx: Context, log: StepLog, driver: Driver
    ) -> str:
        node = step.node
        upgrade = step.upgrade
        wanted = Wanted(Transport.WEBSOCKET, upgrade.to if upgrade else None)
        known = standing(log, RestartIntent)
        asked = known is not None and _on_its_way(ctx, driver, known.intent)

        def restart() -> AgentLog:
            now = patiently(ctx, lambda: ctx.jenkins.agent_log(node))
            if now.connected:
                hold(ctx, log, step.id, node, ctx.choices.drain_timeout)
            self._phase(ctx, step, PhaseName.RESTART)
            intent = RestartIntent(node=node, session=now.session)
            with journalled(log, intent, RestartOutcome(ok=True)) as end:
                done = patiently(ctx, lambda: driver.restart(ctx.jenkins, node, ctx.run_label))
                end.outcome = RestartOutcome(ok=True, done=done)
            self._phase(ctx, step, PhaseName.VERIFY)
            return now

        if asked:
            self._phase(ctx, step, PhaseName.VERIFY)
        return restart_and_wait(ctx, log, driver, node, wanted, restart=restart, asked=asked)

    def verify(self, step: plan_steps.MoveNode, ctx: Context) -> Verification:
        """Online, and its own log says WebSocket."""
        node = step.node
        state, agent = ctx.jenkins.node_state(node), ctx.jenkins.agent_log(node)
        if not (state.online and agent.connected):
            return Verification(Verdict.INCONCLUSIVE, "not connected")
        if agent.transport is Transport.WEBSOCKET:
            return Verification(Verdict.PASS, _seen(agent))
        return Verification(Verdict.FAIL, f"connected over {agent.protocol or agent.transport}")

    def rollback(self, step: plan_steps.MoveNode, ctx: Context, log: StepLog) -> str:
        """Configuration, jar and connection as they were, from the journal alone."""
        done = {name: c for name, c in changes(log).items() if not c.undone}
        if not _MOVING & set(done):
            back = ""
            if awaits_old_jar(step.id, log.of_run()):
                back = read_old_jar(step, ctx, log)
            release(ctx, log, step.node)
            return back
        return PutBack(step, ctx, log, done).run()


def _on_its_way(ctx: Context, driver: Driver, asked: RestartIntent) -> bool:
    """Whether a restart that was asked for before a crash has worked: the agent is back, or away.
    One that its driver can start again may have ended for good."""
    node = asked.node
    now = patiently(ctx, lambda: ctx.jenkins.agent_log(node))
    if now.session != asked.session:
        return True
    here = now.connected and patiently(ctx, lambda: ctx.jenkins.node_state(node)).online
    return not (here or driver.starts_stopped)


def _exits_at_a_failure(step: plan_steps.MoveNode) -> bool:
    upgrade = step.upgrade
    runs = Version.maybe(upgrade.to if upgrade else step.remoting)
    return runs is None or runs < AGENT_RETRIES_FIRST_CONNECT


def _passed_at_the_start(log: StepLog) -> bool:
    """Whether the preflight of this execution saw an Upgrade on /cli/ws come through."""
    notes = [r.entry for r in log.of_run() if isinstance(r.entry, ProbeNote)]
    answers = notes[-1].answers if notes else ()
    return any(answer.startswith("cli-ws: 101") for answer in answers)


def _target(ctx: Context, node: str, upgrade: plan_steps.JarUpgrade | None) -> Target:
    """What agents are told to connect to, what decides which Origin /cli/ws wants, and which way
    the node's WebSocket client will go."""
    if ctx.inventory is None:
        return Target(ctx.jenkins.url)
    known, seen = ctx.inventory.controller, ctx.node(node)
    url = known.inbound_url or known.root_url or known.url
    if seen is None:
        return Target(url, known.root_url, known.version)
    runs = upgrade.to if upgrade else next_version(seen, known, seen.launch)
    return Target(url, known.root_url, known.version, agents_ways(seen.launch, url, runs))


def _seen(agent: AgentLog) -> str:
    return f"on {agent.protocol}, remoting {agent.remoting_version or 'unknown'}"


def _own_bodies(log: StepLog | None) -> set[str]:
    """Digests of the configurations that this run itself read and wrote."""
    known = change_of(log.records(), SwitchIntent) if log is not None else None
    if known is None:
        return set()
    sent, kept = known.intent, known.outcome
    read_back = kept.read_back_digest if isinstance(kept, SwitchOutcome) else ""
    return {sent.before_digest, sent.after_digest, read_back}


def _in_hand(log: StepLog) -> bool:
    """Whether this run holds the node or went past its switch.

    A switch alone is an offline node whose flag was set: it is not waited for.
    """
    return is_held(log) or any(
        not change.undone for name, change in changes(log).items() if name in _PAST_SWITCH
    )


def _started(log: StepLog | None) -> bool:
    """Whether this run is in the middle of this node (a crash, or a second look)."""
    if log is None:
        return False
    open_changes = {name for name, change in changes(log).items() if not change.undone}
    return is_held(log) or bool(_MOVING & open_changes)
