"""Nodes that configuration as code sets: found, switched, and every other byte kept."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from test_sources_jcasc_edit import HOLDERS, comments, loaded, quoted

from examples import examples
from migrate.sources.jcasc.edit import edit
from migrate.sources.jcasc.nodes import nodes_in
from migrate.sources.jcasc.places import read_held
from migrate.splice.edit import undo
from migrate.splice.text import NotEditable

HEAD = "jenkins:\n  nodes:\n"
WORD = HEAD + "  - permanent:\n      name: a\n"


def says(text: str) -> dict[str, bool]:
    return {node.name: node.on_websocket for node in nodes_in(read_held(text, ""))}


def switched(text: str, *names: str) -> str:
    made = edit(text, (), nodes=names, path="casc.yaml")
    assert undo(made, made.text) == text
    assert not edit(made.text, (), nodes=names).changed
    assert all(says(made.text)[name] for name in names)
    return made.text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        # The shape of the field: a tunnel, and the flag that says TCP.
        (
            '      launcher:\n        inbound:\n          tunnel: "ci:50000"   # edge\n'
            "          webSocket: false\n",
            "      launcher:\n        inbound:\n          webSocket: true\n",
        ),
        (
            "      launcher:\n        jnlp:\n          tunnel: ci:50000  # edge\n",
            "      launcher:\n        jnlp:\n          webSocket: true  # edge\n",
        ),
        (
            "      launcher:\n        jnlp:   # the plugin's own sample\n",
            "      launcher:\n        jnlp:   # the plugin's own sample\n"
            "          webSocket: true\n",
        ),
        (
            '      launcher: "inbound"  # word\n',
            "      launcher:  # word\n        inbound:\n          webSocket: true\n",
        ),
        ("      launcher: {jnlp: {}}\n", "      launcher: {jnlp: {webSocket: true}}\n"),
        (
            "      launcher: {inbound: {tunnel: 'h:1', workDirSettings: {disabled: true}}}\n",
            "      launcher: {inbound: {webSocket: true, workDirSettings: {disabled: true}}}\n",
        ),
        (
            "      launcher:\n        inbound:\n          workDirSettings:\n"
            "            disabled: true\n          # last\n",
            "      launcher:\n        inbound:\n          webSocket: true\n"
            "          workDirSettings:\n            disabled: true\n          # last\n",
        ),
        (
            "      launcher:\n        inbound:\n          webSocket: ${WS:-false}\n",
            "      launcher:\n        inbound:\n          webSocket: true\n",
        ),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_each_way_to_write_a_launcher(old: str, new: str, newline: str) -> None:
    text, wanted = ((WORD + part + "      remoteFS: /x\n").replace("\n", newline)
                    for part in (old, new))  # fmt: skip
    assert says(text) == {"a": False}
    assert switched(text, "a") == wanted


def test_no_launcher_is_an_inbound_one() -> None:
    assert switched(WORD, "a") == (
        HEAD + "  - permanent:\n      launcher:\n        inbound:\n          webSocket: true\n"
        "      name: a\n"
    )


def test_what_does_not_dial_in_or_says_so_is_left() -> None:
    text = (
        HEAD + "  - permanent:\n      name: s\n      launcher:\n        ssh: {host: h}\n"
        "  - permanent: {name: w, launcher: {jnlp: {webSocket: true, tunnel: ''}}}\n"
        "  - permanent: {name: c, launcher: command}\n  - other: {name: o}\n"
    )
    assert says(text) == {"w": True}
    assert not edit(text, (), nodes=("w",)).changed


ONE = WORD + "      launcher:\n        jnlp:\n          tunnel: h:1\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (ONE + ONE.removeprefix(HEAD), "sets 2"),
        (HEAD + "  - permanent: {name: b}\n", "sets 0"),
        (ONE.replace("jnlp:\n", "jnlp: &a\n") + "x: *a\n", "alias"),
        (ONE.replace("permanent:\n", "permanent: &a\n") + "x: *a\n", "alias"),
        (ONE.replace("tunnel: h:1", "<<: {webSocket: false}\n          tunnel: h:1"), "<<"),
        (ONE.replace("h:1", ">-\n            h:1"), "spans lines"),
        (ONE.replace("h:1", '"{{ .Values.t }}"'), "template"),
        (ONE + "          tunnel: h:2\n", "twice"),
        (ONE + "        inbound: {}\n", "sets 2"),
    ],
)
def test_what_is_left_alone_with_a_reason(text: str, why: str) -> None:
    with pytest.raises(NotEditable) as caught:
        edit(text, (), nodes=("a",))
    assert why in caught.value.reason


@st.composite
def node(draw: st.DrawFn, name: str) -> str:
    """An entry of the list, its launcher in any of the ways to write one."""
    keys = draw(st.permutations(["name", "launcher", "remoteFS"]))
    symbol = draw(st.sampled_from(["jnlp", "inbound"]))
    flow = draw(st.booleans())
    own = {
        key: draw(value)
        for key, value in {
            "webSocket": st.sampled_from(["false", "true", '"${X}"', '"false"']),
            "tunnel": st.sampled_from(["h:1", '"h:1"', "''", "~"]),
            "workDirSettings": st.just("{disabled: true}"),
        }.items()
        if draw(st.booleans())
    }
    rows = [f"  - permanent:{draw(comments)}"]
    for key in keys:
        if key == "name":
            rows.append(f"      name: {quoted(name)}{draw(comments)}")
        elif key == "remoteFS":
            rows.append("      remoteFS: /x")
        elif not own:
            form = draw(st.sampled_from(["word", "key", "empty"]))
            told = {"word": f"launcher: {symbol}", "key": f"launcher:\n        {symbol}:"}
            rows.append("      " + told.get(form, f"launcher: {{{symbol}: {{}}}}"))
        elif flow:
            inner = ", ".join(f"{k}: {v}" for k, v in own.items())
            rows.append(f"      launcher: {{{symbol}: {{{inner}}}}}{draw(comments)}")
        else:
            rows.append(f"      launcher:\n        {symbol}:{draw(comments)}")
            rows += [f"          {k}: {v}{draw(comments)}" for k, v in own.items()]
    return "\n".join(rows) + "\n"


def _launcher(entry: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    launcher = entry["launcher"]
    if isinstance(launcher, str):
        return launcher, {}
    ((symbol, own),) = launcher.items()
    return symbol, own or {}


@settings(max_examples=examples(100))
@given(st.data())
def test_any_file_keeps_all_but_flag_and_tunnel(data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from("ab é#'\""), min_size=1, max_size=3, unique=True))
    text = HEAD + "".join(data.draw(node(f"n{name}")) for name in names) + "other: 'x'\n"
    holder = data.draw(st.sampled_from(sorted(HOLDERS)))
    held = HOLDERS[holder](text)
    chosen = [f"n{data.draw(st.sampled_from(names))}"]
    after = switched(held, *chosen)
    outside, before = loaded(held, holder)
    outside_now, now = loaded(after, holder)
    assert outside == outside_now
    for old, new in zip(before["jenkins"]["nodes"], now["jenkins"]["nodes"], strict=True):
        (symbol, own), (symbol_now, own_now) = (_launcher(e["permanent"]) for e in (old, new))
        assert symbol == symbol_now
        if old["permanent"]["name"] not in chosen:
            assert old == new
            continue
        assert own_now["webSocket"] is True and not own_now.get("tunnel")
        for part in (own, own_now, old["permanent"], new["permanent"]):
            for key in ("webSocket", "tunnel", "launcher"):
                part.pop(key, None)
        assert own == own_now and old == new
    assert YAML(typ="safe", pure=True).load_all(after)
