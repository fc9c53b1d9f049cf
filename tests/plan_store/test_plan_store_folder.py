"""The plan folder on disk: whole files, no surprises, clear refusals."""

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from examples import examples
from migrate.model import serialize
from migrate.model.errors import ExitCode, UsageProblem
from migrate.model.inventory import AgentPort, Controller, Inventory
from migrate.model.names import StageName
from migrate.model.plan import (
    PLAN_SCHEMA,
    Choices,
    Plan,
    PlannedFrom,
    Stage,
    Wave,
    content_id,
)
from migrate.model.plan_steps import Manual, NodeByHand
from migrate.plan_store.plan_folder import (
    check_name,
    read_inventory,
    read_plan,
    write_plan,
)
from migrate.plan_store.plan_json import plan_to_json


def plan(name: str = "t1", **changes: object) -> Plan:
    text = "line one\n  line two\n\nlast"
    step = Manual(id="node/a é", subject="node a é", title="by hand", instructions=text)
    made = Plan(
        PLAN_SCHEMA, "", "0.1.0",
        PlannedFrom("https://j/", "2.426.2", None, None, None, "0" * 64),
        Choices(name), (Stage(StageName.NODES, "Move", (Wave("by-hand", (step,)),)),),
    )  # fmt: skip
    made = replace(made, **changes)  # type: ignore[arg-type]
    return replace(made, plan_id=content_id(made))


INVENTORY = Inventory(
    1, "0.1.0", "2026-11-21T20:00:00Z", "rest",
    Controller("https://j/", None, "2.426.2", AgentPort(50000), None, None, None), (), None,
)  # fmt: skip


def write(root: Path, made: Plan | None = None, **options: bool) -> Path:
    return write_plan(
        made or plan(), INVENTORY, "# ticket\n", {"a.sh": "#!/bin/sh\n"}, root, **options
    )


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    folder = write(tmp_path / "plans")
    assert folder == tmp_path / "plans" / "t1"
    names = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    assert names == {"plan.json", "plan.md", "inventory.json", "runbooks/a.sh"}
    assert read_plan(folder) == read_plan(folder / "plan.json") == plan()
    assert read_inventory(folder) == INVENTORY
    text = (folder / "plan.json").read_text()
    (line,) = [line for line in text.splitlines() if "node/a é" in line]
    assert json.loads(line)["id"] == "node/a é"


def test_marks_that_nobody_sees_are_seen_in_what_is_reviewed(tmp_path: Path) -> None:
    hidden = "\u202eabc\u200b\ufeff\U000e0041\x7f"
    step = Manual(id=f"node/{hidden}", subject=hidden, title=hidden, instructions=hidden)
    made = plan(stages=(Stage(StageName.NODES, "Move", (Wave("by-hand", (step,)),)),))
    found = replace(INVENTORY, tool_version=hidden)
    folder = write_plan(made, found, "", {}, tmp_path)
    for name in ("plan.json", "inventory.json"):
        text = (folder / name).read_text()
        assert not set(hidden) - set("abc") & set(text)
        assert "\\u202eabc\\u200b\\ufeff\\udb40\\udc41\\u007f" in text
    assert read_plan(folder) == made
    assert read_inventory(folder) == found


def test_the_same_plan_may_be_written_again_and_another_only_when_asked(tmp_path: Path) -> None:
    folder = write(tmp_path)
    before = (folder / "plan.json").read_bytes()
    assert write(tmp_path) == folder
    assert (folder / "plan.json").read_bytes() == before
    other = plan(tool_version="9")
    with pytest.raises(UsageProblem, match="another plan"):
        write(tmp_path, other)
    assert read_plan(folder) == plan()
    write(tmp_path, other, overwrite=True)
    assert read_plan(folder) == other
    (folder / "runs" / "1").mkdir(parents=True)
    with pytest.raises(UsageProblem, match="was run already"):
        write(tmp_path, plan(), overwrite=True)


def test_runbooks_of_an_older_plan_go(tmp_path: Path) -> None:
    folder = write(tmp_path)
    write_plan(plan(), INVENTORY, "", {}, tmp_path)
    assert not (folder / "runbooks").exists()


def test_a_reformatting_does_not_count(tmp_path: Path) -> None:
    folder = write(tmp_path)
    file = folder / "plan.json"
    file.write_text(json.dumps(json.loads(file.read_text()), indent=4))
    assert read_plan(folder) == plan()


def edited(folder: Path, old: str, new: str) -> None:
    file = folder / "plan.json"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def refusal(path: Path) -> UsageProblem:
    with pytest.raises(UsageProblem) as caught:
        read_plan(path)
    assert caught.value.exit_code is ExitCode.USAGE
    assert caught.value.next_command.startswith("migrate plan")
    assert "\n" not in caught.value.cause and len(caught.value.cause) < 400
    return caught.value


