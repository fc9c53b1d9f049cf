"""The fast tests with every other Python that pyproject promises and this machine has.

``make check`` runs it: ``python tests/pythons/other_pythons.py``. Each gets a venv of its own
(``.venv-3.13``), made once and again when pyproject.toml changes. Exit 1 when the tests of one of
them fail. What cannot be tried here is named with its reason, and is no failure.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
OLDEST, NEWEST = 11, 19
"""Minor versions of Python 3: the promise of pyproject.toml, and as far as names are looked for."""
BUDGET = 300.0
"""Seconds after which no further Python is begun: CI has the tests proper still before it."""
FAST = (
    "tests/model",
    "tests/jenkins",
    "tests/probe",
    "tests/rules",
    "tests/report",
    "tests/cluster",
    "tests/agents",
    "tests/sources",
    "tests/plan_store",
    "tests/docs",
    "tests/scan",
    "tests/cli/test_cli_help.py",
    "tests/cli/test_cli_next_commands.py",
)
"""Every layer that talks to the outside, and the command line itself in processes of its own."""
_MANAGED = (".pyenv/versions/*/bin", ".local/share/uv/python/*/bin")
"""Where version managers keep interpreters below the home folder. pyenv's shims on PATH run only
the versions that are chosen there."""
_ASK = "import sys; print('%d.%d' % sys.version_info[:2]); import venv"
_PATIENCE = 60.0
"""Seconds for an interpreter to say who it is."""


@dataclass(frozen=True)
class Python:
    """An interpreter that was run and said so itself."""

    minor: int
    path: Path

    @property
    def name(self) -> str:
        """``python 3.13``."""
        return f"python 3.{self.minor}"


@dataclass(frozen=True)
class Unusable:
    """A name of an interpreter behind which there is none that could be tried."""

    minor: int
    why: str


def candidates(path: str, home: Path) -> Iterator[tuple[int, Path]]:
    """Where an interpreter of each minor version may be: on PATH, and in the managers' folders."""
    for minor in range(OLDEST, NEWEST + 1):
        for folder in path.split(os.pathsep):
            if folder:
                yield minor, Path(folder) / f"python3.{minor}"
        for pattern in _MANAGED:
            for found in sorted(home.glob(f"{pattern}/python3.{minor}")):
                yield minor, found


def asked(minor: int, path: Path) -> Python | Unusable | None:
    """Who answers under that path; None when nothing is there."""
    if not os.access(path, os.X_OK) or path.is_dir():
        return None
    try:
        command = [str(path), "-I", "-c", _ASK]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Unusable(minor, f"{path} does not run: {error}")
    if done.stdout.strip() != f"3.{minor}":
        return Unusable(minor, f"{path} is no Python 3.{minor}: {_last(done.stderr)}")
    if done.returncode != 0:
        return Unusable(
            minor,
            f"{path} has no venv (apt-get install python3.{minor}-venv): {_last(done.stderr)}",
        )
    return Python(minor, path)


def found(paths: Iterable[tuple[int, Path]]) -> dict[int, Python | Unusable]:
    """The first that runs of each minor version, else the first that does not."""
    known: dict[int, Python | Unusable] = {}
    for minor, path in paths:
        if not isinstance(known.get(minor), Python):
            answer = asked(minor, path)
            if isinstance(answer, Python):
                known[minor] = answer
            elif answer is not None:
                known.setdefault(minor, answer)
    return known


def venv_of(python: Python, root: Path = ROOT) -> Path:
    """The folder of its venv."""
    return root / f".venv-3.{python.minor}"


def prepare(python: Python, root: Path = ROOT) -> str:
    """Make its venv with what the tests need, unless it is there; why not, or nothing."""
    home = venv_of(python, root)
    stamp, wanted = home / ".installed", root / "pyproject.toml"
    if stamp.exists() and stamp.stat().st_mtime >= wanted.stat().st_mtime:
        return ""
    # By this venv's own pip: Debian's interpreters have none to give (ensurepip).
    pip = [sys.executable, "-m", "pip", "--python", str(home / "bin" / "python"), "install"]
    for words in (
        [str(python.path), "-m", "venv", "--without-pip", "--clear", str(home)],
        [*pip, "--quiet", "--disable-pip-version-check", "-e", f"{root}[test]"],
    ):
        done = subprocess.run(words, cwd=root, capture_output=True, text=True)
        if done.returncode != 0:
            return f"its venv cannot be made ({python.path}): {_last(done.stderr)}"
    stamp.touch()
    return ""


def check(python: Python) -> bool:
    """Run the fast tests with it; what they print goes to the terminal."""
    own = venv_of(python) / "bin" / "python"
    subprocess.run([str(own), "-m", "compileall", "-q", "migrate"], cwd=ROOT)
    words = [str(own), "-m", "pytest", "-n", "auto", "-p", "no:cacheprovider", *FAST]
    return subprocess.run(words, cwd=ROOT).returncode == 0


def _last(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines or ["it said nothing"])[-1].strip()


def main() -> int:
    """Check each Python but the one that runs this: ``make test`` is for that."""
    begun = time.monotonic()
    others = found(candidates(os.environ.get("PATH", ""), Path.home()))
    others.pop(sys.version_info[1], None)
    usable = [o for o in others.values() if isinstance(o, Python)]
    # The newest first: what it does anew is what nobody has seen yet.
    usable.sort(key=lambda python: -python.minor)
    for other in others.values():
        if isinstance(other, Unusable):
            print(f"python 3.{other.minor}: left out: {other.why}")
    if not usable:
        print("python: no other version from 3.11 up is on this machine")
    with ThreadPoolExecutor() as pool:
        problems = list(pool.map(prepare, usable))
    failed = []
    for python, problem in zip(usable, problems, strict=True):
        spent = time.monotonic() - begun
        if problem or spent > BUDGET:
            print(f"{python.name}: left out: {problem or f'{spent:.0f} s are spent already'}")
            continue
        print(f"{python.name} ({python.path}): the fast tests", flush=True)
        if not check(python):
            failed.append(python.name)
        print(f"{python.name}: {time.monotonic() - begun - spent:.0f} s", flush=True)
    if failed:
        print(f"{', '.join(failed)}: failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
