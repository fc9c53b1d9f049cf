"""Compose files and files of variables, judged by a YAML reader and by sh."""

import json
import re
import shlex
import subprocess
from typing import Any

import pytest
from agents_launch import NEW, SECRET, URL, argvs, edited, judged, kept, names, plain, wanted
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from examples import examples
from migrate.agents.launch.compose import ComposeEditor
from migrate.agents.launch.env_file import EnvFileEditor
from migrate.splice.text import NotEditable

COMPOSE, ENV = ComposeEditor(), EnvFileEditor()
FORBIDDEN = {"JENKINS_TUNNEL", "JENKINS_DIRECT_CONNECTION"}


def data(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)["services"]


def environment(service: Any) -> dict[str, Any]:
    env = service["environment"]
    if isinstance(env, dict):
        return dict(env)
    return dict(row.partition("=")[::2] for row in env)


FILE = f"""# all agents
x-common: &common
  image: jenkins/inbound-agent:latest
services:
  db: {{image: postgres, environment: {{JENKINS_TUNNEL: not ours}}}}
  map:   # first
    image: "jenkins/inbound-agent:3206.vb-1"
    environment:
      JENKINS_URL: https://h/   # url
      JENKINS_TUNNEL: h:1
      JENKINS_AGENT_NAME: "n 1"
      JENKINS_SECRET: {SECRET}
      JENKINS_WEB_SOCKET: false
    restart: always

  args:
    <<: *common
    command: [-url, https://h/, "-noKeepAlive", -workDir, /w, "@/run/secrets/s", n2]
  list:
    <<: *common
    environment:
    - JENKINS_URL=https://h/
    - 'JENKINS_NAME=n3'
    - JENKINS_DIRECT_CONNECTION   # x
    - JENKINS_SECRET=${{S}}
  folded:
    image: eclipse-temurin
    command: >-
      java -jar a.jar -url https://h/
      -name n4 -secret @/s
      -tunnel h:2
  block:
    image: eclipse-temurin
    command:
      - java
      - -jar   # the jar
      - a.jar
      - -url
      - https://h/
      - -tunnel  # old
      - h:2
      - -name
      - "n5"
  plain:
    image: eclipse-temurin
    command: java -jar a.jar -url https://h/ -name "n 6" -secret $S -tunnel x:1
  flow:
    image: jenkins/inbound-agent
    environment: {{JENKINS_URL: "https://h/", JENKINS_TUNNEL: a:1, JENKINS_NAME: n7, A: $S}}
"""
EDITS = {
    "n 1": [
        ("      JENKINS_TUNNEL: h:1\n", ""),
        ("JENKINS_WEB_SOCKET: false", 'JENKINS_WEB_SOCKET: "true"'),
    ],
    "n2": [('[-url, https://h/, "-noKeepAlive", ', "[-webSocket, -url, https://h/, ")],
    "n3": [
        ("    - JENKINS_DIRECT_CONNECTION   # x\n", ""),
        ("    - 'JENKINS_NAME=n3'", "    - JENKINS_WEB_SOCKET=true\n    - 'JENKINS_NAME=n3'"),
    ],
    "n4": [("-url https://h/\n      -name n4 -secret @/s\n      -tunnel h:2",
            "-webSocket -url https://h/\n      -name n4 -secret @/s")],
    "n5": [("      - -tunnel  # old\n      - h:2\n", ""),
           ("      - -url\n      - https", "      - -webSocket\n      - -url\n      - https")],
    "n 6": [(" -tunnel x:1", ""), ('a.jar -url https://h/ -name "n 6"',
                                   'a.jar -webSocket -url https://h/ -name "n 6"')],
    "n7": [("JENKINS_TUNNEL: a:1, ", 'JENKINS_WEB_SOCKET: "true", ')],
}  # fmt: skip


