"""Amounts as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate.model.amounts import Share, seconds, share


@pytest.mark.parametrize(
    ("text", "told"),
    [("90", 90), ("90s", 90), ("30m", 1800), (" 1.5 h ", 5400), ("2d", 172800), ("0", 0)],
)
def test_times(text: str, told: float) -> None:
    assert seconds(text) == told


@pytest.mark.parametrize("text", ["", "soon", "1w", "-1", "1h30m", "٣m", "1e3", "nan"])
def test_no_times(text: str) -> None:
    assert seconds(text) is None


@pytest.mark.parametrize("text", ["", "101%", "-1", "1.5", "%", "5%%", "٣"])
def test_no_shares(text: str) -> None:
    assert share(text) is None


def test_shares() -> None:
    assert share("20") == Share(20, percent=False)
    assert share(" 25 % ") == Share(25, percent=True)


@given(st.integers(0, 100), st.integers(0, 20_000))
def test_a_share_of_a_whole_is_rounded_as_it_says(percent: int, total: int) -> None:
    found = Share(percent, percent=True)
    assert found.down(total) <= total * percent / 100 <= found.up(total) <= total
    assert found.up(total) - found.down(total) <= 1
