"""Cuts: what is taken out goes, whatever else is said stays, byte for byte."""

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from examples import examples
from migrate.sources.base import FileEdit, SourceText
from migrate.sources.cuts import (
    add_after,
    document_out,
    item_after,
    item_before,
    nothing_below,
    set_to,
    take_out,
)
from migrate.sources.nested import Doc, Spot, documents
from migrate.splice.text import NotEditable
from migrate.splice.yaml_text import spliced

KEYS = st.sampled_from(["50000", "a", "b-c", "'22'", '"x"', "d.e", "long_key"])
VALUES = st.sampled_from(
    ["1", "ci/jenkins:1", '"q: #"', "'it''s'", "{x: 1, y: [2]}", "[a, b]", "{}", "null", "", "~"]
)
COMMENTS = st.sampled_from(["", "", "", "  # why", " #x"])


@st.composite
def block_maps(draw: st.DrawFn) -> tuple[str, int]:
    """(a map below ``top``, the number of its entries)."""
    keys = draw(st.lists(KEYS, min_size=1, max_size=5, unique_by=lambda k: k.strip("'\"")))
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    indent = " " * draw(st.sampled_from([1, 2, 4]))
    rows = [draw(st.sampled_from(["top:", "top: # of it", "'top':"]))]
    for key in keys:
        if draw(st.booleans()):
            rows.append(f"{indent}# about {key}")
        value = draw(st.one_of(VALUES, st.just("|block"), st.just("nested")))
        if value == "|block":
            rows += [f"{indent}{key}: |", f"{indent}  one", f"{indent}  two: 2"]
        elif value == "nested":
            rows += [f"{indent}{key}:", f"{indent}  k: v", f"{indent}  l:", f"{indent}  - 1"]
        else:
            rows.append(f"{indent}{key}: {value}".rstrip() + draw(COMMENTS))
        if draw(st.integers(0, 5)) == 0:
            rows.append("")
    rows += draw(st.sampled_from([["last: 1"], [], ["# end", "other: {a: 1}"]]))
    text = newline.join(rows) + draw(st.sampled_from([newline, newline, ""]))
    return draw(st.sampled_from(["", "\ufeff", f"---{newline}"])) + text, len(keys)


@st.composite
def flow_maps(draw: st.DrawFn) -> tuple[str, int]:
    """The same in braces, on one line or on several."""
    keys = draw(st.lists(KEYS, min_size=1, max_size=5, unique_by=lambda k: k.strip("'\"")))
    plain = st.sampled_from(["1", "ci/jenkins:1", '"q, #"', "{x: 1}", "[a, b]"])
    joint = draw(st.sampled_from([", ", ",", " , ", ",\n  ", ",\r\n    "]))
    edge = draw(st.sampled_from(["", " ", "\n  "]))
    inner = joint.join(f"{key}: {draw(plain)}" for key in keys)
    return f"top: {{{edge}{inner}{edge.rstrip(' ')}}}\nlast: 1\n", len(keys)


def _doc(text: str) -> Doc:
    return documents(SourceText("a.yaml", text))[0]


def _after(text: str, edits: list[FileEdit]) -> str:
    return spliced(text, [(e.start, e.end, e.new) for e in edits])


def _load(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text.removeprefix("\ufeff"))


def _is_subsequence(part: str, whole: str) -> bool:
    left = iter(whole)
    return all(char in left for char in part)


def _spots(doc: Doc) -> list[Spot]:
    top = doc.root.get("top")
    assert top is not None
    return list(top.children())


@given(made=st.one_of(block_maps(), flow_maps()), data=st.data())
@settings(max_examples=examples(400), deadline=None)
def test_what_is_taken_out_goes_and_the_rest_stays(
    made: tuple[str, int], data: st.DataObject
) -> None:
    text, number = made
    before = _load(text)
    gone = data.draw(st.sets(st.integers(0, number - 1), min_size=1, max_size=number))
    doc = _doc(text)
    spots = [spot for n, spot in enumerate(_spots(doc)) if n in gone]
    edits = take_out(doc, spots, "close", "why", comments=data.draw(st.booleans()))
    after = _after(text, edits)
    keys = [key for n, key in enumerate(before["top"]) if n not in gone]
    assert _load(after) == {**before, "top": {key: before["top"][key] for key in keys}}
    assert _is_subsequence(after.replace(" {}", "").replace("{}", ""), text.replace("{}", ""))


@given(made=st.one_of(block_maps(), flow_maps()), data=st.data())
@settings(max_examples=examples(200), deadline=None)
def test_a_value_is_set_and_setting_it_again_changes_nothing(
    made: tuple[str, int], data: st.DataObject
) -> None:
    text, number = made
    at = data.draw(st.integers(0, number - 1))
    doc = _doc(text)
    spot = _spots(doc)[at]
    if spot.node.kind != "scalar" or spot.node.style == "|":
        with pytest.raises(NotEditable):
            set_to(doc, spot, "-1", "close", "why")
        return
    before = _load(text)
    after = _after(text, set_to(doc, spot, "-1", "close", "why"))
    key = list(before["top"])[at]
    assert _load(after) == {**before, "top": {**before["top"], key: -1}}
    again = _doc(after)
    assert _after(after, set_to(again, _spots(again)[at], "-1", "close", "why")) == after


