"""The report of what differs."""

from collections import Counter

from migrate.model.difference import BACK, KINDS, LOST, MOVED, Change
from migrate.report.document import (
    Badge,
    Block,
    Callout,
    Code,
    Document,
    Fields,
    Line,
    Tone,
    filled,
    line,
)

_TONES = {BACK: Tone.BAD, LOST: Tone.WARN, MOVED: Tone.GOOD}


def sentence(changes: tuple[Change, ...]) -> str:
    """``3 moved, 1 added``; ``nothing differs``."""
    seen = Counter(change.kind for change in changes)
    return ", ".join(f"{seen[kind]} {kind}" for kind in KINDS if seen[kind]) or "nothing differs"


def document(before: str, after: str, changes: tuple[Change, ...]) -> Document:
    """From ``before`` to ``after``, each named for a person."""
    kinds = {change.kind for change in changes}
    tone = Tone.BAD if BACK in kinds else Tone.GOOD if kinds <= {MOVED} else Tone.WARN
    blocks: list[Block] = [
        Callout(tone, line(f"{sentence(changes).capitalize()}.")),
        Fields((("From", line(before)), ("To", line(after)))),
    ]
    if changes:
        rows: list[tuple[Line, ...]] = [
            (
                line(Badge(c.kind, _TONES.get(c.kind, Tone.PLAIN))),
                line(c.what),
                line(Code(c.name)),
                line(c.before),
                line(c.after),
            )
            for c in changes
        ]
        blocks.append(filled(("How", "What", "Name", "Before", "After"), rows))
    return Document("What differs", tuple(blocks))
