"""Steps for a person."""

from migrate.model.inventory import LaunchKind, OfflineMark, Transport
from migrate.model.steps.base import Part, Step
from migrate.model.steps.cluster import (
    AnnotateIngress,
    Piece,
    RemoveAgentService,
    RemoveContainerPort,
    RemoveServicePort,
    RemoveTcpService,
)
from migrate.model.steps.controller import CloseControllerPort, ProbeWebSocket, SwitchCloud

WouldBe = (
    SwitchCloud
    | RemoveTcpService
    | RemoveServicePort
    | RemoveContainerPort
    | RemoveAgentService
    | CloseControllerPort
    | AnnotateIngress
    | ProbeWebSocket
)
"""Steps whose target this tool can read although it may not change it."""


class NodeByHand(Part, frozen=True, kw_only=True):
    """A node that a person moves."""

    name: str
    note: str = ""
    """What would let a driver do it, where the reason tells that; ``'NODE=...'`` as in
    ``migrate.model.plan.Refused``."""
    launch: str = LaunchKind.UNKNOWN
    """How its agent is started (``LaunchKind``)."""
    launch_asserted: bool = False
    """Whether a person said so, since nobody could read it."""
    transport: Transport = Transport.UNKNOWN
    remoting: str | None = None
    offline: bool = False
    busy: int = 0
    mark: OfflineMark | None = None
    by_hand: str = ""
    """What a person does instead, where that is known to the letter."""
    host: str | None = None
    supervisor: str = ""
    runbook: str = ""
    """Its script, below the plan's folder: ``runbooks/FILE``."""
    script_sha256: str = ""


class Manual(Step, frozen=True, kw_only=True, tag="manual"):
    """What a person does; the tool checks that it was done."""

    reason: str = ""
    """Why the tool does not do it."""
    instructions: str = ""
    undo: str = ""
    """How a person takes it back; empty: as its runbook says."""
    read_back: bool = False
    """Whether it counts as done only when the controller itself reads so, not by a mark."""
    node: NodeByHand | None = None
    """The node that is moved; done once its log says WebSocket."""
    owned_nodes: tuple[str, ...] = ()
    """Nodes that a source sets again; done once that source says WebSocket."""
    piece: Piece | None = None
    """What is taken out of an object, where no kind of step could do that."""
    would_be: WouldBe | None = None
    """The step that would do it if it might; done is what that step would see."""
