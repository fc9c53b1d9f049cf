"""Documents inside of scalars, with offsets of the file's own text."""

from migrate.sources.base import SourceText
from migrate.sources.nested import Doc, documents


def _docs(text: str) -> tuple[Doc, ...]:
    return documents(SourceText("a.yaml", text))


def _written(doc: Doc, *keys: str) -> str:
    spot = doc.root.get(*keys)
    assert spot is not None
    return doc.file.text[spot.node.start : spot.node.end].strip()


def test_three_levels_deep() -> None:
    text = "\ufeffa: |\n    b: |-\n        c: |\n          d: 'four'\n    other: 1\nz: 2\n"
    docs = _docs(text)
    assert [doc.level for doc in docs] == [0, 1, 2, 3]
    assert docs[3].root.path == ("a", "b", "c")
    assert _written(docs[3], "d") == "'four'"
    assert _written(docs[1], "other") == "1"


def test_line_ends_of_windows() -> None:
    docs = _docs("a: |\r\n  b: 1\r\n  c: 2\r\nd: 3\r\n")
    assert (_written(docs[1], "c"), _written(docs[0], "d")) == ("2", "3")


def test_several_documents_in_a_block_and_in_a_file() -> None:
    docs = _docs("a: |\n  b: 1\n  ---\n  c: 2\n---\nd: 3\n")
    assert [doc.level for doc in docs] == [0, 1, 1, 0]


def test_json_in_quotes_but_no_escapes() -> None:
    docs = _docs("""p: '[{"op": "add"}]'\nq: "[{\\"op\\": 1}]"\nr: '{"x": "it''s"}'\n""")
    assert [doc.root.path for doc in docs] == [(), ("p",)]
    assert _written(docs[1], "0", "op") == '"add"'


def test_text_that_is_no_document() -> None:
    assert len(_docs("a: |\n  echo: [\n  {{ if }}\nb: |\n  plain words\n")) == 1


def test_objects_of_a_list() -> None:
    docs = _docs("apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: A}\n- {kind: B}\n")
    assert [doc.kind for doc in docs] == ["A", ""]


def test_what_kubectl_applied_last_is_no_document_of_its_own() -> None:
    key = "kubectl.kubernetes.io/last-applied-configuration"
    assert len(_docs(f'metadata:\n  annotations:\n    {key}: |\n      {{"a": 1}}\n')) == 1


def test_a_scalar_behind_an_alias_stands_where_the_alias_is() -> None:
    doc = _docs("x: &t edge:50000\na:\n  tunnel: *t\n")[0]
    spot = doc.root.get("a", "tunnel")
    assert spot is not None
    assert (spot.node.value, spot.node.shared) == ("edge:50000", False)
    assert _written(doc, "a", "tunnel") == "*t"
