"""JnlpAgentEndpointResolver and the TCP connection to the agent port."""

import json
import os
import socket
import threading
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

from migrate.sandbox.agent import wire
from migrate.sandbox.agent.output import record

_TIMEOUT = 10.0
_IDENTITY = "13:66:17:f2:33:cb:de:99:a2:07:c6:df:e0:37:48:df"


class Refused(Exception):
    """The controller said no: a wrong secret, a node that is connected already."""


class Found(NamedTuple):
    """Where the agent port is."""

    host: str
    port: int
    minimum: str | None


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

    def __init__(self, url: str, tunnel: str | None, status: Callable[[str], None]) -> None:
        self._url = url
        self._tunnel = tunnel
        self._status = status

    def find(self) -> Found:
        """Ask /tcpSlaveAgentListener/; ``OSError`` when it is off or out of reach."""
        url = self._url + "tcpSlaveAgentListener/"
        answer = wire.get(url, _TIMEOUT)
        if answer.status != 200:
            raise OSError(f"{url} is invalid: {answer.status}")
        port = answer.headers.get("x-jenkins-jnlp-port") or answer.headers.get("x-hudson-jnlp-port")
        if port is None:
            raise OSError(f"{url} is not Jenkins: no X-Jenkins-JNLP-Port")
        record(
            "org.jenkinsci.remoting.engine.JnlpAgentEndpointResolver resolve",
            "Remoting server accepts the following protocols: ["
            f"{answer.headers.get('x-jenkins-agent-protocols', '')}]",
        )
        host = answer.headers.get("x-jenkins-jnlp-host") or urlsplit(self._url).hostname or ""
        if self._tunnel:
            # HOST:PORT, HOST: or :PORT replaces what was discovered.
            tunnel_host, _, tunnel_port = self._tunnel.rpartition(":")
            host, port = tunnel_host or host, tunnel_port or port
        return Found(host, int(port), answer.headers.get("x-remoting-minimum-version"))

    def connect(self, found: Found, node: str, secret: str) -> TcpLink:
        """Shake hands; ``Refused`` or ``OSError``."""
        try:
            sock = socket.create_connection((found.host, found.port), _TIMEOUT)
        except OSError:
            self._status(f"provided port:{found.port} is not reachable on host {found.host}")
            raise
        self._status(
            "Agent discovery successful\n"
            f"  Agent address: {found.host}\n  Agent port:    {found.port}\n"
            f"  Identity:      {_IDENTITY}"
        )
        self._status("Handshaking")
        self._status(f"Connecting to {found.host}:{found.port}")
        self._status("Trying protocol: JNLP4-connect")
        try:
            return self._shake(sock, node, secret)
        except BaseException:
            sock.close()
            raise

    def _shake(self, sock: socket.socket, node: str, secret: str) -> TcpLink:
        protocol = b"Protocol:JNLP4-connect"
        said = {"name": node, "secret": secret, "cookie": os.urandom(32).hex()}
        sock.sendall(
            len(protocol).to_bytes(2, "big") + protocol + json.dumps(said).encode() + b"\n"
        )
        stream = wire.Stream(sock)
        try:
            refused = json.loads(stream.line()).get("refused")
        except (ValueError, AttributeError) as error:
            raise OSError("the far side does not speak JNLP4-connect") from error
        if refused is not None:
            record(
                "org.jenkinsci.remoting.protocol.impl.ConnectionHeadersFilterLayer onRecv",
                f"Local headers refused by remote: {refused}",
            )
            raise Refused("The server rejected the connection: None of the protocols were accepted")
        self._status(f"Remote identity confirmed: {_IDENTITY}")
        return TcpLink(sock, stream)
