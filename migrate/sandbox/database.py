"""Somebody else's service behind the same edge: greets whoever connects, and must survive."""

import socketserver
import threading

GREETING = b"db ok\n"


class _Greeter(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        """Say the greeting and hang up."""
        self.request.sendall(GREETING)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class Database:
    """A TCP server on 127.0.0.1 that sends ``db ok`` and closes."""

    def __init__(self) -> None:
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self.port = 0

    def start(self) -> None:
        """Listen on a free port."""
        self._server = _Server(("127.0.0.1", 0), _Greeter)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="sandbox-database", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop listening; harmless when it does not run."""
        server, self._server = self._server, None
        if server is None:
            return
        server.shutdown()
        server.server_close()
        if self._thread is not None:
            self._thread.join(5)
