"""Collects what a finder of plain texts has to say. No YAML document is needed."""

from collections.abc import Sequence

from migrate.model.finding import Severity
from migrate.sources.base import ByHand, FileEdit, FileFinding, Found, SourceText, Stage, finding

_TOLD = 400
"""Notes that are kept of one finder; more are no help to anybody."""


class TextNotes:
    """Findings, edits and by-hand notes of one kind of thing."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._edits: list[FileEdit] = []
        self._by_hand: list[ByHand] = []
        self._findings: list[FileFinding] = []

    def tell(
        self,
        file: SourceText,
        summary: str,
        fix: str,
        *,
        at: int = 0,
        severity: Severity = Severity.WARNING,
    ) -> None:
        """A finding about a file, at ``text[at]``."""
        line = file.line(at)
        self._findings.append(
            finding(self.kind, file.path, summary, fix=fix, line=line, severity=severity)
        )

    def by_hand(self, file: SourceText, at: int, reason: str, write: str) -> None:
        """What a person has to change at ``text[at]``, told as a finding too."""
        self._by_hand.append(ByHand(file.path, file.line(at), reason, write))
        self.tell(file, reason, write, at=at)

    def edit(
        self,
        file: SourceText,
        splices: Sequence[tuple[int, int, str]],
        stage: Stage,
        summary: str,
        write: str,
    ) -> None:
        """What these splices mend."""
        self.splice(file, splices, stage, summary)
        self.tell(file, summary, write, at=splices[0][0] if splices else 0)

    def splice(
        self, file: SourceText, splices: Sequence[tuple[int, int, str]], stage: Stage, why: str
    ) -> None:
        """Splices without a finding of their own."""
        made = (FileEdit(file.path, start, end, new, stage, why) for start, end, new in splices)
        self._edits += [edit for edit in made if edit not in self._edits]

    def found(self) -> Found:
        """All of it, each note once."""
        return Found(
            tuple(dict.fromkeys(self._edits)),
            tuple(dict.fromkeys(self._by_hand))[:_TOLD],
            tuple(dict.fromkeys(self._findings))[:_TOLD],
        )
