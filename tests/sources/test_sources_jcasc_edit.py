"""Edits of configuration as code, judged by a YAML reader of its own."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from examples import examples
from migrate.sources.jcasc.edit import clouds_in, edit
from migrate.sources.jcasc.places import read_held
from migrate.splice.edit import Edit, undo
from migrate.splice.text import NotEditable, decode, encode

PLAIN = """# the controller
jenkins:
  numExecutors: 0   # none here
  slaveAgentPort: 50000  # agents
  clouds:
  - kubernetes:
      name: "kube é"   # the big one
      jenkinsTunnel: jenkins-agent:50000   # TCP
      jenkinsUrl: 'http://jenkins:8080/'

      templates: &t
        - name: a
          envVars: [{envVar: {key: A, value: hunter2}}]
  -  kubernetes:
       # the small one
       webSocket: false
       directConnection: true
       name: arm
       templates: *t
  - kubernetes: {name: flow, jenkinsTunnel: "h:1", directConnection: true}
  - kubernetes: {jenkinsTunnel: "h:1", name: flow2, webSocket: no }
  - ec2: {name: arm, jenkinsTunnel: h}
unclassified:
  x: {clouds: [{kubernetes: {name: arm}}]}
"""
EDITS = {
    "kube é": [
        ("      jenkinsTunnel: jenkins-agent:50000   # TCP\n", ""),
        ("jenkinsUrl: 'http://jenkins:8080/'\n",
         "jenkinsUrl: 'http://jenkins:8080/'\n      webSocket: true\n"),
    ],
    "arm": [("webSocket: false", "webSocket: true"), ("       directConnection: true\n", "")],
    "flow": [('name: flow, jenkinsTunnel: "h:1", directConnection: true}',
              "name: flow, webSocket: true}")],
    "flow2": [('{jenkinsTunnel: "h:1", name: flow2, webSocket: no }',
               "{name: flow2, webSocket: true }")],
}  # fmt: skip
PORT = [("slaveAgentPort: 50000", "slaveAgentPort: -1")]


def indented(text: str, by: int, newline: str = "\n") -> str:
    lines = text.split("\n")
    return newline.join(" " * by + line if line.strip() else line for line in lines)


def values(script: str) -> str:
    return (
        "jenkins:\n  controller:   # the chart\n    JCasC:\n      configScripts:\n"
        "        other: |\n          jenkins: {systemMessage: clouds}\n"
        "        all: |-  # ours\n" + indented(script, 10) + "    tag: x\nlast: 1"
    )


def config_map(script: str) -> str:
    return (
        "apiVersion: v1\nkind: Service\nmetadata: {name: x}\n---\n# casc\napiVersion: v1\n"
        "kind: ConfigMap\ndata:\n  note: clouds\n  jcasc.yaml: |2\n"
        + indented(script, 4)
        + "  # end\nmetadata: {name: casc}\n"
    )


HOLDERS = {"plain": lambda script: script, "values": values, "config map": config_map}


def edited(text: str, clouds: tuple[str, ...], *, port: bool = False) -> Edit:
    """The edit, after checks that hold for every one of them."""
    made = edit(text, clouds, port=port, path="casc.yaml")
    assert made.original == text and bool(made.diff) == made.changed
    assert undo(made, made.text) == text
    again = edit(made.text, clouds, port=port)
    assert again.text == made.text and not again.changed and again.reason
    assert encode(decode(encode(made.text))) == encode(made.text)
    assert "hunter2" not in made.diff
    return made


@pytest.mark.parametrize("holder", HOLDERS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("names", [*[(n,) for n in EDITS], tuple(EDITS), ("port",)])
def test_each_way_to_write_a_cloud(holder: str, newline: str, names: tuple[str, ...]) -> None:
    expected = PLAIN
    for name in names:
        for old, new in PORT if name == "port" else EDITS[name]:
            assert expected.count(old) == 1
            expected = expected.replace(old, new)
    wrap = HOLDERS[holder]
    text, wanted = (wrap(side).replace("\n", newline) for side in (PLAIN, expected))
    port = names == ("port",)
    assert edited(text, () if port else names, port=port).text == wanted


def test_what_stands_last_without_a_line_end_or_with_a_byte_order_mark() -> None:
    text = "\ufeffjenkins:\n  clouds:\n    - kubernetes:\n        name: k"
    assert edited(text, ("k",)).text == text + "\n        webSocket: true"
    held = "kind: ConfigMap\ndata:\n  a.yml: |\n    jenkins:\n      clouds:\n      - kubernetes:\n"
    held += "          name: k"
    assert edited(held, ("k",)).text == held + "\n          webSocket: true"
    null = "jenkins:\n  clouds:\n  - kubernetes:\n      name: k\n      webSocket:   # later\n"
    assert edited(null, ("k",)).text == null.replace("webSocket:", "webSocket: true")


def test_what_says_so_already_is_left_byte_for_byte() -> None:
    text = "jenkins: {clouds: [{kubernetes: {name: k, webSocket: true, directConnection: false,"
    text += " jenkinsTunnel: ''}}], slaveAgentPort: -1}"
    assert not edited(text, ("k",)).changed
    assert not edited(text, (), port=True).changed


ONE = "jenkins:\n  clouds:\n  - kubernetes:\n      name: k\n      jenkinsTunnel: h:1\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (ONE + ONE.partition("\n")[2], "0|2|twice|sets 2"),
        ("a: 1\n", "sets 0 clouds"),
        (ONE.replace("clouds:", "clouds: [") + "]", "no YAML"),
        (ONE + "      jenkinsTunnel: h:2\n", "twice"),
        (ONE.replace("name: k", "name: k\n      <<: {directConnection: true}"), "by <<"),
        (ONE.replace("kubernetes:\n", "kubernetes: &a\n") + "x: [*a]\n", "alias"),
        (ONE.replace("  - kubernetes:\n", "  - &a\n    kubernetes:\n") + "x: *a\n", "alias"),
        (ONE.replace("h:1", ">-\n        h:1"), "spans lines"),
        (ONE.replace("h:1", "&a h:1") + "x: *a\n", "anchor"),
        (ONE.replace("h:1", '"{{ .Values.tunnel }}"'), "template"),
        (ONE.replace("\n", "\r"), "line ends"),
        (ONE.replace("      name: k\n", "      name: k\n\x85"), "line ends"),
        ("kind: ConfigMap\ndata:\n  a.yaml: " + json.dumps(ONE), "literal"),
        (values(ONE).replace("all: |-", "all: &x |-") + "\ny: *x", "alias"),
    ],
)  # fmt: skip
def test_what_is_left_alone_with_a_reason(text: str, why: str) -> None:
    with pytest.raises(NotEditable) as caught:
        edit(text, ("k",))
    assert any(part in caught.value.reason for part in why.split("|")), caught.value.reason


def test_a_diff_tells_the_change_and_no_secret() -> None:
    text = (
        "jenkins:\n  clouds:\n  - kubernetes:\n      serverCertificate: hunter2\n"
        "      # password: hunter2\n      jenkinsTunnel: 'h:1'  # hunter2\n      name: k\n"
        "      templates: [{title: hunter2x, yaml: hunter2}]\n      x: |\n        hunter2\n"
        '  - kubernetes: {name: f, "credentialsId":"hunter2", z: [hunter2], jenkinsTunnel: h}\n'
        "  - kubernetes: {name: g,\n      jenkinsTunnel: h, password: hunter2,\n"
        "      'b': hunter2}\n"
    )
    for name in "kfg":
        diff = edited(text, (name,)).diff
        assert "webSocket: true" in diff and "-" in diff
    assert "-      jenkinsTunnel: 'h:1'" in edited(text, ("k",)).diff


names = st.text("abZ019é ._'\"#:{}&*!|>%@-", min_size=1, max_size=6)
scalars = st.sampled_from(["x", '"a # b"', "'it''s'", "", "~", "true", "h:1", "-1", '"\\u00e9"'])
comments = st.sampled_from(["", "  # c", " #"])


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@st.composite
def clouds(draw: st.DrawFn, name: str, indent: str) -> str:
    """A cloud's entry of the list, in block or flow style, its keys in any order."""
    told = quoted(name) if draw(st.booleans()) or not name.isalnum() else f"'{name}'"
    keys = {"name": told}
    for key in ("webSocket", "jenkinsTunnel", "directConnection", "jenkinsUrl", "other", "b c"):
        if draw(st.booleans()):
            keys[key] = draw(scalars)
    order = draw(st.permutations(sorted(keys)))
    if draw(st.booleans()):
        pairs = [f"{key}: {keys[key] or '~'}" for key in order]
        comma = draw(st.sampled_from([", ", " , ", ",\n" + indent + "     "]))
        return f"{indent}- kubernetes: {{{comma.join(pairs)}}}{draw(comments)}\n"
    deeper = indent + " " * draw(st.integers(3, 6))
    rows = [f"{indent}- kubernetes:{draw(comments)}\n"]
    for key in order:
        rows.append(f"{deeper}{key}:{' ' if keys[key] else ''}{keys[key]}{draw(comments)}\n")
        rows.append(draw(st.sampled_from(["", "\n", f"{deeper}# between\n"])))
    return "".join(rows)


