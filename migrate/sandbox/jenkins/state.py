"""What the controller knows: its nodes, their agents and builds, its port and its users.

Everything here is touched on the controller's event loop only.
"""

import asyncio
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from migrate.sandbox.faults import controller_has
from migrate.sandbox.jar import agent_jar
from migrate.sandbox.jenkins.causes import AgentLog, Cause, launch_failed, terminated
from migrate.sandbox.jenkins.changes import MARK_IN_NODE, Change, minimum_remoting, release
from migrate.sandbox.jenkins.clouds import Clouds
from migrate.sandbox.jenkins.nodeconfig import FILE_HEADER, NodeConfig
from migrate.sandbox.jenkins.security import Security

if TYPE_CHECKING:
    from migrate.sandbox.jenkins.channel import Channel

PROTOCOLS = "JNLP4-connect, Ping"


@dataclass
class Build:
    """One build: ``queued``, ``running``, ``finished`` or ``aborted``."""

    node: str
    seconds: float
    number: int
    state: str = "queued"
    started: float = 0.0
    """time.time() when it began to run."""
    cause: str = ""
    """Why it was aborted."""
    timer: asyncio.TimerHandle | None = field(default=None, repr=False)

    def progress(self) -> int:
        """Percent done."""
        return min(99, int(100 * (time.time() - self.started) / max(self.seconds, 0.001)))


class Computer:
    """A node with its connection, its mark and its builds."""

    def __init__(
        self,
        config: NodeConfig,
        log: AgentLog,
        save: Callable[[NodeConfig], None],
        *,
        mark_in_node: bool = False,
    ) -> None:
        self.config = config
        self.log = log
        self._save = save
        self._mark_in_node = mark_in_node
        """From 2.482 on the mark is the one in the configuration, whoever wrote it there."""
        self.mark: Cause | None = None
        self._cause: Cause | None = None
        self.channel: Channel | None = None
        self.cookie: str | None = None
        self.sessions = 0
        """How many connections this node has now, greeted or not."""
        self.running: list[Build] = []
        self.mark = self._cause = config.mark
        if mark_in_node:
            self._cause = None

    @property
    def name(self) -> str:
        """The node's name."""
        return self.config.name

    @property
    def cause(self) -> Cause | None:
        """Why it is offline: getOfflineCause."""
        return self.mark if self._mark_in_node and self.mark is not None else self._cause

    @property
    def offline(self) -> bool:
        """Not connected, or marked: Jenkins does not tell them apart here."""
        return self.channel is None or self.mark is not None

    def set_config(self, config: NodeConfig) -> None:
        """The node was saved with another configuration."""
        self.config = config
        self._save(config)
        if self._mark_in_node:
            self.mark = config.mark
        else:
            self.tell_node()

    def tell_node(self) -> None:
        """Computer.setNode, for every node whenever any is saved (up to 2.481): a marked node is
        told the cause that it is offline for now, which may be a lost connection."""
        if not self._mark_in_node and self.mark is not None and self._cause is not None:
            self.mark = self._cause
            self.config.set_offline_cause(self._cause.to_xml())
            self._save(self.config)

    def set_mark(self, cause: Cause | None) -> None:
        """toggleOffline: sets or clears the mark, and up to 2.481 the cause with it."""
        self.mark = cause
        if not self._mark_in_node:
            self._cause = cause
        self.config.set_offline_cause(None if cause is None else cause.to_xml(self._mark_in_node))
        self._save(self.config)

    def connected(self, channel: "Channel") -> None:
        """The channel is up: a mark survives, any other cause is gone."""
        self.channel = channel
        self._cause = None if self._mark_in_node else self.mark

    def disconnected(self, channel: "Channel") -> None:
        """The channel is gone; running builds are lost with it."""
        if self.channel is not None and self.channel is not channel:
            return
        self.channel = None
        self._cause = terminated()
        self._abort_builds()

    def detach(self, cause: Cause) -> None:
        """doDisconnect: offline at once, for this cause until the far side is really gone."""
        channel = self.channel
        if channel is None:
            return
        self.channel = None
        self._cause = cause
        self._abort_builds()
        channel.drop()

    def _abort_builds(self) -> None:
        for build in list(self.running):
            self.end_build(build, "aborted", "the agent was disconnected")

    def launch(self) -> None:
        """launchSlaveAgent: nothing to launch for an agent that dials in."""
        if self.channel is None and self.mark is None:
            self._cause = launch_failed()

    def end_build(self, build: Build, state: str, cause: str = "") -> None:
        """Finish or abort a build."""
        if build in self.running:
            self.running.remove(build)
        if build.timer is not None:
            build.timer.cancel()
            build.timer = None
        build.state, build.cause = state, cause


