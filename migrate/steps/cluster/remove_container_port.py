"""``remove-container-port``: one declared port of a workload's pod template."""

from dataclasses import replace

from migrate.cluster.edits import (
    Drift,
    find_container_port,
    remove_container_port,
    restore_container_port,
)
from migrate.model.plan_steps import PlanStep
from migrate.model.text import visible
from migrate.steps.base import Context, Description, StepLog
from migrate.steps.cluster.kube_edit import Patch, Target
from migrate.steps.cluster.kube_piece import Json, RemovePiece
from migrate.steps.cluster.rollout import await_rollout
from migrate.steps.patience import patiently

RESTART = (
    "Jenkins itself restarts: its queue waits, builds that cannot resume end, agents reconnect"
)
ROLLOUT = 1800.0
"""Seconds for Jenkins to come back; a big controller takes many minutes to start."""


class RemoveContainerPort(RemovePiece):
    """Only where the port is a hole of its own (a hostPort); the workload rolls its pods."""

    kind = "remove-container-port"
    downtime = "the workload rolls its pods over; agents behind it reconnect"

    def describe(self, step: PlanStep) -> Description:
        """One line; of the controller's own workload, what it costs."""
        found = super().describe(step)
        return replace(found, downtime=RESTART) if _restarts(step) else found

    def describe_back(self, step: PlanStep) -> str:
        """One line."""
        told = super().describe_back(step)
        return f"{told}; this RESTARTS JENKINS itself" if _restarts(step) else told

    def apply(self, step: PlanStep, ctx: Context, log: StepLog) -> str:
        """Remove it; of the controller's own workload, wait until Jenkins is back."""
        told = super().apply(step, ctx, log)
        if _restarts(step):
            _await_jenkins(step, ctx)
        return told

    def rollback(self, step: PlanStep, ctx: Context, log: StepLog) -> str:
        """Put it back; of the controller's own workload, wait until Jenkins is back."""
        told = super().rollback(step, ctx, log)
        if told and _restarts(step):
            _await_jenkins(step, ctx)
        return told

    def find(self, step: PlanStep, body: Json) -> Json | None:
        """The port and its place in the list."""
        container, name = _where(step)
        try:
            port, _, index = find_container_port(body, container, name)
        except Drift:
            return None
        return {"value": port, "index": index}

    def removing(self, step: PlanStep, body: Json) -> Patch:
        """Remove by index."""
        container, name = _where(step)
        return remove_container_port(body, container, name)[0]

    def restoring(self, step: PlanStep, body: Json, piece: Json) -> Patch:
        """Add at the old place."""
        return restore_container_port(body, _where(step)[0], piece["value"], piece["index"])

    def told(self, step: PlanStep) -> str:
        """``container/port``."""
        return visible(f"container port {step.params['key']}")


def _restarts(step: PlanStep) -> bool:
    return bool(step.params.get("restarts_controller"))


def _await_jenkins(step: PlanStep, ctx: Context) -> None:
    """Until the workload has rolled its pods over and Jenkins answers again.

    ``StepFailed`` when the rollout does not end in time.
    """
    await_rollout(ctx, step.id, Target.of(step), ROLLOUT)
    patiently(ctx, ctx.jenkins.tcp_listener_on)


def _where(step: PlanStep) -> tuple[str, str]:
    container, _, name = str(step.params["key"]).partition("/")
    return container, name or str(step.params["port"])
