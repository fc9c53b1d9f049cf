"""Requests about one node, or the list of them."""

import json
from typing import Any

from defusedxml import ElementTree

from migrate.jenkins.agent_log import HEAD_BYTES, TAIL_BYTES, parse_log
from migrate.jenkins.errors import (
    JenkinsError,
    NodeGone,
    NotEditable,
    RedactedConfig,
    UnexpectedAnswer,
)
from migrate.jenkins.http import BUILT_IN, Http, node_path
from migrate.jenkins.node_config import is_redacted, read_launcher
from migrate.jenkins.nodes import (
    ALL_NODES_TREE,
    NODE_TREE,
    ComputerState,
    computer_state,
    is_built_in,
    name_in,
)
from migrate.jenkins.port import json_object
from migrate.model.inventory import Skip
from migrate.model.known_secrets import known
from migrate.model.ports import AgentLog
from migrate.model.text import visible

MOST_CONFIG = 2 << 20
"""Bytes. A node has some KiB; sixteen are read side by side."""
MOST_JNLP = 64 << 10
LIST = "computer/api/json"
READ_CONFIG = "Agent/ExtendedRead or Agent/Configure"
READ_LOG = "Agent/Connect or Agent/ExtendedRead"


def list_computers(http: Http) -> tuple[tuple[ComputerState, ...], tuple[Skip, ...]]:
    """All nodes, the built-in one included, sorted by name; one that can't be told is a Skip."""
    states: list[ComputerState] = []
    skips: list[Skip] = []
    for number, entry in enumerate(_entries(http, ALL_NODES_TREE), start=1):
        try:
            states.append(computer_state(entry))
        except UnexpectedAnswer as error:
            name = visible(name_in(entry) or f"number {number}")[:200]
            skips.append(Skip(f"node {name}", "node", error.cause, "a look at the node"))
    return tuple(sorted(states, key=lambda state: state.name)), tuple(skips)


def node_names(http: Http) -> tuple[str, ...]:
    """Names of all nodes but the built-in one, sorted. None is left out: what closes the port asks
    for each. ``UnexpectedAnswer`` for a node without one."""
    found = []
    for entry in _entries(http, "computer[_class,displayName]"):
        name = name_in(entry)
        if name is None:
            raise UnexpectedAnswer(f"/{LIST} has a node without displayName")
        if not is_built_in(entry):
            found.append(name)
    return tuple(sorted(found))


def _entries(http: Http, tree: str) -> list[dict[str, Any]]:
    response = http.get(LIST, params={"tree": tree}, needs="Overall/Read")
    computers = json_object(response, LIST, whole=False).get("computer")
    if not isinstance(computers, list):
        raise UnexpectedAnswer(f"/{LIST} holds no list of computers")
    return [entry for entry in computers if isinstance(entry, dict)]


def one_computer(http: Http, name: str) -> ComputerState:
    """One node now; ``NodeGone`` when there is none of this name."""
    path = node_path(name, "api/json")
    response = http.get(path, params={"tree": NODE_TREE}, node=name, needs="Overall/Read")
    return computer_state(json_object(response, path))


def read_built_in(http: Http) -> ComputerState:
    """The controller's own node; ``(master)`` was its name before 2.307."""
    try:
        return one_computer(http, BUILT_IN)
    except NodeGone:
        return one_computer(http, "(master)")


def read_config(http: Http, name: str) -> bytes:
    """config.xml as served, redacted or not."""
    path = node_path(name, "config.xml")
    response = http.get(path, most=MOST_CONFIG, node=name, needs=READ_CONFIG)
    content: bytes = response.content
    return content


def read_whole_config(http: Http, name: str) -> bytes:
    """config.xml fit to be edited; ``RedactedConfig`` when its secrets are blanked."""
    body = read_config(http, name)
    if is_redacted(body):
        raise RedactedConfig(name)
    return body


def write_config(http: Http, name: str, body: bytes) -> None:
    """POST config.xml. Refuses what would lose secrets or rename the node (23-rename)."""
    if is_redacted(body):
        raise RedactedConfig(name)
    named = read_launcher(body).name
    if named != name:
        raise NotEditable(f"it names the node {named!r}, which would rename {name!r}")
    http.post(
        node_path(name, "config.xml"),
        data=body,
        headers={"Content-Type": "application/xml"},
        expected=(200,),
        node=name,
        needs="Agent/Configure",
    )


def read_log(http: Http, name: str) -> AgentLog:
    """The agent log; of a very long one its head and its tail."""
    path = node_path(name, "logText/progressiveText")
    options = {"cut": True, "node": name, "needs": READ_LOG}
    response = http.get(path, params={"start": "0"}, most=HEAD_BYTES, **options)
    size = response.headers.get("X-Text-Size", "")
    raw = response.content[:HEAD_BYTES]
    if len(response.content) > HEAD_BYTES and size.isdigit() and int(size) > TAIL_BYTES:
        start = {"start": str(int(size) - TAIL_BYTES)}
        tail = http.get(path, params=start, most=2 * TAIL_BYTES, **options).content
        raw += b"\n" + tail[: 2 * TAIL_BYTES]
    return parse_log(raw)


def create_inbound(http: Http, name: str, description: str) -> None:
    """Create a permanent inbound node that no build lands on (recording 24-create).

    Mode EXCLUSIVE and no label: only a job that asks for this very name could run there.
    """
    launcher = {
        "stapler-class": "hudson.slaves.JNLPLauncher",
        "$class": "hudson.slaves.JNLPLauncher",
        "workDirSettings": {
            "disabled": False,
            "workDirPath": "",
            "internalDir": "remoting",
            "failIfWorkDirIsMissing": False,
        },
        "tunnel": "",
        "vmargs": "",
    }
    retention = "hudson.slaves.RetentionStrategy$Always"
    form = {
        "name": name,
        "nodeDescription": description,
        "numExecutors": "1",
        "remoteFS": "/tmp/migrate-probe",  # noqa: S108  # never used: no agent ever starts
        "labelString": "",
        "mode": "EXCLUSIVE",
        "": ["hudson.slaves.JNLPLauncher", retention],
        "launcher": launcher,
        "retentionStrategy": {"stapler-class": retention, "$class": retention},
        "nodeProperties": {"stapler-class-bag": "true"},
        "type": "hudson.slaves.DumbSlave",
    }
    kind = {"name": name, "type": "hudson.slaves.DumbSlave"}
    http.post(
        "computer/doCreateItem",
        params=kind,
        data={**kind, "json": json.dumps(form)},
        needs="Agent/Create",
    )


def agent_secret(http: Http, name: str) -> str:
    """The first argument of the node's JNLP file; Agent/Connect (recording 13-jnlp-a-tcp)."""
    path = node_path(name, "jenkins-agent.jnlp")
    response = http.get(path, most=MOST_JNLP, node=name, needs="Agent/Connect")
    try:
        first = ElementTree.fromstring(response.content).find("application-desc/argument")
    except Exception:
        # The parser's message could quote the file, which holds the secret.
        first = None
    if first is None or not first.text:
        raise UnexpectedAnswer(f"the JNLP file of node {name!r} holds no secret")
    known().remember(first.text)
    return str(first.text)


def failure(error: JenkinsError) -> tuple[str, str]:
    """(reason, what would be needed) of a part that could not be read, for a Skip."""
    return error.cause, str(getattr(error, "permission", "") or "")
