"""The Jenkins controller, as steps, drivers and the scan work against it."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

from migrate.jenkins import console, node_io
from migrate.jenkins.errors import (
    AuthFailed,
    Forbidden,
    JenkinsError,
    NodeGone,
    NodeOffline,
    ScriptFailed,
    UnexpectedAnswer,
)
from migrate.jenkins.http import Http, by_jenkins, node_path
from migrate.jenkins.jar import MAX_BYTES, jar_identity
from migrate.jenkins.load import read_load, read_queue_length
from migrate.jenkins.nodes import node_state
from migrate.jenkins.port import read_listener, read_port
from migrate.jenkins.reading import Progress, Reading, silent
from migrate.jenkins.rest_read import read_by_rest
from migrate.jenkins.script_read import read_by_script
from migrate.model.inventory import Skip
from migrate.model.ports import AgentLog, NodeState
from migrate.model.text import visible
from migrate.model.waiting import Standstill
from migrate.net.way import DIRECT, Way

JAR_TIMEOUT = 60.0


class JenkinsController:
    """``migrate.model.ports.ControllerPort`` over python-jenkins; safe for many threads.

    ``user`` and ``token`` None is anonymous. ``timeout`` is seconds for an answer, ``way`` whom to
    trust and what a proxy in front wants, ``pool`` how many requests run side by side. Every
    method raises ``JenkinsError`` subclasses only.
    """

    def __init__(
        self,
        url: str,
        user: str | None = None,
        token: str | None = None,
        *,
        timeout: float = 15.0,
        way: Way = DIRECT,
        pool: int = 16,
    ) -> None:
        self._http = Http(url, user, token, timeout=timeout, way=way, pool=pool)
        self.url = self._http.url
        self.proxy = self._http.proxy
        self._pool = pool
        self._lock = threading.Lock()
        self._jar: tuple[str, str] | None = None
        self._script: tuple[tuple[str, str] | None] | None = None

    def tell_standstill(self, tell: Callable[[str], None]) -> None:
        """Say through ``tell`` when Jenkins gives no answer for some seconds, and when it does
        again."""
        self._http.standstill = Standstill(f"Jenkins at {visible(self.url)}", tell)

    # Reading the whole controller

    def read(self, *, by: str = "auto", progress: Progress = silent) -> Reading:
        """The controller and its nodes: by ``script`` (one call), ``rest``, or ``auto``.

        ``auto`` takes the script console where it may, and REST when it may not or when the
        script fails (then a Skip says so).
        """
        may_script = by != "rest" and self.can_script()
        failed: tuple[Skip, ...] = ()
        if may_script or by == "script":
            try:
                result = self.run_script("inventory", {})
                return read_by_script(self._http, result, self.jar, progress)
            except (ScriptFailed, UnexpectedAnswer) as error:
                if by == "script":
                    raise
                failed = (Skip("controller", "script inventory", error.cause),)
        administer = may_script or (by == "rest" and self.can_script())
        reading = read_by_rest(self._http, self.jar, administer, progress, self._pool)
        return Reading("rest", reading.controller, reading.nodes, (*failed, *reading.skips))

    # Nodes

    def node_names(self) -> tuple[str, ...]:
        """Names of all nodes but the built-in one, sorted."""
        return node_io.node_names(self._http)

    def node_state(self, name: str) -> NodeState:
        """Connection, work and mark, now. ``NodeGone`` when there is no such node."""
        computer = node_io.one_computer(self._http, name)
        log: AgentLog | None = None
        if computer.connected is None:
            # Marked, and REST hides whether the agent is connected: its log knows.
            try:
                log = self.agent_log(name)
            except Forbidden:
                log = None
        return node_state(computer, log)

    def agent_log(self, name: str) -> AgentLog:
        """The agent log, read through /logText/progressiveText."""
        return node_io.read_log(self._http, name)

    def read_node_config(self, name: str) -> bytes:
        """config.xml, byte for byte. Refuses a redacted body (``RedactedConfig``)."""
        return node_io.read_whole_config(self._http, name)

    def write_node_config(self, name: str, body: bytes) -> None:
        """POST config.xml as application/xml. Does not read it back: the caller compares.

        Refuses a body that names another node: it would rename this one (``NotEditable``).
        """
        node_io.write_config(self._http, name, body)

    def mark_offline(self, name: str, reason: str) -> None:
        """Mark temporarily offline; nothing when it is marked already (toggle: reads first)."""
        self._toggle(name, marked=True, data={"offlineMessage": reason})

    def clear_mark(self, name: str) -> None:
        """Clear the mark; nothing when there is none (toggle: reads first)."""
        self._toggle(name, marked=False, data={})

    def renew_mark(self, name: str, reason: str) -> None:
        """Give the mark another reason; nothing when there is no mark any more (reads first)."""
        if node_io.one_computer(self._http, name).marked:
            self._http.post(
                node_path(name, "changeOfflineCause"),
                data={"offlineMessage": reason},
                node=name,
                needs="Agent/Disconnect",
            )

    def _toggle(self, name: str, *, marked: bool, data: dict[str, str]) -> None:
        if node_io.one_computer(self._http, name).marked is marked:
            return
        needs = "Agent/Disconnect" if marked else "Agent/Connect"
        self._http.post(node_path(name, "toggleOffline"), data=data, node=name, needs=needs)
        if node_io.one_computer(self._http, name).marked is not marked:
            raise UnexpectedAnswer(
                f"the offline mark of node {name!r} was toggled, but reads as before: "
                "somebody else may have toggled it at the same moment"
            )

    def disconnect(self, name: str, reason: str) -> None:
        """doDisconnect; an inbound agent connects again by itself."""
        self._http.post(
            node_path(name, "doDisconnect"),
            data={"offlineMessage": reason},
            node=name,
            needs="Agent/Disconnect",
        )

    def create_inbound_node(self, name: str, description: str) -> None:
        """Create an inbound node that no build is scheduled on, for the probe."""
        node_io.create_inbound(self._http, name, description)

    def delete_node(self, name: str) -> None:
        """Delete a node; nothing when it is gone already."""
        try:
            self._http.post(node_path(name, "doDelete"), node=name, needs="Agent/Delete")
        except NodeGone:
            return

    def agent_secret(self, name: str) -> str:
        """The secret of a node, from its JNLP file (Agent/Connect). Never logged or kept."""
        return node_io.agent_secret(self._http, name)

    # The controller

    def agent_port(self) -> int | None:
        """``slaveAgentPort``: -1 off, 0 random, above 0 fixed; None: not readable."""
        return read_port(self._http)

    def tcp_listener_on(self) -> bool:
        """Whether /tcpSlaveAgentListener/ answers 200 (False: 404)."""
        return read_listener(self._http).on

    def queue_length(self) -> int:
        """How many builds wait in the build queue."""
        return read_queue_length(self._http)

    def load(self) -> tuple[int, int]:
        """(busy executors, executors of all nodes that are online)."""
        return read_load(self._http)

    def set_agent_port(self, port: int) -> None:
        """Set and save slaveAgentPort through the script console (Administer), and compare.

        ``UnexpectedAnswer`` when it reads back otherwise, as with
        ``-Djenkins.model.Jenkins.slaveAgentPortEnforce=true`` (facts A4).
        """
        result = self.run_script("set-agent-port", {"port": port})
        after = result.get("after") if isinstance(result, dict) else None
        if after != port:
            raise UnexpectedAnswer(
                f"slaveAgentPort was set to {port} but reads {after}: "
                "-Djenkins.model.Jenkins.slaveAgentPortEnforce=true keeps it"
            )

    def jar(self) -> tuple[str, str]:
        """(remoting version, SHA-256) of the agent.jar that the controller serves.

        Read once and remembered.
        """
        with self._lock:
            if self._jar is None:
                self._jar = jar_identity(self.jar_bytes())
            return self._jar

    def jar_bytes(self) -> bytes:
        """The agent.jar that the controller serves, read now."""
        response = self._http.get("jnlpJars/agent.jar", most=MAX_BYTES, timeout=JAR_TIMEOUT)
        content: bytes = response.content
        return content

    # The script console

    def can_script(self) -> bool:
        """Whether this user may use the script console (Overall/Administer). Remembered."""
        return self.script_obstacle() is None

    def script_obstacle(self) -> tuple[str, str] | None:
        """(why the script console can't be used, what would be needed); None: it can be.
        Remembered. ``Unreachable`` when that could not be found out."""
        if self._script is None:
            self._script = (self._ask_script_console(),)
        return self._script[0]

    def _ask_script_console(self) -> tuple[str, str] | None:
        administer = "Overall/Administer"
        if self._http.anonymous:
            return "scripts are not for anonymous", f"a user with {administer}"
        try:
            # The page that only shows the form: reading it runs nothing.
            page = self._http.get("script", expected=(200, 403, 404))
            if page.status_code == 403 and not by_jenkins(page):
                return (
                    "what stands in front of Jenkins refuses /script (403)",
                    "/script let through",
                )
            if page.status_code == 403:
                return f"this user lacks {administer}", administer
            if page.status_code == 404:
                self.run_script("echo", {"text": "migrate"})
        except Forbidden as error:
            needed = error.permission or administer
            return f"this user lacks {needed}", needed
        except (AuthFailed, UnexpectedAnswer, ScriptFailed) as error:
            return f"the script console did not work: {error.cause}", "a look at what answered"
        return None

    def run_script(
        self,
        script: str,
        arguments: Mapping[str, object],
        *,
        node: str | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Run one of this tool's own scripts (a name in jenkins/scripts) on the controller, or
        on a connected node's agent; returns its JSON result. ``timeout``: seconds to wait for it,
        if not as long as such a script may take.

        ``ScriptFailed`` when it throws, ``NodeOffline`` when the agent is not connected.
        """
        path = "scriptText" if node is None else node_path(node, "scriptText")
        where = "the controller" if node is None else f"node {node!r}"
        try:
            response = self._http.post(
                path,
                data={"script": console.render(script, arguments)},
                timeout=timeout or console.timeout_for(script, arguments),
                expected=(200,),
                node=node,
                needs="Overall/Administer",
                slow="" if node is None else f"the agent of node {visible(node)}",
            )
        except NodeGone:
            # 404 is also the answer for an agent that is not connected (21-script-node-f).
            raise self._absent(node or "") from None
        response.encoding = "utf-8"
        return console.parse_result(script, where, response.text)

    def _absent(self, node: str) -> JenkinsError:
        try:
            node_io.one_computer(self._http, node)
        except NodeGone as gone:
            return gone
        return NodeOffline(node)
