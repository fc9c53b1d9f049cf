"""Narrows what is one of several kinds to the one that a test is about."""

from typing import TypeVar

Kind = TypeVar("Kind")


def a(kind: type[Kind], value: object) -> Kind:
    """``value``, which must be of that kind."""
    assert isinstance(value, kind), value
    return value
