"""``migrate`` commands in forks of a process that has imported everything once.

A start of Python with all that a command imports costs over a second of processor time, and the
tests run a thousand commands. A fork costs a few milliseconds and is a process of its own all the
same: its own environment, folder, arguments, output and exit code. What a start itself does
(signals, terminals, ``-X`` options, times) is tested on real starts.
"""

import atexit
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def import_all() -> None:
    """Everything that a command may import, once for all children."""
    for name in ("filelock", "kubernetes.config", "rich.progress", "tenacity", "websockets.frames"):
        importlib.import_module(name)
    import migrate

    for module in pkgutil.walk_packages(migrate.__path__, "migrate."):
        if not module.name.startswith("migrate.sandbox") and "__main__" not in module.name:
            importlib.import_module(module.name)
    gc.collect()
    gc.freeze()


def serve(child: Callable[[dict[str, Any]], None]) -> None:
    """A request a line on stdin; for each a fork that becomes ``child``, its pid and its exit
    code (negative for a signal) on stdout, a line each. Ends with stdin."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    for line in iter(sys.stdin.readline, ""):
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            try:
                child(asked)
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(70)
        answers.write(f"{pid}\n")
        _, status = os.waitpid(pid, 0)
        answers.write(f"{os.waitstatus_to_exitcode(status)}\n")


def exit_code(end: object) -> int:
    """What a process ends with after ``SystemExit(end)``."""
    if end is None or isinstance(end, int):
        return int(end or 0) & 0xFF
    print(end, file=sys.stderr)
    return 1


def become(asked: dict[str, Any]) -> None:
    """Become the command; never returns."""
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    time.tzset()
    tempfile.tempdir = None
    null = os.open(os.devnull, os.O_RDONLY)
    out = os.open(asked["out"], os.O_WRONLY | os.O_APPEND)
    err = os.open(asked["err"], os.O_WRONLY | os.O_APPEND)
    for fd, target in ((null, 0), (out, 1), (err, 2)):
        os.dup2(fd, target)
        os.close(fd)
    plain = sys.stdout.errors
    sys.stdin = os.fdopen(0, encoding="utf-8", errors=plain)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", errors=plain)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1)
    _measure_as(asked.get("test", ""))
    sys.argv = ["migrate", *asked["words"]]
    from migrate.cli.main import run

    code = 0
    try:
        run()
    except SystemExit as end:
        code = exit_code(end.code)
    except BaseException:
        traceback.print_exc()
        code = 1
    # As at the end of each process: executors are told to end, then threads are waited for.
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _measure_as(test: str) -> None:
    """Lines of this process are run by that test, when lines are counted (``make mutants``)."""
    coverage = sys.modules.get("coverage")
    if test and coverage is not None and (now := coverage.Coverage.current()) is not None:
        now.switch_context(test)


class Server:
    """The process of a program that calls ``serve``; it runs a command at a time."""

    def __init__(self, program: Path = Path(__file__)) -> None:
        # What modules read as they are imported must not come from whoever runs the tests.
        mine = {k: v for k, v in os.environ.items() if k.startswith(("COVERAGE_", "PATH", "HOME"))}
        paths = (str(ROOT), str(Path(__file__).parent))
        self._process = subprocess.Popen(
            [sys.executable, str(program)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**mine, "PYTHONPATH": os.pathsep.join(paths), "LC_ALL": "C.UTF-8"},
        )
        atexit.register(self.stop)

    def run(self, asked: dict[str, Any], timeout: float) -> int:
        """The exit code; ``TimeoutExpired`` when it had to be killed.

        After any other exception it must not be used again: an answer may still be under way."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        asked = {**asked, "test": os.environ.get("PYTEST_CURRENT_TEST", "")}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        pid = int(self._process.stdout.readline())
        late = threading.Event()

        def end() -> None:
            late.set()
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

        timer = threading.Timer(timeout, end)
        timer.start()
        try:
            code = int(self._process.stdout.readline())
        except BaseException:
            end()
            raise
        finally:
            timer.cancel()
            timer.join()
        if late.is_set() and code == -signal.SIGKILL:
            raise subprocess.TimeoutExpired(["migrate", *asked["words"]], timeout)
        return code

    def stop(self) -> None:
        """End it."""
        atexit.unregister(self.stop)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        self._process.wait()


_IDLE: list[Server] = []


def run_migrate(
    words: Sequence[str],
    *,
    cwd: Path,
    environment: Mapping[str, str],
    timeout: float,
    together: bool = False,
) -> subprocess.CompletedProcess[str]:
    """``migrate WORDS`` to its end, with exactly this environment; stdin is empty.

    ``together``: what goes to stderr is in stdout, in the order it was written."""
    try:
        server = _IDLE.pop()
    except IndexError:
        server = Server()
    with tempfile.TemporaryDirectory(prefix="forked-") as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        out.touch()
        err.touch()
        asked = {
            "words": list(words),
            "cwd": str(cwd),
            "environment": dict(environment),
            "out": str(out),
            "err": str(out if together else err),
        }
        try:
            code = server.run(asked, timeout)
        except subprocess.TimeoutExpired:
            _IDLE.append(server)
            raise
        except BaseException:
            server.stop()
            raise
        _IDLE.append(server)
        return subprocess.CompletedProcess(
            ["migrate", *words],
            code,
            out.read_text("utf-8", "replace"),
            err.read_text("utf-8", "replace"),
        )


if __name__ == "__main__":
    import_all()
    serve(become)
