"""Patterns of node names, as the options and the config file take them."""

from fnmatch import fnmatchcase


def matches(name: str, pattern: str) -> bool:
    """Whether a node name matches a pattern; a name matches itself even with ``[`` in it."""
    return pattern == name or fnmatchcase(name, pattern)
