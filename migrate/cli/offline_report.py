"""What files alone say, as a page and as facts."""

import os
from pathlib import Path

from migrate.model.finding import Severity
from migrate.model.secrets import mask
from migrate.report.document import Block, Bullets, Callout, Code, Document, Heading, Tone, line
from migrate.report.machine.facts import Facts, Remark, Rows, cases_of, counted, one
from migrate.sources.answer import SourcesAnswer

_COLUMNS = ("kind", "file", "line", "severity", "id", "what", "fix")


def page(told: SourcesAnswer, root: Path) -> Document:
    """Findings, edits, and what a person changes."""
    todo = bool(told.edits or told.by_hand)
    counts = f"{len(told.edits)} edits, {len(told.by_hand)} places to change by hand."
    blocks: list[Block] = [Callout(Tone.WARN if todo else Tone.GOOD, line(counts))]
    parts = (
        ("Findings", [(f.subject, f.line, f"{f.severity}: {f.summary}") for f in told.findings]),
        ("Edits", [(e.file, e.line, f"{e.why} ({e.stage}.patch)") for e in told.edits]),
        ("By hand", [(b.path, b.line, f"{b.reason}: {b.write}") for b in told.by_hand]),
    )
    for title, rows in parts:
        if rows:
            items = tuple(line(Code(f"{file}:{at}"), f" {mask(what)}") for file, at, what in rows)
            blocks += [Heading(2, line(title)), Bullets(items)]
    return Document(f"Scan of {root.name}, {told.files_read} files", tuple(blocks))


def facts(told: SourcesAnswer, root: Path) -> Facts:
    """Each finding at its file and line. Files are named as from the folder that this runs in,
    which is a checkout's top where a pipeline runs it, if they are below it."""
    top = _below_here(root)
    kinds = [(f.severity, f.id) for f in told.findings]
    rows = [
        (
            "finding",
            top + f.subject,
            str(f.line),
            f.severity.value,
            f.id,
            mask(f.summary),
            mask(f.fix),
        )
        for f in told.findings
    ]
    rows += [("edit", top + e.file, str(e.line), "", e.stage, mask(e.why), "") for e in told.edits]
    rows += [
        ("by hand", top + b.path, str(b.line), "", "", mask(b.reason), mask(b.write))
        for b in told.by_hand
    ]
    return Facts(
        f"files/{root.name}",
        tuple(
            Remark(
                f.id, f.severity, f.subject, mask(f.summary), mask(f.fix), top + f.subject, f.line
            )
            for f in told.findings
        ),
        cases_of(told.findings),
        Rows(_COLUMNS, tuple(rows)),
        (
            counted(
                "migrate_file_findings",
                "Findings in files by severity.",
                "severity",
                {s.value: sum(severity is s for severity, _ in kinds) for s in Severity},
                root=root.name,
            ),
            one("migrate_file_edits", "Edits that a patch has.", len(told.edits), root=root.name),
            one(
                "migrate_file_places_by_hand",
                "Places in files that a person changes.",
                len(told.by_hand),
                root=root.name,
            ),
        ),
    )


def _below_here(root: Path) -> str:
    here = Path.cwd().resolve()
    if root == here or not root.is_relative_to(here):
        return ""
    return root.relative_to(here).as_posix().replace(os.sep, "/") + "/"
