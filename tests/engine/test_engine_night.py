"""A run through its windows, waits, hooks and stops, as commands on a sandbox."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from engine_lab import FAST, SCALE, SMALL, Lab, interrupt

from migrate.model.journal.run import HookNote
from migrate.model.run import StepState
from migrate.sandbox.installation import Sandbox
from migrate.sandbox.jenkins.state import Build

pytestmark = pytest.mark.long

TCP, WS = "JNLP4-connect", "WebSocket"
NODES = ("a-1", "b-2", "c-3")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    home = tmp_path_factory.mktemp("night") / "home"
    with Sandbox(home, scenario=SMALL, time_scale=SCALE) as running:
        yield running


@pytest.fixture(scope="module")
def planned(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one plan; every test works on a copy."""
    folder = tmp_path_factory.mktemp("planned")
    Lab(sandbox, folder).make_plan("--verify-timeout", "20", "--no-close")
    return folder


@pytest.fixture
def lab(sandbox: Sandbox, planned: Path, tmp_path: Path) -> Iterator[Lab]:
    """A plan of its own; whatever the test moved is put back at the end."""
    lab = Lab(sandbox, tmp_path)
    shutil.copytree(planned / "plans", tmp_path / "plans")
    yield lab
    computers = sandbox.jenkins.state.computers
    if any(lab.transport(n) != TCP or computers[n].mark is not None for n in NODES):
        code, output = lab.run("rollback", lab.plan, "--yes", "--poll", "0.05")
        assert code == 0, output
    for node in NODES:
        lab.wait_for(lambda node=node: lab.transport(node) == TCP, f"{node} is back")  # type: ignore[misc]
        assert computers[node].mark is None, f"{node} is left marked"
    assert sandbox.jenkins.state.properties == {}, "the mark on the controller is gone"


def test_outside_of_the_window_nothing_is_touched(lab: Lab) -> None:
    now = datetime.now(UTC)
    window = f"{now + timedelta(hours=2):%H:%M}-{now + timedelta(hours=3):%H:%M} UTC"
    code, output = lab.apply("--window", window)
    assert code == 3, output
    assert "opens at" in output
    assert all(lab.transport(node) == TCP for node in NODES)
    code, output = lab.apply("--resume", "--window", f"{window}, daily 00:00-24:00")
    assert code == 0, output


def test_a_deadline_stops_cleanly_and_the_next_night_goes_on(lab: Lab) -> None:
    # Before the first node a node is taken for 3 minutes; the first one shows that it is faster.
    code, output = lab.apply("--deadline", "2m")
    assert code == 3, output
    assert "a node takes 0:03:00" in output
    code, output = lab.apply("--node", "a-1")
    assert code == 0, output
    code, output = lab.apply("--resume", "--deadline", "2m")
    assert code == 0, output
    assert all(lab.transport(node) == WS for node in NODES)


def test_a_hold_file_holds_and_status_says_so(lab: Lab, tmp_path: Path) -> None:
    hold = tmp_path / "HOLD"
    hold.touch()
    process = lab.start("apply", lab.plan, "--yes", *FAST, "--wait-file", str(hold))
    lab.wait_journal("note", action="held")
    told = lab.run("status", lab.plan)[1]
    assert "waits before the next node" in told
    assert "HOLD exists" in told
    assert lab.transport("a-1") == TCP
    hold.unlink()
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert "goes on" in output


def test_a_pause_is_seen_by_the_run_and_ended_by_continue(lab: Lab) -> None:
    lab.apply("--node", "a-1")
    assert lab.run("pause", lab.plan)[0] == 0
    process = lab.start("apply", lab.plan, "--yes", "--resume", *FAST)
    lab.wait_journal("note", action="held", text="paused")
    assert lab.run("continue", lab.plan)[0] == 0
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output


def test_a_long_queue_holds_until_the_run_gives_up(lab: Lab) -> None:
    for _ in range(3):
        lab.sandbox.jenkins.start_build("nobody", 1)  # a node that there is not: it waits
    try:
        code, output = lab.apply("--max-queue", "2", "--max-wait", "1s")
    finally:
        lab.sandbox.jenkins.state.builds.clear()
    assert code == 3, output
    assert "3 builds wait (--max-queue 2)" in output
    assert "--max-wait" in output
    assert all(lab.transport(node) == TCP for node in NODES)


