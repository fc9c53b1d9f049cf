"""Runs the tool's scripts with a real Groovy 2.4, the version that Jenkins embeds."""

import atexit
import json
import shutil
import subprocess
import tempfile
import threading
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from migrate.jenkins.console import parse_result, render

LIBRARIES = Path("/usr/share/groovy/lib")
STUBS = Path(__file__).parent / "stubs"
JAVA = (
    *("java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dfile.encoding=UTF-8"),
    # No name server: whether it answers, and how fast, is of no account here.
    "-Djdk.net.hosts.file=/etc/hosts",
    *("-cp", f"{LIBRARIES}/*", "groovy.ui.GroovyMain", "-c", "UTF-8"),
)

needs_groovy = pytest.mark.skipif(
    not (LIBRARIES.is_dir() and shutil.which("java")),
    reason="no groovy here (Debian: apt-get install groovy)",
)


Sent = tuple[str, dict[str, Any], str]
"""(script, arguments, Groovy to run before it, for which ``HERE`` is the test's folder)."""


class Runner:
    """A JVM that runs the scripts of many tests, one request after the other (runner.groovy)."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="groovy-runner-")
        self._process = subprocess.Popen(
            [*JAVA, str(Path(__file__).with_name("runner.groovy"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=self._folder.name,
            # A signal that a test sends to its own group is not for what the next one shares.
            start_new_session=True,
        )

    def ask(self, request: dict[str, Any]) -> list[str]:
        """What each script printed; a request of more than 90 seconds ends the JVM."""
        assert self._process.stdin and self._process.stdout
        late = threading.Timer(90, self._process.kill)
        late.start()
        try:
            self._process.stdin.write(json.dumps(request).encode("ascii") + b"\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
            assert answer, "Groovy has ended"
        except BaseException:
            # Nobody reads its answer any more, which the next request would take for its own.
            self.close()
            raise
        finally:
            late.cancel()
        outputs: list[str] = json.loads(answer)
        return outputs

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        """Ends it, whatever it does."""
        with suppress(BrokenPipeError), self._process:
            self._process.kill()
        self._folder.cleanup()


@cache
def _shared() -> Runner:
    runner = Runner()
    atexit.register(runner.close)
    return runner


def runner_of_this_process() -> Runner:
    """The one that the tests share; a new one where the last has ended."""
    if not _shared().alive:
        _shared.cache_clear()
    return _shared()


def run_all(
    scripts: list[Sent],
    folder: Path,
    *,
    stubs: bool = False,
    libraries: tuple[Path, ...] = (),
    alone: bool = False,
) -> list[tuple[Any, str]]:
    """For each script its result and everything that it printed.

    They run in turn and see what the ones before them left in classes and system properties.
    ``alone``: in a JVM of their own, for what Java itself reads only once, such as ``os.name``.
    """
    request = {
        "scripts": [f"{before}\n{render(script, asked)}" for script, asked, before in scripts],
        "here": str(folder),
        "libraries": [str(path) for path in libraries],
        "stubs": str(STUBS) if stubs else None,
    }
    runner = Runner() if alone else runner_of_this_process()
    try:
        outputs = runner.ask(request)
    finally:
        if alone:
            runner.close()
    return [
        (parse_result(script, "this machine", output), output)
        for (script, _, _), output in zip(scripts, outputs, strict=True)
    ]


def run_groovy(
    script: str, arguments: dict[str, Any], folder: Path, *, before: str = "", stubs: bool = False
) -> tuple[Any, str]:
    """``run_all`` for a single script."""
    return run_all([(script, arguments, before)], folder, stubs=stubs)[0]
