"""What was left out, and why. Skips with the same reason are shown together."""

from migrate.model.inventory import Skip
from migrate.report.document import Block, Code, Line, filled, joined, line


def table(skips: tuple[Skip, ...]) -> tuple[Block, ...]:
    """A table of all skips; nothing when there are none."""
    groups: dict[tuple[str, str, str], list[Skip]] = {}
    for skip in skips:
        groups.setdefault((skip.what, skip.reason, skip.needed), []).append(skip)
    if not groups:
        return ()
    rows: list[tuple[Line, ...]] = [
        (
            joined([line(Code(skip.subject)) for skip in group]),
            line(what),
            line(reason),
            line(needed),
        )
        for (what, reason, needed), group in groups.items()
    ]
    return (filled(("Subject", "What", "Why", "What would be needed"), rows),)
