"""All step kinds by name."""

from typing import Any

from migrate.steps.base import StepKind
from migrate.steps.close_controller_port import CloseControllerPort
from migrate.steps.edit_file import EditFile
from migrate.steps.manual import Manual
from migrate.steps.move_node import MoveNode
from migrate.steps.move_workload import MoveWorkload
from migrate.steps.probe_websocket import ProbeWebSocket
from migrate.steps.remove_agent_service import RemoveAgentService
from migrate.steps.remove_container_port import RemoveContainerPort
from migrate.steps.remove_service_port import RemoveServicePort
from migrate.steps.remove_tcp_service import RemoveTcpService
from migrate.steps.switch_cloud import SwitchCloud
from migrate.steps.verify_closed import VerifyClosed

_ALL: tuple[StepKind[Any], ...] = (
    ProbeWebSocket(),
    MoveNode(),
    MoveWorkload(),
    SwitchCloud(),
    EditFile(),
    Manual(),
    RemoveTcpService(),
    RemoveServicePort(),
    RemoveContainerPort(),
    RemoveAgentService(),
    CloseControllerPort(),
    VerifyClosed(),
)
KINDS: dict[str, StepKind[Any]] = {kind.kind: kind for kind in _ALL}


def kind_of(name: str) -> StepKind[Any]:
    """The step kind of this name; every kind that a plan can hold has one."""
    return KINDS[name]
