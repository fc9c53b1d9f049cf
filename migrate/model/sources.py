"""Files of a checkout that set what the controller is told, and the edits that they can get."""

from dataclasses import dataclass, field

from migrate.model.inventory import Skip


@dataclass(frozen=True)
class SourcesWanted:
    """What is looked for in the sources."""

    clouds: tuple[str, ...] = ()
    """Names of kubernetes clouds whose pods are to connect over WebSocket."""
    nodes: tuple[str, ...] = ()
    """Names of permanent nodes that JCasC sets and whose agents are to connect over WebSocket."""
    port: bool = False
    """``slaveAgentPort``, which is to be -1."""
    known_nodes: tuple[str, ...] = ()
    """All inbound nodes of the controller: one of them that a file leaves on TCP keeps the port."""


@dataclass(frozen=True)
class SourceFile:
    """One file of a checkout, as it was read."""

    source: str
    """The checkout's folder, absolute."""
    path: str
    """Below it, with ``/``."""
    text: str = field(repr=False)
    """May hold secrets: it goes into no plan, journal or report."""


@dataclass(frozen=True)
class SourceEdit:
    """What is changed in one file, without its text."""

    source: str
    path: str
    clouds: tuple[str, ...]
    """Clouds that it switches."""
    nodes: tuple[str, ...]
    """Nodes that it switches; both are empty when it sets the port."""
    port: bool
    places: tuple[str, ...]
    """Where in the file, for a person."""
    sha256: str
    """Of the file that is edited."""
    scanned_sha256: str
    """Of the file as it was read; another one when an earlier step of the plan edits it, too."""
    after_sha256: str
    diff: str
    """Unified, with every value masked that the edit is not about."""


@dataclass(frozen=True)
class ProxyEdit:
    """What a person changes in a file of the proxy in front, without its text."""

    path: str
    close: bool
    """After the agents moved; else before."""
    why: tuple[str, ...]
    diff: str
    """Unified, secrets masked."""


@dataclass(frozen=True)
class Located:
    """What the sources allow. Clouds first; an edit of the port starts from the text that the
    edit of the clouds leaves, when both are in one file."""

    edits: tuple[SourceEdit, ...] = ()
    skips: tuple[Skip, ...] = ()
    """What could not be found, read or told apart, and why."""
    proxy: tuple[ProxyEdit, ...] = ()
    """Of files that ``--nginx`` names."""


NOTHING_LOCATED = Located()
"""Of no source at all."""
