"""A whole sandbox, and the real command in processes of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from forked import run_migrate

from migrate.sandbox.installation import Sandbox

SCALE = 0.05
FROM_THE_START = {"LC_ALL", "LANG", "PYTHONUTF8", "PYTHONIOENCODING", "PYTHONPATH", "PATH"}
"""Variables that count as Python starts: with them it is started."""
LIMIT = 100.0
"""Seconds that one command may take."""


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def problem(self) -> str:
        """The sentence of a failure; asserts the form that every failure has."""
        assert "Traceback" not in self.out + self.err
        told = [row for row in self.err.splitlines() if row.startswith("migrate: ")]
        assert len(told) == 1, self.err
        rows = self.err.splitlines()
        assert rows[-1].startswith("next: "), self.err
        assert rows[-2] == told[0]
        return told[0].removeprefix("migrate: ")

    @property
    def next_command(self) -> str:
        """What is to be typed next."""
        return self.err.splitlines()[-1].removeprefix("next: ")


@dataclass
class Cli:
    """``migrate`` with an environment that holds nothing of this machine's."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    def environment(self, **extra: str | None) -> dict[str, str]:
        """The variables of a command; None takes one away."""
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        known = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(home),
            "TMPDIR": str(home),
            "LC_ALL": "C.UTF-8",
            "PYTHONPATH": str(Path(__file__).parents[2]),
            **self.settings,
        }
        return {k: v for k, v in {**known, **extra}.items() if v is not None}

    def __call__(self, *words: str, code: str = "", **extra: str | None) -> Done:
        """Run ``migrate WORDS``, or with ``code`` a piece of Python that calls it."""
        environment = self.environment(**extra)
        if not code and not FROM_THE_START & extra.keys():
            ran = run_migrate(words, cwd=self.folder, environment=environment, timeout=LIMIT)
            return Done(ran.returncode, ran.stdout, ran.stderr)
        start = ["-c", code] if code else ["-m", "migrate"]
        done = subprocess.run(
            [sys.executable, *start, *words],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LIMIT,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


@contextmanager
def lab(folder: Path) -> Iterator[tuple[Sandbox, Cli]]:
    """The default scenario, and the command as its administrator."""
    work = folder / "work"
    work.mkdir()
    with Sandbox(folder / "sandbox", time_scale=SCALE) as sandbox:
        yield sandbox, Cli(work, sandbox.environment())
