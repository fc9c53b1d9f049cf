"""Objects of Kubernetes that steps change."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from migrate.model.steps.base import Part, Step


class KubeTarget(Part, frozen=True, kw_only=True):
    """The one object that a step is about."""

    kind: str
    """``ConfigMap``, ``Service``, ``Deployment`` ..."""
    namespace: str
    name: str
    uid: str | None = None
    """Of the object that was planned; one of this name with another uid was created since.
    None: not known, and the name alone counts."""

    def __str__(self) -> str:
        """``ConfigMap ns/name``."""
        return f"{self.kind} {self.namespace}/{self.name}"


class Piece(Part, frozen=True, kw_only=True):
    """What of an object lets the agent port in, as it was planned."""

    target: KubeTarget
    key: str = ""
    """Its name in the object: the key of an entry, the name of a port, ``CONTAINER/PORT``."""
    value: str = ""
    """What stands there: where an entry leads, what a port opens."""
    port: int
    node_port: int | None = None
    owner: str | None = None
    """Who would put it back, with the evidence; None: nobody is known."""


class FrontAnnotation(StrEnum):
    """Annotations of an Ingress that a plan may change, and no other: some of the rest would put
    text of the plan's author into the configuration of nginx."""

    READ_TIMEOUT = "nginx.ingress.kubernetes.io/proxy-read-timeout"
    SEND_TIMEOUT = "nginx.ingress.kubernetes.io/proxy-send-timeout"
    CONNECTION_HEADER = "nginx.ingress.kubernetes.io/connection-proxy-header"
    INC_READ_TIMEOUT = "nginx.org/proxy-read-timeout"
    INC_SEND_TIMEOUT = "nginx.org/proxy-send-timeout"
    INC_WEBSOCKET_SERVICES = "nginx.org/websocket-services"


class AnnotationEdit(Part, frozen=True, kw_only=True):
    """One annotation, before and after; None: it is not there."""

    name: FrontAnnotation
    before: str | None = None
    after: Annotated[str, Meta(pattern=r"\A[a-z0-9.,-]{1,1000}\Z")] | None = None
    """A number of seconds, or names of Services."""


class AnnotateIngress(Step, frozen=True, kw_only=True, tag="annotate-ingress"):
    """Let an Ingress pass WebSocket on, before any node is moved."""

    target: KubeTarget
    annotations: tuple[AnnotationEdit, ...]
    owner: str | None = None
    """Who would set them back, with the evidence; None: nobody is known."""


class RemoveTcpService(Step, frozen=True, kw_only=True, tag="remove-tcp-service"):
    """Take an entry out of a tcp-services ConfigMap."""

    piece: Piece


class RemoveServicePort(Step, frozen=True, kw_only=True, tag="remove-service-port"):
    """Take a port out of a Service."""

    piece: Piece


class RemoveContainerPort(Step, frozen=True, kw_only=True, tag="remove-container-port"):
    """Take a container's port out of a workload."""

    piece: Piece
    restarts_controller: bool = False
    """Whether the workload is that of Jenkins itself."""


class RemoveAgentService(Step, frozen=True, kw_only=True, tag="remove-agent-service"):
    """Delete a Service that serves the agent port alone."""

    piece: Piece


RemoveStep = RemoveTcpService | RemoveServicePort | RemoveContainerPort | RemoveAgentService
"""Steps that take a piece of an object out."""
