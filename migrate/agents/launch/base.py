"""What every launch editor takes and gives."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from migrate.model.inventory import LaunchKind
from migrate.model.text import visible
from migrate.splice.edit import Edit, SecretFile, text_diff
from migrate.splice.text import NotEditable, hidden


@dataclass(frozen=True)
class Wanted:
    """How the agent is to be started from now on."""

    node: str
    url: str
    """The address that agents are told; used where the launch names none."""
    version: str | None
    """Remoting version that the launch will run; None (not known) counts as an old one."""
    path: str = ""
    """The file's path on its host: tells a vendor's unit from one of the host's own."""
    unit: str = ""
    """systemd unit, as ``agent@n.service``: needed for a template unit."""
    work_dir: str | None = None
    """What the JNLP file tells, for a ``-jnlpUrl`` launch that is rewritten."""
    secret_file: str | None = None
    """Where a secret given in clear moves to; None: it stays where it is."""
    rewrite_jnlp_url: bool = False
    """Turn ``-jnlpUrl`` into ``-url``; else the node's ``webSocket`` setting moves the agent."""


@dataclass(frozen=True)
class FoundLaunch:
    """One agent that a file starts."""

    node: str | None
    """None: the name comes from somewhere else (a variable, the host's name)."""
    kind: LaunchKind
    command: str
    """For people: what is run, its secrets masked."""
    options: tuple[str, ...]
    """Option names given to agent.jar; for a container also its ``JENKINS_`` variables."""
    websocket: bool
    """Whether the launch itself asks for WebSocket."""
    secret_in_clear: bool
    where: str
    """Line, service or element."""


class Editor(Protocol):
    """One kind of launch file. Pure: the caller reads and writes."""

    name: str

    def detect(self, text: str, path: str) -> bool:
        """Whether this looks like a file of this kind; a look at the text, not a judgement."""

    def launches(self, text: str, path: str = "") -> tuple[FoundLaunch, ...]:
        """Every agent that the file starts; ``NotEditable`` for a file that can't be read."""

    def to_websocket(self, text: str, wanted: Wanted) -> Edit:
        """The file with this node's agent on WebSocket and everything else as it was.

        Doing it twice changes nothing more. ``NotEditable`` with the reason where the change
        could not be made safely, or the file starts no such agent.
        """


def make_edit(
    wanted: Wanted,
    original: str | None,
    text: str,
    *,
    path: str = "",
    notes: Iterable[str] = (),
    secret: SecretFile | None = None,
    hide: Iterable[str] = (),
    reason: str = "",
) -> Edit:
    """An ``Edit`` with its diff; ``hide`` are secrets as they stand in either text."""
    changed = text != original
    target = path or wanted.path
    words = tuple(hide)
    return Edit(
        path=target,
        original=original,
        text=text,
        diff=text_diff(original or "", text, target, words) if changed else "",
        notes=tuple(visible(hidden(note, words)) for note in notes),
        secret=secret if changed else None,
        reason="" if changed else (reason or "it asks for WebSocket already"),
    )


def choose(found: Iterable[FoundLaunch], wanted: Wanted) -> int:
    """Which of a file's launches starts the wanted node's agent.

    The one with its name; else the only one, when that does not tell its name.
    """
    launches = tuple(found)
    named = [i for i, launch in enumerate(launches) if launch.node == wanted.node]
    if len(named) == 1:
        return named[0]
    if len(named) > 1:
        raise NotEditable(f"it starts {len(named)} agents of this name", wanted.path)
    if not launches:
        raise NotEditable("it starts no agent that this tool recognises", wanted.path)
    if len(launches) == 1 and launches[0].node is None:
        return 0
    names = ", ".join(visible(launch.node or "an unnamed one") for launch in launches)
    raise NotEditable(f"it starts {names}, not {visible(wanted.node)}", wanted.path)
