"""What the suite's own conftest promises, in a pytest of its own."""

import shutil
import subprocess
import sys
from pathlib import Path

CONFTEST = Path(__file__).parents[1] / "conftest.py"
_TESTS = """
import signal

import pytest


@pytest.fixture(scope="module")
def shared():
    made = []
    yield made
    print("ended with", made)


def test_one(shared):
    assert shared == []
    shared.append("left by one")


def test_two(shared):
    assert shared == ["left by one"], "kept while all is well"
    shared.append("left by two")
    raise ValueError("two fails")


def test_three(shared):
    assert shared == []
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
"""


def test_a_failed_test_takes_no_other_along_and_sigint_counts(tmp_path: Path) -> None:
    shutil.copyfile(CONFTEST, tmp_path / "conftest.py")
    (tmp_path / "test_shared.py").write_text(_TESTS)
    pytest = [sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider"]
    done = subprocess.run(
        ["sh", "-c", 'trap "" INT; exec "$@"', "sh", *pytest, "--rootdir", str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert "1 failed, 2 passed" in done.stdout, done.stdout + done.stderr
    assert "ended with ['left by one', 'left by two']" in done.stdout
    assert "ended with []" in done.stdout
