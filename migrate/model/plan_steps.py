"""The steps of a plan: one type for each kind, told apart by ``kind`` in JSON.

What a step may say is bounded by its type: an unknown field, a missing one or one of another kind
is refused as the plan is read, with the place of it. No field holds a secret.
"""

import re
from typing import Any

import msgspec

from migrate.model.errors import UsageProblem
from migrate.model.inventory import LaunchKind, OfflineMark, Transport
from migrate.model.reach import Reach, reach_of
from migrate.model.text import visible
from migrate.model.ways import Place

_OF_EVERY_STEP = ("kind", "id", "subject", "title", "fingerprint")
_UNKNOWN = re.compile(r"Invalid value '(.*)' - at `\$(?:.*\.steps\[[^`]*\])?\.kind`", re.DOTALL)
_TOLD = ("ssh", "command")
"""Drivers that a plan has to tell something."""


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """The smallest change that can be diffed, applied, verified and rolled back."""

    id: str
    """Stable within the plan: ``preflight/probe``, ``node/NAME``, ``close/KIND/ns/name/key``."""
    subject: str
    title: str
    """One line for a person."""
    fingerprint: dict[str, str] = {}
    """What the target looked like when it was planned, compared again before the change."""

    @property
    def kind(self) -> str:
        """``move-node``, ``manual``, ``remove-tcp-service`` ...: the step kind's name."""
        return kind_name(type(self))


def kind_name(of: type[Step]) -> str:
    """The name of a step kind in JSON."""
    return str(of.__struct_config__.tag)


class _Loose(Step, frozen=True, kw_only=True, forbid_unknown_fields=True):
    params: dict[str, Any] = {}
    """What the kind needs; plain JSON values; never a secret."""


class _Typed(Step, frozen=True, kw_only=True, forbid_unknown_fields=True):
    @property
    def params(self) -> dict[str, Any]:
        """What the kind says beyond what every step says, as plain data: for a table of all."""
        data: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return {key: value for key, value in data.items() if key not in _OF_EVERY_STEP}


class ProbeWebSocket(_Typed, frozen=True, kw_only=True, tag="probe-websocket"):
    """Prove from here that a WebSocket agent can connect."""

    url: str
    """Where agents reach the controller; ends in ``/``."""
    hold: int
    """Seconds that the probe node's socket is held."""


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


class MoveNode(_Typed, frozen=True, kw_only=True, tag="move-node"):
    """Move one node by its driver."""

    node: str
    driver: str
    driver_reason: str = ""
    not_better: str = ""
    """Why no better driver was chosen; empty: there is none."""
    launch: str = LaunchKind.UNKNOWN
    """How its agent is started (``LaunchKind``)."""
    launch_asserted: bool = False
    """Whether a person said so, since nobody could read it."""
    transport: Transport = Transport.UNKNOWN
    """What it was on when it was planned."""
    remoting: str | None = None
    """Version that it ran when it was planned."""
    offline: bool = False
    busy: int = 0
    """Builds that ran when it was planned."""
    mark: OfflineMark | None = None
    """The mark of a person that it had when it was planned; it stays."""
    upgrade: JarUpgrade | None = None
    set_flag: bool = True
    """Whether its webSocket setting is still off."""
    drop_tunnel: str | None = None
    """The tunnel that its configuration loses."""
    rejoin_hint: str = ""
    """How its agent comes back after the switch."""
    reach: dict[str, Any] | None = None
    """How the driver reaches its host."""
    launch_edit: dict[str, Any] = {}
    """What is edited in its launch; empty: nothing."""

    def __post_init__(self) -> None:
        """``ValueError`` for a move that names more than its driver may be told."""
        if self.reach is not None or self.driver in _TOLD:
            self.way()

    def way(self) -> Reach:
        """How the driver reaches the host, with types; ``ValueError`` for more than it may say."""
        return reach_of(self.driver, self.reach)


class MoveWorkload(_Loose, frozen=True, kw_only=True, tag="move-workload"):
    """Move all nodes whose agents run in the pods of one workload."""


class SwitchCloud(_Loose, frozen=True, kw_only=True, tag="switch-cloud"):
    """Let a cloud's new pods connect over WebSocket."""


class EditFile(_Loose, frozen=True, kw_only=True, tag="edit-file"):
    """Edit a file of a checkout that owns a setting."""


class Manual(_Loose, frozen=True, kw_only=True, tag="manual"):
    """What a person does; the tool checks that it was done."""


class RemoveTcpService(_Loose, frozen=True, kw_only=True, tag="remove-tcp-service"):
    """Take an entry out of a tcp-services ConfigMap."""


class RemoveServicePort(_Loose, frozen=True, kw_only=True, tag="remove-service-port"):
    """Take a port out of a Service."""


class RemoveContainerPort(_Loose, frozen=True, kw_only=True, tag="remove-container-port"):
    """Take a container's port out of a workload."""


class RemoveAgentService(_Loose, frozen=True, kw_only=True, tag="remove-agent-service"):
    """Delete a Service that serves the agent port alone."""


class CloseControllerPort(_Loose, frozen=True, kw_only=True, tag="close-controller-port"):
    """Turn the controller's TCP agent port off."""


class VerifyClosed(_Typed, frozen=True, kw_only=True, tag="verify-closed"):
    """Try every way in, and read back that every node is where it was moved to."""

    places: tuple[Place, ...] = ()
    """Empty: no address is known, and only the listener tells."""


PlanStep = (
    ProbeWebSocket
    | MoveNode
    | MoveWorkload
    | SwitchCloud
    | EditFile
    | Manual
    | RemoveTcpService
    | RemoveServicePort
    | RemoveContainerPort
    | RemoveAgentService
    | CloseControllerPort
    | VerifyClosed
)
"""Every kind of step that a plan may hold."""


def read_step(data: Any) -> PlanStep:
    """A step from plain data; ``ValueError`` names the first wrong field."""
    step: PlanStep = msgspec.convert(data, PlanStep, strict=True)
    return step


def refuse_unknown(error: ValueError) -> None:
    """``UsageProblem`` if a plan or a step was not read (``error``) for a kind of step that this
    version does not know."""
    found = _UNKNOWN.search(str(error))
    if found:
        raise UsageProblem(
            f"the plan has a step of kind '{visible(found[1])}', which this version does not know",
            next_command="use the version of migrate that made the plan (tool_version)",
        ) from error