def test_load_holds(lab: Lab) -> None:
    build = lab.sandbox.jenkins.start_build("b-2", 300)
    process = lab.start("apply", lab.plan, "--yes", *FAST, "--max-busy", "20%")
    lab.wait_journal("note", action="held", text="1 of 3 executors are busy")
    lab.sandbox.jenkins.state.computers["b-2"].end_build(build, "finished")
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    lab.sandbox.jenkins.state.builds.clear()


def hooks(folder: Path, **bodies: str) -> str:
    folder.mkdir()
    for name, body in bodies.items():
        path = folder / name.replace("_", "-")
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
    return str(folder)


def test_hooks_hear_of_every_moment_in_order(lab: Lab, tmp_path: Path) -> None:
    log = tmp_path / "log"
    say = f'cat > {tmp_path}/last.json; echo "$MIGRATE_MOMENT $MIGRATE_NODE$MIGRATE_WAVE" >> {log}'
    names = ("before_run", "before_wave", "before_node", "after_node", "after_wave", "on_finish")
    folder = hooks(tmp_path / "hooks", **dict.fromkeys(names, say))
    code, output = lab.apply("--hooks", folder, "--concurrency", "1")
    assert code == 0, output
    heard = [line.split()[0] for line in log.read_text().splitlines()]
    wave = ["before-node", "after-node"]
    assert heard == [
        "before-run",
        "before-wave", *wave, "after-wave",
        "before-wave", *wave, *wave, "after-wave",
        "on-finish",
    ]  # fmt: skip
    last = json.loads((tmp_path / "last.json").read_text())
    assert last["moment"] == "on-finish"
    assert last["exit_code"] == 0
    assert {s["state"] for s in last["run"]["steps"] if s["stage"] == "nodes"} == {"done"}


def test_a_failing_before_hook_stops_and_its_words_are_kept(lab: Lab, tmp_path: Path) -> None:
    folder = hooks(tmp_path / "h1", before_run="echo change freeze; exit 1")
    code, output = lab.apply("--hooks", folder)
    assert code == 3, output
    assert "the hook before-run ended with 1: change freeze" in output
    assert all(lab.transport(node) == TCP for node in NODES)
    only_canary = 'test "$MIGRATE_NODE" = a-1'
    folder = hooks(tmp_path / "h2", before_node=only_canary, after_node="echo sad; exit 9")
    code, output = lab.apply("--hooks", folder)
    assert code == 4, output
    assert [lab.transport(n) for n in NODES] == [WS, TCP, TCP]
    kept = [r.entry for r in lab.records() if isinstance(r.entry, HookNote)]
    assert [(note.hook, note.code) for note in kept] == [
        ("before-node", 0), ("after-node", 9), ("before-node", 1),
    ]  # fmt: skip
    report = lab.run("report", lab.plan, "-o", "text")[1]
    assert "the hook after-node ended with 9: sad" in report


def test_the_hook_by_its_former_name_keeps_nodes_from_starting(lab: Lab, tmp_path: Path) -> None:
    gate = tmp_path / "go"
    folder = hooks(tmp_path / "h", hold=f"test -e {gate} || {{ echo release is on; exit 1; }}")
    process = lab.start("apply", lab.plan, "--yes", *FAST, "--hooks", folder)
    lab.wait_journal("note", action="held", text="release is on")
    gate.touch()
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output


def test_the_first_ctrl_c_finishes_the_node_in_hand(lab: Lab) -> None:
    process = lab.start("apply", lab.plan, "--yes", *FAST)
    lab.wait_journal("intent", step="node/a-1", action="restart")
    code, output = interrupt(process)
    assert code == 130, output
    assert "Finishing the nodes in hand" in output
    assert [lab.step(n).state for n in NODES] == [
        StepState.DONE, StepState.PENDING, StepState.PENDING,
    ]  # fmt: skip
    code, output = lab.apply("--resume")
    assert code == 0, output


def test_the_second_ctrl_c_stops_at_the_next_record(lab: Lab) -> None:
    # Looks at the restarted agent only every 6 s: time enough for both.
    process = lab.start("apply", lab.plan, "--yes", "--soak", "0", "--poll", "6")
    lab.wait_journal("intent", step="node/a-1", action="restart")
    code, output = interrupt(process, times=2)
    assert code == 130, output
    assert "at the next" in output
    assert lab.step("a-1").state is StepState.RUNNING
    code, output = lab.apply("--resume")
    assert code == 0, output


