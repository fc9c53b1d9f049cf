"""The answer of ``migrate scan --source ... --patch ... -o json``."""

from dataclasses import dataclass

from migrate.model.serialize import SCHEMA_VERSION
from migrate.sources.base import ByHand, FileFinding, Found, Stage
from migrate.sources.walk import Walked


@dataclass(frozen=True)
class EditTold:
    """Where a file is edited; the text stands in the patch alone, since it may hold secrets."""

    file: str
    line: int
    stage: Stage
    why: str


@dataclass(frozen=True)
class SourcesAnswer:
    """What files alone say."""

    schema_version: int
    files_read: int
    files_binary: int
    """Left out."""
    files_huge: int
    """Left out."""
    findings: tuple[FileFinding, ...]
    edits: tuple[EditTold, ...]
    by_hand: tuple[ByHand, ...]


def answer(walked: Walked, found: Found) -> SourcesAnswer:
    """``found`` as programs read it."""
    files = {file.path: file for file in walked.files}
    return SourcesAnswer(
        SCHEMA_VERSION,
        len(walked.files),
        walked.binary,
        walked.huge,
        found.findings,
        tuple(EditTold(e.path, files[e.path].line(e.start), e.stage, e.why) for e in found.edits),
        found.by_hand,
    )
