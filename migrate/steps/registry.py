"""All step kinds by name."""

from typing import Any

from migrate.steps.base import StepKind
from migrate.steps.checkout.edit_file import EditFile
from migrate.steps.cluster.annotate_ingress import AnnotateIngress
from migrate.steps.cluster.move_workload import MoveWorkload
from migrate.steps.cluster.remove_agent_service import RemoveAgentService
from migrate.steps.cluster.remove_container_port import RemoveContainerPort
from migrate.steps.cluster.remove_service_port import RemoveServicePort
from migrate.steps.cluster.remove_tcp_service import RemoveTcpService
from migrate.steps.controller.close_controller_port import CloseControllerPort
from migrate.steps.controller.probe_websocket import ProbeWebSocket
from migrate.steps.controller.switch_cloud import SwitchCloud
from migrate.steps.controller.verify_closed import VerifyClosed
from migrate.steps.manual import Manual
from migrate.steps.node.move_node import MoveNode

_DONE_BY_THE_TOOL: tuple[StepKind[Any], ...] = (
    AnnotateIngress(),
    ProbeWebSocket(),
    MoveNode(),
    MoveWorkload(),
    SwitchCloud(),
    EditFile(),
    RemoveTcpService(),
    RemoveServicePort(),
    RemoveContainerPort(),
    RemoveAgentService(),
    CloseControllerPort(),
    VerifyClosed(),
)
_TWINS = {kind.kind: kind for kind in _DONE_BY_THE_TOOL}
KINDS: dict[str, StepKind[Any]] = {**_TWINS, Manual.kind: Manual(_TWINS)}


def kind_of(name: str) -> StepKind[Any]:
    """The step kind of this name; every kind that a plan can hold has one."""
    return KINDS[name]
