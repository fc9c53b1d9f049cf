"""What a hook's end does to a run, and what of it is kept."""

import json
from pathlib import Path

import pytest
from journal_entries import data_of

from migrate.engine.admission.hook_moments import Moments
from migrate.engine.admission.hooks import Hooks
from migrate.engine.record.journal import Journal
from migrate.model.journal.run import HookFacts
from migrate.model.run import Run
from migrate.steps.base import Event

RUN = Run(
    run_id="20260101-000000", plan_name="t", plan_id="p", controller_url="http://j/",
    tool_version="0", user="u", host="h", started="", finished="", state="running", summary="",
    exit_code=None, steps=(),
)  # fmt: skip


class Bench:
    """A folder of hooks, and all that comes of them."""

    def __init__(self, folder: Path) -> None:
        self.hooks, self.said = folder / "hooks", list[Event]()
        self.hooks.mkdir()
        self.journal = Journal(folder / "journal.jsonl", lambda: "2026-01-01T00:00:00+00:00")
        self.moments = Moments(
            Hooks(self.hooks), self.journal, lambda: RUN, self.said.append, "runs/1"
        )

    def hook(self, name: str, body: str) -> None:
        path = self.hooks / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)

    @property
    def noted(self) -> list[dict[str, object]]:
        assert {(r.kind, r.action) for r in self.journal.records()} <= {("note", "hook")}
        return [data_of(record) for record in self.journal.records()]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_without_a_hook_a_run_goes_on_and_nothing_is_kept(bench: Bench) -> None:
    assert bench.moments.before("before-run") == ""
    bench.moments.tell("after-node", HookFacts(node="a"))
    assert bench.moments.may_go_on() == (True, "")
    assert bench.noted == [] and bench.said == []


@pytest.mark.parametrize("code", [0, 3])
def test_before_something(bench: Bench, code: int) -> None:
    bench.hook("before-node", f"echo not now\nexit {code}")
    told = "the hook before-node ended with 3: not now" if code else ""
    assert bench.moments.before("before-node", HookFacts(node="a")) == told
    kept = {"hook": "before-node", "code": code, "output": "not now\n", "node": "a"}
    # A report shows the text of a note: that of a hook which went well says nothing.
    assert bench.noted == [kept | {"text": told} if code else kept]
    assert bench.said == []


@pytest.mark.parametrize("code", [0, 3])
def test_after_something(bench: Bench, code: int) -> None:
    bench.hook("after-node", f"exit {code}")
    bench.moments.tell("after-node", HookFacts(node="a"))
    told = "the hook after-node ended with 3"
    assert [event.message for event in bench.said] == ([told] if code else [])
    assert [note.get("text", "") for note in bench.noted] == [told if code else ""]


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ("exit 0", (True, "")),
        ("echo; echo wait for it; echo more; exit 1", (False, "wait for it")),
        ("exit 1", (False, "")),
    ],
)
def test_whether_a_node_may_start(bench: Bench, body: str, answer: tuple[bool, str]) -> None:
    bench.hook("may-start", body)
    assert bench.moments.may_go_on() == answer
    assert bench.noted == [], "it is asked again and again"


def test_what_a_hook_is_told(bench: Bench, tmp_path: Path) -> None:
    bench.hook("after-wave", f"cat > {tmp_path}/in; env > {tmp_path}/env")
    bench.moments.tell("after-wave", HookFacts(wave="1\n2"))
    document = json.loads((tmp_path / "in").read_text())
    assert (document["moment"], document["wave"], document["run"]["run_id"]) == (
        "after-wave", "1\n2", RUN.run_id,
    )  # fmt: skip
    lines = (tmp_path / "env").read_text().splitlines()
    for line in ("MIGRATE_MOMENT=after-wave", "MIGRATE_PLAN=t", "MIGRATE_RUN_FOLDER=runs/1"):
        assert line in lines
    assert any(line.startswith("MIGRATE_WAVE=1") and "2" in line for line in lines), "one line"
