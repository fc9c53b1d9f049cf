"""Generated configurations read the same here and by crossplane, a parser of others."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrate.splice.nginx_text import Directive, parse

crossplane = pytest.importorskip("crossplane", reason="pip install '.[test]' brings crossplane")


def _theirs(block: list[dict[str, Any]]) -> list[object]:
    return [
        [one["directive"], one["args"], _theirs(one["block"]) if "block" in one else None]
        for one in block
    ]


def _ours(directives: tuple[Directive, ...]) -> list[object]:
    return [
        [one.name, list(one.args), _ours(one.children) if one.is_block else None]
        for one in directives
    ]


def _read_by_crossplane(path: Path) -> list[object]:
    payload = crossplane.parse(
        str(path), single=True, strict=False, check_ctx=False, check_args=False, comments=False
    )
    assert payload["status"] == "ok", payload["errors"]
    return _theirs(payload["config"][0]["parsed"])


_WORD = st.one_of(
    st.text("abcd/_.~^*|=:-", min_size=1, max_size=8).filter(lambda w: w not in ("if", "include")),
    st.sampled_from(["$host", "$http_upgrade", "/x$", "^/(a|b)$", "50%", "a#b"]),
    st.text("ab ;{}#.", min_size=1, max_size=8).map(lambda w: f'"{w}"'),
    st.text("ab ;{}#\n", max_size=8).map(lambda w: f"'{w}'"),
)
_BLANK = st.sampled_from([" ", "\n", "\r\n", "\t", "  "])
_BETWEEN = st.sampled_from(["\n", " # a; b {\n", "\n# '\n", "\r\n", " "])


@st.composite
def plain(draw: st.DrawFn, depth: int = 3) -> str:
    """Without what crossplane reads in a way of its own: escapes, ``if``, comments in directives.

    It takes an empty first word, and a quoted one, for no directive of its own.
    """
    parts = []
    for _ in range(draw(st.integers(0, 3))):
        words = ["d" + draw(st.sampled_from(["", "ir", "_x"]))]
        words += draw(st.lists(_WORD, max_size=3))
        row = "".join(word + draw(_BLANK) for word in words)
        inside = depth > 0 and draw(st.booleans())
        block = "{" + draw(_BETWEEN) + draw(plain(depth - 1)) + "}" if inside else ";"
        parts.append(row + block + draw(_BETWEEN))
    return "".join(parts)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(text=plain())
def test_generated(text: str, tmp_path: Path) -> None:
    path = tmp_path / "nginx.conf"
    path.write_bytes(text.encode())
    assert _ours(parse(text)) == _read_by_crossplane(path)


CORPUS = Path(__file__).parents[1] / "sources" / "corpus" / "nginx"
FILES = sorted(
    path for path in CORPUS.rglob("*")
    if path.is_file() and path.suffix not in (".yaml", ".j2", ".template")
)  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(CORPUS).as_posix())
def test_files_as_people_have_them(path: Path) -> None:
    text = path.read_bytes().decode()
    ours = [one for one in _flat(_ours(parse(text))) if one[0] != "if"]
    theirs = [one for one in _flat(_read_by_crossplane(path)) if one[0] != "if"]
    assert ours == theirs


def _flat(found: list[Any]) -> list[Any]:
    rows = []
    for name, args, block in found:
        rows.append([name, args])
        rows += _flat(block or [])
    return rows
