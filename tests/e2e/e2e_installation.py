"""What a story needs of an installation, whoever runs it: the sandbox or a real Jenkins.

Everything is looked up over the wire, at the controller's own address, past the edge and past
the tool under test.
"""

import hashlib
import json
import re
import socket
import time
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import requests

from migrate.jenkins.client import JenkinsController
from migrate.sandbox.agent.process import AgentProcess
from migrate.sandbox.kube.server import KubeServer
from migrate.sandbox.spec import NodeSpec

CLUSTER_OBJECTS = (
    ("ConfigMap", "ingress-nginx", "tcp-services"),
    ("Service", "ingress-nginx", "ingress-nginx-controller"),
    ("Deployment", "ingress-nginx", "ingress-nginx-controller"),
    ("Service", "jenkins", "jenkins-agent"),
    ("Service", "jenkins", "jenkins"),
    ("StatefulSet", "jenkins", "jenkins"),
    ("Ingress", "jenkins", "jenkins"),
    ("Service", "db", "postgres"),
)
_SERVERS_OWN = (
    "resourceVersion",
    "managedFields",
    "uid",
    "generation",
    "creationTimestamp",
)
"""What an API server writes anew even when everything else is as before."""
_ONLINE, _ENDED = "Agent successfully connected and online", "onnection terminated"


class Installation(Protocol):
    """A running controller behind an edge, with agents, a cluster and a database."""

    work: Path
    """An empty folder to run commands in."""
    controller_url: str
    """Its own address, past the edge."""
    tokens: dict[str, str]
    """API tokens of ``admin`` and ``operator``."""
    nodes: tuple[NodeSpec, ...]
    agents: dict[str, AgentProcess]
    kube: KubeServer
    agent_port: int
    """Where agents reach the edge over TCP."""
    db_port: int
    time_scale: float
    """Factor on the waits of agents: 1 is as in real life."""

    def environment(self, user: str) -> dict[str, str]:
        """What makes ``migrate`` work against it as this user."""

    def transport(self, node: str) -> str:
        """What the agent's log says; empty when it is not connected."""

    def start_build(self, node: str, seconds: float) -> None:
        """A build on that node, running when this returns."""

    def builds(self) -> list[str]:
        """State of every build: ``running``, ``finished`` or something worse."""


