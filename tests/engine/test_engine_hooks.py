"""Hooks: real programs, with real time limits."""

import json
from pathlib import Path

import pytest

from migrate.engine.hooks import Hooks
from migrate.model.errors import UsageProblem


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
    status = Path(f"/proc/{child}/stat")
    gone = not status.exists() or status.read_text().rsplit(")", 1)[1].split()[0] == "Z"
    assert gone
    assert hooks.has("on-finish")


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
