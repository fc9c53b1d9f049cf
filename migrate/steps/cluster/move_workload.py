"""``move-workload``: agents whose launch is a pod template of the cluster.

Hold every node that its pods serve, edit the agent container's variables, watch the rollout, see
each node's own log say WebSocket, release. The whole object is in the backup folder before that;
rollback restores the container's variables and arguments and compares the whole pod template.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from migrate.cluster.agent_container import fingerprint, obstacle, to_websocket
from migrate.cluster.edits import Drift, label
from migrate.cluster.errors import ObjectGone
from migrate.cluster.workload_edits import (
    container_in,
    pod_to_create,
    replace_container,
    same_launch,
    template_of,
)
from migrate.jenkins.errors import NodeGone
from migrate.model import plan_steps
from migrate.model.errors import MigrateError
from migrate.model.inventory import Transport, Verdict
from migrate.model.journal.cluster import (
    RolloutIntent,
    RolloutOutcome,
    RolloutUndone,
    TemplateIntent,
    TemplateNote,
    TemplateOutcome,
    TemplateUndo,
    TemplateUndone,
)
from migrate.model.kube import KubeObject
from migrate.model.names import EventKind, PhaseName
from migrate.model.ports import AgentLog
from migrate.model.text import visible
from migrate.steps.base import (
    Change,
    Check,
    CheckState,
    Context,
    Description,
    Event,
    NotPutBack,
    StepFailed,
    StepLog,
    Verification,
    change_of,
    journalled,
    standing,
)
from migrate.steps.cluster.kube_edit import Target, keep, object_diff, patched
from migrate.steps.cluster.rollout import await_rollout, recreate_pod
from migrate.steps.node.hold import hold, is_held, release
from migrate.steps.node.log import NodeLog, node_of_entry
from migrate.steps.node.wait import Wanted, await_agent
from migrate.steps.patience import patiently


class MoveWorkload:
    """Moves the nodes of one Deployment, StatefulSet, DaemonSet or bare Pod."""

    kind = "move-workload"

    def needs(self, step: plan_steps.MoveWorkload) -> tuple[str, ...]:
        """Verbs on the workload: a Pod's variables can't change, so it is made anew."""
        if step.target.kind == "Pod":
            return ("get", "delete", "create")
        return ("get", "patch")

    def describe(self, step: plan_steps.MoveWorkload) -> Description:
        """One line."""
        names = ", ".join(visible(name) for name in step.nodes)
        return Description(
            f"{names}: set JENKINS_WEB_SOCKET in {Target.of(step.target)} (driver kubernetes)",
            downtime="waits for running builds, then its pods are replaced",
            reversible=True,
        )

    def describe_back(self, step: plan_steps.MoveWorkload) -> str:
        """One line."""
        names = ", ".join(visible(name) for name in step.nodes)
        return f"{Target.of(step.target)} as it was, its nodes back to TCP: {names}"

    def diff(self, step: plan_steps.MoveWorkload, ctx: Context) -> str:
        """The agent container before and after; values that are no setting are masked."""
        target = Target.of(step.target)
        now = _container(step, target.read(ctx))
        return object_diff(_shown(now), _shown(_wanted(now)), str(target))

    def check(
        self, step: plan_steps.MoveWorkload, ctx: Context, log: StepLog | None = None
    ) -> Check:
        """Compare the template with the plan's, and see whether its nodes are moved already."""
        target, started = Target.of(step.target), _started(log)
        try:
            body = target.read(ctx)
            now = _container(step, body)
            logs = {n: ctx.jenkins.agent_log(n) for n in step.nodes}
            away = [n for n in logs if not ctx.jenkins.node_state(n).online]
        except ObjectGone:
            if started:
                return Check(CheckState.READY)
            return Check(CheckState.DRIFTED, f"there is no {target} any more")
        except Drift as error:
            return Check(CheckState.DRIFTED, error.cause)
        except NodeGone as error:
            return Check(CheckState.DRIFTED, error.cause)
        if not away and now == _wanted(now) and all(map(_on_websocket, logs.values())):
            return Check(CheckState.DONE, f"{target} says WebSocket, and so do its nodes' logs")
        if started:
            return Check(CheckState.READY)
        replaced = target.replaced(body, ctx)
        if replaced:
            return Check(CheckState.DRIFTED, replaced)
        planned = step.fingerprint.get("container_sha256")
        if planned and fingerprint(now) != planned:
            return Check(CheckState.DRIFTED, f"the agent container of {target} changed")
        if obstacle(now):
            return Check(CheckState.BLOCKED, obstacle(now))
        if away and not ctx.settings.include_offline:
            names = ", ".join(visible(name) for name in away)
            return Check(CheckState.BLOCKED, f"offline: {names}; its move could not be verified")
        return Check(CheckState.READY)

    def dry_run(self, step: plan_steps.MoveWorkload, ctx: Context) -> str:
        """The API server's own dry run of the patch."""
        target = Target.of(step.target)
        target.need(ctx, *self.needs(step))
        if target.object_kind == "Pod":
            return f"would change: delete {target} and create it again with other variables"
        patched(ctx, target, lambda body: _patch(step, body), dry_run=True)
        return f"would change: the API server accepts the new pod template of {target}"

    def apply(self, step: plan_steps.MoveWorkload, ctx: Context, log: StepLog) -> str:
        """All parts; each is skipped when a look at the target says that it is done."""
        known = standing(log, RolloutIntent)
        if known is not None:
            sessions = known.intent.sessions
        else:
            online = [n for n in step.nodes if _online(ctx, n)]
            sessions = {node: _log(ctx, node).session for node in online}
        ctx.emit(Event(EventKind.PHASE, step.id, PhaseName.HOLD))
        first = known is None
        timeout = ctx.choices.drain_timeout
        for node in sessions:
            hold(ctx, NodeLog(log, node), step.id, node, timeout, first=first)
        if first:
            # The mark of the first may have vanished while the last one's builds ran.
            for node in sessions if len(sessions) > 1 else ():
                hold(ctx, NodeLog(log, node), step.id, node, timeout, first=True)
            # Before the edit: after a crash it tells new sessions from old ones.
            log.write(RolloutIntent(object=str(Target.of(step.target)), sessions=sessions))
        edited = self._edit(step, ctx, log)
        seen = self._roll(step, ctx, log, sessions, edited=edited)
        ctx.emit(Event(EventKind.PHASE, step.id, PhaseName.RELEASE))
        for node in sessions:
            release(ctx, NodeLog(log, node), node)
        return seen

    def _edit(self, step: plan_steps.MoveWorkload, ctx: Context, log: StepLog) -> bool:
        """Edit the template and read that back; False when it said WebSocket already."""
        known = standing(log, TemplateIntent)
        if known is not None and known.outcome is not None:
            return True
        ctx.emit(Event(EventKind.PHASE, step.id, PhaseName.SWITCH))
        target = Target.of(step.target)
        if known is not None:
            original, intent = _original(log, known), known.intent
        else:
            original = patiently(ctx, lambda: target.read(ctx))
            if _container(step, original) == _wanted(_container(step, original)):
                log.write(TemplateNote(text="the pod template says WebSocket already"))
                return False
            target.need(ctx, *self.needs(step))
            ref = keep(log, target, original)
            intent = TemplateIntent(object=str(target), backup=ref.file, backup_sha256=ref.sha256)
        with journalled(log, intent, TemplateOutcome(ok=True)) as end:
            self._write(step, ctx, original)
            now = _container(step, patiently(ctx, lambda: target.read(ctx)))
            if now.get("env") != _wanted(now).get("env"):
                raise StepFailed(f"{target} was changed, but reads back without the change")
            end.outcome = TemplateOutcome(ok=True, read_back=True)
        return True

    def _write(self, step: plan_steps.MoveWorkload, ctx: Context, original: KubeObject) -> None:
        target = Target.of(step.target)
        if target.object_kind == "Pod":
            body = pod_to_create(original, _wanted(_container(step, original)))
            recreate_pod(ctx, target, body, ctx.choices.verify_timeout)
            return
        patiently(ctx, lambda: patched(ctx, target, lambda body: _patch(step, body)))

    def _roll(
        self,
        step: plan_steps.MoveWorkload,
        ctx: Context,
        log: StepLog,
        sessions: dict[str, str],
        *,
        edited: bool,
    ) -> str:
        timeout = float(ctx.choices.verify_timeout)
        ctx.emit(Event(EventKind.PHASE, step.id, PhaseName.RESTART))
        await_rollout(ctx, step.id, Target.of(step.target), timeout)
        ctx.emit(Event(EventKind.PHASE, step.id, PhaseName.VERIFY))
        told = []
        for node, session in sessions.items():
            old = replace(_log(ctx, node), session=session) if edited else None
            told.append(
                await_agent(ctx, NodeLog(log, node), node, old, Wanted(Transport.WEBSOCKET))
            )
        log.write(RolloutOutcome(ok=True, seen=tuple(told)))
        if not told:
            return "variables set and read back; no node is connected, so NOT verified"
        return "; ".join(dict.fromkeys(told))

    def verify(self, step: plan_steps.MoveWorkload, ctx: Context) -> Verification:
        """Each node online, and its own log says WebSocket."""
        missing, wrong, seen = [], [], []
        for node in step.nodes:
            state, agent = ctx.jenkins.node_state(node), ctx.jenkins.agent_log(node)
            if not (state.online and agent.connected):
                missing.append(visible(node))
            elif agent.transport is not Transport.WEBSOCKET:
                wrong.append(f"{visible(node)} over {agent.protocol or agent.transport}")
            else:
                seen.append(f"{agent.protocol}, remoting {agent.remoting_version or 'unknown'}")
        if wrong:
            return Verification(Verdict.FAIL, f"connected {', '.join(wrong)}")
        if missing:
            return Verification(Verdict.INCONCLUSIVE, f"not connected: {', '.join(missing)}")
        return Verification(Verdict.PASS, "on " + "; ".join(dict.fromkeys(seen)))

    def rollback(self, step: plan_steps.MoveWorkload, ctx: Context, log: StepLog) -> str:
        """The old variables and arguments, the old pods, and the connections over TCP."""
        known, rolled = standing(log, TemplateIntent), change_of(log.records(), RolloutIntent)
        names = step.nodes
        if known is None:
            if rolled is not None and not rolled.undone:
                log.write(RolloutUndone(text="nothing was changed"))
            for node in names:
                release(ctx, NodeLog(log, node), node)
            return ""
        before = {node: _log(ctx, node) for node in (rolled.intent.sessions if rolled else ())}
        told, left = list[str](), list[str]()

        def attempt(what: str, act: Callable[[], str | None]) -> None:
            try:
                told.append(act() or "")
            except MigrateError as error:
                left.append(f"{what}: {error.cause}")

        for node in before:
            if _online(ctx, node):
                hold(ctx, NodeLog(log, node), step.id, node, ctx.choices.drain_timeout)
        attempt("pod template", lambda: self._restore(step, ctx, log, known))
        for node, seen in before.items() if not left else ():
            attempt(visible(node), partial(_back, ctx, NodeLog(log, node), node, seen))
        for node in names:
            attempt(visible(node), partial(release, ctx, NodeLog(log, node), node))
        if left:
            target = Target.of(step.target)
            raise NotPutBack(
                "; ".join(left),
                needs=f"look at {target}: kubectl describe {target.object_kind.lower()} "
                f"{target.name} -n {target.namespace}; its old form is {known.intent.backup} "
                "in the run's backup folder",
            )
        return "; ".join(text for text in dict.fromkeys(told) if text)

    def _restore(
        self,
        step: plan_steps.MoveWorkload,
        ctx: Context,
        log: StepLog,
        known: Change[TemplateIntent],
    ) -> str:
        target, original = Target.of(step.target), _original(log, known)
        target.refuse_another(original)
        old = _container(step, original)
        timeout = float(ctx.choices.verify_timeout)
        log.write(TemplateUndo(object=str(target)))
        anew = ""
        if target.object_kind == "Pod":
            anew = recreate_pod(ctx, target, pod_to_create(original, old), timeout)
        else:
            patiently(ctx, lambda: patched(ctx, target, lambda body: _unpatch(step, body, old)))
        await_rollout(ctx, step.id, target, timeout)
        now = patiently(ctx, lambda: target.read(ctx))
        same = target.object_kind == "Pod" or template_of(now) == template_of(original)
        text = "the pod template is as it was" if same else "its variables are back"
        log.write(TemplateUndone(text=text, made_anew=anew))
        log.write(RolloutUndone(text=text))
        return f"{target}: {text}" + ("" if same else "; other edits of the template were kept")