class Installation:
    """One JENKINS_HOME and what lives in it."""

    def __init__(
        self,
        home: Path,
        version: str,
        root_url: str | None,
        time_scale: float,
        faults: frozenset[str],
        *,
        context_path: str = "",
    ) -> None:
        self.home = home
        self.context_path = context_path
        """Where it lives below the host, e.g. ``/jenkins``; empty for the root."""
        self.extended_read_on = False
        """hudson.security.ExtendedReadPermission: Agent/ExtendedRead can be asked for by name."""
        self.version = version
        self.release = release(version)
        self.minimum_remoting = minimum_remoting(version)
        self.root_url = root_url
        self.inbound_url: str | None = None
        """System property jenkins.agent.inboundUrl (2.276)."""
        self.time_scale = time_scale
        self.faults = faults
        self.security = Security()
        self.computers: dict[str, Computer] = {}
        self.builds: list[Build] = []
        self.clouds = Clouds(home / "config.xml")
        self.session = secrets.token_hex(4)
        self.properties: dict[str, str] = {}
        """System properties of its JVM that scripts set; gone with a restart."""
        self.http_port = 0
        self.agent_port = -1
        """slaveAgentPort: -1 off, above 0 fixed."""
        self.advertised_port: int | None = None
        self.advertised_host: str | None = None
        self.disconnects = 0
        self.on_disconnect: Callable[[int], None] | None = None
        self.on_marked: Callable[[Computer], None] | None = None
        home.mkdir(parents=True, exist_ok=True)
        self._key = self._secret_key()
        self.load()

    def has(self, change: Change) -> bool:
        """Whether a controller of this version has the change."""
        return change.is_in(self.version)

    @property
    def jar(self) -> bytes:
        """The agent.jar that the controller serves."""
        return agent_jar(self.jar_version)

    @property
    def jar_version(self) -> str:
        """Its remoting version."""
        return self.release.jar

    @property
    def configured_url(self) -> str | None:
        """JenkinsLocationConfiguration.getUrl(): None when nobody has set it."""
        return None if controller_has(self.faults, "no-jenkins-url") else self.url

    @property
    def url(self) -> str:
        """The root URL, with a slash at the end."""
        return (self.root_url or f"{self.own_url}/").rstrip("/") + "/"

    @property
    def own_url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://127.0.0.1:{self.http_port}{self.context_path}"

    def _secret_key(self) -> bytes:
        path = self.home / "secrets" / "agent-secret.key"
        path.parent.mkdir(mode=0o700, exist_ok=True)
        if not path.exists():
            path.write_bytes(secrets.token_bytes(32))
            path.chmod(0o600)
        return path.read_bytes()

    def secret(self, node: str) -> str:
        """HMAC of the node's name: constant per name and controller, 64 hex digits."""
        return hmac.new(self._key, node.encode(), hashlib.sha256).hexdigest()

    def load(self) -> None:
        """Read the nodes from disk, as after a restart."""
        self.computers = {}
        for path in sorted(self.home.glob("nodes/*/config.xml")):
            config = NodeConfig.parse(path.read_bytes())
            if unquote(path.parent.name) == config.name:
                self._register(config)

    def _folder(self, kind: str, name: str) -> Path:
        return self.home / kind / quote(name, safe=" ")

    def _register(self, config: NodeConfig) -> Computer:
        log = AgentLog(self._folder("logs/slaves", config.name))
        computer = Computer(config, log, self._save, mark_in_node=self.has(MARK_IN_NODE))
        self.computers[config.name] = computer
        return computer

    def _save(self, config: NodeConfig) -> None:
        if not config.writable:
            return  # "Unable to complete save": the file stays as it was
        folder = self._folder("nodes", config.name)
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / "config.xml.new"
        partial.write_bytes(config.to_bytes(FILE_HEADER))
        partial.replace(folder / "config.xml")

    def add(self, config: NodeConfig) -> Computer:
        """Create or replace a node."""
        self._save(config)
        computer = self._register(config)
        self._tell_nodes()
        return computer

    def _tell_nodes(self) -> None:
        """Jenkins.updateComputerList."""
        for computer in self.computers.values():
            if computer.mark is not computer.cause:
                computer.tell_node()

    def remove(self, name: str) -> None:
        """Delete a node and its files."""
        computer = self.computers.pop(name)
        if computer.channel is not None:
            computer.channel.drop()
            computer.disconnected(computer.channel)
        folder = self._folder("nodes", name)
        (folder / "config.xml").unlink(missing_ok=True)
        folder.rmdir()
        computer.log.path.unlink(missing_ok=True)
        self._tell_nodes()

    def reconfigure(self, computer: Computer, config: NodeConfig) -> None:
        """POST config.xml: same name keeps the connection, another name is another node."""
        if config.name == computer.name:
            computer.set_config(config)
            self._tell_nodes()
            self.schedule(computer)
            return
        self.remove(computer.name)
        self.add(config)

    def disconnected_one(self) -> None:
        """A person's doDisconnect took a connection down."""
        self.disconnects += 1
        if self.on_disconnect is not None:
            self.on_disconnect(self.disconnects)

    def sorted_computers(self) -> list[Computer]:
        """By name, as the computer set lists them."""
        return [self.computers[name] for name in sorted(self.computers)]

    def queue_build(self, node: str, seconds: float) -> Build:
        """Queue a build for one node; it starts when the node has a free executor."""
        build = Build(node, seconds, len(self.builds) + 1)
        self.builds.append(build)
        if node in self.computers:
            self.schedule(self.computers[node])
        return build

    def schedule(self, computer: Computer) -> None:
        """Start queued builds of this node as far as it is online and has executors."""
        for build in self.builds:
            if computer.offline or len(computer.running) >= computer.config.executors:
                return
            if build.state == "queued" and build.node == computer.name:
                build.state, build.started = "running", time.time()
                computer.running.append(build)
                build.timer = asyncio.get_running_loop().call_later(
                    build.seconds, self._finish, computer, build
                )

    def _finish(self, computer: Computer, build: Build) -> None:
        computer.end_build(build, "finished")
        self.schedule(computer)
