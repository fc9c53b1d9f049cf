"""The facts of what differs."""

from collections import Counter

from migrate.model.difference import BACK, KINDS, LOST, Change
from migrate.model.finding import Severity
from migrate.report.machine.facts import Case, CaseState, Facts, Remark, Rows, counted

_SEVERITIES = {BACK: Severity.WARNING, LOST: Severity.WARNING}


def facts(changes: tuple[Change, ...]) -> Facts:
    """Its changes; a case fails for what came back to TCP alone."""
    seen = Counter(change.kind for change in changes)
    return Facts(
        "diff",
        tuple(
            Remark(
                f"diff.{c.kind.replace(' ', '-')}",
                _SEVERITIES.get(c.kind, Severity.INFO),
                f"{c.what} {c.name}",
                f"{c.what} {c.name} {c.kind}: {_told(c)}",
            )
            for c in changes
        ),
        tuple(
            Case(
                f"migrate.diff.{c.what.replace(' ', '-')}",
                c.name,
                CaseState.FAILED if c.kind == BACK else CaseState.PASSED,
                f"{c.kind}: {_told(c)}",
            )
            for c in changes
        ),
        Rows(
            ("how", "what", "name", "before", "after"),
            tuple((c.kind, c.what, c.name, c.before, c.after) for c in changes),
        ),
        (
            counted(
                "migrate_differences",
                "What differs, by how.",
                "how",
                {kind: seen[kind] for kind in KINDS},
            ),
        ),
    )


def _told(change: Change) -> str:
    return " -> ".join(part or "nothing" for part in (change.before, change.after))
