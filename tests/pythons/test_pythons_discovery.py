"""Only an interpreter that really runs counts, whatever its name says; the others are named."""

import os
import sys
from pathlib import Path

import other_pythons as pythons
import pytest

MINOR = sys.version_info[1]


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def usable(path: str, home: Path) -> dict[int, pythons.Python]:
    found = pythons.found(pythons.candidates(path, home))
    return {minor: one for minor, one in found.items() if isinstance(one, pythons.Python)}


def why_not(path: Path, home: Path) -> dict[int, str]:
    found = pythons.found(pythons.candidates(str(path), home))
    return {minor: one.why for minor, one in found.items() if isinstance(one, pythons.Unusable)}


def test_a_shim_that_does_not_run_is_passed_over(tmp_path: Path) -> None:
    shims, real, nowhere = tmp_path / "shims", tmp_path / "real", tmp_path / "nowhere"
    program(shims / f"python3.{MINOR}", "echo 'pyenv: not found' >&2; exit 127")
    program(shims / "python3.18", "echo something else")
    program(real / f"python3.{MINOR}", f'exec {sys.executable} "$@"')
    pyenv = tmp_path / f".pyenv/versions/3.{MINOR}.0/bin/python3.{MINOR}"
    path = f"{shims}{os.pathsep}{os.pathsep}{real}"
    assert usable(path, nowhere) == {MINOR: pythons.Python(MINOR, real / f"python3.{MINOR}")}
    assert usable(str(shims), nowhere) == {}
    program(pyenv, f'exec {sys.executable} "$@"')
    assert usable(str(shims), tmp_path) == {MINOR: pythons.Python(MINOR, pyenv)}


def test_what_cannot_be_tried_is_named_with_its_reason(tmp_path: Path) -> None:
    shims = tmp_path / "shims"
    program(shims / "python3.11", "echo 'pyenv: python3.11: command not found' >&2; exit 127")
    program(shims / "python3.12", "echo 3.11")
    (shims / "python3.13").write_text("not even a program")
    broken = program(shims / "python3.14", "")
    broken.write_bytes(b"\x7fELF of another machine")
    program(shims / "python3.15", "echo 3.15; echo 'No module named venv' >&2; exit 1")
    (shims / "python3.16").mkdir()
    found = why_not(shims, tmp_path)
    assert set(found) == {11, 12, 14, 15}
    assert "pyenv: python3.11: command not found" in found[11]
    assert "is no Python 3.12" in found[12]
    assert "does not run" in found[14]
    assert "apt-get install python3.15-venv" in found[15]
    assert "No module named venv" in found[15]


def test_a_venv_that_cannot_be_made_is_a_reason_and_no_end(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    path = program(tmp_path / f"python3.{MINOR}", "echo 'Error: no space' >&2; exit 1")
    problem = pythons.prepare(pythons.Python(MINOR, path), tmp_path)
    assert "its venv cannot be made" in problem
    assert "Error: no space" in problem
    assert not (tmp_path / f".venv-3.{MINOR}/.installed").exists()


def test_without_any_other_python_nothing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shim = program(tmp_path / "bin" / "python3.19", "echo gone >&2; exit 127")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert pythons.main() == 0
    said = capsys.readouterr().out
    assert f"python 3.19: left out: {shim} is no Python 3.19: gone" in said
    assert "no other version from 3.11 up" in said


def test_what_it_runs_is_there() -> None:
    assert [name for name in pythons.FAST if not (pythons.ROOT / name).exists()] == []
