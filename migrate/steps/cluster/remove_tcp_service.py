"""``remove-tcp-service``: one key of a tcp-services ConfigMap."""

from migrate.cluster.edits import remove_tcp_key, restore_tcp_key
from migrate.model.journal.cluster import RemovedPiece
from migrate.model.kube import KubeObject, KubePatch
from migrate.model.plan_steps import RemoveStep
from migrate.model.text import visible
from migrate.steps.cluster.kube_piece import RemovePiece


class RemoveTcpService(RemovePiece):
    """Only the key that was planned, and only while it has the planned value."""

    kind = "remove-tcp-service"
    downtime = "the edge reloads: agents on WebSocket may reconnect once"

    def find(self, step: RemoveStep, body: KubeObject) -> RemovedPiece | None:
        """The entry."""
        data, key = body.get("data") or {}, step.piece.key
        return RemovedPiece(value=data[key]) if key in data else None

    def removing(self, step: RemoveStep, body: KubeObject) -> KubePatch:
        """Remove the key."""
        return remove_tcp_key(body, step.piece.key, step.piece.value)

    def restoring(self, step: RemoveStep, body: KubeObject, piece: RemovedPiece) -> KubePatch:
        """Add the key with its old value."""
        return restore_tcp_key(body, step.piece.key, str(piece.value))

    def told(self, step: RemoveStep) -> str:
        """``50000: ns/svc:50000``."""
        return visible(f"entry {step.piece.key}: {step.piece.value}")
