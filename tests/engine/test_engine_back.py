"""The order and the ends of a rollback, with steps that do as told."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from engine_time import TestClock
from journal_entries import entry, run_started

from migrate.engine.admission.budget import Budget
from migrate.engine.back.rollback import Rollback, port_first, undo_plan
from migrate.engine.clock import StopSignal
from migrate.engine.locks.file_lock import me
from migrate.engine.locks.remote_lock import LockLost
from migrate.engine.record.folder import RunFolder, StepJournal
from migrate.engine.record.journal import Journal
from migrate.engine.record.state import derive
from migrate.engine.run.options import is_of
from migrate.engine.run.step_run import StepRunner
from migrate.engine.run.wave_run import StageCount
from migrate.jenkins.errors import AuthFailed, NodeGone
from migrate.model import plan_steps
from migrate.model.errors import Blocked, ExitCode, MigrateError
from migrate.model.inventory import OfflineMark, Verdict
from migrate.model.journal.cluster import RemoveOutcome, RemoveUndo, RemoveUndone
from migrate.model.journal.node import HoldIntent
from migrate.model.journal.run import PlannedStep, StepFinished
from migrate.model.names import DriverName, StageName
from migrate.model.plan import Choices
from migrate.model.plan_steps import CloseControllerPort, MoveNode, MoveWorkload, PlanStep
from migrate.model.ports import NodeState
from migrate.model.run import RunStep, StepState
from migrate.steps.base import (
    Check,
    CheckState,
    Context,
    NotPutBack,
    RunSettings,
    StepFailed,
    Verification,
)
from migrate.steps.manual import Manual
from migrate.steps.node.hold import release

NODES = ("a", "b")


@dataclass
class Obedient:
    """A step kind: what is in ``trouble`` for its step is raised by its rollback."""

    trouble: dict[str, BaseException] = field(default_factory=dict)
    back: list[str] = field(default_factory=list)
    away: set[str] = field(default_factory=set)
    """Nodes that are offline."""
    found: Check = field(default_factory=lambda: Check(CheckState.READY))

    def describe(self, step: PlanStep) -> Any:
        return SimpleNamespace(text=step.title)

    def describe_back(self, step: PlanStep) -> str:
        return f"{step.subject}: back"

    def check(self, step: PlanStep, ctx: Context, log: Any = None) -> Check:
        return self.found

    def apply(self, step: PlanStep, ctx: Context, log: Any) -> str:
        raise StepFailed("it did not work")

    def rollback(self, step: PlanStep, ctx: Context, log: Any) -> str:
        if step.id in self.trouble:
            raise self.trouble[step.id]
        self.back.append(step.id)
        log.write(RemoveUndo())
        log.write(RemoveUndone())
        return "as it was"


@dataclass
class Bench:
    folder: RunFolder
    ctx: Context
    kind: Obedient

    def rollback(self, check_lock: Callable[[], None] = lambda: None, **asked: Any) -> Any:
        undo = undo_plan(self.folder, **asked)
        port_first(self.folder, undo)
        engine = Rollback(
            self.folder, self.ctx, "plans/t", me("now", "x"), check_lock=check_lock,
            stop=StopSignal(),
        )  # fmt: skip
        return engine.run(undo, 2)

    def states(self) -> dict[str, RunStep]:
        journal = Journal(self.folder.journal_path, self.ctx.clock.now)
        run = derive(journal.records(), "1", alive=False)
        journal.close()
        return {step.id: step for step in run.steps}


def steps() -> list[tuple[StageName, PlanStep]]:
    nodes = [
        (
            StageName.NODES,
            MoveNode(
                id=f"node/{n}", subject=f"node {n}", title=n, node=n, driver=DriverName.REREAD
            ),
        )
        for n in NODES
    ]
    by_hand = plan_steps.Manual(
        id="close/hand",
        subject="edge",
        title="by hand",
        undo="open it",
    )
    return [
        *nodes,
        (StageName.CLOSE, CloseControllerPort(id="close/port", subject="port", title="close")),
        (StageName.CLOSE, by_hand),
    ]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    folder = RunFolder(tmp_path / "plans/t/runs/1")
    folder.create()
    journal = Journal(folder.journal_path, TestClock().now)
    planned = tuple(PlannedStep(stage=s, wave="w", step=step) for s, step in steps())
    journal.write(run_started(steps=planned))
    for stage, step in steps():
        if step.kind == "manual":
            continue
        log = StepJournal(folder, journal, step.id)
        log.write(entry("intent", "remove", piece={"value": "v"}))
        log.write(RemoveOutcome(ok=True))
        journal.write(StepFinished(state=StepState.DONE, message=stage), step=step.id)
    journal.close()
    kind = Obedient()

    def state(name: str) -> NodeState:
        return NodeState(name, online=name not in kind.away, busy=0, mark=None)

    anything = cast(Any, SimpleNamespace(tcp_listener_on=lambda: True, node_state=state))
    ctx = Context(
        jenkins=anything, cluster=None, prober=anything, inventory=None,
        choices=Choices(name="t"), settings=RunSettings(rejoin=0), clock=TestClock(),
        emit=lambda event: None,
    )  # fmt: skip
    for place in ("migrate.engine.back.rollback", "migrate.engine.run.step_run"):
        monkeypatch.setattr(
            f"{place}.kind_of", lambda name: Manual({}) if name == "manual" else kind
        )
    yield Bench(folder, ctx, kind)


def test_the_port_comes_first_and_then_nothing_is_left(bench: Bench) -> None:
    outcome = bench.rollback()
    assert (outcome.exit_code, outcome.state) == (ExitCode.OK, "rolled-back")
    assert bench.kind.back[0] == "close/port"
    assert sorted(bench.kind.back[1:]) == ["node/a", "node/b"]
    assert undo_plan(bench.folder) == ()


def test_the_end_names_what_is_still_offline(bench: Bench) -> None:
    bench.kind.away = {"b"}
    assert "still offline: b" in bench.rollback().summary


@pytest.mark.parametrize("asked", [{"nodes": ("a",)}, {"nodes": ("*",)}, {"stage": "nodes"}])
def test_no_node_is_moved_back_to_a_port_that_this_run_closed(
    bench: Bench, asked: dict[str, Any]
) -> None:
    with pytest.raises(Blocked, match="closed the port") as caught:
        bench.rollback(**asked)
    assert "--stage close" in caught.value.next_command
    assert bench.kind.back == []
    part = bench.rollback(stage=StageName.CLOSE)
    # Not over: a later rollback of the plan must find this run, and not a new one.
    assert (part.exit_code, part.state) == (ExitCode.OK, "stopped")
    assert bench.rollback(**asked).exit_code is ExitCode.OK
    assert "node/a" in bench.kind.back


def test_a_node_that_somebody_deleted_is_named_once_and_is_not_in_the_way(bench: Bench) -> None:
    bench.kind.trouble["node/a"] = NodeGone("a")
    outcome = bench.rollback()
    assert outcome.exit_code is ExitCode.OK, outcome
    gone = bench.states()["node/a"]
    assert gone.state is StepState.ROLLED_BACK
    assert "nothing is left to put back" in gone.message
    assert undo_plan(bench.folder) == ()


def test_a_fault_of_ours_does_not_end_the_others_way_back(bench: Bench) -> None:
    bench.kind.trouble["node/b"] = ZeroDivisionError()
    outcome = bench.rollback()
    assert outcome.exit_code is ExitCode.FAILED
    assert bench.states()["node/a"].state is StepState.ROLLED_BACK
    assert bench.states()["node/b"].state is StepState.STUCK
    assert "crash.txt" in bench.states()["node/b"].message
    assert "ZeroDivisionError" in (bench.folder.path / "crash.txt").read_text()


def test_what_was_closed_by_hand_and_is_seen_closed_keeps_the_nodes_where_they_are(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(bench.folder.journal_path, bench.ctx.clock.now)
    # Nobody marked it: the run saw that it was done.
    journal.write(StepFinished(state=StepState.DONE, message="seen"), step="close/hand")
    journal.close()
    seen = Verification(Verdict.PASS, "the entry is gone")
    monkeypatch.setattr("migrate.steps.manual._seen_on_object", lambda *_: seen)
    outcome = bench.rollback()
    assert outcome.exit_code is not ExitCode.OK
    assert "no node was moved back" in outcome.summary
    assert bench.kind.back == ["close/port"]
    assert bench.states()["close/hand"].needs == "edge: open it"
    seen = Verification(Verdict.FAIL, "the entry is there again")
    assert bench.rollback().exit_code is ExitCode.OK
    assert sorted(bench.kind.back[1:]) == ["node/a", "node/b"]
    assert undo_plan(bench.folder) == ()


def test_nothing_is_put_back_once_the_lock_is_somebody_elses(bench: Bench) -> None:
    asked = []

    def lost() -> None:
        asked.append(1)
        if len(asked) > 1:  # not yet when the step begins
            raise LockLost("the lock is ben's")

    outcome = bench.rollback(check_lock=lost, stage=StageName.CLOSE)
    assert outcome.exit_code is ExitCode.PARTIAL
    records = bench.states()["close/port"]
    assert records.state is StepState.DONE, "neither put back nor said to be"


def runner(bench: Bench) -> tuple[StepRunner, Journal]:
    journal = Journal(bench.folder.journal_path, bench.ctx.clock.now)
    return StepRunner(bench.ctx, bench.folder, journal, "rollback"), journal


def test_a_fault_of_ours_in_a_put_back_is_that_nodes_alone(bench: Bench) -> None:
    bench.kind.trouble["node/a"] = ZeroDivisionError()
    run, journal = runner(bench)
    end = run.run(steps()[0][1])
    journal.close()
    assert end.state is StepState.STUCK
    assert "NOT put back: internal error" in end.message


def test_a_login_that_is_refused_in_a_put_back_leaves_the_node_for_the_resume(
    bench: Bench,
) -> None:
    bench.kind.trouble["node/a"] = AuthFailed("the token is refused (401)")
    run, journal = runner(bench)
    with pytest.raises(Exception, match="401") as caught:
        run.run(steps()[0][1])
    journal.close()
    assert type(caught.value).__name__ == "AccessLost"


def test_other_troubles_of_a_put_back_are_the_loudest_line(bench: Bench) -> None:
    for trouble in (MigrateError("no answer"), NotPutBack("x", needs="start it")):
        bench.kind.trouble["node/a"] = trouble
        run, journal = runner(bench)
        assert run.run(steps()[0][1]).state is StepState.STUCK
        journal.close()


def test_a_node_that_is_away_counts_against_the_budget(bench: Bench) -> None:
    for passing in (True, False):
        # Not passing: it was offline when it was planned, and nothing is expected of it.
        bench.kind.found = Check(CheckState.BLOCKED, "offline", passing=passing)
        run, journal = runner(bench)
        count = StageCount(20, Budget("5%"))
        for _ in range(2):
            count.add(run.run(steps()[0][1]))
        journal.close()
        assert count.over is passing
        assert count.broken == 0, "no canary failed"
        if passing:
            told = "2 failed of 20, allowed 1 (5%): budget exceeded; 2 of them unreachable"
            assert count.told() == told


def test_a_person_may_write_migrate_into_a_mark_and_keep_it(bench: Bench) -> None:
    cleared: list[str] = []
    mark = OfflineMark("ann", "will migrate its disks tonight")
    bench.ctx.jenkins.node_state = lambda node: NodeState(node, True, 0, mark)  # type: ignore[method-assign, assignment]
    bench.ctx.jenkins.clear_mark = cleared.append  # type: ignore[method-assign, assignment]
    journal = Journal(bench.folder.journal_path, bench.ctx.clock.now)
    log = StepJournal(bench.folder, journal, "node/a")
    log.write(HoldIntent(node="a", reason="migrate t 1"))
    release(bench.ctx, log, "a")
    assert cleared == []
    mark = OfflineMark("admin", "migrate t 1")
    log.write(HoldIntent(node="a", reason="migrate t 1"))
    release(bench.ctx, log, "a")
    journal.close()
    assert cleared == ["a"]


def test_patterns_name_nodes_and_all_nodes_of_a_workload() -> None:
    node = MoveNode(id="node/a", subject="node a", title="a", node="a", driver=DriverName.REREAD)
    shared = MoveWorkload(
        id="node/x",
        subject="w",
        title="w",
        node="x",
        driver=DriverName.KUBERNETES,
        nodes=("x", "y"),
        target=plan_steps.KubeTarget(kind="Deployment", namespace="n", name="w"),
        container="c",
    )
    port = CloseControllerPort(id="close/port", subject="port", title="close")
    assert is_of(node, ("a",))
    assert is_of(shared, ("y",))
    assert not is_of(node, ("y",))
    assert not is_of(port, ("*",)), "a step without a node is of none"