@given(made=st.one_of(block_maps(), flow_maps()), data=st.data())
@settings(max_examples=examples(200), deadline=None)
def test_a_row_is_added_behind_an_entry(made: tuple[str, int], data: st.DataObject) -> None:
    text, number = made
    # A block scalar at the end of a file gets its last line end by what follows it.
    assume(text.endswith("\n"))
    doc, before = _doc(text), _load(text)
    spot = _spots(doc)[data.draw(st.integers(0, number - 1))]
    after = _after(text, add_after(doc, spot, "webSocket: true", "nodes", "why"))
    assert _load(after) == {**before, "top": {**before["top"], "webSocket": True}}
    assert _is_subsequence(text, after)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("top:\n- a: 1\n  b: 2\n- c: 3\n", "top:\n- c: 3\n"),
        ("top: [{a: 1}, {c: 3}]\n", "top: [{c: 3}]\n"),
        ("top:\n  # first\n  - a\n  # second\n  - b\n", "top:\n  # second\n  - b\n"),
        ("top:\n- a: |\n    x\n", "top: []\n"),
        ("top:\r\n  - a\r\nlast: 1\r\n", "top: []\r\nlast: 1\r\n"),
    ],
)
def test_the_first_item_of_a_list(text: str, after: str) -> None:
    doc = _doc(text)
    edits = take_out(doc, _spots(doc)[:1], "close", "why", comments=True)
    assert _after(text, edits) == after


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("a: 1\nkeep: {top: {x: 1}, z: 2}\n", "a: 1\nkeep: {z: 2}\n"),
        ("keep:\n  z: 2\n  top:\n    x: 1\n", "keep:\n  z: 2\n"),
    ],
)
def test_a_holder_goes_with_its_last_entry(text: str, after: str) -> None:
    doc = _doc(text)
    top = doc.root.get("keep", "top")
    assert top is not None
    assert _after(text, take_out(doc, list(top.children()), "close", "", empty="holder")) == after


def test_a_document_goes_with_its_mark() -> None:
    text = "---\na: 1\n---\nb: 2\n---\nc: 3\n"
    docs = documents(SourceText("a.yaml", text))
    assert _after(text, document_out(docs[1], "close", "")) == "---\na: 1\n---\nc: 3\n"
    assert _after(text, document_out(docs[2], "close", "")) == "---\na: 1\n---\nb: 2\n"
    with pytest.raises(NotEditable, match="remove the file"):
        document_out(_doc("a: 1\n"), "close", "")


def test_an_object_of_a_list_goes_as_an_item() -> None:
    text = "apiVersion: v1\nkind: List\nitems:\n- kind: A\n  apiVersion: v1\n- kind: B\n"
    docs = documents(SourceText("a.yaml", text))
    after = _after(text, document_out(docs[0], "close", ""))
    assert after == "apiVersion: v1\nkind: List\nitems:\n- kind: B\n"


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("top:\n- a\n- b\n", "top:\n- new\n- a\n- b\n"),
        ("top: [a, b]\n", "top: [new, a, b]\n"),
        ("top:\r\n  - a\r\n", "top:\r\n  - new\r\n  - a\r\n"),
    ],
)
def test_an_item_before(text: str, after: str) -> None:
    doc = _doc(text)
    assert _after(text, item_before(doc, _spots(doc)[0], "new", "nodes", "")) == after


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("top:\n- name: a\n", "top:\n- name: a\n- name: b\n  value: c\n"),
        ("top:\n  - name: a", "top:\n  - name: a\n  - name: b\n    value: c"),
        ("top: [{name: a}]\n", "top: [{name: a}, {name: b, value: c}]\n"),
    ],
)
def test_an_item_after(text: str, after: str) -> None:
    doc = _doc(text)
    made = item_after(doc, _spots(doc)[0], ("name: b", "value: c"), "nodes", "")
    assert _after(text, made) == after


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("top:\n  jnlp:\n", "top:\n  jnlp:\n    a:\n      b: 1\n"),
        ("top:\n  jnlp: # c\n  z: 1\n", "top:\n  jnlp: # c\n    a:\n      b: 1\n  z: 1\n"),
        ("top: {jnlp: {}}\n", "top: {jnlp: {a: {b: 1}}}\n"),
        ("top:\r\n  jnlp: {}\r\n", "top:\r\n  jnlp: {a: {b: 1}}\r\n"),
    ],
)
def test_rows_below_an_entry_without_a_value(text: str, after: str) -> None:
    doc = _doc(text)
    made = nothing_below(doc, _spots(doc)[0], ("a", "b: 1"), "nodes", "")
    assert _after(text, made) == after


def test_what_an_alias_shares_is_refused() -> None:
    doc = _doc("top: &t\n  a: 1\nother: *t\n")
    with pytest.raises(NotEditable, match="anchor"):
        take_out(doc, _spots(doc), "close", "")