@pytest.mark.parametrize("node", EDITS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_each_way_to_write_a_service(node: str, newline: str) -> None:
    expected = FILE
    for old, new in EDITS[node]:
        assert expected.count(old) == 1
        expected = expected.replace(old, new)
    text = FILE.replace("\n", newline)
    edit = edited(COMPOSE, text, wanted(node, path="compose.yaml"))
    assert edit.text == expected.replace("\n", newline)
    data(edit.text)


def test_all_agents_of_a_file_are_found_and_nothing_else() -> None:
    found = COMPOSE.launches(FILE)
    assert [launch.node for launch in found] == list(EDITS)
    assert [launch.where for launch in found][:2] == ["service map", "service args"]
    assert found[0].secret_in_clear and not found[1].secret_in_clear
    assert COMPOSE.detect(FILE, "docker-compose.yml") and not COMPOSE.detect("a: 1", "a.yml")


@pytest.mark.parametrize(
    ("service", "reason"),
    [
        ("{image: 'jenkins/inbound-agent:3.29-1', environment: {JENKINS_NAME: n1}}", "4.0.1-1"),
        ("{image: jenkins/inbound-agent, environment: *e}", "by an alias"),
        ("{image: jenkins/inbound-agent, env_file: a.env, hostname: n1}", "no environment"),
        ("{image: x, command: java -jar a.jar -url u -name n2 -secret @s}", "starts n2"),
        ("{image: x, command: java -jar a.jar -url u -name n1 -secret @s $O}", "$O"),
        ("{image: postgres}", "starts no agent"),
        ("{image: jenkins/inbound-agent, command: [[a]]}", "no word"),
    ],
)
def test_what_is_not_clear_is_left_alone(service: str, reason: str) -> None:
    text = "x-e: &e {JENKINS_TUNNEL: h:1, JENKINS_NAME: n1, JENKINS_URL: u}\nservices:\n  a: "
    with pytest.raises(NotEditable) as caught:
        COMPOSE.to_websocket(text + service + "\n", wanted(path="compose.yaml"))
    assert reason in caught.value.reason


def test_what_services_share_is_set_to_nothing_for_one_of_them() -> None:
    text = "x-e: &e\n  JENKINS_TUNNEL: h:1\n  JENKINS_URL: u\nservices:\n" + "".join(
        f"  {name}:\n    image: jenkins/inbound-agent\n    environment:\n      <<: *e\n"
        f"      JENKINS_AGENT_NAME: {name}\n"
        for name in ("n1", "n2")
    )
    edit = edited(COMPOSE, text, wanted(path="compose.yaml"))
    services = data(edit.text)
    assert services["n1"]["environment"]["JENKINS_TUNNEL"] == ""
    assert services["n1"]["environment"]["JENKINS_WEB_SOCKET"] == "true"
    assert services["n2"] == data(text)["n2"]
    assert any("empty for this service alone" in note for note in edit.notes)


@pytest.mark.parametrize("text", ["", "a: [", "a: 1\n---\nb: 2\n", "services: 1", "- x", "&a [*a]"])
def test_what_is_no_compose_file_is_refused(text: str) -> None:
    with pytest.raises(NotEditable):
        COMPOSE.launches(text)


values = st.dictionaries(
    st.sampled_from(["JENKINS_TUNNEL", "JENKINS_DIRECT_CONNECTION", "JENKINS_WEB_SOCKET", "TZ",
                     "JENKINS_AGENT_WORKDIR", "JAVA_OPTS"]),
    st.sampled_from(["h:1", "true", "false", "a b", "1", "x: y", "é # not a comment"]),
)  # fmt: skip


@settings(max_examples=examples(60))
@given(names, values, st.sampled_from(["map", "list", "flow"]), st.randoms(use_true_random=False))
def test_the_environment_says_what_it_should(
    node: str, more: dict[str, str], how: str, shuffle: Any
) -> None:
    env = {"JENKINS_URL": URL, "JENKINS_NAME": node.replace("$", "S"), **more}
    rows = list(env.items())
    shuffle.shuffle(rows)
    written = {
        "map": "".join(f"\n      {k}: {json.dumps(v)}  # c" for k, v in rows),
        "list": "".join(f"\n      - {json.dumps(f'{k}={v}')}" for k, v in rows),
        "flow": " {" + ", ".join(f"{k}: {json.dumps(v)}" for k, v in rows) + "}",
    }[how]
    text = f"services:\n  a:\n    environment:{written}\n    image: jenkins/inbound-agent # é\n"
    edit = edited(COMPOSE, text, wanted(env["JENKINS_NAME"], path="c.yml"))
    expected = {k: v for k, v in env.items() if k not in FORBIDDEN}
    assert environment(data(edit.text)["a"]) == {**expected, "JENKINS_WEB_SOCKET": "true"}
    assert edit.text.endswith("    image: jenkins/inbound-agent # é\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{K, T, D}", "{K, W}"),
        ("{T, D, K}", "{K, W}"),
        ("{T, K, D}", "{K, W}"),
        ("{K, T, D, Z}", "{K, W, Z}"),
        ("{ T, K, # why, of course\n      D }", "{ K, W # why, of course\n       }"),
        ("{K, # c\n      T, # t\n      Z}", "{K, W, # c\n       # t\n      Z}"),
        ("{K,\n      T}", "{K, W\n      }"),
    ],
)
def test_entries_of_one_line_go_with_their_commas(before: str, after: str) -> None:
    rows = {
        "K": "JENKINS_URL: u",
        "T": "JENKINS_TUNNEL: h:1",
        "D": 'JENKINS_DIRECT_CONNECTION: "a,b#c"',
        "Z": "TZ: UTC",
        "W": 'JENKINS_WEB_SOCKET: "true"',
    }

    def written(short: str) -> str:
        env = re.sub(r"\b[KTDZW]\b", lambda m: rows[m[0]], short)
        return f"services:\n  a:\n    image: jenkins/inbound-agent\n    environment: {env}\n"

    edit = edited(COMPOSE, written(before), wanted(path="c.yml"))
    assert edit.text == written(after)