def test_a_node_that_only_waits_for_its_builds_is_let_go_at_the_first_ctrl_c(lab: Lab) -> None:
    build = lab.sandbox.jenkins.start_build("a-1", 300)
    process = lab.start("apply", lab.plan, "--yes", *FAST)
    lab.wait_journal("outcome", step="node/a-1", action="hold")
    code, output = interrupt(process)
    running = end(lab, "a-1", build)
    assert (code, running) == (130, "running"), output
    assert lab.step("a-1").state is StepState.PENDING
    assert lab.sandbox.jenkins.state.computers["a-1"].mark is None
    code, output = lab.apply("--resume")
    assert code == 0, output


def test_a_node_whose_builds_outlast_the_window_is_let_go_at_its_end(lab: Lab) -> None:
    assert lab.apply("--node", "a-1")[0] == 0  # so that it is known how long a node takes
    build = lab.sandbox.jenkins.start_build("b-2", 300)
    code, output = lab.apply("--resume", "--deadline", "6s", "--until", "nodes")
    running = end(lab, "b-2", build)
    assert (code, running) == (4, "running"), output
    assert "1 build(s) still ran on it; nothing was changed" in output
    assert [lab.step(n).state for n in NODES] == [
        StepState.DONE, StepState.PENDING, StepState.DONE,
    ]  # fmt: skip
    assert lab.transport("b-2") == TCP
    assert lab.sandbox.jenkins.state.computers["b-2"].mark is None
    code, output = lab.apply("--resume")
    assert code == 0, output


def end(lab: Lab, node: str, build: Build) -> str:
    """End a build before anything is judged; what it was until then."""
    state = build.state
    if state == "running":
        lab.sandbox.jenkins.state.computers[node].end_build(build, "finished")
    lab.sandbox.jenkins.state.builds.clear()
    return state


def test_ctrl_c_ends_a_hold(lab: Lab, tmp_path: Path) -> None:
    hold = tmp_path / "HOLD"
    hold.touch()
    process = lab.start("apply", lab.plan, "--yes", *FAST, "--wait-file", str(hold))
    lab.wait_journal("note", action="held")
    code, output = interrupt(process)
    assert code == 130, output
    assert all(lab.transport(node) == TCP for node in NODES)


def test_a_killed_run_goes_on_from_a_copy_of_the_folder_elsewhere(lab: Lab, tmp_path: Path) -> None:
    process = lab.start("apply", lab.plan, "--yes", *FAST)
    lab.wait_journal("outcome", step="node/a-1", action="switch")
    process.kill()
    process.communicate()
    elsewhere = tmp_path / "another machine"
    shutil.move(lab.folder / "plans", elsewhere / "plans")
    assert str(tmp_path) not in (next(elsewhere.rglob("journal.jsonl"))).read_text()
    lab.folder = elsewhere
    code, output = lab.apply("--resume")
    assert code == 0, output
    assert all(lab.transport(node) == WS for node in NODES)


def test_a_killed_run_is_put_back_by_a_plan_that_is_shown_first(lab: Lab) -> None:
    process = lab.start("apply", lab.plan, "--yes", *FAST)
    lab.wait_journal("intent", step="node/c-3", action="upgrade")
    process.kill()
    process.communicate()
    code, shown = lab.run("rollback", lab.plan, "--dry-run")
    assert code == 0
    assert "a-1" in shown
    assert "upgrade" in shown
    assert lab.transport("a-1") == WS, "a dry run changes nothing"
    code, output = lab.run("rollback", lab.plan, "--yes", "--node", "a-1", "--poll", "0.05")
    assert code == 0, output
    assert lab.transport("a-1") == TCP
    assert lab.step("a-1").state is StepState.ROLLED_BACK


def test_two_plans_of_one_controller_see_each_other(lab: Lab, tmp_path: Path) -> None:
    other = Lab(lab.sandbox, tmp_path / "other")
    shutil.copytree(tmp_path / "plans", other.folder / "plans")
    hold = tmp_path / "HOLD"
    hold.touch()
    process = lab.start("apply", lab.plan, "--yes", *FAST, "--wait-file", str(hold))
    lab.wait_journal("note", action="held")
    code, output = other.apply()
    assert code == 6, output
    assert "mark on the controller" in output
    assert not other.records(), "no run was begun"
    code, output = other.run("unlock", other.plan, "--yes")
    assert code == 6, output
    assert "that run lives" in output
    hold.unlink()
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
