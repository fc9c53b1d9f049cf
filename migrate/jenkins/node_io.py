"""Requests about one node, or the list of them."""

import json

from defusedxml import ElementTree

from migrate.jenkins.agent_log import HEAD_BYTES, TAIL_BYTES, parse_log
from migrate.jenkins.errors import (
    JenkinsError,
    NodeGone,
    NotEditable,
    RedactedConfig,
    UnexpectedAnswer,
)
from migrate.jenkins.http import BUILT_IN, Http, first_bytes, node_path
from migrate.jenkins.node_config import is_redacted, read_launcher
from migrate.jenkins.nodes import (
    ALL_NODES_TREE,
    NODE_TREE,
    ComputerState,
    computer_state,
)
from migrate.jenkins.port import json_object
from migrate.model.known_secrets import known
from migrate.model.ports import AgentLog

READ_CONFIG = "Agent/ExtendedRead or Agent/Configure"
READ_LOG = "Agent/Connect or Agent/ExtendedRead"


def list_computers(http: Http) -> tuple[ComputerState, ...]:
    """All nodes, the built-in one included, sorted by name."""
    path = "computer/api/json"
    data = json_object(http.get(path, params={"tree": ALL_NODES_TREE}, needs="Overall/Read"), path)
    computers = data.get("computer")
    if not isinstance(computers, list):
        raise UnexpectedAnswer("/computer/api/json holds no list of computers")
    states = (computer_state(entry) for entry in computers if isinstance(entry, dict))
    return tuple(sorted(states, key=lambda state: state.name))


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
    response = http.get(node_path(name, "config.xml"), node=name, needs=READ_CONFIG)
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
    options = {"stream": True, "node": name, "needs": READ_LOG}
    response = http.get(path, params={"start": "0"}, **options)
    size = response.headers.get("X-Text-Size", "")
    raw, more = first_bytes(http, response, HEAD_BYTES)
    if more and size.isdigit() and int(size) > TAIL_BYTES:
        start = {"start": str(int(size) - TAIL_BYTES)}
        tail, _ = first_bytes(http, http.get(path, params=start, **options), 2 * TAIL_BYTES)
        raw += b"\n" + tail
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
    response = http.get(node_path(name, "jenkins-agent.jnlp"), node=name, needs="Agent/Connect")
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
