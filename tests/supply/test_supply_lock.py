"""The lock holds all that pyproject.toml asks for, by hash, and not where it is from."""

import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCKS = {"run.txt": (), "dev.txt": ("dev", "test", "sandbox", "measure")}
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(?:\s*;\s*([^\\\n]+?))?\s*\\$", re.MULTILINE)


def read(name: str) -> str:
    return (ROOT / "supply" / name).read_text()


def pinned(name: str) -> dict[str, list[tuple[str, str]]]:
    """(version, marker) of each package."""
    found: dict[str, list[tuple[str, str]]] = {}
    for pin in _PIN.finditer(read(name)):
        found.setdefault(canonicalize_name(pin[1]), []).append((pin[2], pin[3] or ""))
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_is_a_pin_or_one_of_its_hashes(name: str) -> None:
    rows = read(name).splitlines()
    hashes = [re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", row) for row in rows]
    pins = [_PIN.match(row) for row in rows]
    assert len(rows) > 50
    assert [row for row, a, b in zip(rows, hashes, pins, strict=True) if not a and not b] == []
    for at, pin in enumerate(pins):
        assert not pin or hashes[at + 1], f"{rows[at]} has no hash"


@pytest.mark.parametrize(("name", "extras"), LOCKS.items())
def test_what_pyproject_asks_for_is_there_in_a_version_that_it_takes(
    name: str, extras: tuple[str, ...]
) -> None:
    known = pinned(name)
    asked = [Requirement(text) for text in PROJECT["dependencies"]]
    for extra in extras:
        asked += map(Requirement, PROJECT["optional-dependencies"][extra])
    for one in asked:
        if one.name != PROJECT["name"]:
            versions = [version for version, _ in known.get(canonicalize_name(one.name), ())]
            assert versions and all(map(one.specifier.contains, versions)), (
                f"{one} is not in supply/{name}: make lock"
            )


def test_what_runs_is_the_same_in_both_locks() -> None:
    dev = pinned("dev.txt")
    assert all(dev[package] == pins for package, pins in pinned("run.txt").items())


def test_the_lock_is_what_is_installed_here() -> None:
    """``make`` installs it; an environment with other versions would test something else."""
    other = {}
    for package, pins in pinned("dev.txt").items():
        wanted = [v for v, marker in pins if not marker or Marker(marker).evaluate()]
        if not wanted:
            continue
        try:
            have = metadata.version(package)
        except metadata.PackageNotFoundError:
            have = "nothing"
        if have not in wanted:
            other[package] = f"{have}, not {wanted[0]}"
    assert other == {}, f"run make once more ({sys.prefix})"
