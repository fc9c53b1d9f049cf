"""JnlpAgentEndpointResolver and the TCP connection to the agent port."""

import json
import os
import socket
import threading
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

from migrate.sandbox.agent import wire
from migrate.sandbox.agent.jar import numbers
from migrate.sandbox.agent.network import dial
from migrate.sandbox.agent.options import Options
from migrate.sandbox.agent.output import record
from migrate.sandbox.agent.proxies import Proxies

_TIMEOUT = 10.0
_NAMES_ITSELF = (3180,)
"""From here on the GET of the listener has Node-Name (77c00288)."""
_PROXY_PROTOCOL = (3181,)
"""From here on there is a protocol JNLP4-connect-proxy (11f2a49b)."""
_IDENTITY = "13:66:17:f2:33:cb:de:99:a2:07:c6:df:e0:37:48:df"


class Refused(Exception):
    """The controller said no: a wrong secret, a node that is connected already."""


class Found(NamedTuple):
    """Where the agent port is."""

    host: str
    port: int


class TcpLink:
    """An accepted connection: JSON messages, one a line."""

    def __init__(self, sock: socket.socket, stream: wire.Stream) -> None:
        sock.settimeout(None)
        self._sock = sock
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, data: bytes) -> None:
        """One message."""
        with self._lock:
            self._sock.sendall(data + b"\n")

    def receive(self) -> bytes | None:
        """The next message; None at the end."""
        try:
            return self._stream.line()
        except OSError:
            return None

    def close(self) -> None:
        """Close the socket."""
        self._sock.close()


class Discovery:
    """Finds the agent port through HTTP, each time anew, and connects."""

    def __init__(
        self,
        url: str,
        options: Options,
        version: str,
        proxies: Proxies,
        status: Callable[[str], None],
    ) -> None:
        self._url = url
        self._options = options
        self._version = numbers(version)
        self._proxies = proxies
        self._status = status

    def listener(self, timeout: float) -> wire.Answer:
        """GET /tcpSlaveAgentListener/; ``OSError`` when nothing answers."""
        url = self._url + "tcpSlaveAgentListener/"
        named = {"Node-Name": self._options.node} if self._version >= _NAMES_ITSELF else {}
        return wire.get(url, timeout, named, proxy=self._proxies.for_listener(url))

    def find(self) -> Found:
        """Ask where the port is; ``OSError`` when it is off or out of reach."""
        url = self._url + "tcpSlaveAgentListener/"
        answer = self.listener(_TIMEOUT)
        if answer.status != 200:
            raise OSError(f"{url} is invalid: {answer.status}")
        minimum = answer.headers.get("x-remoting-minimum-version")
        if minimum and self._version < numbers(minimum):
            raise OSError(f"Agent version {minimum} or newer is required.")
        port = answer.headers.get("x-jenkins-jnlp-port") or answer.headers.get("x-hudson-jnlp-port")
        if port is None:
            raise OSError(f"{url} is not Jenkins: no X-Jenkins-JNLP-Port")
        record(
            "org.jenkinsci.remoting.engine.JnlpAgentEndpointResolver resolve",
            "Remoting server accepts the following protocols: ["
            f"{answer.headers.get('x-jenkins-agent-protocols', '')}]",
        )
        host = answer.headers.get("x-jenkins-jnlp-host") or urlsplit(self._url).hostname or ""
        tunnel = self._options.values.get("-tunnel")
        if tunnel:
            # HOST:PORT, HOST: or :PORT replaces what was discovered, and nobody looks first.
            tunnel_host, _, tunnel_port = tunnel.rpartition(":")
            return Found(tunnel_host or host, int(tunnel_port or port))
        self._look(host, int(port))
        return Found(host, int(port))

    def _look(self, host: str, port: int) -> None:
        """JnlpAgentEndpointResolver.isPortVisible: a connection that says nothing."""
        proxy = self._proxies.for_tcp(host)
        try:
            with dial(proxy or (host, port), _TIMEOUT) as sock:
                if proxy is not None:
                    wire.tunnel(sock, wire.java_tunnel(host, port))
        except OSError as error:
            text = f"{self._url} provided port:{port} is not reachable on host {host}"
            raise OSError(text) from error

    def connect(self, found: Found) -> TcpLink:
        """Shake hands; ``Refused`` or ``OSError``."""
        self._status(
            "Agent discovery successful\n"
            f"  Agent address: {found.host}\n  Agent port:    {found.port}\n"
            f"  Identity:      {_IDENTITY}"
        )
        self._status("Handshaking")
        self._status(f"Connecting to {found.host}:{found.port}")
        sock = self._open(found)
        if self._version >= _PROXY_PROTOCOL:
            self._status("Server reports protocol JNLP4-connect-proxy not supported, skipping")
        self._status("Trying protocol: JNLP4-connect")
        record(
            "org.jenkinsci.remoting.protocol.impl.BIONetworkLayer$Reader run",
            "Waiting for ProtocolStack to start.",
        )
        try:
            return self._shake(sock, found)
        except BaseException:
            sock.close()
            raise

    def _open(self, found: Found) -> socket.socket:
        """JnlpAgentEndpoint.open."""
        proxy = self._proxies.for_tcp(found.host)
        sock = dial(proxy or found, _TIMEOUT)
        if proxy is None:
            return sock
        headers = {"Host": found.host}
        credentials = self._options.values.get("-proxyCredentials")
        if credentials:
            import base64

            encoded = base64.b64encode(credentials.encode()).decode()
            headers["Proxy-Authorization"] = f"Basic {encoded}"
        try:
            wire.tunnel(sock, wire.head(f"CONNECT {found.host}:{found.port} HTTP/1.1", headers))
        except OSError:
            sock.close()
            raise
        return sock

    def _shake(self, sock: socket.socket, found: Found) -> TcpLink:
        protocol = b"Protocol:JNLP4-connect"
        node, secret = self._options.node, self._options.secret
        said = {"name": node, "secret": secret, "cookie": os.urandom(32).hex()}
        sock.sendall(
            len(protocol).to_bytes(2, "big") + protocol + json.dumps(said).encode() + b"\n"
        )
        stream = wire.Stream(sock)
        told = stream.line()
        try:
            refused = json.loads(told).get("refused")
        except (ValueError, AttributeError) as error:
            # What it said tells who it is: a port may have been taken by somebody else.
            raise OSError(
                f"{found.host}:{found.port} does not speak JNLP4-connect: it said {told[:80]!r}"
            ) from error
        self._status(f"Remote identity confirmed: {_IDENTITY}")
        if refused is None:
            return TcpLink(sock, stream)
        peer = sock.getpeername()[0]
        record(
            "org.jenkinsci.remoting.protocol.impl.ConnectionHeadersFilterLayer onRecv",
            f"[JNLP4-connect connection to {found.host}/{peer}:{found.port}]"
            f" Local headers refused by remote: {refused}",
        )
        refusal = "org.jenkinsci.remoting.protocol.impl.ConnectionRefusalException"
        self._status(
            "Protocol JNLP4-connect encountered an unexpected exception\n"
            f"java.util.concurrent.ExecutionException: {refusal}: {refused}\n"
            f"Caused by: {refusal}: {refused}\n"
        )
        raise Refused("The server rejected the connection: None of the protocols were accepted")
