"""Plans and runs of before plan.json: shown, reported and put back, never applied."""

from pathlib import Path
from typing import Any

import pytest
from journal_entries import append_line

from migrate.engine.record.folder import RunFolder, find_run
from migrate.engine.record.journal import read_journal
from migrate.engine.record.state import derive, planned_steps
from migrate.engine.record.trust import check_journal
from migrate.model import serialize
from migrate.model.errors import UsageProblem
from migrate.model.plan_steps import (
    FilesEdit,
    Manual,
    MoveNode,
    MoveWorkload,
    RemoveAgentService,
    SwitchCloud,
    read_step,
)
from migrate.model.reach import CommandReach, SshReach
from migrate.plan_store.plan_folder import read_plan, read_plan_to_show
from migrate.plan_store.schema_1 import read_old_plan
from migrate.report.dispatch import render_plan, render_run

OLD = Path(__file__).parent / "schema_1"
"""An example plan as it was written then."""
HEAD = {"subject": "s", "title": "t", "fingerprint": {"uid": "u-1"}}
NODE = {"node": "n", "driver_reason": "why", "not_better": "", "remoting": "4.13"}


def old(kind: str, params: dict[str, Any], step_id: str = "x") -> dict[str, Any]:
    return {"id": step_id, "kind": kind, **HEAD, "params": params}


def test_it_is_shown_with_why_it_is_not_applied() -> None:
    plan, refused = read_plan_to_show(OLD)
    assert "plan again" in refused
    assert [type(s).__name__ for s in plan.steps()].count("MoveNode") == 7
    by_hand = [s for s in plan.steps() if isinstance(s, Manual)]
    assert any(isinstance(s.would_be, RemoveAgentService) for s in by_hand)
    text = render_plan(plan, (), "text", not_read=(), columns=80)
    assert "moves 7 agents" in text
    for step in plan.steps():
        assert step.id in render_plan(plan, (), "json", not_read=(), columns=80)


def test_it_is_not_applied() -> None:
    with pytest.raises(UsageProblem, match="schema version 1"):
        read_plan(OLD)


def test_no_program_and_no_ssh_setting_comes_out_of_it() -> None:
    ssh = read_step(
        old(
            "move-node",
            {
                **NODE,
                "driver": "ssh",
                "reach": {"host": "h", "unit": "a.service", "config": "/evil", "user": "root"},
                "launch_edit": {"by": "files", "files": ["/a"], "url": "https://j/", "sh": "/evil"},
            },
        )
    )
    assert isinstance(ssh, MoveNode)
    assert ssh.reach == SshReach("h", "a.service")
    assert ssh.launch_edit == FilesEdit(files=("/a",), url="https://j/")
    program = read_step(
        old(
            "move-node",
            {**NODE, "driver": "command", "reach": {"program": "/evil", "facts": {"host": "h"}}},
        )
    )
    assert isinstance(program, MoveNode)
    assert isinstance(program.reach, CommandReach)
    assert "/evil" not in serialize.to_json(program)


def test_what_a_workload_a_cloud_and_their_owners_said() -> None:
    moved = read_step(
        old(
            "move-workload",
            {
                **NODE,
                "driver": "kubernetes",
                "nodes": ["n", "m"],
                "object_kind": "Deployment",
                "namespace": "ci",
                "name": "agents",
                "container": "agent",
                "upgrade": None,
            },
        )
    )
    assert isinstance(moved, MoveWorkload)
    assert str(moved.target) == "Deployment ci/agents"
    assert moved.target.uid == "u-1"
    before = {"web_socket": False, "tunnel": "h:1", "direct": False}
    cloud = read_step(
        old(
            "manual",
            {
                "cloud": "k",
                "before": before,
                "pods": 2,
                "reason": "jcasc would set it again",
                "instructions": "do",
                "would_be": "switch-cloud",
            },
        )
    )
    assert isinstance(cloud, Manual)
    assert isinstance(cloud.would_be, SwitchCloud)
    assert cloud.would_be.before.tunnel == "h:1"


@pytest.mark.parametrize("params", [{}, {"object_kind": "Service"}, {"port": "x"}])
def test_what_nobody_wrote_is_refused(params: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"schema 1|port"):
        read_step(old("remove-service-port", params))


def test_few_lines_that_stand_for_more_than_memory_holds_are_refused(tmp_path: Path) -> None:
    lines = ["a: &a [x, x]"] + [
        f"{b}: &{b} [*{a}, *{a}]" for a, b in zip("abcdefghij", "bcdefghijk", strict=True)
    ]
    (tmp_path / "plan.yaml").write_text("\n".join(lines))
    with pytest.raises(UsageProblem, match="aliases"):
        read_old_plan(tmp_path / "plan.yaml")


def test_a_run_of_then_is_reported_and_can_be_put_back(tmp_path: Path) -> None:
    plan = read_old_plan(OLD / "plan.yaml")
    run = tmp_path / "example" / "runs" / "20260101-000000"
    run.mkdir(parents=True)
    (tmp_path / "example" / "plan.yaml").write_text((OLD / "plan.yaml").read_text())
    steps = [
        {"stage": "nodes", "wave": "canary", "step": old("move-node", {**NODE, "driver": "reread"})}
    ]
    said = {
        "schema_version": 1,
        "tool_version": "0.1.0",
        "plan_id": plan.plan_id,
        "plan_name": "example",
        "controller_url": "https://j/",
        "user": "u",
        "host": "h",
        "pid": 1,
        "choices": {**serialize.to_data(plan.choices), "access": {"ssh": None}},
        "steps": steps,
    }
    append_line(run / "journal.jsonl", kind="run-started", step="", action="", data=said)
    folder = find_run(str(tmp_path / "example"))
    assert isinstance(folder, RunFolder)
    records = read_journal(folder.journal_path)
    check_journal(folder, records)
    assert [type(s).__name__ for _, _, s in planned_steps(records)] == ["MoveNode"]
    state = derive(records, folder.run_id, alive=False)
    assert "example" in render_run(state, "text")
