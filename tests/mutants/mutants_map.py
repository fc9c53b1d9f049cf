"""Which tests run which line: measured once in a copy of the project, by coverage's contexts."""

import ast
import contextlib
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from mutants_contexts import OUT
from mutations import Mutant

HERE = Path(__file__).resolve().parent
_WHEN = re.compile(r" \((setup|call|teardown)\)$")
_RC = """\
[run]
include = {copy}/migrate/*
data_file = {out}/coverage
parallel = true
sigterm = true
# Commands in forks (``forked.py``) say by themselves whose they are.
patch = _exit, fork
# A process that a test starts knows by pytest's variable whose it is.
context = ${{PYTEST_CURRENT_TEST-}}
"""


def environment(copy: Path) -> dict[str, str]:
    """For processes that must take the project from ``copy``."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join((str(copy), str(HERE)))}


def digest(root: Path, tests: Iterable[str]) -> str:
    """Of all that decides which test runs which line."""
    found = hashlib.sha256("\0".join(tests).encode())
    for folder in ("migrate", "tests"):
        for path in sorted((root / folder).rglob("*.py")):
            found.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:16]


def measure(copy: Path, out: Path, tests: Iterable[str], jobs: int, seconds: float) -> None:
    """Run the tests under coverage; ``TimeoutError`` when they take longer than ``seconds``."""
    out.mkdir(parents=True, exist_ok=True)
    rc = out / "rc"
    rc.write_text(_RC.format(copy=copy, out=out))
    env = environment(copy) | {"COVERAGE_PROCESS_START": str(rc), OUT: str(out / "tests.json")}
    command = [sys.executable, "-m", "pytest", "-n", str(jobs), "-p", "mutants_contexts"]
    with (out / "log").open("w") as log:
        run = subprocess.Popen([*command, *tests], cwd=copy, env=env, stdout=log, stderr=log,
                               start_new_session=True)  # fmt: skip
    try:
        run.wait(seconds)
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"its tests took longer than {seconds:.0f} s") from None
    finally:
        _end(run)
    if not (out / "tests.json").exists():
        raise RuntimeError(
            f"pytest ended with {run.returncode}: {(out / 'log').read_text()[-2000:]}"
        )
    combine = [sys.executable, "-m", "coverage", "combine", "-q", f"--rcfile={rc}", str(out)]
    subprocess.run(combine, cwd=copy, env=environment(copy), check=True)


def _end(run: "subprocess.Popen[bytes]") -> None:
    """The tests, and what they started; first in the way that lets them put it away."""
    for number, patience in ((signal.SIGINT, 20), (signal.SIGKILL, 20)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(run.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            run.wait(patience)


class Map:
    """What was measured."""

    def __init__(self, root: Path, copy: Path, out: Path) -> None:
        from coverage import CoverageData

        told: dict[str, float | None] = json.loads((out / "tests.json").read_text())
        self.seconds = {test: took for test, took in told.items() if took is not None}
        self.failed = sorted(test for test, took in told.items() if took is None)
        self.root, self.measured_in = root, copy
        self._data = CoverageData(str(out / "coverage"))
        self._data.read()
        self.lines = cache(self._lines)
        self._readers = cache(self._readers_of)

    def tests(self, mutant: Mutant) -> list[str]:
        """Tests that run what was broken, the quickest first; none when no test does.

        What is set when a module is imported is read later: tests that run a line with its name,
        else tests that run anything of its module.
        """
        known = self.lines(mutant.path)
        if not mutant.imported:
            at = {mutant.line, *range(mutant.lines[0], mutant.lines[1] + 1)}
            found = set().union(*(known.get(line, ()) for line in at))
        else:
            found = set(self._readers(mutant.name)) or set().union(*known.values())
        return sorted(found & self.seconds.keys(), key=lambda test: (self.seconds[test], test))

    def _lines(self, path: str) -> dict[int, set[str]]:
        found = self._data.contexts_by_lineno(str(self.measured_in / path))
        return {
            line: {_WHEN.sub("", context) for context in contexts if context}
            for line, contexts in found.items()
        }

    def _readers_of(self, name: str) -> set[str]:
        found: set[str] = set()
        if not name:
            return found
        for path in (self.root / "migrate").rglob("*.py"):
            text = path.read_text()
            if name not in text:
                continue
            for node in ast.walk(ast.parse(text)):
                read = (isinstance(node, ast.Name) and node.id == name) or (
                    isinstance(node, ast.Attribute) and node.attr == name
                )
                if read:
                    lines = self.lines(str(path.relative_to(self.root)))
                    found |= lines.get(node.lineno, set())  # type: ignore[attr-defined]
        return found