@st.composite
def files(draw: st.DrawFn) -> tuple[str, list[str], str]:
    found = draw(
        st.lists(
            names.map(str.strip).filter(lambda n: n and "{{" not in n),
            min_size=1,
            max_size=3,
            unique=True,
        )
    )
    indent = draw(st.sampled_from(["", " ", "  "])) + "  "
    text = "".join(
        ["# head\n", "jenkins:\n", "  mode: NORMAL\n"]
        + [f"  slaveAgentPort: 50000{draw(comments)}\n"]
        + ["  clouds:\n"]
        + [draw(clouds(name, indent)) for name in found]
        + ["other: 'x'\n"]
    )
    holder = draw(st.sampled_from(sorted(HOLDERS)))
    text = HOLDERS[holder](text)
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return text, found, holder


def loaded(text: str, holder: str) -> Any:
    def load(part: str) -> Any:
        return list(YAML(typ="safe", pure=True).load_all(part))

    whole = load(text)
    if holder == "values":
        inner = whole[0]["jenkins"]["controller"]["JCasC"]["configScripts"].pop("all")
    elif holder == "config map":
        inner = whole[1]["data"].pop("jcasc.yaml")
    else:
        return {}, whole[0]
    return whole, load(inner)[0]


@settings(max_examples=examples(150))
@given(files(), st.data())
def test_any_file_keeps_all_but_the_settings(
    made: tuple[str, list[str], str], data: st.DataObject
) -> None:
    text, found, holder = made
    chosen = data.draw(st.lists(st.sampled_from(found), unique=True))
    port = not chosen
    new = edited(text, tuple(chosen), port=port).text
    outside, casc = loaded(text, holder)
    outside_after, after = loaded(new, holder)
    assert outside == outside_after
    if port:
        casc["jenkins"]["slaveAgentPort"] = -1
    for item in casc["jenkins"]["clouds"]:
        cloud = item["kubernetes"]
        if cloud["name"] in chosen:
            now = next(
                i["kubernetes"]
                for i in after["jenkins"]["clouds"]
                if i["kubernetes"]["name"] == cloud["name"]
            )
            assert now["webSocket"] in (True, "true")
            assert not now.get("jenkinsTunnel") and not now.get("directConnection")
            for key in ("webSocket", "jenkinsTunnel", "directConnection"):
                cloud.pop(key, None)
                now.pop(key, None)
    assert casc == after
    # Lines that have nothing to do with it are there as before, in the same order.
    words = ("webSocket", "jenkinsTunnel", "directConnection", "slaveAgentPort", "{", "}")
    old_lines, new_lines = (
        [line for line in side.split("\n") if not any(word in line for word in words)]
        for side in (text, new)
    )
    if "{" not in text:
        assert old_lines == new_lines
    assert set(chosen) <= {cloud.name for cloud in clouds_in(read_held(new, ""))}
