"""Patterns of node names that match none: a slip that would go unnoticed."""

from collections.abc import Iterable
from difflib import get_close_matches

from migrate.model.errors import UsageProblem
from migrate.model.patterns import matches
from migrate.model.text import visible


def unmatched(patterns: Iterable[str], names: Iterable[str]) -> tuple[str, ...]:
    """The patterns that match no name, each with a near one: ``'linx-1' (did you mean ...?)``."""
    known = tuple(names)
    out = []
    for pattern in patterns:
        if any(matches(name, pattern) for name in known):
            continue
        near = get_close_matches(pattern, known, n=1)
        hint = f" (did you mean {visible(near[0])!r}?)" if near else ""
        out.append(f"{visible(pattern)!r}{hint}")
    return tuple(out)


def must_match(
    flag: str, patterns: Iterable[str], names: Iterable[str], of: str, next_command: str
) -> None:
    """``UsageProblem`` for a pattern that matches none of the names; nothing was begun."""
    lost = unmatched(patterns, names)
    if lost:
        told = f"{flag}: no node of {of} is {', '.join(lost)}"
        raise UsageProblem(told, next_command=next_command)
