"""Runs pytest in forks of a process that has imported what tests import, but nothing of ours.

Reads ``{"tests": [...], "seconds": 30}`` from its input, a line each, and answers with pytest's
exit code, or null when the time was over.
"""

import contextlib
import importlib
import json
import os
import signal
import sys
import time
from pathlib import Path

_HEAVY = ("pytest", "xdist.plugin", "pytest_timeout", "hypothesis", "msgspec", "ruamel.yaml",
          "defusedxml.ElementTree", "tenacity", "filelock", "rich.console", "typer", "requests",
          "websockets", "yaml", "kubernetes.client")  # fmt: skip


def _child(tests: list[str], log: Path) -> int:
    import pytest

    os.setsid()
    with log.open("w") as out:
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
    early = "ignore::pytest.PytestAssertRewriteWarning"  # plugins were imported before the fork
    options = ["-x", "-n0", "--no-header", "-p", "no:cacheprovider", "-W", early]
    return int(pytest.main([*options, *tests]))


def _wait(pid: int, seconds: float) -> int | None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    return None


def main() -> None:
    log = Path(sys.argv[1])
    for name in _HEAVY:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    assert "migrate" not in sys.modules
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            code = 70
            try:
                code = _child(asked["tests"], log)
            finally:
                os._exit(code)
        answer = _wait(pid, asked["seconds"])
        # What its tests started goes with it.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        if answer is None:
            os.waitpid(pid, 0)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
