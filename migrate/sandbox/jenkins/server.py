"""The controller as a whole: an HTTP server and a TCP listener in a thread of their own.

DIFFERENCES from a real controller, all deliberate:

- HTML pages carry the recorded title and a short text, not 70 to 90 kB of markup, and are sent
  with Content-Length where Jetty sends large ones chunked.
- Agents speak the sandbox's own JSON messages on both transports, not remoting; TCP has no TLS
  inside. What a handshake answers (headers, refusals, the raw port's HTTP) is as recorded.
- ``jenkins-agent.jnlp?encrypt=true`` serves random bytes of the right size, since the standard
  library has no AES; the sandbox's agent gets the file in clear by a private header that
  proves the secret.
- Groovy does not run: the tool's own scripts and those of the recordings have Python
  equivalents, anything else is answered like a script that does not compile.
- Labels are listed in alphabetical order, where Jenkins' order comes from a hash set.
- There are no jobs: builds are made by ``start_build`` and only show as busy executors.
- SSH nodes are connected inside the controller; no process stands behind them.
- A cloud makes pods when the sandbox says so (``migrate.sandbox.pods``), not for a queue.
- A node of the swarm plugin is there from the start and stays when its client goes.
"""

import asyncio
import secrets
import socket
import threading
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar
from xml.etree.ElementTree import Element, SubElement, tostring

from aiohttp import web

from migrate.sandbox.agent.folders import agent_folder
from migrate.sandbox.faults import controller_has
from migrate.sandbox.jenkins.casc import reload
from migrate.sandbox.jenkins.channel import StandardIo
from migrate.sandbox.jenkins.clouds import Cloud
from migrate.sandbox.jenkins.context import Context
from migrate.sandbox.jenkins.dispatch import Dispatcher
from migrate.sandbox.jenkins.meddler import Meddler
from migrate.sandbox.jenkins.nodeconfig import INBOUND, KUBERNETES, SSH, NodeConfig
from migrate.sandbox.jenkins.scripting import on_controller
from migrate.sandbox.jenkins.security import User
from migrate.sandbox.jenkins.state import Build, Computer, Installation
from migrate.sandbox.jenkins.tcp import TcpListener
from migrate.sandbox.ports import HeldPorts
from migrate.sandbox.spec import CONTROLLER_VERSION, KUBERNETES_NODE, SWARM_NODE, NodeSpec

_T = TypeVar("_T")
_PLUGINS = {KUBERNETES_NODE: "kubernetes@4029.v5712230ccb_f8", SWARM_NODE: "swarm@3.41"}
_RESTART_SECONDS = 4.0
"""How long the fault ``controller-restart`` is down, before scaling (36-controller-restart)."""


