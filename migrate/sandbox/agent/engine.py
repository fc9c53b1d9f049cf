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
from migrate.sandbox.agent.failures import deployed, deployment, thrown
from migrate.sandbox.agent.jar import Jar, numbers
from migrate.sandbox.agent.java import Launch
from migrate.sandbox.agent.options import ONE_ENTRY_POINT, Options
from migrate.sandbox.agent.output import raw, record
from migrate.sandbox.agent.proxies import BadProxy, Proxies
from migrate.sandbox.agent.tcp import Discovery, Refused, TcpLink
from migrate.sandbox.agent.websocket import HandshakeFailed, WebSocket

RECONNECT_WAIT = 10.0
"""Seconds before an agent looks for its controller again."""
RESTARTER_AFTER = 3.0
"""Seconds until the controller has put its restarter into an agent that connected: the first call
on a channel takes 2.0 to 3.7 s (facts E). An agent that is cut off before goes on in its process,
over the same transport (a real 2.361.4: "onReconnect operation completed.")."""
_BROKEN_JAR_WAIT = 27.0
"""How long a WebSocket agent hung on an overwritten jar (31-jarswap-e-3160-to-3063-inplace)."""
_JVM_START = 1.0
"""Seconds that a JVM takes from its re-execution to its first word: 1 to 2 s passed until an agent
that waits for nothing else was back (30-disconnect-j-websocket-3352.txt)."""
_RETRY_WAITS = (1, 3, 7, 10)
"""Engine.ExponentialRetry: seconds between one try and the next."""
_RETRIES = (3283,)
"""From here on a WebSocket agent asks /login before each connection, retries with growing pauses
whatever failed, and starts over at once when it was cut off (67e95e22). Before, a first handshake
that fails ends the process, and a reconnect waits 10 s."""
_WAITS_BEFORE_RECONNECT = (3077,)
_KEEPS_COOKIE = (3025,)
_LOOPS_ON_DISCOVERY = (3160,)
_FATAL = 255
_THROWS = (3324,)
"""From here on nothing calls System.exit: main throws, and Java ends with 1 (1f0f6b57)."""
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
        self._retries = numbers(version) >= _RETRIES
        self.proxies = Proxies(launch.properties, os.environ)
        """Which forward proxy each of its connections takes."""
        self._discovery = Discovery(self.url, options, version, self.proxies, self.status)
        self._cookie: str | None = None
        self._connected_at = 0.0

    # -- words --------------------------------------------------------------------------------

    def status(self, text: str) -> None:
        """A line of the listener."""
        record(f"{self._listener} status", text)

    def _sleep(self, seconds: float) -> None:
        time.sleep(seconds * self._scale * (3 if "slow-agent" in self._faults else 1))

    def _introduce(self) -> None:
        manager = "org.jenkinsci.remoting.engine.WorkDirManager"
        work_dir = self.options.values.get("-workDir")
        folder = Path(work_dir or ".").absolute() / self.options.values.get(
            "-internalDir", "remoting"
        )

        def using() -> None:
            if work_dir:
                (folder / "logs").mkdir(parents=True, exist_ok=True)
                said = f"Using {folder} as a remoting work directory"
                record(f"{manager} initializeWorkDir", said)

        def logging() -> None:
            if work_dir:
                said = f"Both error and output logs will be printed to {folder}"
                record(f"{manager} setupLogging", said)

        # Launcher sets the logging up, and the engine once more; jnlp.Main left it to the engine.
        launcher = self.launch.entry == "-jar" or numbers(self.version) >= ONE_ENTRY_POINT
        if launcher:
            using()
            logging()
        source = self._listener.partition("$")[0]
        record(f"{source} createEngine", f"Setting up agent: {self.options.node}")
        record("hudson.remoting.Engine startEngine", f"Using Remoting version: {self.version}")
        using()
        if not launcher:
            logging()

    # -- life ---------------------------------------------------------------------------------

    def run(self) -> int:
        """Serve until the connection ends, then start over; the exit code."""
        if settings.RECONNECTED in os.environ:
            self._sleep(_JVM_START)
        self._introduce()
        self._flap()
        while True:
            try:
                if self.web_socket:
                    self._web_socket_session()
                else:
                    self._tcp_session()
            except (Fatal, BadProxy) as error:
                return self._die(str(error))
            if self.options.no_reconnect:
                return 0
            self._come_back(time.monotonic() - self._connected_at)

    def _die(self, text: str) -> int:
        """EngineListener.error; the exit code."""
        if numbers(self.version) < _THROWS:
            record(f"{self._listener} error", text, "SEVERE")
            return _FATAL
        cause = text.partition("\n")[2] or text
        raw(f'Exception in thread "main" java.lang.IllegalStateException: {cause}\n')
        return 1

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
        if not (self.web_socket and self._retries):
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
        ready = self._login if self.web_socket else self._listens
        while not ready():
            self._sleep(RECONNECT_WAIT)

    def _login(self) -> bool:
        """Engine.pingSuccessful: whether /login answers 200."""
        url = f"{self.url}login"
        try:
            status = wire.get(url, timeout=5, proxy=self.proxies.for_url(url)).status
        except OSError as error:
            self.status(f"{url} is not ready\n{thrown(error)}")
            return False
        if status != 200:
            self.status(f"{url} is not ready: {status}")
        return status == 200

    def _listens(self) -> bool:
        """JnlpAgentEndpointResolver.waitForReady, one pass."""
        try:
            status = self._discovery.listener(timeout=5).status
            said = (
                f"Controller isn't ready to talk to us on {self.url}tcpSlaveAgentListener/."
                f" Will try again: response code={status}"
            )
        except OSError as error:
            status = 0
            said = f"Failed to connect to {self.url}. Will try again: {thrown(error, ' ')}"
        if status != 200:
            record("org.jenkinsci.remoting.engine.JnlpAgentEndpointResolver waitForReady", said)
        return status == 200

    # -- WebSocket ----------------------------------------------------------------------------

    def _web_socket_session(self) -> None:
        socket = self._open_web_socket()
        minimum = socket.headers.get("x-remoting-minimum-version")
        if minimum and numbers(self.version) < numbers(minimum):
            text = f"Agent version {minimum} or newer is required."
            raise Fatal(f"{text}\njava.io.IOException: {text}")
        if numbers(self.version) >= _KEEPS_COOKIE:
            self._cookie = socket.headers.get("connection-cookie")
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

    def _open_web_socket(self) -> WebSocket:
        if not self._retries:
            try:
                return self._handshake()
            except (OSError, HandshakeFailed) as error:
                raise Fatal(deployment(error)) from error
        self._retried(self._login)
        opened: list[WebSocket] = []

        def connect() -> bool:
            try:
                opened.append(self._handshake())
            except (OSError, HandshakeFailed) as error:
                self.status(f"Failed to connect: {deployed(error)}")
                return False
            return True

        self._retried(connect)
        return opened[0]

    def _retried(self, attempt: Callable[[], bool]) -> None:
        """Engine.succeedsWithRetries."""
        tries = 0
        while not attempt():
            wait = _RETRY_WAITS[min(tries, len(_RETRY_WAITS) - 1)]
            tries += 1
            self.status(f"Waiting {wait} second{'' if wait == 1 else 's'} before retry")
            self._sleep(wait)

    def _handshake(self) -> WebSocket:
        headers = {
            "Node-Name": self.options.node,
            "Secret-Key": self.options.secret,
            "X-Remoting-Capability": _CAPABILITY,
        }
        if self._cookie is not None:
            headers["Connection-Cookie"] = self._cookie
        return WebSocket(
            f"{self.url}wsagents/",
            headers | self.options.headers,
            proxies=self.proxies.for_web_socket(self.url, self.version),
            proxy_credentials=self.options.values.get("-proxyCredentials"),
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
        while True:
            self.status(f"Locating server among [{self.url}]")
            try:
                return self._discovery.connect(self._discovery.find())
            except Refused as error:
                self.status(f"reconnect rejected, sleeping 10s: \njava.lang.Exception: {error}\n")
            except OSError as error:
                cause = f"java.io.IOException: {error}"
                if self.options.no_reconnect or numbers(self.version) < _LOOPS_ON_DISCOVERY:
                    raise Fatal(f"{error}\n{cause}") from error
                self.status(
                    f"Could not locate server among [{self.url}]; waiting 10 seconds before retry\n"
                    f"{cause}\n"
                )
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
