"""hudson.remoting.Engine: discovers, connects, serves, and restarts itself when it is cut off.

Sequences and strings as recorded (30-*, 31-*, 33-*, 34-*, 35-*, 36-*) and facts B2.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from migrate.sandbox.agent import settings, wire
from migrate.sandbox.agent.jar import Jar, numbers
from migrate.sandbox.agent.java import Launch
from migrate.sandbox.agent.options import ONE_ENTRY_POINT, Options, from_file
from migrate.sandbox.agent.output import raw, record
from migrate.sandbox.agent.tcp import Discovery, Refused, TcpLink

RECONNECT_WAIT = 10.0
"""Seconds before an agent looks for its controller again."""
RESTARTER_AFTER = 3.0
"""Seconds until the controller has put its restarter into an agent that connected: the first call
on a channel takes 2.0 to 3.7 s (facts E). An agent that is cut off before goes on in its process,
over the same transport (a real 2.361.4: "onReconnect operation completed.")."""
_BROKEN_JAR_WAIT = 27.0
"""How long a WebSocket agent hung on an overwritten jar (31-jarswap-e-3160-to-3063-inplace)."""
_FIRST_WAITS = (1.0, 3.0, 7.0, 10.0)
_RETRIES_FIRST = (3283,)
_WAITS_BEFORE_RECONNECT = (3077,)
_LOOPS_ON_DISCOVERY = (3160,)
_FATAL = 255
_CAPABILITY = "rO0ABXNyABpodWRzb24ucmVtb3RpbmcuQ2FwYWJpbGl0eQAAAAAAAAABAgABSgAEbWFza3hwAAAAAAAAAf4="


class Fatal(Exception):
    """The process exits for good."""


_FLAPS, _FLAPS_AFTER = 3, 20.0
"""``agent-flaps``: how often, and how many seconds (before scaling) after each start."""


class Engine:
    """One agent, from its first connection to its re-execution."""

    def __init__(self, launch: Launch, jar: Jar, version: str, options: Options) -> None:
        self.launch = launch
        self.jar = jar
        self.version = version
        self.options = options
        self.url = options.urls[0].rstrip("/") + "/"
        self._listener = (
            "hudson.remoting.Launcher$CuiListener"
            if numbers(version) >= ONE_ENTRY_POINT
            else "hudson.remoting.jnlp.Main$CuiListener"
        )
        self._faults = settings.faults()
        self._scale = settings.time_scale()
        again = os.environ.get(settings.RECONNECTED) and "tcp-again" in self._faults
        self.web_socket = options.web_socket and not again
        self.permanent = not (jar.swarm or settings.CLOUD_POD in os.environ)
        """Whether the controller installs its restarter: on permanent nodes only (facts A6)."""
        self._connected_at = 0.0

    # -- words --------------------------------------------------------------------------------

    def status(self, text: str) -> None:
        """A line of the listener."""
        record(f"{self._listener} status", text)

    def _sleep(self, seconds: float) -> None:
        time.sleep(seconds * self._scale * (3 if "slow-agent" in self._faults else 1))

    def _introduce(self) -> None:
        work_dir = self.options.values.get("-workDir")
        if work_dir:
            internal = self.options.values.get("-internalDir", "remoting")
            folder = Path(work_dir).absolute() / internal
            (folder / "logs").mkdir(parents=True, exist_ok=True)
            manager = "org.jenkinsci.remoting.engine.WorkDirManager"
            record(f"{manager} initializeWorkDir", f"Using {folder} as a remoting work directory")
            record(
                f"{manager} setupLogging", f"Both error and output logs will be printed to {folder}"
            )
        source = self._listener.partition("$")[0]
        record(f"{source} createEngine", f"Setting up agent: {self.options.node}")
        record("hudson.remoting.Engine startEngine", f"Using Remoting version: {self.version}")

    # -- life ---------------------------------------------------------------------------------

    def run(self) -> int:
        """Serve until the connection ends, then start over; the exit code."""
        self._introduce()
        self._flap()
        while True:
            try:
                if self.web_socket:
                    self._web_socket_session()
                else:
                    self._tcp_session()
            except Fatal as error:
                record(f"{self._listener} error", str(error), "SEVERE")
                return _FATAL
            if self.options.no_reconnect:
                return 0
            self._come_back(time.monotonic() - self._connected_at)

    def _flap(self) -> None:
        """``agent-flaps``: some time after it came back it is cut off, and starts over."""
        times = int(os.environ.get(settings.FLAPS, "0"))
        if "agent-flaps" not in self._faults or settings.RECONNECTED not in os.environ:
            return

        def cut() -> None:
            os.environ[settings.FLAPS] = str(times + 1)
            os.execv(sys.executable, sys.orig_argv)  # noqa: S606

        if times < _FLAPS:
            timer = threading.Timer(_FLAPS_AFTER * self._scale, cut)
            timer.daemon = True
            timer.start()

    def _come_back(self, served: float) -> None:
        """Start over by re-execution; returns when the connection was too short for that."""
        if self.jar.overwritten():
            self._broken_jar()
        if not self.web_socket or numbers(self.version) >= _WAITS_BEFORE_RECONNECT:
            self._sleep(RECONNECT_WAIT)
        self._wait_ready()
        if "dead-agent" in self._faults:
            raw("# A fatal error has been detected by the Java Runtime Environment:\n")
            os._exit(_FATAL)
        self.status("Performing onReconnect operation.")
        if served < RESTARTER_AFTER * self._scale:
            self.status("onReconnect operation completed.")
            return
        if "WINSW_EXECUTABLE" in os.environ:
            self._restart_service(os.environ["WINSW_EXECUTABLE"])
        record(
            "jenkins.slaves.restarter.JnlpSlaveRestarterInstaller$EngineListenerAdapterImpl"
            " onReconnect",
            "Restarting agent via jenkins.slaves.restarter.UnixSlaveRestarter@5c6b25ad",
        )
        os.environ[settings.RECONNECTED] = "1"
        os.execv(sys.executable, sys.orig_argv)  # noqa: S606

    def _restart_service(self, wrapper: str) -> None:
        """WinswSlaveRestarter: the service is started anew, with what its XML says now."""
        import subprocess

        record(
            "jenkins.slaves.restarter.JnlpSlaveRestarterInstaller$EngineListenerAdapterImpl"
            " onReconnect",
            "Restarting agent via jenkins.slaves.restarter.WinswSlaveRestarter@1b2c3d4e",
        )
        subprocess.Popen([wrapper, "restart!"], start_new_session=True)
        # The service manager ends this process meanwhile.
        time.sleep(_BROKEN_JAR_WAIT)

    def _broken_jar(self) -> None:
        raw(
            'Exception in thread "main" java.lang.NoClassDefFoundError:'
            " hudson/remoting/Engine$EngineListenerSplitter\n"
        )
        if self.web_socket:
            self._sleep(_BROKEN_JAR_WAIT)
            return
        # A TCP agent never came back within 180 s (facts 0.9).
        while True:
            time.sleep(60)

    def _wait_ready(self) -> None:
        path = "login" if self.web_socket else "tcpSlaveAgentListener/"
        while (problem := self._not_ready(self.url + path)) is not None:
            if self.web_socket:
                self.status(f"{self.url}login is not ready: {problem}")
            else:
                record(
                    "org.jenkinsci.remoting.engine.JnlpAgentEndpointResolver waitForReady",
                    f"Controller isn't ready to talk to us on {self.url}{path}."
                    f" Will try again: {problem}",
                )
            self._sleep(RECONNECT_WAIT)

    def _not_ready(self, url: str) -> str | None:
        try:
            status = wire.get(url, timeout=5).status
        except OSError as error:
            return f"java.net.ConnectException: {error.strerror or error}"
        if status == 200:
            return None
        return str(status) if self.web_socket else f"response code={status}"

    def _too_old(self, minimum: str | None) -> None:
        if minimum and numbers(self.version) < numbers(minimum):
            raise Fatal(
                f"Agent version {minimum} or newer is required.\n"
                f"java.io.IOException: Agent version {minimum} or newer is required."
            )

    # -- WebSocket ----------------------------------------------------------------------------

    def _web_socket_session(self) -> None:
        socket = self._open_web_socket()
        self._too_old(socket.headers.get("x-remoting-minimum-version"))
        self.status("WebSocket connection open")
        socket.send(self._hello())
        self._connected()
        while (message := socket.receive()) is not None:
            self._received(message, socket.send)
        if not self.jar.overwritten():
            socket.answer_close()
        self.status("Write side closed")
        self.status("Read side closed")
        self.status("Terminated")

    def _open_web_socket(self) -> wire.WebSocket:
        retries = numbers(self.version) >= _RETRIES_FIRST
        attempt = 0
        while True:
            try:
                if retries and (problem := self._not_ready(self.url + "login")) is not None:
                    raise ConnectionError(f"{self.url}login is not ready: {problem}")
                return self._handshake()
            except (OSError, wire.HandshakeFailed) as error:
                if not retries:
                    raise Fatal(self._handshake_error(error)) from error
                wait = _FIRST_WAITS[min(attempt, len(_FIRST_WAITS) - 1)]
                attempt += 1
                self.status(f"Failed to connect: {error}")
                self.status(f"Waiting {wait:.0f} seconds before retry")
                self._sleep(wait)

    def _handshake(self) -> wire.WebSocket:
        headers = {
            "Node-Name": self.options.node,
            "Secret-Key": from_file(self.options.secret),
            "X-Remoting-Capability": _CAPABILITY,
        }
        scheme = "wss" if self.url.startswith("https:") else "ws"
        return wire.WebSocket(scheme + self.url[self.url.index(":") :] + "wsagents/", headers)

    def _handshake_error(self, error: Exception) -> str:
        return (
            "Handshake error.\n"
            "io.jenkins.remoting.shaded.jakarta.websocket.DeploymentException: Handshake error.\n"
            "\tat hudson.remoting.Engine.runWebSocket(Engine.java:683)\n"
            "\tat hudson.remoting.Engine.run(Engine.java:499)\n"
            "Caused by: io.jenkins.remoting.shaded.org.glassfish.tyrus.core.HandshakeException:"
            f" {error}\n"
        )

    # -- TCP ----------------------------------------------------------------------------------

    def _tcp_session(self) -> None:
        link = self._open_tcp()
        self._connected()
        link.send(self._hello())
        while (message := link.receive()) is not None:
            self._received(message, link.send)
        link.close()
        self.status("Terminated")

    def _open_tcp(self) -> TcpLink:
        discovery = Discovery(self.url, self.options.values.get("-tunnel"), self.status)
        first = True
        while True:
            self.status(f"Locating server among [{self.url}]")
            try:
                found = discovery.find()
                self._too_old(found.minimum)
                return discovery.connect(found, self.options.node, self.options.secret)
            except Refused as error:
                self.status(f"reconnect rejected, sleeping 10s: \njava.lang.Exception: {error}\n")
            except OSError as error:
                if first and numbers(self.version) < _LOOPS_ON_DISCOVERY:
                    raise Fatal(f"{error}\njava.io.IOException: {error}") from error
                self.status(
                    f"Could not locate server among [{self.url}]; waiting 10 seconds before retry"
                )
            first = False
            self._sleep(RECONNECT_WAIT)

    def _connected(self) -> None:
        self._connected_at = time.monotonic()
        self.status("Connected")

    # -- the channel --------------------------------------------------------------------------

    def _hello(self) -> bytes:
        return json.dumps({"hello": self.version, "unix": os.name == "posix"}).encode()

    def _received(self, message: bytes, send: Callable[[bytes], None]) -> None:
        try:
            asked = json.loads(message)
        except ValueError:
            return
        if isinstance(asked, dict) and "script" in asked:
            # Beside the reader, so that pings are answered while a script runs.
            threading.Thread(target=self._answer, args=(asked, send), daemon=True).start()

    def _answer(self, asked: dict[str, Any], send: Callable[[bytes], None]) -> None:
        from migrate.sandbox.agent.scripts import run_script

        answer: dict[str, Any] = {"id": asked["id"]}
        try:
            answer["result"] = run_script(self, str(asked["script"]), asked.get("args") or {})
        except Exception as error:
            # Whatever the script throws travels back as Java would show it.
            answer["error"] = f"java.io.IOException: {error}"
        try:
            send(json.dumps(answer).encode())
        except OSError:
            return
