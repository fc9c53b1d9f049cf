"""How many examples a property is tried with: all of them in ``make test-long``."""

from hypothesis import settings

SHARE = 4
"""Of the examples that a property names, every how manieth is tried in ``make test``."""


def examples(number: int) -> int:
    """For ``settings(max_examples=...)``: ``number`` with ``--long``, else a quarter of it."""
    profile = settings.default
    assert profile is not None
    return number if profile.max_examples >= 100 else max(10, number // SHARE)
