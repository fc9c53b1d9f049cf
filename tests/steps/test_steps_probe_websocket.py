"""How long a front that was just changed gets until the proof counts."""

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest
from journal_entries import run_started
from steps_kube_agents import QuickClock

from migrate.engine.record.folder import RunFolder, StepJournal
from migrate.engine.record.journal import Journal
from migrate.model.inventory import ProbeAnswer, Verdict
from migrate.model.journal.cluster import AnnotateIntent, AnnotateOutcome
from migrate.model.plan import Choices
from migrate.model.plan_steps import ProbeWebSocket as Planned
from migrate.model.ports import ControllerPort, ProbePort
from migrate.steps.base import Context, Event, RunSettings, StepBlocked
from migrate.steps.controller.probe_websocket import SETTLES, ProbeWebSocket

STEP = Planned(id="preflight/probe", subject="edge", title="probe", url="http://j/", hold=1)
REFUSED = ProbeAnswer(
    "login", "GET /login", "502 Bad Gateway", Verdict.FAIL, "proxy", "nothing answers",
    code="backend-down",
)  # fmt: skip


@dataclass
class Refuses:
    """A front that lets nothing through."""

    asked: int = 0

    def without_secret(self) -> tuple[ProbeAnswer, ...]:
        self.asked += 1
        return (REFUSED,)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    run = RunFolder(tmp_path / "run")
    run.create()
    made = Journal(run.journal_path, lambda: "2026-01-01T00:00:00.000Z")
    made.write(run_started())
    return made


def tried(journal: Journal, folder: Path) -> tuple[Refuses, float]:
    """The front, and the seconds until the step gave up."""
    front, events = Refuses(), list[Event]()
    clock = QuickClock(lambda: None)
    ctx = Context(
        jenkins=cast(ControllerPort, None),
        cluster=None,
        prober=cast(ProbePort, front),
        inventory=None,
        choices=Choices(name="t"),
        settings=RunSettings(),
        clock=clock,
        emit=events.append,
    )
    log = StepJournal(RunFolder(folder / "run"), journal, STEP.id)
    with pytest.raises(StepBlocked):
        ProbeWebSocket().apply(STEP, ctx, log)
    return front, clock.at


def test_a_front_that_nobody_changed_is_asked_once(journal: Journal, tmp_path: Path) -> None:
    front, seconds = tried(journal, tmp_path)
    assert (front.asked, seconds) == (1, 0.0)


@pytest.mark.parametrize(("ok", "patient"), [(True, True), (False, False)])
def test_one_that_this_run_changed_is_asked_until_it_has_settled(
    journal: Journal, tmp_path: Path, ok: bool, patient: bool
) -> None:
    intent = AnnotateIntent(object="Ingress n/i", before={}, backup="a", backup_sha256="b")
    journal.write(intent, step="preflight/front/n/i")
    journal.write(AnnotateOutcome(ok=ok), step="preflight/front/n/i")
    front, seconds = tried(journal, tmp_path)
    assert (front.asked > 1) is patient
    assert (seconds >= SETTLES) is patient