class Looking:
    """What can be seen and done over HTTP by an administrator; the same for both kinds."""

    controller_url: str
    tokens: dict[str, str]
    nodes: tuple[NodeSpec, ...]
    agents: dict[str, AgentProcess]
    kube: KubeServer
    agent_port: int
    db_port: int
    time_scale: float

    def settle(self) -> None:
        """Wait until the edge serves what the cluster's objects say now."""
        raise NotImplementedError

    def get(self, path: str, **params: Any) -> requests.Response:
        """GET as the administrator."""
        return self._ask("GET", path, params=params)

    def post(self, path: str, **more: Any) -> requests.Response:
        """POST as the administrator; an API token needs no crumb."""
        return self._ask("POST", path, allow_redirects=False, **more)

    def _ask(self, method: str, path: str, **more: Any) -> requests.Response:
        auth = ("admin", self.tokens["admin"])
        url = self.controller_url + path
        answer = requests.request(method, url, auth=auth, timeout=30, **more)
        answer.raise_for_status()
        return answer

    def node_names(self) -> list[str]:
        """All nodes but the built-in one."""
        found = self.get("computer/api/json", tree="computer[displayName,_class]").json()
        builtin = "hudson.model.Hudson$MasterComputer"
        return [c["displayName"] for c in found["computer"] if c["_class"] != builtin]

    def state(self, node: str) -> dict[str, Any]:
        """offline, temporarilyOffline and offlineCauseReason."""
        tree = "offline,temporarilyOffline,offlineCauseReason"
        found: dict[str, Any] = self.get(f"computer/{quote(node)}/api/json", tree=tree).json()
        return found

    def transport(self, node: str) -> str:
        """What the agent's log says; empty when it is not connected."""
        state = self.state(node)
        if state["offline"] and not state["temporarilyOffline"]:
            return ""
        log = self.get(f"computer/{quote(node)}/logText/progressiveText", start=0).text
        online, ended = (log.rfind(said) for said in (_ONLINE, _ENDED))
        # Before it: the end of the connection that this one replaced, told late.
        if online < 0 or ended > online:
            return ""
        told = re.search(r"^Communication Protocol: (.+)$", log, re.MULTILINE)
        if told:
            return told[1].strip()
        # Agents below 4.8 name none; TCP has a port in its address (host/ip:port).
        address = re.search(r"agent connected from (\S+)", log, re.MULTILINE)
        return "JNLP4-connect" if address and "/" in address[1] else "WebSocket"

    def transports(self) -> dict[str, str]:
        """Of every node that is connected."""
        found = {name: self.transport(name) for name in self.node_names()}
        return {name: transport for name, transport in found.items() if transport}

    def comes_to(self, wanted: dict[str, str]) -> None:
        """Wait until exactly these inbound nodes are connected, each over its transport; fails with
        the difference. An agent is away for a moment, or longer on a loaded machine."""
        ours = self.connected()
        _equal_in_time(lambda: {n: t for n, t in self.transports().items() if n in ours}, wanted)

    def all_come_to(self, transport: str) -> None:
        """``comes_to`` for every inbound node that has an agent."""
        self.comes_to(dict.fromkeys(self.connected(), transport))

    def is_again(self, before: dict[str, Any]) -> None:
        """Wait until ``everything`` is as it was ``before`` a change; fails with the difference."""
        _equal_in_time(self.everything, before)

    def config_xml(self, node: str) -> bytes:
        """As the controller serves it."""
        return self.get(f"computer/{quote(node)}/config.xml").content

    def write_config_xml(self, node: str, body: bytes) -> None:
        """What another administrator does meanwhile."""
        self.post(
            f"computer/{quote(node)}/config.xml",
            data=body,
            headers={"Content-Type": "application/xml"},
        )

    def configs(self) -> dict[str, bytes]:
        """config.xml of every node."""
        return {name: self.config_xml(name) for name in self.node_names()}

    def jars(self) -> dict[str, str]:
        """SHA-256 of every agent's jar on disk."""
        return {
            name: hashlib.sha256((agent.folder / "agent.jar").read_bytes()).hexdigest()
            for name, agent in self.agents.items()
        }

    def objects(self) -> dict[str, Any]:
        """The cluster's objects, without what the server itself writes."""
        return {"/".join(key): _comparable(self.kube.get(*key)) for key in CLUSTER_OBJECTS}

    def marks(self) -> dict[str, str]:
        """Reasons of offline marks."""
        states = {name: self.state(name) for name in self.node_names()}
        return {n: s["offlineCauseReason"] for n, s in states.items() if s["temporarilyOffline"]}

    def everything(self) -> dict[str, Any]:
        """All that a dry run must leave, and a rollback must bring back."""
        self.settle()
        return {
            "configs": self.configs(),
            "jars": self.jars(),
            "objects": self.objects(),
            "marks": self.marks(),
            "transports": self.transports(),
            "port": self.get("api/json", tree="slaveAgentPort").json()["slaveAgentPort"],
            "open": self.port_open(),
        }

    def set_agent_port(self, port: int) -> None:
        """What an administrator would choose on the security page."""
        JenkinsController(self.controller_url, "admin", self.tokens["admin"]).set_agent_port(port)

    def port_open(self) -> bool:
        """Whether a TCP connection to the edge's agent port is accepted."""
        with socket.socket() as probe:
            probe.settimeout(10)
            return probe.connect_ex(("127.0.0.1", self.agent_port)) == 0

    def database_answers(self) -> bool:
        """Whether the database behind the same edge still greets."""
        try:
            with socket.create_connection(("127.0.0.1", self.db_port), timeout=10) as connection:
                return connection.recv(64).startswith(b"db ok")
        except OSError:
            return False

    def movable(self) -> set[str]:
        """Nodes that the tool itself can move: connected, ``-jnlpUrl``."""
        return {
            spec.name
            for spec in self.nodes
            if spec.launcher == "inbound"
            and spec.agent is not None
            and spec.agent.launch == "jnlp-url"
        }

    def connected(self) -> set[str]:
        """Inbound nodes that have an agent."""
        return {s.name for s in self.nodes if s.launcher == "inbound" and s.agent is not None}


def _comparable(body: dict[str, Any] | None) -> Any:
    if body is None:
        return None
    copy = deepcopy(body)
    for key in _SERVERS_OWN:
        copy["metadata"].pop(key, None)
    copy.get("spec", {}).pop("clusterIP", None)
    copy.get("spec", {}).pop("clusterIPs", None)
    copy.pop("status", None)
    return json.loads(json.dumps(copy))


def _equal_in_time(
    look: Callable[[], dict[str, Any]], wanted: dict[str, Any], seconds: float = 40.0
) -> None:
    deadline = time.monotonic() + seconds
    while (found := look()) != wanted and time.monotonic() < deadline:
        time.sleep(0.1)
    differ = [key for key in found.keys() | wanted.keys() if found.get(key) != wanted.get(key)]
    told = {key: (found.get(key), wanted.get(key)) for key in differ}
    assert not differ, f"not within {seconds:.0f} s (found, wanted): {told}"


def until(what: Callable[[], Any], seconds: float = 40.0) -> Any:
    """Wait until ``what`` is true, and give it back; fails with its last value."""
    deadline = time.monotonic() + seconds
    while True:
        found = what()
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: last was {found!r}"
        time.sleep(0.05)
