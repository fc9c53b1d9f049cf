"""``remove-service-port``: one port of a Service; it comes back with its old nodePort."""

from migrate.cluster.edits import (
    Drift,
    find_service_port,
    remove_service_port,
    restore_service_port,
)
from migrate.model.journal.cluster import RemovedPiece
from migrate.model.kube import KubeObject, KubePatch
from migrate.model.plan_steps import RemoveStep
from migrate.model.text import visible
from migrate.steps.cluster.kube_piece import RemovePiece, port_of


class RemoveServicePort(RemovePiece):
    """By index under a resourceVersion guard: the merge key of ports is the number alone."""

    kind = "remove-service-port"

    def find(self, step: RemoveStep, body: KubeObject) -> RemovedPiece | None:
        """The port and its place in the list."""
        try:
            port, index = find_service_port(body, _wanted(step))
        except Drift:
            return None
        return RemovedPiece(value=port, index=index)

    def removing(self, step: RemoveStep, body: KubeObject) -> KubePatch:
        """Remove by index."""
        return remove_service_port(body, _wanted(step), port=step.piece.port)[0]

    def restoring(self, step: RemoveStep, body: KubeObject, piece: RemovedPiece) -> KubePatch:
        """Add at the old place."""
        return restore_service_port(body, *port_of(piece, step))

    def told(self, step: RemoveStep) -> str:
        """Name and number."""
        return visible(f"port {step.piece.key} {step.piece.port}")


def _wanted(step: RemoveStep) -> str:
    return step.piece.key or str(step.piece.port)
