"""One node that answers as none should never ends the reading of the others."""

import base64
import json
from typing import Any

import pytest
from jenkins_recordings import Answer, serving

from migrate.jenkins.client import JenkinsController
from migrate.jenkins.console import BEGIN, END
from migrate.jenkins.errors import UnexpectedAnswer
from migrate.jenkins.nodes import MOST_TEXT
from migrate.jenkins.reading import Reading
from migrate.model.serialize import to_json

JENKINS = (("X-Jenkins", "2.541.3"), ("Content-Type", "application/json"))
PERMANENT = (
    '<?xml version="1.1" encoding="UTF-8"?><slave><name>{name}</name><description>{description}'
    '</description><launcher class="hudson.slaves.JNLPLauncher">{more}</launcher></slave>'
)
LONG = "x" * (10 << 20)
DEEP = "<a>" * 100_000 + "</a>" * 100_000
MANY = "<a/>" * 200_000
HOSTILE = {
    "lone surrogate in the name": ({"displayName": "bad\ud800"}, None, "its name is no text"),
    "a name of 1 MB": ({"displayName": "n" * (1 << 20)}, None, "its name has 1,048,576"),
    "no name": ({"displayName": None}, None, "without displayName"),
    "no state": ({"displayName": "bad", "offline": "maybe"}, None, "without displayName or off"),
    "lone surrogate in the description": (
        {"displayName": "bad", "description": "a\udfffb", "offlineCauseReason": "\ud800"},
        None,
        None,
    ),
    "10 MB of description": ({"displayName": "bad", "description": LONG}, LONG, "10,485,760 char"),
    "deep config.xml": ({"displayName": "bad"}, DEEP, "nested more than 200 deep"),
    "many elements": ({"displayName": "bad"}, MANY, "more than 20000 elements"),
    "9 MB of config.xml": ({"displayName": "bad"}, "y" * (9 << 20), "too large"),
    "a million labels": (
        {"displayName": "bad", "assignedLabels": [{"name": f"l{n}"} for n in range(50_000)]},
        None,
        "there are 50000 of them",
    ),
}


def config(name: str, more: str = "", description: str = "d") -> bytes:
    return PERMANENT.format(name=name, more=more, description=description).encode(
        "utf-8", "surrogatepass"
    )


def body_of(name: str, extra: str | None) -> bytes:
    if extra is None:
        return config(name)
    if extra.startswith("<"):
        return config(name, extra)
    return config(name, description=extra)


def rest(entry: dict[str, Any], extra: str | None) -> dict[tuple[str, str], Answer]:
    nodes = [{"displayName": name, "offline": True} for name in ("good-1", "good-2")]
    hostile = {"offline": True, **entry}
    listed = json.dumps({"computer": [nodes[0], hostile, nodes[1]]}).encode()
    answers = {
        ("GET", "/computer/api/json"): Answer(200, JENKINS, listed),
        ("GET", "/api/json"): Answer(200, JENKINS, b'{"slaveAgentPort": 50000}'),
        ("GET", "/whoAmI/api/json"): Answer(200, JENKINS, b'{"name": "bob"}'),
        ("GET", "/script"): Answer(403, JENKINS),
        ("GET", "/tcpSlaveAgentListener/"): Answer(404, JENKINS),
    }
    for name in ("good-1", "good-2"):
        answers["GET", f"/computer/{name}/config.xml"] = Answer(200, JENKINS, config(name))
        answers["GET", f"/computer/{name}/logText/progressiveText"] = Answer(200, JENKINS)
    answers["GET", "/computer/bad/config.xml"] = Answer(200, JENKINS, body_of("bad", extra))
    answers["GET", "/computer/bad/logText/progressiveText"] = Answer(200, JENKINS)
    return answers


def script(entry: dict[str, Any], extra: str | None) -> dict[tuple[str, str], Answer]:
    def node(name: Any, told: dict[str, Any], body: bytes) -> dict[str, Any]:
        return {
            "name": name,
            "online": told.get("offline") is not True,
            "busy": 0,
            "description": told.get("description", ""),
            "offline_reason": told.get("offlineCauseReason", ""),
            "labels": [each["name"] for each in told.get("assignedLabels", ())],
            "config_xml": base64.b64encode(body).decode(),
        }

    nodes = [node(name, {}, config(name)) for name in ("good-1", "good-2")]
    nodes.insert(1, node(entry["displayName"], entry, body_of("bad", extra)))
    result = json.dumps({"version": "2.541.3", "agent_port": 50000, "nodes": nodes})
    answers = rest(entry, extra)
    answers["GET", "/script"] = Answer(200, JENKINS)
    answers["POST", "/scriptText"] = Answer(200, JENKINS, f"{BEGIN}\n{result}\n{END}\n".encode())
    answers["GET", "/computer/(built-in)/api/json"] = Answer(
        200, JENKINS, b'{"displayName": "built-in", "_class": "MasterComputer", "offline": false}'
    )
    return answers


def told(reading: Reading, part: str | None) -> None:
    names = {node.name for node in reading.nodes}
    assert {"good-1", "good-2"} <= names
    whole = to_json([*reading.nodes, *reading.skips])
    assert len(whole) < 200_000
    assert all(len(node.description) <= MOST_TEXT for node in reading.nodes)
    if part is None:
        assert "bad" in names
    else:
        about = [skip for skip in reading.skips if part in skip.reason]
        assert len(about) == 1, [skip.reason[:100] for skip in reading.skips]
        assert about[0].subject.startswith("node ")


@pytest.mark.parametrize("case", HOSTILE.values(), ids=HOSTILE)
def test_by_rest(case: tuple[dict[str, Any], str | None, str | None]) -> None:
    entry, extra, part = case
    with serving(rest(entry, extra)) as server:
        told(JenkinsController(server.url, "bob", "sekrit-token").read(by="rest"), part)


BY_SCRIPT = {name: case for name, case in HOSTILE.items() if name != "no state"}
"""The script has no such field."""


@pytest.mark.parametrize("case", BY_SCRIPT.values(), ids=BY_SCRIPT)
def test_by_script(case: tuple[dict[str, Any], str | None, str | None]) -> None:
    entry, extra, part = case
    with serving(script(entry, extra)) as server:
        reading = JenkinsController(server.url, "bob", "sekrit-token").read(by="script")
    if part and ("ame" in part or "large" in part):
        part = {"too large": "bytes, too many"}.get(part, "in another form")
    told(reading, part)


def test_what_closes_the_port_asks_for_every_name() -> None:
    with serving(rest({"displayName": "bad\ud800"}, None)) as server:
        jenkins = JenkinsController(server.url, "bob", "sekrit-token")
        assert jenkins.node_names() == ("bad\ud800", "good-1", "good-2")
        with pytest.raises(UnexpectedAnswer, match=r"bad\\ud800 can't be sent"):
            jenkins.node_state("bad\ud800")
    with (
        serving(rest({"displayName": None}, None)) as server,
        pytest.raises(UnexpectedAnswer, match="without displayName"),
    ):
        JenkinsController(server.url, "bob", "sekrit-token").node_names()
