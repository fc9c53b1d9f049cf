"""What every launch editor takes and gives.

Texts are decoded by ``decode`` and written back by ``encode``: line ends, byte order mark and
bytes that are no UTF-8 survive, so that an undone edit is equal byte for byte.
"""

import codecs
import contextlib
import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from migrate.files.launch.private import without_private
from migrate.model.errors import ExitCode, MigrateError
from migrate.model.inventory import LaunchKind
from migrate.model.secrets import MASK, mask
from migrate.model.text import visible, visible_lines

BOM = "\ufeff"
_UTF_16 = re.compile(r"\ufeff\s*<\?xml[^>]*\sencoding\s*=\s*[\"']UTF-16[\"']", re.IGNORECASE)
_AGENT_SECRET = re.compile("[0-9a-fA-F]{64,}")
MAX_CHARS = 1024 * 1024
"""A launch file is a few lines; anything larger is something else."""


class NotEditable(MigrateError):
    """A launch file that this tool does not understand well enough to change."""

    exit_code = ExitCode.BLOCKED

    def __init__(self, reason: str, path: str = "") -> None:
        reason = hidden(reason, ())  # A word that it names may be a secret.
        super().__init__(
            f"{visible(path) or 'the launch file'} is left alone: {reason}",
            next_command="migrate plan --driver NODE=manual",
        )
        self.reason = reason


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


@dataclass(frozen=True)
class SecretFile:
    """A file for the agent's secret, to be written before the launch names it."""

    path: str
    content: str = field(repr=False)
    mode: int = 0o600


@dataclass(frozen=True)
class Edit:
    """What to write, and what to put back."""

    path: str
    """The file to write: the one that was read, or a drop-in beside it."""
    original: str | None = field(repr=False)
    """Text before; None: the file was not there, and undoing removes it."""
    text: str = field(repr=False)
    diff: str
    """For people, secrets masked; empty when nothing is to be done."""
    notes: tuple[str, ...] = ()
    """What was left out and why; what else must happen for the edit to take effect."""
    secret: SecretFile | None = None
    reason: str = ""
    """Why nothing is to be done; empty when there is something."""

    @property
    def changed(self) -> bool:
        """Whether there is anything to write."""
        return self.text != self.original


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


def decode(data: bytes) -> str:
    """The text of a launch file. Bytes that are no UTF-8 become lone surrogates.

    XML that says UTF-16 and is UTF-16 is read as such: the Task Scheduler exports it.
    """
    if data.startswith(codecs.BOM_UTF16_LE):
        with contextlib.suppress(UnicodeDecodeError):
            text = data.decode("utf-16-le")
            if _UTF_16.match(text):
                return text
    text = data.decode("utf-8", "surrogateescape")
    if _UTF_16.match(text):
        # It only says so: its mark is kept as bytes, so that ``encode`` tells the two apart.
        return codecs.BOM_UTF8.decode("ascii", "surrogateescape") + text[1:]
    return text


def encode(text: str) -> bytes:
    """The bytes that ``decode`` was given."""
    if _UTF_16.match(text):
        return text.encode("utf-16-le")
    return text.encode("utf-8", "surrogateescape")


def undo(edit: Edit, current: str | None) -> str | None:
    """The text to put back; None: remove the file. ``current`` is what is there now.

    ``NotEditable`` when somebody changed the file since: it is theirs now.
    """
    if current == edit.original:
        return edit.original
    if current != edit.text:
        raise NotEditable("somebody changed it after the edit; put it back by hand", edit.path)
    return edit.original


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
        diff=_diff(original or "", text, target, words) if changed else "",
        notes=tuple(visible(hidden(note, words)) for note in notes),
        secret=secret if changed else None,
        reason="" if changed else (reason or "it asks for WebSocket already"),
    )


def _diff(old: str, new: str, path: str, hide: tuple[str, ...]) -> str:
    sides = (hidden(without_private(side), hide) for side in (old, new))
    before, after = (visible_lines(side).splitlines() for side in sides)
    name = visible(path) or "launch"
    return "\n".join(difflib.unified_diff(before, after, name, name, lineterm="", n=2)) + "\n"


def hidden(text: str, secrets: Iterable[str]) -> str:
    """``text`` without these secrets, nor anything else that looks like one."""
    for secret in sorted({s for s in secrets if s}, key=len, reverse=True):
        # A short one may be a part of any word; a long one is a secret wherever it stands.
        edge = r"\w" if len(secret) < 16 else "(?!)"
        text = re.sub(rf"(?<!{edge}){re.escape(secret)}(?!{edge})", MASK, text)
    return mask(_AGENT_SECRET.sub(MASK, text))


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
