"""A host's service manager: starts programs, restarts them as their definition says.

Stands for systemd, for the Windows service control manager and for the Docker daemon alike:
``python -m migrate.sandbox.agent.manager HOST-FOLDER OWNER-PID``. The stand-ins ``systemctl``,
``docker`` and the WinSW wrapper tell it what to run (``control``). It ends with the sandbox
process that started it, and its programs with it. Standard library only.
"""

import contextlib
import hmac
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from migrate.sandbox.agent import settings
from migrate.sandbox.agent.control import announce
from migrate.sandbox.agent.units import at_start

_STOP_SECONDS = 5.0
_SHORTEST_DELAY = 0.1
"""Real seconds between two starts of a program that ends at once."""


class Program:
    """One supervised program."""

    def __init__(self, host: Path, name: str, definition: dict[str, Any]) -> None:
        self.name = name
        self.definition = definition
        self.restarts = 0
        self._log = host / "log" / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._wanted = False
        self._changed = threading.Condition()
        threading.Thread(target=self._follow, daemon=True).start()

    def start(self) -> None:
        """Run it, if it does not run; returns when it was started."""
        with self._changed:
            if self._process is None:
                self._run()
            self._wanted = True
            self._changed.notify_all()

    def stop(self) -> None:
        """SIGTERM to all of its processes, then SIGKILL; returns when it is gone."""
        with self._changed:
            self._wanted = False
            process = self._process
            self._changed.notify_all()
        if process is not None:
            _end(process)
            with self._changed:
                self._process = None

    def status(self) -> dict[str, Any]:
        """State, process id and number of restarts."""
        process = self._process
        running = process is not None and process.poll() is None
        state = "active" if running else "activating" if self._wanted else "inactive"
        pid = process.pid if process is not None and running else 0
        return {"state": state, "pid": pid, "restarts": self.restarts}

    def _run(self) -> None:
        made = self.definition
        argv, env = at_start(made)
        environment = {**os.environ, **env, settings.PARENT: str(os.getpid())}
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                argv,
                env=environment,
                cwd=made.get("cwd") or "/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _follow(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._wanted and self._process is not None)
                process = self._process
            if process is None:
                continue
            code = process.wait()
            with self._changed:
                if self._process is not process or not self._wanted:
                    continue
                policy = self.definition.get("restart", "no")
                again = policy == "always" or (policy == "on-failure" and code != 0)
                self._wanted, self._process = again, None
                delay = float(self.definition.get("delay", 0)) * settings.time_scale()
                if not again or self._changed.wait_for(
                    lambda: not self._wanted or self._process is not None,
                    max(_SHORTEST_DELAY, delay),
                ):
                    continue
                self.restarts += 1
                with contextlib.suppress(OSError):
                    self._run()
                if self._process is None:
                    self._wanted = False


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_STOP_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class Manager:
    """Programs by name, and the commands that are sent for them."""

    def __init__(self, host: Path) -> None:
        self._host = host
        self._programs: dict[str, Program] = {}
        self._lock = threading.Lock()

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Carry out one request; ``KeyError`` for a program that nobody defined."""
        action, name = str(asked["action"]), str(asked.get("name", ""))
        if action == "list":
            return {"names": sorted(self._programs)}
        with self._lock:
            changed = "definition" in asked and self._define(name, asked["definition"])
            program = self._programs[name]
        if action in ("stop", "restart"):
            program.stop()
        if action in ("start", "restart"):
            program.start()
        return {**program.status(), "changed": changed}

    def _define(self, name: str, definition: dict[str, Any]) -> bool:
        if name in self._programs:
            changed = self._programs[name].definition != definition
            self._programs[name].definition = definition
        else:
            changed = True
            self._programs[name] = Program(self._host, name, definition)
        return changed

    def stop(self) -> None:
        """End every program, side by side."""
        threads = [threading.Thread(target=p.stop) for p in self._programs.values()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def _serve(sock: socket.socket, manager: Manager, token: str) -> None:
    with sock, sock.makefile("rwb") as stream:
        answer: dict[str, Any]
        try:
            asked = json.loads(stream.readline())
            if not hmac.compare_digest(str(asked.get("token", "")), token):
                raise PermissionError("wrong token")
            answer = manager.answer(asked)
        except KeyError as error:
            answer = {"error": f"not loaded: {error}"}
        except (OSError, ValueError, AttributeError) as error:
            answer = {"error": str(error)}
        with contextlib.suppress(OSError):
            stream.write(json.dumps(answer).encode() + b"\n")
            stream.flush()


def _accept(server: socket.socket, manager: Manager, token: str) -> None:
    while True:
        sock, _ = server.accept()
        threading.Thread(target=_serve, args=(sock, manager, token), daemon=True).start()


def main(host: Path, owner: int) -> int:
    """Serve until SIGTERM, or until the owner is gone."""
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    manager, token = Manager(host), secrets.token_hex(16)
    server = socket.create_server(("127.0.0.1", 0), backlog=64)
    threading.Thread(target=_accept, args=(server, manager, token), daemon=True).start()
    announce(host, server.getsockname()[1], token)
    while not ended.wait(1) and _alive(owner):
        pass
    manager.stop()
    return 0


def _alive(pid: int) -> bool:
    # A child whose parent died is handed on.
    return os.getppid() == pid


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
