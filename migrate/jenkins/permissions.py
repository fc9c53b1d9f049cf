"""What the user may do, as far as it can be known without changing anything."""

from dataclasses import dataclass

from migrate.model.inventory import Skip

ADMINISTER = "Overall/Administer"
RELEVANT = (
    ADMINISTER,
    "Overall/Read",
    "Agent/ExtendedRead",
    "Agent/Configure",
    "Agent/Connect",
    "Agent/Disconnect",
    "Agent/Create",
    "Agent/Delete",
)
"""What this tool ever needs. Administer implies all others."""


@dataclass(frozen=True)
class Observed:
    """What the reads of a scan showed; None: no read could show it."""

    administer: bool
    config_readable: bool | None
    """Agent/ExtendedRead, or Agent/Configure which implies it."""
    connect: bool | None
    """``absoluteRemotePath`` of a connected agent is shown only with Agent/Connect."""


def relevant(names: "tuple[str, ...] | list[str]") -> tuple[str, ...]:
    """Those of ``names`` that this tool ever needs, in a fixed order."""
    if ADMINISTER in names:
        return RELEVANT
    return tuple(name for name in RELEVANT if name in names)


def from_reads(seen: Observed) -> tuple[tuple[str, ...], tuple[Skip, ...]]:
    """The permissions that are certain, and a Skip for each that only a change would show."""
    if seen.administer:
        return RELEVANT, ()
    known = {ADMINISTER: False, "Overall/Read": True}
    known.update(_config(seen.config_readable))
    known.update(_connect(seen.connect))
    names = tuple(name for name in RELEVANT if known.get(name))
    skips = tuple(
        Skip(
            "controller",
            f"permission {name}",
            "only a change would show whether this user has it",
            "a look at the user's rights, or a user with Overall/Administer",
        )
        for name in RELEVANT
        if name not in known
    )
    return names, skips


def _config(readable: bool | None) -> dict[str, bool]:
    if readable is None:
        return {}
    if not readable:
        return {"Agent/ExtendedRead": False, "Agent/Configure": False}
    return {"Agent/ExtendedRead": True}


def _connect(connect: bool | None) -> dict[str, bool]:
    if connect is None:
        return {}
    # Agent/Disconnect implies Agent/Connect (recording 40-perm-read-jnlp).
    return (
        {"Agent/Connect": True} if connect else {"Agent/Connect": False, "Agent/Disconnect": False}
    )
