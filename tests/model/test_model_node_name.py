"""Names that get through the header of a WebSocket agent, and names that don't."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from migrate.model.node_name import name_obstacle


@pytest.mark.parametrize("name", ["build-1", "élan", "über groß", "a'b\"c", "ÿ", "a  b", "naïve"])
def test_names_that_move(name: str) -> None:
    assert name_obstacle(name) == ""


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("漢字", "U+5B57"),
        ("Łódź", "U+0141"),
        ("5 €", "U+20AC"),
        ("e\u0301lan", "U+0301"),
        ("a\x85b", "control character"),
        ("a\tb", "control character"),
        ("a\x7fb", "control character"),
        (" a", "blank"),
        ("a ", "blank"),
    ],
)
def test_names_that_stay(name: str, told: str) -> None:
    why = name_obstacle(name)
    assert told in why
    assert "\x85" not in why


@given(st.text(min_size=1))
@example("\xa0")
@example("ÿ")
@example("Ā")
def test_exactly_what_iso_8859_1_carries_unchanged(name: str) -> None:
    try:
        raw = name.encode("iso-8859-1")
    except UnicodeEncodeError:
        raw = b""
    control = any(byte < 0x20 or 0x7F <= byte < 0xA0 for byte in raw)
    moves = bool(raw) and not control and raw.strip(b" ") == raw
    assert (name_obstacle(name) == "") is moves
