"""The steps of a plan: one type for each kind, told apart by ``kind`` in JSON.

What a step may say is bounded by its type: an unknown field, a missing one or one of another kind
is refused as the plan is read, with the place of it. No field holds a secret. The types are in
``migrate.model.steps``.
"""

import re
from typing import Any

import msgspec

from migrate.model.errors import UsageProblem
from migrate.model.steps.base import Step, kind_name
from migrate.model.steps.by_hand import Manual, NodeByHand, WouldBe
from migrate.model.steps.cluster import (
    AnnotateIngress,
    AnnotationEdit,
    FrontAnnotation,
    KubeTarget,
    Piece,
    RemoveAgentService,
    RemoveContainerPort,
    RemoveServicePort,
    RemoveStep,
    RemoveTcpService,
)
from migrate.model.steps.controller import (
    CloseControllerPort,
    CloudSettings,
    ProbeWebSocket,
    SwitchCloud,
    VerifyClosed,
)
from migrate.model.steps.files import EditFile
from migrate.model.steps.node import (
    FilesEdit,
    JarUpgrade,
    LaunchEdit,
    MoveNode,
    MoveWorkload,
    NodeStep,
    ProgramEdit,
)
from migrate.model.steps.schema_1 import is_of_schema_1, of_schema_1
from migrate.model.text import visible

__all__ = [
    "AnnotateIngress",
    "AnnotationEdit",
    "CloseControllerPort",
    "CloudSettings",
    "EditFile",
    "FilesEdit",
    "FrontAnnotation",
    "JarUpgrade",
    "KubeTarget",
    "LaunchEdit",
    "Manual",
    "MoveNode",
    "MoveWorkload",
    "NodeByHand",
    "NodeStep",
    "Piece",
    "PlanStep",
    "ProbeWebSocket",
    "ProgramEdit",
    "RemoveAgentService",
    "RemoveContainerPort",
    "RemoveServicePort",
    "RemoveStep",
    "RemoveTcpService",
    "Step",
    "SwitchCloud",
    "VerifyClosed",
    "WouldBe",
    "acts_as",
    "kind_name",
    "node_of",
    "piece_of",
    "read_step",
    "refuse_unknown",
    "restarts_controller",
    "target_of",
]

_UNKNOWN = re.compile(
    r"Invalid value '(.*)' - at `\$(?:.*\.steps\[[^`]*\](?:\.step)?)?\.kind`", re.DOTALL
)

PlanStep = (
    AnnotateIngress
    | ProbeWebSocket
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


def acts_as(step: PlanStep) -> PlanStep:
    """The step itself; of one for a person, the step that would do it if it might."""
    return step.would_be if isinstance(step, Manual) and step.would_be is not None else step


def piece_of(step: PlanStep) -> Piece | None:
    """What is taken out of an object, by whomever; None: the step is about something else."""
    asked = acts_as(step)
    return asked.piece if isinstance(asked, RemoveStep | Manual) else None


def target_of(step: PlanStep) -> KubeTarget | None:
    """The object of Kubernetes that is changed, by whomever; None: the step is about no such."""
    asked = acts_as(step)
    if isinstance(asked, MoveWorkload | AnnotateIngress):
        return asked.target
    piece = piece_of(step)
    return piece.target if piece is not None else None


def node_of(step: PlanStep) -> str:
    """The node that is moved, or the first of several; empty: the step moves none."""
    if isinstance(step, NodeStep):
        return step.node
    return step.node.name if isinstance(step, Manual) and step.node is not None else ""


def restarts_controller(step: PlanStep) -> bool:
    """Whether it restarts Jenkins itself, whoever does it."""
    asked = acts_as(step)
    return isinstance(asked, RemoveContainerPort) and asked.restarts_controller


def read_step(data: Any) -> PlanStep:
    """A step from plain data, also of schema 1; ``ValueError`` names the first wrong field."""
    if is_of_schema_1(data):
        try:
            data = of_schema_1(data)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"a step of schema 1 lacks {error}") from error
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