class JenkinsServer:
    """A controller. Its public methods may be called from any thread.

    ``jenkins_version``: any weekly or LTS release; it answers as ``changes.py`` knows of it.
    ``context_path``: where it lives below the host, e.g. ``/jenkins``.
    """

    def __init__(
        self,
        home: Path,
        *,
        root_url: str | None = None,
        time_scale: float = 1.0,
        faults: frozenset[str] = frozenset(),
        jenkins_version: str = CONTROLLER_VERSION,
        context_path: str = "",
    ) -> None:
        self.state = Installation(
            home, jenkins_version, root_url, time_scale, faults, context_path=context_path
        )
        self._listener = TcpListener(self.state)
        self._dispatcher = Dispatcher(
            self.state, lambda: self._listener.on, self._script, self._reload
        )
        self.state.on_disconnect = self._disconnected
        self.state.on_marked = Meddler(self.state).marked
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ports = HeldPorts()
        self._thread: threading.Thread | None = None
        self._runner: web.AppRunner | None = None
        self._restarting: asyncio.Task[None] | None = None

    # -- life ---------------------------------------------------------------------------------

    def start(self, http_port: int = 0, agent_port: int = 0) -> None:
        """Listen on loopback; port 0 takes a free one, which then stays this server's own, also
        while it restarts or the agent port is off.

        ``OSError`` when a port is taken.
        """
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="sandbox-jenkins", daemon=True
        )
        self._thread.start()
        try:
            http_port, agent_port = (port or self._ports.take() for port in (http_port, agent_port))
            self._wait(self._up(http_port, agent_port))
        except BaseException:
            self._end_thread()
            raise

    def stop(self) -> None:
        """Close every connection and end the thread; safe to call twice."""
        if self._thread is None:
            return
        self._wait(self._down())
        self._end_thread()

    def restart(self, down_for: float) -> None:
        """Stop, stay away for ``down_for`` seconds, start again on the same ports."""
        self._wait(self._restart(down_for))

    def _end_thread(self) -> None:
        loop, thread = self._running(), self._thread
        loop.call_soon_threadsafe(loop.stop)
        if thread is not None:
            thread.join(10)
        self._thread = self._loop = None
        if not loop.is_running():
            loop.close()
        self._ports.release()

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            raise RuntimeError("the controller does not run")
        return self._loop

    async def _up(self, http_port: int, agent_port: int) -> None:
        application = web.Application(client_max_size=64 << 20)
        application.router.add_route("*", "/{tail:.*}", self._dispatcher.handle)
        application.on_response_prepare.append(_no_default_type)
        application.on_response_prepare.append(self._dispatcher.add_headers)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        sock = _bound(http_port)
        await web.SockSite(self._runner, sock, backlog=512).start()
        self.state.http_port = sock.getsockname()[1]
        if agent_port >= 0:
            self.state.agent_port = await self._listener.open(agent_port)
        for computer in self.state.computers.values():
            self._connect_ssh(computer)

    async def _down(self) -> None:
        self._listener.close()
        for computer in self.state.computers.values():
            if computer.channel is not None:
                computer.channel.drop()
        await self._listener.hang_up()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _restart(self, down_for: float) -> None:
        http_port, agent_port = self.state.http_port, self.state.agent_port
        await self._down()
        await asyncio.sleep(down_for)
        self.state.session = secrets.token_hex(4)
        self.state.properties.clear()
        for computer in self.state.computers.values():
            for build in list(computer.running):
                computer.end_build(build, "aborted", "the controller was restarted")
        self.state.load()
        await self._up(http_port, agent_port)

    def _wait(self, work: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(work, self._running()).result(60)

    # -- addresses ----------------------------------------------------------------------------

    @property
    def home(self) -> Path:
        """JENKINS_HOME."""
        return self.state.home

    @property
    def http_port(self) -> int:
        """The real HTTP port, once started."""
        return self.state.http_port

    @property
    def agent_port(self) -> int:
        """slaveAgentPort: the fixed port, or -1 when it is off."""
        return self.state.agent_port

    @property
    def url(self) -> str:
        """The controller's own address, past any proxy."""
        return f"{self.state.own_url}/"

    @property
    def root_url(self) -> str:
        """What agents are told: the edge's address when one is set."""
        return self.state.url

    @root_url.setter
    def root_url(self, url: str | None) -> None:
        self.state.root_url = url

    def advertise(self, host: str | None = None, port: int | None = None) -> None:
        """hudson.TcpSlaveAgentListener.hostName and .port: where TCP agents are sent."""
        self.state.advertised_host, self.state.advertised_port = host, port

    # -- what it holds ------------------------------------------------------------------------

    def add_user(
        self, user: str, token: str, permissions: frozenset[str], password: str | None = None
    ) -> None:
        """An account; permissions by the names of ``permissions.py``."""
        self.state.security.users[user] = User(user, token, permissions, password)

    def add_node(self, spec: NodeSpec, *, remote_fs: str | None = None) -> None:
        """Create a node. ``{edge}`` in its tunnel becomes where TCP agents are sent."""
        if spec.tunnel and "{edge}" in spec.tunnel:
            host = self.state.advertised_host or "127.0.0.1"
            port = self.state.advertised_port or self.state.agent_port
            spec = replace(spec, tunnel=spec.tunnel.replace("{edge}", f"{host}:{port}"))
        folder = remote_fs or str(agent_folder(self.home, spec.name))
        self.add_node_xml(_spec_xml(spec, folder))

    def add_node_xml(self, body: bytes) -> None:
        """Create a node from a config.xml."""

        async def add() -> None:
            self._connect_ssh(self.state.add(NodeConfig.parse(body)))

        self._wait_or_run(add())

    def remove_node(self, name: str) -> None:
        """Delete a node, as a cloud does with a finished one; harmless when it is gone."""

        async def remove() -> None:
            if name in self.state.computers:
                self.state.remove(name)

        self._wait(remove())

    def add_cloud(self, cloud: Cloud) -> None:
        """A cloud of the controller."""

        async def add() -> None:
            self.state.clouds.put(cloud)

        self._wait_or_run(add())

    def cloud(self, name: str) -> Cloud:
        """A cloud as it is set now. ``KeyError`` for an unknown one."""
        return self.state.clouds.by_name[name]

    def secret(self, node: str) -> str:
        """The secret that this node's agent shows."""
        return self.state.secret(node)

    def is_online(self, node: str) -> bool:
        """Whether its agent is connected, marked or not."""
        return self.state.computers[node].channel is not None

    def agent_log(self, node: str) -> str:
        """The agent log as on disk."""
        return self.state.computers[node].log.read().decode("utf-8", "replace")

    def config_xml(self, node: str) -> bytes:
        """config.xml as GET serves it."""
        return self.state.computers[node].config.to_bytes()

    def set_agent_port(self, port: int) -> None:
        """-1 closes the listening socket (established channels stay), above 0 opens it."""
        self._wait(self._set_port(port))

    def start_build(self, node: str, seconds: float) -> Build:
        """Queue a build that runs ``seconds`` real seconds on this node."""

        async def queue() -> Build:
            return self.state.queue_build(node, seconds)

        return self._wait(queue())

    @property
    def builds(self) -> list[Build]:
        """All builds; ``state`` is queued, running, finished or aborted."""
        return list(self.state.builds)

    # -- inside -------------------------------------------------------------------------------

    def _wait_or_run(self, work: Coroutine[Any, Any, None]) -> None:
        if self._thread is not None:
            self._wait(work)
        else:
            asyncio.run(work)

    def _connect_ssh(self, computer: Computer) -> None:
        if computer.config.launcher_class != SSH or computer.channel is not None:
            return
        computer.log.rewind()
        channel = StandardIo("ssh")
        channel.version = self.state.jar_version
        computer.log.write(
            "[SSH] Opening SSH connection to ssh-host.example.test:22.",
            "[SSH] Authentication successful.",
            f"Remoting version: {channel.version}",
            "Launcher: SSHLauncher",
            f"Communication Protocol: {channel.protocol}",
            "This is a Unix agent",
            "Agent successfully connected and online",
        )
        computer.connected(channel)

    async def _script(self, context: Context) -> web.StreamResponse:
        return await on_controller(context, self._set_port)

    async def _reload(self, context: Context) -> web.StreamResponse:
        return await reload(context, self._set_port)

    async def _set_port(self, port: int) -> None:
        self._listener.close()
        self.state.agent_port = port
        if port >= 0:
            real = await self._listener.open(port)
            self.state.agent_port = port if port == 0 else real

    def _disconnected(self, count: int) -> None:
        if count == 2 and controller_has(self.state.faults, "controller-restart"):
            down = _RESTART_SECONDS * self.state.time_scale
            self._restarting = self._running().create_task(self._restart_soon(down))
        if count == 2 and controller_has(self.state.faults, "token-revoked"):
            self.state.security.revoke_tokens()

    async def _restart_soon(self, down_for: float) -> None:
        # The answer to doDisconnect still goes out.
        await asyncio.sleep(0.05)
        await self._restart(down_for)


async def _no_default_type(_request: web.Request, response: web.StreamResponse) -> None:
    # aiohttp fills in a type where Jetty sends none (11-node-builtin-config.txt).
    if response.headers.get("Content-Type") == "application/octet-stream" and not getattr(
        response, "body", b""
    ):
        del response.headers["Content-Type"]


def _bound(port: int) -> socket.socket:
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(("127.0.0.1", port))
    except OSError:
        sock.close()
        raise
    return sock


def _spec_xml(spec: NodeSpec, remote_fs: str) -> bytes:
    plugin = _PLUGINS.get(spec.node_class)
    root = Element(spec.node_class, {"plugin": plugin} if plugin else {})
    for tag, text in (
        ("name", spec.name),
        ("description", spec.description),
        ("remoteFS", remote_fs),
        ("numExecutors", "1"),
        ("mode", "NORMAL"),
    ):
        SubElement(root, tag).text = text
    if spec.launcher == "ssh":
        launcher = SubElement(root, "launcher", {"class": SSH, "plugin": "ssh-slaves@2.947"})
        SubElement(launcher, "host").text = "ssh-host.example.test"
        SubElement(launcher, "port").text = "22"
        SubElement(launcher, "credentialsId").text = "ssh-key"
    elif spec.node_class == KUBERNETES_NODE:
        launcher = SubElement(root, "launcher", {"class": KUBERNETES, "plugin": plugin or ""})
        SubElement(launcher, "webSocket").text = "false"
    else:
        launcher = SubElement(root, "launcher", {"class": INBOUND})
        if spec.tunnel is not None:
            SubElement(launcher, "tunnel").text = spec.tunnel
        work_dir = SubElement(launcher, "workDirSettings")
        SubElement(work_dir, "disabled").text = "false"
        SubElement(launcher, "webSocket").text = "true" if spec.web_socket else "false"
    SubElement(root, "label").text = spec.labels
    body: bytes = tostring(root, "utf-8")
    return body
