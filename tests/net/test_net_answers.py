"""JSON from outside is bounded."""

import json

import pytest

from migrate.net.answers import MOST_VALUES, NotJson, has_lone, parse_json, whole_text


def test_what_is_read() -> None:
    assert parse_json(b'{"a": [1, "\xc3\xa9"]}') == {"a": [1, "é"]}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<html>", "it is not JSON"),
        (b"\xff\xfe\xfd", "it is not JSON"),
        (b"1" * 5000, "it is not JSON"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"a":' * 200_000, "nested too deeply"),
        (b"[" + b"0," * MOST_VALUES + b"0]", "more than 1,000,000 values"),
        (b"[" * (MOST_VALUES + 1), "more than 1,000,000 values"),
    ],
    ids=["html", "bytes", "digits", "deep-list", "deep-object", "many", "deep-many"],
)
def test_what_is_refused(body: bytes, why: str) -> None:
    with pytest.raises(NotJson, match=why):
        parse_json(body)


def test_commas_in_text_are_no_values() -> None:
    text = ',[{"\\' * 400_000
    assert parse_json(json.dumps([text]).encode()) == [text]


def test_half_a_pair() -> None:
    text = parse_json(b'"a\\ud800b \\ud83d\\ude00"')
    assert has_lone(text)
    assert whole_text(text) == "a\ufffdb 😀"
    assert not has_lone(whole_text(text))
