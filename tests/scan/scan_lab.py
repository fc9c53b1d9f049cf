"""A sandbox controller with real agent processes, read through real sockets."""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from migrate.jenkins.client import JenkinsController
from migrate.sandbox.agent.process import AgentProcess
from migrate.sandbox.fitting import settled
from migrate.sandbox.jenkins.server import JenkinsServer
from migrate.sandbox.spec import CONTROLLER_VERSION, OLDEST_JAR, AgentSpec, NodeSpec

TOKENS = {
    "admin": "11" + "a" * 32,
    "operator": "11" + "b" * 32,
    "configurer": "11" + "c" * 32,
    "reader": "11" + "d" * 32,
}
PERMISSIONS = {
    "admin": {"Overall/Administer"},
    "operator": {
        "Overall/Read",
        "Agent/ExtendedRead",
        "Agent/Configure",
        "Agent/Connect",
        "Agent/Disconnect",
    },
    "configurer": {"Overall/Read", "Agent/Configure"},
    "reader": {"Overall/Read"},
}
SCALE = 0.05
NODES = (
    NodeSpec("linux-1", labels="linux"),
    NodeSpec("old", labels="linux", agent=AgentSpec(jar_version=OLDEST_JAR)),
    NodeSpec("node c é", labels="lab", description="space & non-ascii é <x>"),
    NodeSpec("ws-already", web_socket=True),
    NodeSpec("by-name", agent=AgentSpec(launch="url-name", jar_version="3206.vb_15dcf73f6a_9")),
    NodeSpec("by-main", agent=AgentSpec(launch="jnlp-main", secret_in_clear=True)),
    NodeSpec("never-seen", description="never connected", agent=None, tunnel="edge:50000"),
    NodeSpec("ssh-1", launcher="ssh"),
)


class ScanLab:
    """Everything is started at once and stopped at the end."""

    def __init__(
        self,
        home: Path,
        nodes: tuple[NodeSpec, ...] = NODES,
        version: str = CONTROLLER_VERSION,
    ) -> None:
        self.home = home
        self.nodes = tuple(
            replace(node, agent=settled(node.agent, version)) if node.agent else node
            for node in nodes
        )
        self.jenkins = JenkinsServer(home / "jenkins", time_scale=SCALE, jenkins_version=version)
        self.agents: list[AgentProcess] = []

    def __enter__(self) -> "ScanLab":
        self.jenkins.start()
        for user, token in TOKENS.items():
            self.jenkins.add_user(user, token, frozenset(PERMISSIONS[user]))
        for spec in self.nodes:
            self.jenkins.add_node(spec)
            if spec.agent is not None and spec.launcher == "inbound":
                self.agents.append(self._start(spec))
        for agent in self.agents:
            name = agent.spec.name
            until(partial(self.jenkins.is_online, name), f"{name} online")
        return self

    def __exit__(self, *_: object) -> None:
        for agent in self.agents:
            agent.kill()
        self.jenkins.stop()

    def _start(self, spec: NodeSpec) -> AgentProcess:
        return AgentProcess.start(
            spec,
            self.home,
            self.jenkins.root_url,
            self.jenkins.secret(spec.name),
            self.home / "bin",
            time_scale=SCALE,
        )

    def as_user(self, user: str) -> JenkinsController:
        return JenkinsController(self.jenkins.url, user, TOKENS[user], timeout=10)


def is_back(jenkins: JenkinsController, name: str, before: str) -> bool:
    """Whether the agent is connected in another session than ``before``: right after a disconnect
    the log is still that of the connection which ended."""
    log = jenkins.agent_log(name)
    return log.connected and log.session != before


def until(done: Callable[[], object], what: str, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, f"timed out: {what}"
        time.sleep(0.01)
