"""Edits as unified diffs that ``git apply`` takes, and by-hand notes as Markdown. Pure."""

import difflib
from collections.abc import Iterable, Sequence

from migrate.model.secrets import mask
from migrate.model.text import visible
from migrate.sources.base import ByHand, FileEdit, SourceText, Stage
from migrate.splice.yaml_text import spliced


def apart(edits: Iterable[FileEdit]) -> tuple[tuple[FileEdit, ...], tuple[FileEdit, ...]]:
    """(edits of which none overlaps another, those that would)."""
    kept: list[FileEdit] = []
    clashing: list[FileEdit] = []
    for edit in sorted(set(edits), key=lambda e: (e.path, e.start, e.end)):
        last = kept[-1] if kept and kept[-1].path == edit.path else None
        inside = last is not None and edit.start < last.end
        if inside and last is not None and edit.end <= last.end and not edit.new and not last.new:
            continue
        (clashing if inside else kept).append(edit)
    return tuple(kept), tuple(clashing)


def patches(files: Sequence[SourceText], edits: Sequence[FileEdit]) -> dict[Stage, str]:
    """``nodes`` and ``close``, in this order; the second starts from what the first leaves."""
    result: dict[Stage, str] = {"nodes": "", "close": ""}
    for file in sorted(files, key=lambda f: f.path):
        mine = [edit for edit in edits if edit.path == file.path]
        early = [(e.start, e.end, e.new) for e in mine if e.stage == "nodes"]
        everything = [(e.start, e.end, e.new) for e in mine]
        between, last = spliced(file.text, early), spliced(file.text, everything)
        result["nodes"] += _diff(file.path, file.text, between)
        result["close"] += _diff(file.path, between, last)
    return result


_SUBJECTS: dict[Stage, str] = {
    "nodes": "Move Jenkins agents to WebSocket",
    "close": "Close the TCP port of Jenkins agents",
}
_WHEN: dict[Stage, str] = {
    "nodes": "To be rolled out before the agents move: they reach Jenkins by either way then.",
    "close": "Only once no agent is connected over TCP: it ends every way in by the port.",
}


def commit_message(stage: Stage, edits: Sequence[FileEdit]) -> str:
    """What to commit a stage's patch with; empty where nothing is edited."""
    mine = [edit for edit in edits if edit.stage == stage]
    if not mine:
        return ""
    told = dict.fromkeys((e.path, e.why) for e in sorted(mine, key=lambda e: (e.path, e.start)))
    rows = [f"- {visible(path)}: {mask(visible(why))}\n" for path, why in told]
    return f"{_SUBJECTS[stage]}\n\n{_WHEN[stage]}\n\n{''.join(rows)}"


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _diff(path: str, old: str, new: str) -> str:
    if old == new:
        return ""
    rows = difflib.unified_diff(_lines(old), _lines(new), f"a/{path}", f"b/{path}")
    head = f"diff --git a/{path} b/{path}\n"
    return head + "".join(
        row if row.endswith("\n") else f"{row}\n\\ No newline at end of file\n" for row in rows
    )


def by_hand_page(notes: Sequence[ByHand]) -> str:
    """The page of what only a person can change."""
    if not notes:
        return "# By hand\n\nNothing.\n"
    rows = [
        f"- `{visible(n.path)}` line {n.line}: {mask(visible(n.reason))}\n"
        f"  Write: {mask(visible(n.write))}\n"
        for n in sorted(set(notes), key=lambda n: (n.path, n.line, n.reason))
    ]
    return "# By hand\n\nWhat these files need and no patch holds.\n\n" + "".join(rows)
