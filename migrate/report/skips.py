"""What was left out, and why. Skips with the same reason are shown together."""

from collections.abc import Iterable

from migrate.model.inventory import Skip
from migrate.report.document import (
    Block,
    Callout,
    Code,
    Line,
    Para,
    Tone,
    filled,
    joined,
    line,
    plural,
)

_HEAD = 3
"""Lines of the head: it must leave room for the report's first sentence."""


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


def unread(skips: Iterable[Skip]) -> tuple[str, ...]:
    """A sentence for each thing that could not be read and that somebody could do something
    about, what most nodes lack first: ``launch of 7 nodes: REASON (needs ...)``."""
    groups: dict[tuple[str, str], dict[str, list[str]]] = {}
    for skip in skips:
        if skip.needed:
            whats = groups.setdefault((skip.reason, skip.needed), {})
            whats.setdefault(skip.what, []).append(skip.subject)
    told = [
        (
            max(map(len, whats.values())),
            f"{', '.join(_of(what, subjects) for what, subjects in whats.items())}: {reason} "
            f"(needs {needed})",
        )
        for (reason, needed), whats in groups.items()
    ]
    return tuple(text for _, text in sorted(told, key=lambda each: -each[0]))


def _of(what: str, subjects: list[str]) -> str:
    if len(subjects) == 1:
        return f"{what} of {subjects[0]}"
    nodes = all(subject.startswith("node ") for subject in subjects)
    return f"{what} of {plural(len(subjects), 'node' if nodes else 'subject')}"


def head(skips: Iterable[Skip]) -> tuple[Block, ...]:
    """What could not be read, for the top of a report; nothing when all was."""
    told = unread(skips)
    if not told:
        return ()
    more = len(told) - _HEAD
    rest = [Para(line(text)) for text in told[1:_HEAD]]
    if more > 0:
        rest.append(Para(line(f"... and {plural(more, 'other reason')}: migrate scan --details")))
    return (Callout(Tone.WARN, line(f"Not read: {told[0]}"), tuple(rest)),)
