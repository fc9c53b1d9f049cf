"""New lines stand as those around them do, and what goes takes its empty lines along."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate.splice.nginx_edit import Splice, after, at_start, before, out, unit_of
from migrate.splice.nginx_text import Directive, parse


def _done(text: str, *splices: Splice) -> str:
    for start, end, new in sorted(splices, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _named(text: str, name: str) -> Directive:
    return next(one for top in parse(text) for one in top.all() if one.name == name)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("a {\n  x 1;\n  y;\n}\n", "a {\n  x 1;\n  n;\n  m;\n  y;\n}\n"),
        ("a {\r\n\tx 1; # c\r\n}\r\n", "a {\r\n\tx 1; # c\r\n\tn;\r\n\tm;\r\n}\r\n"),
        ("a { x 1; y; }\n", "a { x 1; n; m; y; }\n"),
        ("a {\n  x\n    1\n    2;\n}\n", "a {\n  x\n    1\n    2;\n  n;\n  m;\n}\n"),
        ("x 1;", "x 1;\nn;\nm;"),
        ("\ufeffx 1;\n", "\ufeffx 1;\nn;\nm;\n"),
        ("a {\n  x 1; y;\n}\n", "a {\n  x 1; n; m; y;\n}\n"),
    ],
)
def test_after(text: str, result: str) -> None:
    assert _done(text, after(text, _named(text, "x"), ["n;", "m;"])) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("x {\n  y;\n}\n", "x {\n  n;\n  y;\n}\n"),
        ("x { # c\n\ty;\n}\n", "x { # c\n\tn;\n\ty;\n}\n"),
        ("x { y; }\n", "x { n; y; }\n"),
        ("x {\r\n}\r\n", "x {\r\n    n;\r\n}\r\n"),
    ],
)
def test_at_start(text: str, result: str) -> None:
    assert _done(text, at_start(text, _named(text, "x"), ["n;"])) == result


@pytest.mark.parametrize(
    ("text", "blank", "result"),
    [
        ("x { }\n", True, "m {\n  a;\n}\n\nx { }\n"),
        ("b {\n\tx { }\n}\n", False, "b {\n\tm {\n\t  a;\n\t}\n\tx { }\n}\n"),
        ("b { x { } }\n", False, "b { m { a; } x { } }\n"),
    ],
)
def test_before(text: str, blank: bool, result: str) -> None:
    rows = ["m {", "  a;", "}"]
    assert _done(text, before(text, _named(text, "x"), rows, blank=blank)) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("a;\n\nx { }\n\nb;\n", "a;\n\nb;\n"),
        ("a;\n\nx { }\n", "a;\n"),
        ("x { }\n\nb;\n", "b;\n"),
        ("x { }\n", ""),
        ("# c\nx { }\n", "# c\n"),
        ("# c\nx { }\n\nb;\n", "# c\n\nb;\n"),
        ("a; x { } b;\n", "a; b;\n"),
        ("s {\n  a;\n\n  x { }\n}\n", "s {\n  a;\n}\n"),
        ("s {\r\n  x { }\r\n\r\n  b;\r\n}\r\n", "s {\r\n  b;\r\n}\r\n"),
    ],
)
def test_out(text: str, result: str) -> None:
    within = next((top for top in parse(text) if top.name == "s"), None)
    assert _done(text, *out(text, [_named(text, "x")], within)) == result


def test_a_step_of_indentation_is_the_block_s_own() -> None:
    assert unit_of("a {\n\tb;\n}\n", parse("a {\n\tb;\n}\n")[0]) == "\t"
    assert unit_of("a { b; }", parse("a { b; }")[0]) == "    "


@st.composite
def blocks(draw: st.DrawFn) -> str:
    newline, unit = draw(st.sampled_from(["\n", "\r\n"])), draw(st.sampled_from(["  ", "\t", ""]))
    rows = draw(st.lists(st.sampled_from(["a b;", "c;", "", "# d", "e { f; }"]), max_size=5))
    at = draw(st.integers(0, len(rows)))
    rows.insert(at, draw(st.sampled_from(["x 1;", "x 1; # c", "x 1; y;", "y; x 1;"])))
    return newline.join(["s {", *(unit + row if row else "" for row in rows), "}"]) + newline


@given(blocks())
def test_every_byte_but_the_new_ones_stays(text: str) -> None:
    target = _named(text, "x")
    start, end, new = after(text, target, ["n;"])
    assert start == end
    result = _done(text, (start, end, new))
    names = [one.name for one in parse(result)[0].children]
    assert names.index("n") == names.index("x") + 1
    assert [n for n in names if n != "n"] == [one.name for one in parse(text)[0].children]
    taken = _done(result, (start, start + len(new), ""))
    assert taken == text


@given(blocks())
def test_what_goes_takes_nothing_else_along(text: str) -> None:
    result = _done(text, *out(text, [_named(text, "x")], parse(text)[0]))
    assert [one.name for one in parse(result)[0].children] == [
        one.name for one in parse(text)[0].children if one.name != "x"
    ]
    assert result.count("# d") == text.count("# d")
