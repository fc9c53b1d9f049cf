"""``remove-service-port``: one port of a Service; it comes back with its old nodePort."""

from migrate.cluster.edits import (
    Drift,
    find_service_port,
    remove_service_port,
    restore_service_port,
)
from migrate.model.plan_steps import RemoveStep
from migrate.model.text import visible
from migrate.steps.cluster.kube_edit import Patch
from migrate.steps.cluster.kube_piece import Json, RemovePiece


class RemoveServicePort(RemovePiece):
    """By index under a resourceVersion guard: the merge key of ports is the number alone."""

    kind = "remove-service-port"

    def find(self, step: RemoveStep, body: Json) -> Json | None:
        """The port and its place in the list."""
        try:
            port, index = find_service_port(body, _wanted(step))
        except Drift:
            return None
        return {"value": port, "index": index}

    def removing(self, step: RemoveStep, body: Json) -> Patch:
        """Remove by index."""
        return remove_service_port(body, _wanted(step), port=step.piece.port)[0]

    def restoring(self, step: RemoveStep, body: Json, piece: Json) -> Patch:
        """Add at the old place."""
        del step
        return restore_service_port(body, piece["value"], piece["index"])

    def told(self, step: RemoveStep) -> str:
        """Name and number."""
        return visible(f"port {step.piece.key} {step.piece.port}")


def _wanted(step: RemoveStep) -> str:
    return step.piece.key or str(step.piece.port)
