"""The fast tests with every other Python that pyproject promises and this machine has.

``make check`` runs it: ``python tests/pythons/other_pythons.py``. Each gets a venv of its own
(``.venv-3.13``), made once and again when pyproject.toml changes. Exit 1 when one of them fails.
"""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
OLDEST, NEWEST = 11, 19
"""Minor versions of Python 3: the promise of pyproject.toml, and as far as names are looked for."""
FAST = (
    "tests/model",
    "tests/jenkins",
    "tests/probe",
    "tests/rules",
    "tests/report",
    "tests/cluster",
    "tests/files",
    "tests/scan",
    "tests/cli/test_cli_help.py",
    "tests/cli/test_cli_next_commands.py",
)
"""Every layer that talks to the outside, and the command line itself in processes of its own."""
_ASK = "import ensurepip, sys, venv; print('%d.%d' % sys.version_info[:2])"


@dataclass(frozen=True)
class Python:
    """An interpreter that was run and said so itself."""

    minor: int
    path: Path


def candidates(path: str, home: Path) -> Iterator[Path]:
    """Where interpreters may be: on PATH, and in pyenv's folder, whose shims on PATH run only the
    versions that are chosen there."""
    for minor in range(OLDEST, NEWEST + 1):
        for folder in path.split(os.pathsep):
            if folder:
                yield Path(folder) / f"python3.{minor}"
        yield from sorted(home.glob(f".pyenv/versions/*/bin/python3.{minor}"))


def asked(path: Path) -> Python | None:
    """The interpreter of that path; None for what is not there, does not run (a shim of a version
    that is not chosen), or cannot make a venv."""
    if not os.access(path, os.X_OK):
        return None
    try:
        done = subprocess.run([path, "-I", "-c", _ASK], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    major, _, minor = done.stdout.strip().partition(".")
    if done.returncode != 0 or major != "3" or not minor.isdigit():
        return None
    return Python(int(minor), path)


def found(paths: Iterable[Path]) -> dict[int, Python]:
    """The first that runs of each minor version."""
    known: dict[int, Python] = {}
    for path in paths:
        if path.name in {f"python3.{minor}" for minor in known}:
            continue
        python = asked(path)
        if python is not None and OLDEST <= python.minor <= NEWEST:
            known.setdefault(python.minor, python)
    return known


def check(python: Python) -> bool:
    """Make its venv, run the fast tests; what they print goes to the terminal."""
    home = ROOT / f".venv-3.{python.minor}"
    own = home / "bin" / "python"
    stamp, wanted = home / ".installed", ROOT / "pyproject.toml"
    if not stamp.exists() or stamp.stat().st_mtime < wanted.stat().st_mtime:
        quiet = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        for words in (
            [str(python.path), "-m", "venv", "--clear", str(home)],
            [str(own), *quiet, "-e", f"{ROOT}[dev]"],
        ):
            if subprocess.run(words, cwd=ROOT).returncode != 0:
                print(f"python 3.{python.minor}: its venv could not be made ({python.path})")
                return False
        stamp.touch()
    tests = [str(own), "-m", "pytest", "-n", "auto", "-p", "no:cacheprovider", *FAST]
    return subprocess.run(tests, cwd=ROOT).returncode == 0


def main() -> int:
    """Check each Python but the one that runs this: ``make test`` is for that."""
    others = found(candidates(os.environ.get("PATH", ""), Path.home()))
    others.pop(sys.version_info[1], None)
    if not others:
        print("python: no other version from 3.11 up is on this machine")
    failed = []
    for minor, python in sorted(others.items()):
        print(f"python 3.{minor} ({python.path}): the fast tests", flush=True)
        if not check(python):
            failed.append(f"3.{minor}")
    if failed:
        print(f"python {', '.join(failed)}: failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
