"""``remove-tcp-service``: one key of a tcp-services ConfigMap."""

from typing import Any

from migrate.cluster.edits import remove_tcp_key, restore_tcp_key
from migrate.model.plan_steps import RemoveStep
from migrate.model.text import visible
from migrate.steps.cluster.kube_edit import Patch
from migrate.steps.cluster.kube_piece import Json, RemovePiece


class RemoveTcpService(RemovePiece):
    """Only the key that was planned, and only while it has the planned value."""

    kind = "remove-tcp-service"
    downtime = "the edge reloads: agents on WebSocket may reconnect once"

    def find(self, step: RemoveStep, body: Json) -> Json | None:
        """The entry."""
        data: dict[str, Any] = body.get("data") or {}
        key = step.piece.key
        return {"value": data[key]} if key in data else None

    def removing(self, step: RemoveStep, body: Json) -> Patch:
        """Remove the key."""
        return remove_tcp_key(body, step.piece.key, step.piece.value)

    def restoring(self, step: RemoveStep, body: Json, piece: Json) -> Patch:
        """Add the key with its old value."""
        return restore_tcp_key(body, step.piece.key, piece["value"])

    def told(self, step: RemoveStep) -> str:
        """``50000: ns/svc:50000``."""
        return visible(f"entry {step.piece.key}: {step.piece.value}")
