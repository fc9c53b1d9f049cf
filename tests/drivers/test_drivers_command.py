"""The command driver with real programs."""

import json
import os
import stat
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from journal_entries import jar_upgrade

from migrate.drivers.command import Command
from migrate.drivers.errors import DriverError
from migrate.model.access import COMMAND_ACTIONS
from migrate.model.host_work import RestartDone
from migrate.model.ports import ControllerPort
from migrate.model.probe_requests import Target
from migrate.model.reach import NodeFacts

PROGRAM = """#!{python}
import json, os, sys
told = json.load(sys.stdin)
with open({log!r}, "a") as log:
    log.write(json.dumps([told, {{k: v for k, v in os.environ.items() if "MIGRATE" in k
        or "JENKINS" in k}}, sys.argv[1:]]) + "\\n")
print("did", told["action"], "-secret", "{secret}")
if os.path.exists({fail!r}):
    print("cannot", file=sys.stderr)
    sys.exit(3)
"""
SECRET = "ab" * 32
NODE = "n; rm -rf $HOME é"


@pytest.fixture
def jenkins() -> ControllerPort:
    fake = SimpleNamespace(url="http://j/", disconnected=[])
    fake.disconnect = lambda node, reason: fake.disconnected.append(node)
    return cast(ControllerPort, fake)


@pytest.fixture
def driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("JENKINS_API_TOKEN", "11" + "c" * 32)
    program = tmp_path / "wrapper"
    program.write_text(
        PROGRAM.format(
            python=sys.executable,
            log=str(tmp_path / "log"),
            secret=SECRET,
            fail=str(tmp_path / "fail"),
        )
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return Command((str(program), "--x"), COMMAND_ACTIONS, 20, NodeFacts(host="h1", jar="/a.jar"))


def test_every_action_gets_the_node_and_no_token(
    driver: Command, jenkins: ControllerPort, tmp_path: Path
) -> None:
    (answer,) = driver.probe_from_host(jenkins, NODE, Target("http://j/"), 5)
    assert answer.verdict.value == "pass"
    done = driver.upgrade(jenkins, NODE, jar_upgrade("/a.jar", "1", from_sha256="0"))
    assert (done.exit, done.backup) == (0, "kept by the program")
    driver.switch_launch(jenkins, NODE, ())
    assert driver.restart(jenkins, NODE, "r").exit == 0
    driver.restore_launch(jenkins, NODE, ())
    driver.restore_jar(jenkins, NODE, done)
    calls = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    actions = [told["action"] for told, _, _ in calls]
    assert actions == [*COMMAND_ACTIONS[:4], "rollback", "rollback"]
    for told, environment, arguments in calls:
        assert told["node"] == environment["MIGRATE_NODE"] == NODE
        assert environment["MIGRATE_ACTION"] == told["action"]
        assert environment["MIGRATE_HOST"] == "h1"
        assert "JENKINS_API_TOKEN" not in environment
        assert arguments == ["--x"]
    assert SECRET not in repr(done)


def test_a_failure_says_what_the_program_said(
    driver: Command, jenkins: ControllerPort, tmp_path: Path
) -> None:
    (tmp_path / "fail").touch()
    with pytest.raises(DriverError, match=r"ended with 3: did restart .*cannot") as caught:
        driver.restart(jenkins, NODE, "r")
    assert SECRET not in caught.value.cause
    (answer,) = driver.probe_from_host(jenkins, NODE, Target("http://j/"), 5)
    assert answer.verdict.value == "fail"


def test_what_the_program_does_not_know_is_left_out(jenkins: ControllerPort) -> None:
    driver = Command(("/nowhere",), ("switch",), 5)
    assert driver.probe_from_host(jenkins, NODE, Target("http://j/"), 5) == ()
    assert driver.restart(jenkins, NODE, "r") == RestartDone(by="disconnect")
    assert not driver.starts_stopped
    with pytest.raises(DriverError, match="cannot be started: No such file"):
        driver.switch_launch(jenkins, NODE, ())


def test_a_program_that_hangs_is_ended_with_its_children(
    jenkins: ControllerPort, tmp_path: Path
) -> None:
    pid = tmp_path / "pid"
    hangs = f"sleep 60 & echo $! > {pid}; wait"
    begun = time.monotonic()
    with pytest.raises(DriverError, match="did not end within"):
        Command(("/bin/sh", "-c", hangs), ("restart",), 0.5).restart(jenkins, NODE, "r")
    assert time.monotonic() - begun < 20, "its child holds its output, and nobody waits for that"
    stat = Path(f"/proc/{pid.read_text().strip()}/stat")
    while time.monotonic() - begun < 30 and stat.exists() and ") Z " not in stat.read_text():
        time.sleep(0.02)
    assert not stat.exists() or ") Z " in stat.read_text()


def test_a_ctrl_c_in_the_terminal_does_not_reach_the_program(
    jenkins: ControllerPort, tmp_path: Path
) -> None:
    # A terminal sends SIGINT to the whole foreground group; the node in hand must still finish.
    told = tmp_path / "group"
    driver = Command(("/bin/sh", "-c", f"ps -o pgid= -p $$ > {told}"), ("restart",), 20)
    driver.restart(jenkins, NODE, "r")
    assert int(told.read_text()) != os.getpgrp()