@settings(max_examples=examples(40))
@given(argvs(plain), st.booleans())
def test_a_command_says_what_it_should(command: tuple[str, list[str]], flow: bool) -> None:
    node, before = command
    before = [word.replace("$", "S") for word in before]
    rows = [json.dumps(word) for word in before]
    written = f" [{', '.join(rows)}]" if flow else "".join(f"\n      - {row}" for row in rows)
    text = f"services:\n  a:\n    command:{written}\n    restart: always\n"
    edit = edited(COMPOSE, text, wanted(node, path="c.yml"))
    after = data(edit.text)["a"]["command"]
    judged(after)
    kept(before, after)


ENV_FILE = f"""# agent
export JENKINS_URL="https://h/" # x
export JENKINS_TUNNEL=h:1
JENKINS_SECRET={SECRET}
JENKINS_AGENT_NAME=n1
JENKINS_OTHER='a b'
REMOTING_OPTS=-noKeepAlive -workDir /x"""


def test_a_file_of_variables() -> None:
    edit = edited(ENV, ENV_FILE, wanted(path="/o/agent.env"))
    assert edit.text == ENV_FILE.replace(
        "export JENKINS_TUNNEL=h:1\n", "export JENKINS_WEB_SOCKET=true\n"
    ).replace("-noKeepAlive ", "")
    assert ENV.detect(ENV_FILE, "/o/agent.env") and not ENV.detect("#!/bin/sh\nexec x", "/o/a")


def test_the_value_is_exactly_true_for_docker_which_keeps_quotes() -> None:
    text = 'JENKINS_URL=u\r\nJENKINS_NAME=n1\r\nJENKINS_WEB_SOCKET="true"\r\n'
    edit = edited(ENV, text, wanted(path="a.env"))
    assert edit.text == text.replace('"true"', "true")


