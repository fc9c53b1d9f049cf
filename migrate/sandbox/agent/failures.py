"""How Java shows what went wrong: exceptions by their names there."""

import socket

from migrate.sandbox.agent.websocket import HandshakeFailed

_SHADED = "io.jenkins.remoting.shaded"


def deployed(error: Exception) -> str:
    """What the WebSocket client says: of the far side's answer, or of the way there."""
    return "Handshake error." if isinstance(error, HandshakeFailed) else "Connection failed."


def deployment(error: Exception) -> str:
    """The same with its stack trace (33-wrong-secret-ws-agent-3206.txt)."""
    said = deployed(error)
    name = f"{_SHADED}.org.glassfish.tyrus.core.HandshakeException"
    cause = f"java.io.IOException: {error}" if isinstance(error, OSError) else f"{name}: {error}"
    return f"{said}\n{_SHADED}.jakarta.websocket.DeploymentException: {said}\nCaused by: {cause}\n"


def thrown(error: OSError, separator: str = ": ") -> str:
    """A request that got no answer."""
    if isinstance(error, socket.gaierror):
        return f"java.net.UnknownHostException{separator}{error.strerror}"
    if isinstance(error, TimeoutError):
        return f"java.net.SocketTimeoutException{separator}Connect timed out"
    return f"java.net.ConnectException{separator}{error.strerror or error}"
