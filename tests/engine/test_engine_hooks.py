"""Hooks: real programs, with real time limits."""

import json
import os
import signal
import time
from pathlib import Path

import pytest

from migrate.engine.admission.hooks import Hooks
from migrate.model.errors import UsageProblem


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def hook(folder: Path, name: str, body: str) -> Hooks:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{body}\n")
    (folder / name).chmod(0o755)
    return Hooks.of(folder, timeout=5.0)


def test_a_hook_gets_json_and_environment(tmp_path: Path) -> None:
    hooks = hook(tmp_path / "h", "after-node", f"cat > {tmp_path}/in; echo $MIGRATE_NODE")
    end = hooks.run("after-node", lambda: json.dumps({"n": 1}), {"MIGRATE_NODE": "linux-1"})
    assert end.ok
    assert end.output == "linux-1\n"
    assert json.loads((tmp_path / "in").read_text()) == {"n": 1}


def test_the_api_token_is_not_handed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JENKINS_API_TOKEN", "11deadbeefdeadbeefdeadbeefdeadbeef")
    end = hook(tmp_path / "h", "hold", "env").run("hold", str, {})
    assert "deadbeef" not in end.output


def test_what_a_hook_prints_is_masked(tmp_path: Path) -> None:
    secret = "0123456789abcdef" * 4
    end = hook(tmp_path / "h", "hold", f"echo '-secret {secret}'").run("hold", str, {})
    assert secret not in end.output


def test_failure_and_its_last_line(tmp_path: Path) -> None:
    end = hook(tmp_path / "h", "before-run", "echo one; echo no change today >&2; exit 3").run(
        "before-run", str, {}
    )
    assert end.code == 3
    assert end.told() == "the hook before-run ended with 3: no change today"


def test_a_hook_that_does_not_end_is_ended_with_its_children(tmp_path: Path) -> None:
    hooks = hook(tmp_path / "h", "on-finish", f"sleep 60 & echo $! > {tmp_path}/child; wait")
    slow = Hooks(tmp_path / "h", timeout=1.0)
    end = slow.run("on-finish", str, {})
    assert end.code is None
    assert "ended after 1 s" in end.output
    child = int((tmp_path / "child").read_text())
    until = time.monotonic() + 10
    # A killed process needs a moment to be gone.
    while lives(child) and time.monotonic() < until:
        time.sleep(0.02)
    assert not lives(child)
    assert hooks.has("on-finish")


def test_a_hook_that_leaves_a_daemon_behind_does_not_hold_the_run(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    leaves = f"setsid sleep 60 & echo $! > {pid}; echo left it"
    hook(tmp_path / "h", "after-node", leaves)
    hook(tmp_path / "h", "before-run", f"{leaves}; sleep 60")
    begun = time.monotonic()
    try:
        assert Hooks(tmp_path / "h", timeout=30).run("after-node", str, {}).output == "left it\n"
        os.kill(int(pid.read_text()), signal.SIGKILL)
        assert Hooks(tmp_path / "h", timeout=1).run("before-run", str, {}).code is None
    finally:
        os.kill(int(pid.read_text()), signal.SIGKILL)
    assert time.monotonic() - begun < 20


def test_a_hook_that_reads_nothing_is_fine(tmp_path: Path) -> None:
    end = hook(tmp_path / "h", "hold", "exit 0").run("hold", lambda: "x" * 1_000_000, {})
    assert end.ok


def test_slips_are_found_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="no folder"):
        Hooks.of(tmp_path / "nothing")
    with pytest.raises(UsageProblem, match="no moment"):
        hook(tmp_path / "a", "before-nodes", "true")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "before-run").write_text("#!/bin/sh\n")
    with pytest.raises(UsageProblem, match="can't be run"):
        Hooks.of(tmp_path / "b")
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "README.md").write_text("what they do")
    assert not Hooks.of(tmp_path / "c").has("before-run")
