"""Steps that look at the controller, or change a setting of it."""

from migrate.model.steps.base import Part, Step
from migrate.model.ways import Place


class ProbeWebSocket(Step, frozen=True, kw_only=True, tag="probe-websocket"):
    """Prove from here that a WebSocket agent can connect."""

    url: str
    """Where agents reach the controller; ends in ``/``."""
    hold: int
    """Seconds that the probe node's socket is held."""


class CloudSettings(Part, frozen=True, kw_only=True):
    """What decides how a kubernetes cloud's new pods connect."""

    web_socket: bool
    tunnel: str | None
    direct: bool


class SwitchCloud(Step, frozen=True, kw_only=True, tag="switch-cloud"):
    """Let a cloud's new pods connect over WebSocket."""

    cloud: str
    before: CloudSettings
    """As it was when it was planned; other settings are drift."""
    pods: int = 0
    """Pods that ran when it was planned."""
    driver_reason: str = ""


class CloseControllerPort(Step, frozen=True, kw_only=True, tag="close-controller-port"):
    """Turn the controller's TCP agent port off."""

    port: int | None = None
    """slaveAgentPort as it was planned; 0: a random one; None: it could not be read."""
    mode: str = ""
    """``fixed`` or ``random``."""
    owner: str | None = None
    """Who would set it again, with the evidence; None: nobody is known."""


class VerifyClosed(Step, frozen=True, kw_only=True, tag="verify-closed"):
    """Try every way in, and read back that every node is where it was moved to."""

    places: tuple[Place, ...] = ()
    """Empty: no address is known, and only the listener tells."""
