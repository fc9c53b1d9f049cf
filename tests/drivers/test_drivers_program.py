"""Running a program: real ones, with children that outlive them and pipes that nobody reads."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from migrate.drivers.program import run_program

STRAY = "setsid sleep 60 & echo $! > {file}"
"""A child in a session of its own, which holds the standard output of its parent."""


def sh(body: str) -> list[str]:
    return ["/bin/sh", "-c", body]


@pytest.fixture
def stray(tmp_path: Path) -> Iterator[Path]:
    """Where a test's stray child writes its pid; it is ended after the test."""
    file = tmp_path / "stray"
    yield file
    if file.exists():
        with suppress(ProcessLookupError):
            os.kill(int(file.read_text()), signal.SIGKILL)


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_input_output_and_status() -> None:
    done = run_program(sh("cat; echo no >&2; exit 3"), stdin=b"yes\n", timeout=10)
    assert (done.code, done.out, done.err) == (3, b"yes\nno\n", b"")
    apart = run_program(
        sh("cat; echo no >&2"), stdin=b"yes\n", timeout=10, one_output=False, env={"PATH": "/bin"}
    )
    assert (apart.code, apart.out, apart.err) == (0, b"yes\n", b"no\n")


def test_more_than_the_pipes_hold_goes_both_ways() -> None:
    body = os.urandom(3 << 20)
    done = run_program(["cat"], stdin=body, timeout=30, kept=4 << 20)
    assert done.out == body


def test_one_that_reads_nothing_and_one_that_prints_without_end() -> None:
    assert run_program(["true"], stdin=b"x" * (1 << 20), timeout=10).code == 0
    done = run_program(["yes"], timeout=0.5, kept=1000)
    assert done.code is None
    assert len(done.out) == 1000


def test_the_end_of_a_long_output_is_kept() -> None:
    done = run_program(sh("seq 1 50000; echo last"), timeout=30, kept=100)
    assert len(done.out) == 100
    assert done.out.endswith(b"50000\nlast\n")


def test_a_stray_child_that_holds_the_output_is_not_waited_for(stray: Path) -> None:
    begun = time.monotonic()
    done = run_program(sh(STRAY.format(file=stray) + "; echo done"), timeout=30)
    assert (done.code, done.out) == (0, b"done\n")
    late = run_program(sh(STRAY.format(file=stray) + "; echo begun; sleep 60"), timeout=1.0)
    assert (late.code, late.out) == (None, b"begun\n")
    assert time.monotonic() - begun < 20


def test_the_time_limit_ends_the_whole_group(tmp_path: Path) -> None:
    file = tmp_path / "child"
    done = run_program(sh(f"trap '' TERM; sleep 60 & echo $! > {file}; wait"), timeout=1.0)
    assert done.code is None
    until = time.monotonic() + 10
    # A killed process needs a moment to be gone.
    while lives(int(file.read_text())) and time.monotonic() < until:
        time.sleep(0.02)
    assert not lives(int(file.read_text()))


def test_what_cannot_be_started_is_said() -> None:
    with pytest.raises(FileNotFoundError):
        run_program(["/nothing/there"], timeout=1)


def test_no_child_inherits_the_api_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JENKINS_API_TOKEN", "canary")
    monkeypatch.setenv("KEPT_BY_CHILDREN", "yes")
    for env in (None, dict(os.environ)):
        done = run_program(["/usr/bin/env"], env=env, timeout=20)
        assert b"canary" not in done.out and b"KEPT_BY_CHILDREN=yes" in done.out