def test_a_hand_edit_is_refused_and_can_still_be_shown(tmp_path: Path) -> None:
    folder = write(tmp_path)
    edited(folder, '"title":"by hand"', '"title":"by magic"')
    assert "does not match its plan_id" in refusal(folder).cause
    assert read_plan(folder, verify_id=False).steps()[0].title == "by magic"


def test_a_step_that_is_made_another_kind_by_hand_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path)
    edited(folder, '"kind":"manual"', '"kind":"move-node"')
    assert "unknown field `reason` - at `$.stages" in refusal(folder).cause


def test_a_plan_with_a_kind_of_step_from_elsewhere_says_what_reads_it(tmp_path: Path) -> None:
    folder = write(tmp_path)
    edited(folder, '"kind":"manual"', '"kind":"move\\u001b house"')
    with pytest.raises(UsageProblem) as caught:
        read_plan(folder)
    assert "a step of kind 'move\\x1b house', which this version" in caught.value.cause
    assert caught.value.next_command.startswith("use the version of migrate that made the plan")


def test_a_hidden_copy_is_never_read(tmp_path: Path) -> None:
    folder = write(tmp_path)
    forged = plan(tool_version="evil")
    (folder / ".plan.json").write_text(plan_to_json(forged))
    (folder / "plan.yaml").write_text(plan_to_json(forged))
    assert read_plan(folder) == plan()
    write(tmp_path)
    assert not (folder / ".plan.json").exists()
    assert not (folder / "plan.yaml").exists()


def test_a_plan_of_schema_1_is_named(tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / "plan.json").rename(folder / "plan.yaml")
    for path in (folder, folder / "plan.yaml"):
        assert "earlier migrate" in refusal(path).cause
    with pytest.raises(UsageProblem, match="holds another plan"):
        write(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"schema_version": 2', '"schema_version": 99', "schema version 99"),
        ('"schema_version": 2', '"schema_version": "2"', "not a plan of migrate"),
        ('"probe_hold":35', '"probe_hold":"long"', "not a whole plan"),
        ('"tool_version": "0.1.0"', '"tool_version": [', "can't be read"),
        ('"controller_url":"https://j/",', "", "not a whole plan"),
        ('"plan_id":', '"other_id":', "not a plan of migrate"),
    ],
)
def test_damage_is_named(tmp_path: Path, old: str, new: str, told: str) -> None:
    folder = write(tmp_path)
    edited(folder, old, new)
    assert told in refusal(folder).cause


@given(st.integers(0, 99))
@settings(max_examples=examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_plan_cut_in_half_is_refused(tmp_path: Path, percent: int) -> None:
    text = plan_to_json(plan()).rstrip()
    file = tmp_path / "cut.json"
    file.write_text(text[: len(text) * percent // 100])
    refusal(file)


def test_missing_unreadable_and_foreign_files(tmp_path: Path) -> None:
    assert "there is no" in refusal(tmp_path / "nowhere").cause
    (tmp_path / "plan.json").write_bytes(b"\xff\xfe\x00")
    assert "not UTF-8" in refusal(tmp_path).cause
    (tmp_path / "plan.json").write_text("[1, 2]")
    assert "not a plan" in refusal(tmp_path).cause
    (tmp_path / "plan.json").write_text('{"a": ' + "[" * 5000)
    refusal(tmp_path)
    with pytest.raises(UsageProblem, match="there is no"):
        read_inventory(tmp_path)
    (tmp_path / "inventory.json").write_text("{}")
    with pytest.raises(UsageProblem, match="not a whole inventory"):
        read_inventory(tmp_path)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "../x", "-x", "a b", "é", "x\n", "a" * 101, "NUL", "con.x", "a."]
)
def test_bad_names_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageProblem):
        check_name(name)
    with pytest.raises(UsageProblem):
        write(tmp_path, plan(name))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32" or os.getuid() == 0, reason="root may write anywhere")
def test_a_folder_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(UsageProblem, match="cannot write"):
        write(tmp_path)


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "plans").write_text("")
    with pytest.raises(UsageProblem, match="cannot write"):
        write(tmp_path / "plans")


hostile = st.text() | st.sampled_from(["\x1b[2J", "\u2028", "\t\n x ", "é\n\n", "'\"", "\ud7ff"])


@given(
    st.builds(
        Manual,
        id=st.just("node/x"),
        subject=hostile,
        title=hostile,
        fingerprint=st.dictionaries(hostile, hostile),
        reason=hostile,
        instructions=hostile,
        owned_nodes=st.lists(hostile).map(tuple),
        node=st.none() | st.builds(NodeByHand, name=hostile, host=st.none() | hostile),
    ),
    hostile,
)
def test_any_text_survives_and_a_step_is_one_line(step: Manual, title: str) -> None:
    made = plan(stages=(Stage(StageName.NODES, title, (Wave(title, (step,)),)),))
    text = plan_to_json(made)
    assert len([line for line in text.split("\n") if '"id":"node/x"' in line]) == 1
    again = serialize.from_json(text, Plan)
    assert again == made
    assert content_id(again) == made.plan_id