def _online(ctx: Context, node: str) -> bool:
    return patiently(ctx, lambda: ctx.jenkins.node_state(node)).online


def _log(ctx: Context, node: str) -> AgentLog:
    return patiently(ctx, lambda: ctx.jenkins.agent_log(node))


def _back(ctx: Context, log: StepLog, node: str, before: AgentLog) -> str:
    """Wait for the node over TCP; a session that was over TCP all the time is the one."""
    old = before if before.transport is Transport.WEBSOCKET else None
    return await_agent(ctx, log, node, old, Wanted(Transport.TCP))


def _container(step: plan_steps.MoveWorkload, body: KubeObject) -> KubeObject:
    return container_in(body, step.container)[0]


def _wanted(container: KubeObject) -> KubeObject:
    return to_websocket(container)


def _patch(step: plan_steps.MoveWorkload, body: KubeObject) -> list[KubeObject]:
    return replace_container(body, _wanted(_container(step, body)))


def _unpatch(step: plan_steps.MoveWorkload, body: KubeObject, old: KubeObject) -> list[KubeObject]:
    """Back to ``old``, unless somebody else changed the container since."""
    now = _container(step, body)
    if not same_launch(now, old) and not same_launch(now, _wanted(old)):
        raise Drift(f"the agent container of {label(body)} was changed by somebody else since")
    kept = {key: value for key, value in now.items() if key not in ("env", "args")}
    return replace_container(body, kept | {k: old[k] for k in ("env", "args") if k in old})


def _original(log: StepLog, known: Change[TemplateIntent]) -> KubeObject:
    original: KubeObject = json.loads(log.load(known.intent.kept))
    return original


def _on_websocket(agent: AgentLog) -> bool:
    return agent.connected and agent.transport is Transport.WEBSOCKET


def _started(log: StepLog | None) -> bool:
    """Whether this run is in the middle of this workload."""
    if log is None:
        return False
    if standing(log, TemplateIntent) is not None or standing(log, RolloutIntent) is not None:
        return True
    nodes = {node for r in log.records() if (node := node_of_entry(r.entry))}
    return any(is_held(NodeLog(log, node)) for node in nodes)


_SETTINGS = ("JENKINS_", "REMOTING_")


def _shown(container: KubeObject) -> KubeObject:
    """Variables and arguments; what is no setting of the agent shows its name only."""

    def one(item: KubeObject) -> KubeObject:
        name = str(item.get("name"))
        plain = name.startswith(_SETTINGS) and "SECRET" not in name
        return item if plain or "value" not in item else {**item, "value": "****"}

    env = [one(item) for item in container.get("env") or []]
    return {"env": env, "args": container.get("args") or []}
