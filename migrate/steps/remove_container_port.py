"""``remove-container-port``: one declared port of a workload's pod template."""

from migrate.model.plan import Step
from migrate.model.text import visible
from migrate.steps.kube_edit import Patch
from migrate.steps.kube_piece import Json, RemovePiece


class RemoveContainerPort(RemovePiece):
    """Only where the port is a hole of its own (a hostPort); the workload rolls its pods."""

    kind = "remove-container-port"
    downtime = "the workload rolls its pods over; agents behind it reconnect"

    def find(self, step: Step, body: Json) -> Json | None:
        """The port and its place in the list."""
        from migrate.cluster.edits import Drift, find_container_port

        container, name = _where(step)
        try:
            port, _, index = find_container_port(body, container, name)
        except Drift:
            return None
        return {"value": port, "index": index}

    def removing(self, step: Step, body: Json) -> Patch:
        """Remove by index."""
        from migrate.cluster.edits import remove_container_port

        container, name = _where(step)
        return remove_container_port(body, container, name)[0]

    def restoring(self, step: Step, body: Json, piece: Json) -> Patch:
        """Add at the old place."""
        from migrate.cluster.edits import restore_container_port

        return restore_container_port(body, _where(step)[0], piece["value"], piece["index"])

    def told(self, step: Step) -> str:
        """``container/port``."""
        return visible(f"container port {step.params['key']}")


def _where(step: Step) -> tuple[str, str]:
    container, _, name = str(step.params["key"]).partition("/")
    return container, name or str(step.params["port"])
