"""Agents that a person started by hand in the sandbox's folders: found, and ended with it."""

import contextlib
import os
import signal
import time
from pathlib import Path

_PROC = Path("/proc")
_PATIENCE = 3.0


def end_processes(module: str, folder: str) -> list[int]:
    """End every process that runs ``module`` with a path under ``folder`` on its command line.

    Returns their ids. Only where /proc is (Linux); elsewhere nothing is found.
    """
    found = _matching(module, folder)
    for pid in found:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and set(_matching(module, folder)) & set(found):
        time.sleep(0.02)
    for pid in set(_matching(module, folder)) & set(found):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    return found


def _matching(module: str, folder: str) -> list[int]:
    found = []
    for entry in _PROC.glob("[0-9]*/cmdline") if _PROC.is_dir() else ():
        try:
            words = entry.read_bytes().decode("utf-8", "replace").split("\0")
        except OSError:
            continue
        if module in words and any(f"{folder}/" in word for word in words):
            found.append(int(entry.parent.name))
    return found
