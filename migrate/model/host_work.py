"""What a driver did on an agent's host, as the journal keeps it."""

import msgspec
from msgspec import UNSET, UnsetType


class _Done(msgspec.Struct, frozen=True, kw_only=True):
    exit: int | UnsetType = UNSET
    """Of the operator's own program (driver ``command``)."""
    output: str | UnsetType = UNSET
    """What that printed, masked and cut."""


class JarDone(_Done, frozen=True, kw_only=True):
    """An agent.jar that was replaced, or was the wanted one already."""

    jar: str | None = None
    """Its path on the agent's host."""
    before_sha256: str | None = None
    after_sha256: str | None = None
    backup: str | None = None
    """Where the old one is kept; None: it was the wanted one already."""


class WrittenFile(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one file."""

    path: str
    state: str
    """``written``, ``already``, ``removed``."""


class LaunchDone(_Done, frozen=True, kw_only=True):
    """A launch that was edited, or put back."""

    files: tuple[WrittenFile, ...] | UnsetType = UNSET
    host: str | UnsetType = UNSET
    """Where, by ssh."""


class RestartDone(_Done, frozen=True, kw_only=True):
    """An agent that was made to connect again."""

    by: str | UnsetType = UNSET
    """How: ``disconnect``, ``systemctl restart UNIT on HOST`` ..."""
    unit_state: str | UnsetType = UNSET
    """What systemd says of the unit then."""
