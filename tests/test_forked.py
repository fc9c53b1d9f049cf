"""A command in a fork is like one that was started."""

import subprocess
from pathlib import Path

import pytest
from forked import Server, exit_code, run_migrate

from migrate import __version__


def test_output_exit_code_and_folder_are_its_own(tmp_path: Path) -> None:
    (tmp_path / "plans").mkdir()
    done = run_migrate(("--version",), cwd=tmp_path, environment={}, timeout=30)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"migrate {__version__}\n", "")
    done = run_migrate(("show", "plans/none"), cwd=tmp_path, environment={}, timeout=30)
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no plans/none" in done.stderr
    both = run_migrate(
        ("show", "plans/none"), cwd=tmp_path, environment={}, timeout=30, together=True
    )
    assert (both.stdout, both.stderr) == (done.stderr, "")


def test_the_environment_is_the_one_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JENKINS_URL", "http://127.0.0.1:9/from-the-test/")
    done = run_migrate(("scan",), cwd=tmp_path, environment={"HOME": str(tmp_path)}, timeout=30)
    assert done.returncode == 2
    assert "from-the-test" not in done.stderr
    given = {"HOME": str(tmp_path), "JENKINS_URL": "http://127.0.0.1:9/given/"}
    done = run_migrate(("scan", "--no-cluster"), cwd=tmp_path, environment=given, timeout=30)
    assert done.returncode == 3
    assert "http://127.0.0.1:9/given/" in done.stderr


def test_one_that_does_not_end_is_killed_and_the_next_one_runs(tmp_path: Path) -> None:
    words = ("sandbox", "up", "--home", str(tmp_path / "home"))
    with pytest.raises(subprocess.TimeoutExpired):
        run_migrate(words, cwd=tmp_path, environment={"HOME": str(tmp_path)}, timeout=0.3)
    done = run_migrate(("--version",), cwd=tmp_path, environment={}, timeout=30)
    assert done.returncode == 0


def test_a_traceback_is_told_and_ends_with_1(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import sys\n"
        "from forked import become, serve\n"
        "import migrate.cli.main\n"
        "def run():\n"
        "    print(sys.argv[1:])\n"
        "    raise RuntimeError('of this test')\n"
        "migrate.cli.main.run = run\n"
        "serve(become)\n"
    )
    out, err = tmp_path / "out", tmp_path / "err"
    out.touch()
    err.touch()
    files = {"out": str(out), "err": str(err)}
    server = Server(program)
    try:
        asked = {"words": ["a", "b c"], "cwd": str(tmp_path), "environment": {}, **files}
        assert server.run(asked, 30) == 1
    finally:
        server.stop()
    assert out.read_text() == "['a', 'b c']\n"
    told = err.read_text().splitlines()
    assert told[0] == "Traceback (most recent call last):"
    assert told[-1] == "RuntimeError: of this test"


def test_one_whose_test_was_ended_is_not_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers = []

    def interrupted(self: Server, asked: dict[str, object], timeout: float) -> int:
        servers.append(self)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Server, "run", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run_migrate(("--version",), cwd=tmp_path, environment={}, timeout=30)
    assert servers[0]._process.returncode == 0
    done = run_migrate(("--version",), cwd=tmp_path, environment={}, timeout=30)
    assert (done.returncode, done.stderr) == (0, "")


def test_exit_codes_are_those_of_a_process(capsys: pytest.CaptureFixture[str]) -> None:
    assert [exit_code(end) for end in (None, 0, 4, 256, "told")] == [0, 0, 4, 0, 1]
    assert capsys.readouterr().err == "told\n"
