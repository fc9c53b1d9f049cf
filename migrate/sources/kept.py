"""The files of a checkout, read once for all finders of YAML and JSON. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from migrate.sources.base import (
    ByHand,
    FileEdit,
    FileFinding,
    Found,
    LookOptions,
    SourceText,
    finding,
)
from migrate.sources.nested import Doc, Spot, documents, is_yaml
from migrate.splice.text import NotEditable

_TOLD = 400
"""Notes that are kept of one finder; more are no help to anybody."""


@dataclass(frozen=True)
class Unread:
    """A file that says it is YAML and can't be read as such."""

    file: SourceText
    reason: str


@dataclass(frozen=True)
class Kept:
    """All that is read of the files."""

    files: tuple[SourceText, ...]
    docs: tuple[Doc, ...]
    """Those inside of others too, behind them."""
    unread: tuple[Unread, ...]
    services: tuple[str, ...] = ()
    """``NS/NAME`` of Services that are Jenkins', by the user's word or by the files."""

    def of_kind(self, *kinds: str) -> Iterator[Doc]:
        """Kubernetes objects of these kinds."""
        return (doc for doc in self.docs if doc.kind in kinds)


def read(files: Sequence[SourceText], options: LookOptions) -> Kept:
    """Every YAML and JSON file, each with its documents."""
    docs: list[Doc] = []
    unread: list[Unread] = []
    for file in files:
        if is_yaml(file):
            try:
                docs += documents(file)
            except NotEditable as error:
                unread.append(Unread(file, error.reason))
    return Kept(tuple(files), tuple(docs), tuple(unread), options.jenkins_services)


class Notes:
    """Collects what a finder has to say."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._edits: list[FileEdit] = []
        self._by_hand: list[ByHand] = []
        self._findings: list[FileFinding] = []
        self._seen: list[tuple[str, int, int]] = []

    def tell(self, doc: Doc, spot: Spot, summary: str, fix: str) -> None:
        """A finding about a place in a document."""
        line = _line(doc, spot)
        self._findings.append(finding(self.kind, doc.file.path, summary, fix=fix, line=line))

    def by_hand(self, doc: Doc, spot: Spot, reason: str, write: str) -> None:
        """What a person has to change, told as a finding too."""
        self._by_hand.append(ByHand(doc.file.path, _line(doc, spot), reason, write))
        self._saw(doc, spot)
        self.tell(doc, spot, reason, write)

    def _saw(self, doc: Doc, spot: Spot) -> None:
        start = (spot.key or spot.node).start
        last = doc.file.line(max(start, spot.node.end - 1))
        self._seen.append((doc.file.path, doc.file.line(start), last))

    def edit(
        self, doc: Doc, spot: Spot, summary: str, write: str, make: Callable[[], list[FileEdit]]
    ) -> None:
        """The edits that ``make`` gives, or why there are none: then it is a person's change."""
        try:
            made = make()
        except NotEditable as error:
            self.by_hand(doc, spot, f"{summary}; not edited: {error.reason}", write)
            return
        self._edits += made
        self._saw(doc, spot)
        self.tell(doc, spot, summary, write)

    def found(self) -> Found:
        """All of it."""
        return Found(
            tuple(self._edits),
            tuple(self._by_hand[:_TOLD]),
            tuple(self._findings[:_TOLD]),
            tuple(self._seen),
        )


def _line(doc: Doc, spot: Spot) -> int:
    return doc.file.line((spot.key or spot.node).start)


def with_services(kept: Kept, services: tuple[str, ...]) -> Kept:
    """With more Services that are Jenkins'."""
    return replace(kept, services=tuple(dict.fromkeys((*kept.services, *services))))
