"""``remove-container-port``: one declared port of a workload's pod template."""

from dataclasses import replace

from migrate.cluster.edits import (
    Drift,
    find_container_port,
    remove_container_port,
    restore_container_port,
)
from migrate.model.journal.cluster import RemovedPiece
from migrate.model.kube import KubeObject, KubePatch
from migrate.model.plan_steps import RemoveStep, restarts_controller
from migrate.model.text import visible
from migrate.steps.base import Context, Description, StepLog
from migrate.steps.cluster.kube_edit import Target
from migrate.steps.cluster.kube_piece import RemovePiece, port_of
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

    def describe(self, step: RemoveStep) -> Description:
        """One line; of the controller's own workload, what it costs."""
        found = super().describe(step)
        return replace(found, downtime=RESTART) if restarts_controller(step) else found

    def describe_back(self, step: RemoveStep) -> str:
        """One line."""
        told = super().describe_back(step)
        return f"{told}; this RESTARTS JENKINS itself" if restarts_controller(step) else told

    def apply(self, step: RemoveStep, ctx: Context, log: StepLog) -> str:
        """Remove it; of the controller's own workload, wait until Jenkins is back."""
        told = super().apply(step, ctx, log)
        if restarts_controller(step):
            _await_jenkins(step, ctx)
        return told

    def rollback(self, step: RemoveStep, ctx: Context, log: StepLog) -> str:
        """Put it back; of the controller's own workload, wait until Jenkins is back."""
        told = super().rollback(step, ctx, log)
        if told and restarts_controller(step):
            _await_jenkins(step, ctx)
        return told

    def find(self, step: RemoveStep, body: KubeObject) -> RemovedPiece | None:
        """The port and its place in the list."""
        container, name = _where(step)
        try:
            port, _, index = find_container_port(body, container, name)
        except Drift:
            return None
        return RemovedPiece(value=port, index=index)

    def removing(self, step: RemoveStep, body: KubeObject) -> KubePatch:
        """Remove by index."""
        container, name = _where(step)
        return remove_container_port(body, container, name)[0]

    def restoring(self, step: RemoveStep, body: KubeObject, piece: RemovedPiece) -> KubePatch:
        """Add at the old place."""
        port, index = port_of(piece, step)
        return restore_container_port(body, _where(step)[0], port, index)

    def told(self, step: RemoveStep) -> str:
        """``container/port``."""
        return visible(f"container port {step.piece.key}")


def _await_jenkins(step: RemoveStep, ctx: Context) -> None:
    """Until the workload has rolled its pods over and Jenkins answers again.

    ``StepFailed`` when the rollout does not end in time.
    """
    await_rollout(ctx, step.id, Target.of(step.piece.target), ROLLOUT)
    patiently(ctx, ctx.jenkins.tcp_listener_on)


def _where(step: RemoveStep) -> tuple[str, str]:
    container, _, name = step.piece.key.partition("/")
    return container, name or str(step.piece.port)
