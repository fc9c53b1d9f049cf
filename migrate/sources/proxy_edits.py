"""What a plan and the doctor say of a plain nginx' files."""

from collections.abc import Sequence
from pathlib import Path

from migrate.model.finding import Finding
from migrate.model.inventory import Skip
from migrate.model.sources import ProxyEdit
from migrate.sources.base import FileEdit, Found, LookOptions, SourceText
from migrate.sources.nginx.finder import NginxFinder
from migrate.sources.patch import apart
from migrate.sources.walk import below, walk
from migrate.splice.edit import text_diff
from migrate.splice.yaml_text import spliced


def look_at_nginx(
    nginx: Sequence[Path], root: Path | None
) -> tuple[tuple[ProxyEdit, ...], tuple[Skip, ...], tuple[Finding, ...]]:
    """(edits for a person, what no edit is made of, findings) of the files that are named.

    ``UsageProblem`` for a path that can't be read.
    """
    walked = walk((), tuple(nginx), root)
    options = LookOptions(nginx_root=below(root, walked.root))
    found = NginxFinder().look(walked.files, options)
    return tuple(_edits(walked.files, found)), tuple(_skips(found)), found.findings


def _edits(files: Sequence[SourceText], found: Found) -> list[ProxyEdit]:
    made = []
    edits, _ = apart(found.edits)
    for file in files:
        mine = [edit for edit in edits if edit.path == file.path]
        early = [edit for edit in mine if edit.stage == "nodes"]
        between = _text(file, early)
        for stage, before, after in (
            ("nodes", file.text, between), ("close", between, _text(file, mine)),
        ):  # fmt: skip
            if before != after:
                why = dict.fromkeys(edit.why for edit in mine if edit.stage == stage)
                diff = text_diff(before, after, file.path, ())
                made.append(ProxyEdit(file.path, stage == "close", tuple(why), diff))
    return made


def _text(file: SourceText, edits: Sequence[FileEdit]) -> str:
    return spliced(file.text, [(edit.start, edit.end, edit.new) for edit in edits])


def _skips(found: Found) -> list[Skip]:
    return [
        Skip(f"file {note.path} line {note.line}", "nginx", note.reason, note.write)
        for note in found.by_hand
    ]
