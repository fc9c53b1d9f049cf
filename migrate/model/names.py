"""Names that plans, journals and people use: stages, drivers, phases, events."""

from enum import StrEnum


class StageName(StrEnum):
    """The stages of a plan, in their order."""

    PREFLIGHT = "preflight"
    NODES = "nodes"
    CLOSE = "close"
    VERIFY = "verify"

    @property
    def closes(self) -> bool:
        """Whether it needs every node to be moved."""
        return self in (StageName.CLOSE, StageName.VERIFY)


class DriverName(StrEnum):
    """Who upgrades and restarts an agent, as ``--driver`` takes it."""

    REREAD = "reread"
    INBAND = "inband"
    SSH = "ssh"
    COMMAND = "command"
    KUBERNETES = "kubernetes"
    MANUAL = "manual"
    """A person."""


class PhaseName(StrEnum):
    """What a step does just now, for a person who watches."""

    HOLD = "hold"
    DRAIN = "drain"
    PROBE = "probe"
    UPGRADE = "upgrade"
    SWITCH = "switch"
    RESTART = "restart"
    ROLLOUT = "rollout"
    VERIFY = "verify"
    RELEASE = "release"
    WAIT = "wait"
    PUT_BACK = "put back"
    STARTED = "started"


class EventKind(StrEnum):
    """What happens in a run, for a person who watches."""

    STAGE = "stage"
    WAVE = "wave"
    STEP = "step"
    """A step began, or came to an end."""
    PHASE = "phase"
    NOTE = "note"
    GATE = "gate"
    """What keeps the port open."""
