"""Text from outside can't act on a terminal, a page or a folder."""

import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from migrate.model.text import code_span, file_name, markdown, visible, visible_lines

hostile = st.text() | st.sampled_from(
    [
        "\x1b[2J",
        "a\u202eb",
        "x\r\ny",
        "`rm`",
        "a|b",
        "../..",
        "<b>",
        "[x](y)",
        "\ufeff",
        "é" * 99,
        "``",
    ]
)


@given(hostile)
def test_visible_text_has_no_controls(text: str) -> None:
    shown = visible(text)
    assert not any(unicodedata.category(c) == "Cc" for c in shown)
    assert not set(shown) & set(
        "\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    )
    assert visible(shown) == shown


@given(hostile)
def test_lines_stay_lines(text: str) -> None:
    assert set(visible_lines(text)) & {"\r", "\x1b", "\u202e"} == set()


@given(hostile)
def test_markdown_has_no_bare_marks(text: str) -> None:
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*_<>|\[\]]", markdown(text).replace("\\\\", ""))
    assert "\n" not in markdown(text)


@given(hostile)
def test_a_code_span_can_not_be_left(text: str) -> None:
    span = code_span(text)
    fence = re.match(r"`+", span)
    assert fence is not None
    inside = span[len(fence[0]) : -len(fence[0])]
    assert fence[0] not in re.findall(r"`+", inside)


@given(st.lists(hostile, min_size=2, max_size=2, unique=True))
def test_file_names_are_safe_and_stay_apart(texts: list[str]) -> None:
    one, two = map(file_name, texts)
    assert re.fullmatch(r"[A-Za-z0-9.-]+", one) and len(one) <= 100
    assert not one.startswith((".", "-"))
    assert one != two


def test_plain_names_stay_as_they_are() -> None:
    assert file_name("linux-1.example") == "linux-1.example"
    assert file_name("node c é").startswith("node-c-e-")
