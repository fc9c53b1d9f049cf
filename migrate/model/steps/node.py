"""Steps that move nodes."""

import msgspec

from migrate.model.inventory import LaunchKind, OfflineMark, Transport
from migrate.model.names import DriverName
from migrate.model.reach import Reach, way_of
from migrate.model.steps.base import Part, Step
from migrate.model.steps.cluster import KubeTarget

_TOLD = (DriverName.SSH, DriverName.COMMAND)
"""Drivers that a plan has to tell something."""


class JarUpgrade(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """The agent.jar that a node gets before it is switched."""

    from_version: str | None = msgspec.field(name="from")
    """Of remoting, as the agent ran when it was scanned; None: not known."""
    from_sha256: str | None
    """Of the file that is replaced."""
    to: str
    """The version that the controller serves."""
    sha256: str | None
    """Of what the controller serves."""
    jar: str | None
    """Path on the agent's host."""
    url: str
    """Where the host downloads it."""
    host: str | None = None
    """With ``shared_with``: the host whose nodes are started from this one file."""
    shared_with: tuple[str, ...] = ()
    """The other nodes that are started from this file."""


class ProgramEdit(Part, frozen=True, kw_only=True, tag_field="by", tag="program"):
    """The operator's own program knows the files, and edits them."""


class FilesEdit(Part, frozen=True, kw_only=True, tag_field="by", tag="files", omit_defaults=True):
    """The launch is edited in one of these files."""

    files: tuple[str, ...]
    """Paths on the agent's host; the one that counts most comes last."""
    url: str
    """Of the controller, for agents; ends in ``/``."""
    version: str | None = None
    """Of the remoting that will run; None: not known."""
    unit: str = ""
    """systemd unit that starts it."""
    secret_file: str | None = None
    """Where the agent's secret moves to; None: it stays."""
    secret_owner: str | None = None
    """User on the host that this file belongs to."""


LaunchEdit = ProgramEdit | FilesEdit
"""What is edited in a node's launch, told apart by ``by``."""


class NodeMove(Step, frozen=True, kw_only=True):
    """What each step says that moves nodes."""

    node: str
    """The node, or the first of several."""
    driver: DriverName
    driver_reason: str = ""
    note: str = ""
    """What is left undone beside it, and why: an older agent.jar that stays."""
    launch: str = LaunchKind.UNKNOWN
    """How its agent is started (``LaunchKind``)."""
    launch_asserted: bool = False
    """Whether a person said so, since nobody could read it."""
    transport: Transport = Transport.UNKNOWN
    """What it was on when it was planned."""
    remoting: str | None = None
    """Version that it ran when it was planned."""
    offline: bool = False
    """Whether none of its nodes was connected when it was planned."""
    busy: int = 0
    """Builds that ran when it was planned."""
    mark: OfflineMark | None = None
    """The mark of a person that it had when it was planned; it stays."""
    drop_tunnel: str | None = None
    """The tunnel that its configuration loses."""


class MoveNode(NodeMove, frozen=True, kw_only=True, tag="move-node"):
    """Move one node by its driver."""

    upgrade: JarUpgrade | None = None
    set_flag: bool = True
    """Whether its webSocket setting is still off."""
    reach: Reach | None = None
    """How the driver reaches its host; None: as a driver that has nothing to say of it."""
    launch_edit: LaunchEdit | None = None
    """What is edited in its launch; None: nothing."""

    def __post_init__(self) -> None:
        """``ValueError`` for a move that names more than its driver may be told."""
        if self.reach is not None or self.driver in _TOLD:
            self.way()

    def way(self) -> Reach:
        """How the driver reaches the host; ``ValueError`` where that is another driver's."""
        return way_of(self.driver, self.reach)

    @property
    def secret_file(self) -> str:
        """Where its agent's secret moves to; empty: it stays."""
        edit = self.launch_edit
        return (edit.secret_file or "") if isinstance(edit, FilesEdit) else ""


class MoveWorkload(NodeMove, frozen=True, kw_only=True, tag="move-workload"):
    """Move all nodes whose agents run in the pods of one workload."""

    nodes: tuple[str, ...]
    target: KubeTarget
    container: str
    """Name of the agent's container in its pod template."""


NodeStep = MoveNode | MoveWorkload
"""Steps that move nodes."""
