"""A node is held, and its offline mark is part of its config.xml (2.541.3)."""

import html
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import pytest
from steps_kube_agents import QuickClock

from migrate.engine.record.folder import RunFolder, StepJournal
from migrate.engine.record.journal import Journal
from migrate.jenkins.node_mark import mark_of, without_mark
from migrate.model.inventory import OfflineMark
from migrate.model.journal.node import HoldOutcome
from migrate.model.plan import Choices
from migrate.model.ports import ControllerPort, NodeState, ProbePort
from migrate.steps.base import Context, Event, RunSettings
from migrate.steps.node.hold import hold, release, renew_vanished
from migrate.steps.node.switch import switch, switch_back

NODE = b"""<?xml version="1.1" encoding="UTF-8"?>
<slave>
  <name>a</name>
  <launcher class="hudson.slaves.JNLPLauncher">
    <webSocket>false</webSocket>
    <tunnel>edge:50000</tunnel>
  </launcher>
</slave>
"""
LABEL = "migrate t 20261129-1 <x & y>"


def marked(body: bytes, by: str, reason: str) -> bytes:
    """As the controller has it once ``by`` marked the node."""
    text = html.escape(reason)
    element = (
        f"\n  <temporaryOfflineCause><userId>{by}</userId><message>{text}</message>"
        "</temporaryOfflineCause>"
    )
    return without_mark(body).replace(b"<slave>", b"<slave>" + element.encode())


@dataclass
class Controller:
    """A node whose mark stands in its config.xml alone, as since 2.482."""

    config: bytes = NODE
    busy: list[int] = field(default_factory=list)
    """Builds at each look that follows; none after the last."""
    posted: list[bytes] = field(default_factory=list)

    def node_state(self, name: str) -> NodeState:
        busy = self.busy.pop(0) if self.busy else 0
        return NodeState(name, online=True, busy=busy, mark=self.mark)

    @property
    def mark(self) -> OfflineMark | None:
        return mark_of(self.config)

    def read_node_config(self, name: str) -> bytes:
        del name
        return self.config

    def write_node_config(self, name: str, body: bytes) -> None:
        del name
        self.posted.append(body)
        self.config = body

    def mark_offline(self, name: str, reason: str) -> None:
        del name
        self.config = marked(self.config, "migrator", reason)

    def clear_mark(self, name: str) -> None:
        del name
        self.config = without_mark(self.config)

    page_saved = clear_mark
    """Until 2.547 saving the node's page clears the mark."""


@dataclass
class Bench:
    jenkins: Controller
    ctx: Context
    log: StepJournal
    folder: RunFolder
    events: list[Event]

    def use(self, jenkins: Controller) -> None:
        self.jenkins = jenkins
        self.ctx = replace(self.ctx, jenkins=cast(ControllerPort, jenkins))

    def hold(self) -> None:
        hold(self.ctx, self.log, "node/a", "a", 60)

    def backup(self) -> bytes:
        return (self.folder.backups / "a.config.xml").read_bytes()

    def holds(self) -> list[str]:
        """What the outcomes of this node's holds say."""
        entries = (record.entry for record in self.log.records())
        return [entry.text for entry in entries if isinstance(entry, HoldOutcome)]


@pytest.fixture
def b(tmp_path: Path) -> Bench:
    folder = RunFolder(tmp_path / "plans" / "t" / "runs" / "1")
    folder.create()
    journal = Journal(folder.journal_path, lambda: "2026-11-29T00:00:00.000Z")
    jenkins, events = Controller(), list[Event]()
    ctx = Context(
        jenkins=cast(ControllerPort, jenkins),
        cluster=None,
        prober=cast(ProbePort, None),
        inventory=None,
        choices=Choices(name="t"),
        settings=RunSettings(),
        clock=QuickClock(lambda: None),
        emit=events.append,
        run_label=LABEL,
    )
    return Bench(jenkins, ctx, StepJournal(folder, journal, "node/a"), folder, events)


