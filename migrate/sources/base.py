"""What a finder of kept configuration takes and gives. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from migrate.model.finding import Finding, Severity
from migrate.model.text import visible

Stage = Literal["nodes", "close"]
"""``nodes``: before the agents move (WebSocket, tunnels, the HTTP way). ``close``: after it."""


@dataclass(frozen=True)
class SourceText:
    """One file as it was read, whatever it is."""

    path: str
    """Below the folder that patches are made for, with ``/``."""
    text: str = field(repr=False)
    """May hold secrets: only edits of it are told, and reasons."""
    nginx: bool = False
    """Named by ``--nginx``: part of a running nginx' configuration."""
    links: tuple[str, ...] = ()
    """Other paths that are links to it, as in sites-enabled."""

    def line(self, offset: int) -> int:
        """The number of the line, from 1, that ``text[offset]`` is in."""
        return self.text.count("\n", 0, offset) + 1


@dataclass(frozen=True)
class LookOptions:
    """What the user says about the files, where they don't say it themselves."""

    jenkins_services: tuple[str, ...] = ()
    """``NS/NAME`` of Services that are Jenkins', whatever they are called."""
    nginx_root: str = ""
    """The folder that stands for /etc/nginx, as paths of files are; empty: that of nginx.conf."""


@dataclass(frozen=True)
class FileEdit:
    """``text[start:end]`` of a file becomes ``new``. Edits of one file never overlap."""

    path: str
    start: int
    end: int
    new: str = field(repr=False)
    stage: Stage
    why: str


@dataclass(frozen=True)
class ByHand:
    """What only a person can change, and how."""

    path: str
    line: int
    reason: str
    """Why it is not edited here."""
    write: str
    """What is to stand there."""


@dataclass(frozen=True)
class FileFinding(Finding):
    """A finding that files alone allow; its ``subject`` is the file."""

    line: int = 1
    """Where in the file it begins, from 1."""


@dataclass(frozen=True)
class Found:
    """What one finder, or all of them, make of the files."""

    edits: tuple[FileEdit, ...] = ()
    by_hand: tuple[ByHand, ...] = ()
    findings: tuple[FileFinding, ...] = ()
    seen: tuple[tuple[str, int, int], ...] = ()
    """(path, first line, last line) of what is told or edited, so that it is not told again."""

    def __add__(self, other: "Found") -> "Found":
        return Found(
            self.edits + other.edits,
            self.by_hand + other.by_hand,
            self.findings + other.findings,
            self.seen + other.seen,
        )


class Finder(Protocol):
    """One kind of thing that is kept in files. Pure: reads no disk and keeps no state."""

    name: str
    """Of the kind; ``source.NAME`` is the id of its findings."""

    def look(self, files: Sequence[SourceText], options: LookOptions) -> Found:
        """All that these files say of this kind. Never raises for what a file holds.

        A guess is never an edit: it is a ``ByHand`` with its reason.
        """


def finding(
    kind: str,
    subject: str,
    summary: str,
    *,
    fix: str,
    line: int = 1,
    severity: Severity = Severity.WARNING,
) -> FileFinding:
    """A finding about the file ``subject``, at a line of it."""
    return FileFinding(
        id=f"source.{kind}",
        severity=severity,
        subject=visible(subject),
        summary=visible(summary),
        evidence=f"read in {visible(subject)}",
        cause="The files say so; nothing live was looked at.",
        fix=visible(fix),
        line=line,
    )
