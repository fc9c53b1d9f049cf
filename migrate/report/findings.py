"""Findings as blocks: worst first, and subjects with one cause and one fix together."""

from collections import Counter
from collections.abc import Iterable
from itertools import groupby

from migrate.model.finding import Finding, Severity
from migrate.report.document import (
    Badge,
    Block,
    Bullets,
    Code,
    Fields,
    Heading,
    Line,
    Tone,
    line,
    plural,
)
from migrate.rules.registry import by_id

TONES = {Severity.BLOCKER: Tone.BAD, Severity.WARNING: Tone.WARN, Severity.INFO: Tone.MUTED}
_ORDER = list(Severity)


def summary(findings: Iterable[Finding]) -> str:
    """``1 blocker, 2 warnings, 3 infos``; ``no findings``."""
    seen = Counter(finding.severity for finding in findings)
    told = [plural(seen[severity], severity.value) for severity in Severity if seen[severity]]
    return ", ".join(told) or "no findings"


def blockers(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those for which apply refuses."""
    return tuple(f for f in findings if f.severity is Severity.BLOCKER)


def _key(finding: Finding) -> tuple[int, str, str, str]:
    return _ORDER.index(finding.severity), finding.id, finding.cause, finding.fix


def blocks(findings: tuple[Finding, ...]) -> tuple[Block, ...]:
    """One part per cause; nothing when there are no findings."""
    out: list[Block] = []
    for _, group in groupby(sorted(findings, key=_key), key=_key):
        out += _part(list(group))
    return tuple(out)


def one_liners(findings: tuple[Finding, ...]) -> tuple[Block, ...]:
    """One line per finding, grouped where only the subject differs; ``explain`` has the rest."""
    out: list[Line] = []
    for _, group in groupby(sorted(findings, key=_key), key=_key):
        same = list(group)
        first = same[0]
        more = f" (and {len(same) - 1} more)" if len(same) > 1 else ""
        badge = Badge(first.severity.value, TONES[first.severity])
        out.append(line(badge, " ", Code(first.id), " ", f"{first.subject}: {first.summary}{more}"))
    return (Bullets(tuple(out)),) if out else ()


def _part(group: list[Finding]) -> list[Block]:
    first = group[0]
    rule = by_id(first.id)
    title = rule.title if rule else first.summary
    many = f" ({len(group)} subjects)" if len(group) > 1 else ""
    badge = Badge(first.severity.value, TONES[first.severity])
    head = Heading(3, line(badge, " ", Code(first.id), " ", title, many))
    why: list[tuple[str, Line]] = [("Cause", line(first.cause)), ("Fix", line(first.fix))]
    if len(group) == 1:
        what: list[tuple[str, Line]] = [
            ("What", line(Code(first.subject), ": ", first.summary)),
            ("Evidence", line(first.evidence)),
        ]
        return [head, Fields((*what, *why))]
    items = tuple(line(Code(f.subject), ": ", f"{f.summary} ({f.evidence})") for f in group)
    return [head, Fields(tuple(why)), Bullets(items)]
