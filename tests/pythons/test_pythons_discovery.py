"""Only an interpreter that really runs counts, whatever its name says."""

import os
import sys
from pathlib import Path

import other_pythons as pythons


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_a_shim_that_does_not_run_is_passed_over(tmp_path: Path) -> None:
    minor = sys.version_info[1]
    shims, real = tmp_path / "shims", tmp_path / "real"
    program(shims / f"python3.{minor}", "echo 'pyenv: not found' >&2; exit 127")
    program(shims / "python3.18", "echo something else")
    (shims / "python3.17").write_text("not even a program")
    program(real / f"python3.{minor}", f'exec {sys.executable} "$@"')
    pyenv = tmp_path / f".pyenv/versions/3.{minor}.0/bin/python3.{minor}"
    program(pyenv, f'exec {sys.executable} "$@"')
    path = f"{shims}{os.pathsep}{os.pathsep}{real}"
    seen = pythons.found(pythons.candidates(path, tmp_path))
    assert seen == {minor: pythons.Python(minor, real / f"python3.{minor}")}
    assert pythons.found(pythons.candidates(str(shims), tmp_path))[minor].path == pyenv
    assert pythons.found(pythons.candidates(str(shims), tmp_path / "nowhere")) == {}


def test_what_it_runs_is_there() -> None:
    assert [name for name in pythons.FAST if not (pythons.ROOT / name).exists()] == []
