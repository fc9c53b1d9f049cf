"""The user's own programs at the turning points of a run: ``--hooks DIR``.

A hook is an executable file in DIR named after its moment. It gets the run as JSON on its
standard input and the essentials as ``MIGRATE_*`` in its environment, where the API token of
this tool is left out. What it prints goes masked into the journal.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from migrate.drivers.program import run_program
from migrate.model.errors import UsageProblem
from migrate.model.secrets import mask
from migrate.model.text import visible

MOMENTS = (
    "before-run",
    "before-wave",
    "before-node",
    "after-node",
    "after-wave",
    "on-failure",
    "before-close",
    "on-finish",
    "may-start",
)
_FORMERLY = {"may-start": "hold"}
"""Moments that had another name: a hook of that name is still run."""
_MOST_OUTPUT = 4000
"""Characters of a hook's output that are kept."""


@dataclass(frozen=True)
class HookEnd:
    """How a hook ended."""

    name: str
    code: int | None
    """None: it was ended after the time limit, or could not be started."""
    output: str
    """Masked; standard output and error together, the end of it when long."""

    @property
    def ok(self) -> bool:
        """Whether it ended with 0."""
        return self.code == 0

    def told(self) -> str:
        """For a person: how it ended and its last line."""
        lines = [line for line in self.output.splitlines() if line.strip()]
        how = "was not able to end" if self.code is None else f"ended with {self.code}"
        return f"the hook {self.name} {how}" + (f": {visible(lines[-1])}" if lines else "")


class Hooks:
    """The hooks of one folder; None: there are none."""

    def __init__(self, folder: Path | None, *, timeout: float = 60.0) -> None:
        self._folder, self._timeout = folder, timeout

    @classmethod
    def of(cls, folder: Path | None, *, timeout: float = 60.0) -> "Hooks":
        """``UsageProblem`` when the folder is none, or a file in it can't be run or is no moment.

        A hook with a slip in its name would never run, and nobody would notice.
        """
        if folder is None:
            return cls(None)
        if not folder.is_dir():
            raise UsageProblem(f"there is no folder {folder}", next_command="--hooks DIR")
        for path in sorted(folder.iterdir()):
            if path.name.startswith(".") or path.suffix in (".md", ".txt", ".json"):
                continue
            if path.name not in (*MOMENTS, *_FORMERLY.values()):
                raise UsageProblem(
                    f"{path} is named after no moment of a run",
                    next_command=f"name it one of: {', '.join(MOMENTS)}",
                )
            if not (path.is_file() and os.access(path, os.X_OK)):
                raise UsageProblem(f"{path} can't be run", next_command=f"chmod +x {path}")
        return cls(folder.resolve(), timeout=timeout)

    def has(self, name: str) -> bool:
        """Whether there is a hook for this moment."""
        return self._folder is not None and self._file(self._folder, name).is_file()

    @staticmethod
    def _file(folder: Path, name: str) -> Path:
        former = folder / _FORMERLY.get(name, name)
        return former if former.is_file() and not (folder / name).is_file() else folder / name

    def run(self, name: str, document: Callable[[], str], environment: dict[str, str]) -> HookEnd:
        """Run it to its end; at the time limit its whole process group is ended."""
        if self._folder is None:
            return HookEnd(name, 0, "")
        try:
            done = run_program(
                [str(self._file(self._folder, name))],
                stdin=document().encode(),
                env={**os.environ, **environment},
                timeout=self._timeout,
            )
        except OSError as error:
            return HookEnd(name, None, f"could not be started: {error.strerror}")
        text = mask(done.out.decode("utf-8", "replace"))
        if done.code is None:
            text += f"\nended after {self._timeout:.0f} s"
        return HookEnd(name, done.code, text[-_MOST_OUTPUT:])
