"""nginx' configuration is read as nginx reads it, with every offset right."""

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate.splice.nginx_text import Directive, parse
from migrate.splice.text import NotEditable


def _words(text: str) -> list[list[str]]:
    return [[word.text for word in one.words] for top in parse(text) for one in top.all()]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a b;c d;", [["a", "b"], ["c", "d"]]),
        ("a 'b c' \"d;{}\";", [["a", "b c", "d;{}"]]),
        ("a '' \"\";", [["a", "", ""]]),
        ("# x; y {\na b; # c;\n", [["a", "b"]]),
        ("a b#c;", [["a", "b#c"]]),
        ("set $x ${a}b;", [["set", "$x", "${a}b"]]),
        ("return 200 a}b;", [["return", "200", "a}b"]]),
        ("location ~ \\.(a|b)$ { x; }", [["location", "~", "\\.(a|b)$"], ["x"]]),
        ("location ~ \"^/[a-f]{8}/\" { x; }", [["location", "~", "^/[a-f]{8}/"], ["x"]]),
        ("if ($a = \"b\") { c; }", [["if", "($a", "=", "b", ")"], ["c"]]),
        ("map $a $b { '' close; default x; }",
         [["map", "$a", "$b"], ["", "close"], ["default", "x"]]),
        ("a \"x\\\"y\\\\z\";", [["a", 'x"y\\z']]),
        ("a b\\ c;", [["a", "b\\ c"]]),
        ("a\r\n\tb;\r\n", [["a", "b"]]),
        ("\ufeffuser www;", [["user", "www"]]),
        ("access_by_lua_block {\n  local s = \"}\" -- }\n  if s then x = {1} end\n  --[[ } ]]\n"
         "  t = [==[ } ]==]\n}\na b;", [["access_by_lua_block"], ["a", "b"]]),
        ("set_by_lua_block $x { return '}' }\n", [["set_by_lua_block", "$x"]]),
    ],
)  # fmt: skip
def test_words(text: str, words: list[list[str]]) -> None:
    assert _words(text) == words


@pytest.mark.parametrize(
    "text",
    [
        "a b", "a {", "a { b; ", "}", "a }", "a { b }", ";", "{", "a 'b", "a 'b'c;", "a \"",
        "x_by_lua_block { \" }", "x_by_lua_block { --[[ }", "a \\", "a{" * 100 + "}" * 100,
    ],
)  # fmt: skip
def test_what_nginx_would_not_read(text: str) -> None:
    with pytest.raises(NotEditable):
        parse(text)


_WORD = st.one_of(
    st.text("abc$_/.~^*()|=:#}-", min_size=1, max_size=8).filter(
        lambda w: w[0] not in "#}'\"" and not w.endswith("$")
    ),
    st.text("ab ;{}#$é\n", max_size=8).map(lambda w: f'"{w}"'),
    st.text("ab ;{}#\t", max_size=8).map(lambda w: f"'{w}'"),
)
_GAP = st.sampled_from([" ", "\n", "\r\n", "\t", " # c; {\n", "  "])


@st.composite
def configurations(draw: st.DrawFn, depth: int = 2) -> str:
    parts = []
    for _ in range(draw(st.integers(0, 3))):
        words = draw(st.lists(_WORD, min_size=1, max_size=3))
        row = "".join(word + draw(_GAP) for word in words)
        inside = depth > 0 and draw(st.booleans())
        block = f"{{{draw(_GAP)}{draw(configurations(depth - 1))}}}" if inside else ";"
        parts.append(row + block + draw(_GAP))
    return "".join(parts)


@given(configurations())
def test_every_byte_is_a_word_a_sign_a_blank_or_a_comment(text: str) -> None:
    """What lies between the words holds nothing but blanks, signs and comments."""
    spans = sorted((w.start, w.end) for top in parse(text) for one in top.all() for w in one.words)
    between, at = "", 0
    for start, end in spans:
        assert start >= at
        between += text[at:start] + " "
        at = end
    between += text[at:]
    rest = "".join(line.split("#")[0] for line in between.split("\n"))
    assert not rest.strip(" \t\r\n;{}")


@given(configurations())
def test_a_directive_s_own_text_is_the_same_directive(text: str) -> None:
    for top in parse(text):
        again = parse(text[top.start : top.end])
        assert len(again) == 1
        assert _shape(again[0]) == _shape(top)


def _shape(one: Directive) -> object:
    return ([w.text for w in one.words], one.is_block, [_shape(child) for child in one.children])


@given(st.text("ab;{}'\"\\#$ \n", max_size=60))
def test_no_text_does_harm(text: str) -> None:
    try:
        parse(text)
    except NotEditable as error:
        assert "nginx" in error.reason


@pytest.mark.parametrize(
    "text",
    ["a " * 200_000, "a;" * 200_000, "'" * 300_000, "\\" * 300_001, "$" * 300_000, "#" * 300_000,
     "x_by_lua_block {" + "[[" * 150_000, "x_by_lua_block {" + "--[=[" * 60_000,
     "a {" * 50 + "b;" * 100_000],
)  # fmt: skip
def test_the_time_it_takes_grows_with_the_length_only(text: str) -> None:
    began = time.process_time()
    with contextlib.suppress(NotEditable):
        parse(text)
    assert time.process_time() - began < 10