def test_a_variable_that_holds_the_options() -> None:
    text = f'A=b\nOPTS="-url https://h/ -tunnel x:1 -name n1 -secret {SECRET}" # o\n'
    edit = edited(ENV, text, wanted(path="/etc/default/agent"))
    assert edit.text == text.replace(" -tunnel x:1", "").replace("-url", "-webSocket -url")
    text = f"OPTS=-jnlpUrl {URL}computer/n1/jenkins-agent.jnlp -secret @/s -noKeepAlive\n"
    edit = edited(ENV, text, wanted(path="/etc/default/agent"))
    assert edit.text == text.replace(" -noKeepAlive", "")
    with pytest.raises(NotEditable, match="stands elsewhere"):
        ENV.to_websocket(text, wanted(path="/etc/default/agent", rewrite_jnlp_url=True))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('JENKINS_URL="u\nv"\n', "goes on after its line"),
        ("JENKINS_URL=u\nJENKINS_NAME=n2\n", "starts n2"),
        ("TZ=UTC\n", "starts no agent"),
        ("OPTS=\"-url u -name 'n 1' -secret @s\"\n", "starts 'n, not n1"),
        ('OPTS="-url u -name n1 -secret @s $MORE"\n', "options may come from $MORE"),
        ('OPTS="-url u -name n1 -secret @s -quick"\n', "-quick is no option of agent.jar"),
    ],
)
def test_variables_that_are_not_clear_are_left_alone(text: str, reason: str) -> None:
    with pytest.raises(NotEditable) as caught:
        ENV.to_websocket(text, wanted(path="a.env"))
    assert reason in caught.value.reason


@settings(max_examples=examples(30))
@given(values, st.booleans(), st.sampled_from(["\n", "\r\n"]))
def test_a_file_of_variables_says_what_it_should(
    more: dict[str, str], export: bool, newline: str
) -> None:
    more = {key: value for key, value in more.items() if key != "JENKINS_WEB_SOCKET"}
    env = {"JENKINS_URL": URL, "JENKINS_NAME": "n1", **more}
    lead = "export " if export else ""
    text = "# é" + newline
    text += "".join(f"{lead}{k}={shlex.quote(v)}{newline}" for k, v in env.items())
    edit = edited(ENV, text, wanted(version=NEW, path="a.env"))
    shown = subprocess.run(
        ["/bin/sh", "-c", f"set -a\n{edit.text}\nexec env -0".replace("\r", "")],
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=True,
        text=True,
        timeout=20,
    ).stdout
    told = dict(row.partition("=")[::2] for row in shown.split("\0") if row)
    expected = {k: v for k, v in env.items() if k not in FORBIDDEN}
    assert {k: v for k, v in told.items() if k in {*env, "JENKINS_WEB_SOCKET"}} == {
        **expected,
        "JENKINS_WEB_SOCKET": "true",
    }
    assert edit.text.count("\n") == edit.text.count(newline)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for editor in (COMPOSE, ENV):
        try:
            editor.launches(text)
        except NotEditable as error:
            assert error.reason


OPTIONS = f"""# Options of the agent.
JENKINS_AGENT_OPTS="-url https://h/ -name n1 -secret {SECRET} -workDir /w"
OTHER=x
"""


def test_a_secret_among_the_options_of_a_variable_becomes_a_file() -> None:
    edit = edited(ENV, OPTIONS, wanted(path="/etc/default/a", secret_file="/w/agent-secret-n1"))
    assert edit.secret is not None
    assert (edit.secret.path, edit.secret.content) == ("/w/agent-secret-n1", SECRET + "\n")
    told = f"-webSocket -url https://h/ -name n1 -secret @{edit.secret.path} -workDir /w"
    assert f'\nJENKINS_AGENT_OPTS="{told}"\n' in edit.text
    assert SECRET in edited(ENV, OPTIONS, wanted(path="/etc/default/a")).text


@pytest.mark.parametrize("path", ["/w x/secret", "/w/$HOME", "/w/'s'"])
def test_a_path_that_is_not_one_plain_word_leaves_the_secret(path: str) -> None:
    edit = edited(ENV, OPTIONS, wanted(path="/etc/default/a", secret_file=path))
    assert edit.secret is None
    assert SECRET in edit.text


def test_a_containers_secret_stays() -> None:
    text = f"JENKINS_URL=https://h/\nJENKINS_AGENT_NAME=n1\nJENKINS_SECRET={SECRET}\n"
    edit = edited(ENV, text, wanted(path="agent.env", secret_file="/w/s"))
    assert edit.secret is None
    assert f"JENKINS_SECRET={SECRET}\n" in edit.text