def test_a_mark_that_vanished_is_renewed_and_the_builds_since_are_waited_for(b: Bench) -> None:
    b.hold()
    assert b.holds() == [""]
    b.jenkins.page_saved("a")
    b.jenkins.busy = [1, 1, 1]
    b.hold()
    assert b.jenkins.busy == []
    assert b.jenkins.mark == OfflineMark("migrator", LABEL)
    assert "vanished" in b.holds()[-1]
    assert any("node a" in e.message and "vanished" in e.message for e in b.events)
    assert any("1 running build" in e.message for e in b.events)


def test_a_mark_that_vanishes_while_builds_are_waited_for_is_renewed(b: Bench) -> None:
    class SavedMeanwhile(Controller):
        looks = 0

        def node_state(self, name: str) -> NodeState:
            self.looks += 1
            if self.looks == 3:
                self.page_saved(name)
            return super().node_state(name)

    b.use(SavedMeanwhile(busy=[0, 2, 2, 1, 1]))
    b.hold()
    assert b.jenkins.mark == OfflineMark("migrator", LABEL)
    assert "vanished" in b.holds()[-1]


def test_a_vanished_mark_of_a_person_is_theirs_and_is_not_renewed_in_a_wait(b: Bench) -> None:
    b.jenkins.config = marked(NODE, "bob", "disk")
    b.hold()
    b.jenkins.page_saved("a")
    renew_vanished(b.ctx, b.log, "a", b.jenkins.node_state("a"))
    assert b.jenkins.mark is None
    assert not b.events


def test_held_while_it_is_moved_free_after_it_and_the_backup_holds_no_mark(b: Bench) -> None:
    b.hold()
    switch(b.ctx, b.log, "a")
    assert b.jenkins.mark == OfflineMark("migrator", LABEL), "the post took the mark off"
    assert b"<webSocket>true<" in b.jenkins.config
    assert b.backup() == NODE
    release(b.ctx, b.log, "a")
    assert b.jenkins.mark is None
    moved = b.jenkins.config
    # All the way back: held again, put back, free.
    b.hold()
    assert b.jenkins.mark is not None
    assert switch_back(b.ctx, b.log, "a") == "config.xml is as it was"
    assert b.jenkins.mark is not None
    release(b.ctx, b.log, "a")
    assert b.jenkins.config == NODE != moved


def test_a_persons_mark_stays_in_backup_and_configuration(b: Bench) -> None:
    b.jenkins.config = before = marked(NODE, "bob", "disk & cpu")
    b.hold()
    switch(b.ctx, b.log, "a")
    assert b.backup() == before
    assert b.jenkins.mark == OfflineMark("bob", "disk & cpu")
    release(b.ctx, b.log, "a")
    assert b.jenkins.mark == OfflineMark("bob", "disk & cpu")
    # They free the node: putting the configuration back does not mark it again.
    b.jenkins.clear_mark("a")
    assert switch_back(b.ctx, b.log, "a") == "config.xml is as it was"
    assert b.jenkins.config == NODE


def test_a_persons_new_mark_outlasts_the_way_back(b: Bench) -> None:
    b.hold()
    switch(b.ctx, b.log, "a")
    b.jenkins.config = marked(b.jenkins.config, "bob", "mine")
    assert switch_back(b.ctx, b.log, "a") == "config.xml is as it was"
    release(b.ctx, b.log, "a")
    assert b.jenkins.config == marked(NODE, "bob", "mine")


def test_a_mark_that_comes_or_goes_between_post_and_read_is_no_other_config(b: Bench) -> None:
    class SavedAtOnce(Controller):
        def write_node_config(self, name: str, body: bytes) -> None:
            super().write_node_config(name, body)
            self.page_saved(name)

    b.use(SavedAtOnce())
    b.hold()
    switch(b.ctx, b.log, "a")
    assert b"<webSocket>true<" in b.jenkins.config
    b.hold()
    assert b.jenkins.mark is not None
