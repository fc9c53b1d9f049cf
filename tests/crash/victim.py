"""A process that runs ``migrate`` commands and dies where it is told to.

``python victim.py`` imports the tool once, then reads one JSON request a line from stdin and
answers each with one line. Every command runs in a forked child, so that a kill is a real
SIGKILL of a real process (file locks drop, sockets close, nothing is cleaned up), and costs a
few milliseconds instead of a start of Python.

The production code has no hooks for this: the child wraps ``Journal.write``, the backup
folder, urllib3 (which carries all HTTP to Jenkins and the API server) and the prober.

A kill point is a name, stable from run to run:

``record 12``        right after the 12th journal record is on disk
``torn 12``          in the middle of writing it: half of its bytes are there
``12 before POST /computer/a/config.xml #1``
                     with 11 records on disk, as the first such call begins
``12 sent POST ...`` the request is out, nobody reads the answer, the server may still work
``12 after POST ...`` the server has acted and answered, nobody has seen what
"""

import os
import re
import signal
import ssl
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from forked import become, import_all, serve

REPEATS = 2
"""The same call is polled between two records; its first ones are kill points."""


class Points:
    """Counts what the command does, writes it to a trace, and dies at ``kill_at``."""

    def __init__(self, kill_at: str, trace: Path) -> None:
        self.kill_at = kill_at
        self._trace = trace.open("a", encoding="utf-8")
        self._records = 0
        self._seen: Counter[str] = Counter()
        self._lock = threading.RLock()

    def _die(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def reached(self, name: str) -> None:
        """Die here, or note that the command came by."""
        with self._lock:
            self._trace.write(name + "\n")
            self._trace.flush()
            if name == self.kill_at:
                self._die()

    def call(self, what: str) -> str:
        """The name of one more call, without its phase; empty for a repeat that is no point."""
        with self._lock:
            key = f"{self._records} {what}"
            self._seen[key] += 1
            number = self._seen[key]
            return f"{what} #{number}" if number <= REPEATS else ""

    def phase(self, call: str, phase: str) -> None:
        """A call gets here."""
        if call:
            with self._lock:
                self.reached(f"{self._records} {phase} {call}")

    def record(self) -> None:
        """One more record is on disk."""
        with self._lock:
            self._records += 1
            self.reached(f"record {self._records}")

    def torn(self) -> bool:
        """Whether the next record is to be cut in half."""
        with self._lock:
            name = f"torn {self._records + 1}"
            self._trace.write(name + "\n")
            self._trace.flush()
            return name == self.kill_at

    def die(self) -> None:
        """Die now."""
        self._die()


def _wrap_journal(points: Points) -> None:
    from migrate.engine.record import journal
    from migrate.engine.record.folder import RunFolder

    write, write_all, save = journal.Journal.write, journal._write_all, RunFolder.save

    def counted(self: Any, *args: Any, **values: Any) -> Any:
        record = write(self, *args, **values)
        points.record()
        return record

    def half(fd: int, data: bytes) -> None:
        if points.torn():
            write_all(fd, data[: len(data) // 2])
            os.fsync(fd)
            points.die()
        write_all(fd, data)

    def kept(self: Any, name: str, body: bytes) -> Any:
        call = points.call(f"backup {name}")
        points.phase(call, "before")
        result = save(self, name, body)
        points.phase(call, "after")
        return result

    journal.Journal.write = counted  # type: ignore[method-assign]
    journal._write_all = half
    RunFolder.save = kept  # type: ignore[method-assign]


_PROBE_NODE = re.compile(r"migrate-probe-[A-Za-z0-9.-]+?-[0-9a-f]{6}")
# The Lease is named after the controller's address, and every lane has its own.
_LEASE = re.compile(r"(?<=/leases/jenkins-agent-migrate-)[0-9a-f]{12}")


def _wrap_http(points: Points) -> None:
    from urllib3.connection import HTTPConnection
    from urllib3.connectionpool import HTTPConnectionPool

    make, response = HTTPConnectionPool._make_request, HTTPConnection.getresponse
    current = threading.local()

    def made(self: Any, conn: Any, method: str, url: str, *args: Any, **values: Any) -> Any:
        path = _LEASE.sub("LEASE", _PROBE_NODE.sub("PROBE", url.partition("?")[0]))
        if "script" in path.lower():
            path += " " + _script_name(values.get("body"))
        call = points.call(f"{method} {path}")
        points.phase(call, "before")
        current.call = call if method != "GET" else ""
        result = make(self, conn, method, url, *args, **values)
        if method != "GET":
            points.phase(call, "after")
        return result

    def answered(self: Any) -> Any:
        points.phase(getattr(current, "call", ""), "sent")
        return response(self)

    HTTPConnectionPool._make_request = made  # type: ignore[method-assign]
    HTTPConnection.getresponse = answered  # type: ignore[method-assign]


def _script_name(body: Any) -> str:
    text = body.decode() if isinstance(body, bytes) else str(body)
    found = re.search(r"migrate-script(?:%3A|:)(?:\+|%20| )*([a-z0-9-]+)", text)
    return found[1] if found else "script"


def _wrap_probes(points: Points) -> None:
    from migrate.probe.prober import Prober

    def wrapped(name: str) -> Callable[..., Any]:
        original = getattr(Prober, name)

        def call(self: Any, *args: Any, **values: Any) -> Any:
            told = points.call(f"probe {name}")
            points.phase(told, "before")
            result = original(self, *args, **values)
            points.phase(told, "after")
            return result

        return call

    for name in ("without_secret", "with_probe_node", "tcp_port"):
        setattr(Prober, name, wrapped(name))


def _child(asked: dict[str, Any]) -> None:
    """Become the command that dies at its point; never returns."""
    points = Points(asked["kill_at"], Path(asked["trace"]))
    _wrap_journal(points)
    _wrap_http(points)
    _wrap_probes(points)
    become(asked)


def _quicken() -> None:
    """Save what does not matter here, so that a point costs tenths of a second.

    A SIGKILL loses nothing that ``write`` has taken, so syncing to the disk proves nothing;
    the sandbox has no TLS, so no certificates are read; the probe holds its socket for
    moments instead of a second.
    """
    from migrate.probe.prober import Prober

    held = Prober._held

    def shortly(self: Any, *args: Any) -> Any:
        hold = min(args[3], 0.02) if os.environ.get("CRASH_SHORT_HOLD") else args[3]
        return held(self, args[0], args[1], args[2], hold, *args[4:])

    os.fsync = lambda fd: None
    ssl.SSLContext.load_default_certs = lambda self, purpose=None: None  # type: ignore[method-assign]
    Prober._held = shortly  # type: ignore[method-assign, assignment]


def main() -> None:
    """Serve requests until stdin ends."""
    import_all()
    _quicken()
    serve(_child)


if __name__ == "__main__":
    main()
