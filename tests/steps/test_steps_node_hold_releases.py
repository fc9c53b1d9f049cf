"""This run's own mark is known again on every release of the sandbox, whatever it escapes."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from steps_kube_agents import QuickClock

from migrate.engine.record.folder import RunFolder, StepJournal
from migrate.engine.record.journal import Journal
from migrate.jenkins.client import JenkinsController
from migrate.jenkins.node_mark import mark_of
from migrate.model.inventory import OfflineMark
from migrate.model.journal.node import ReleaseOutcome
from migrate.model.plan import Choices
from migrate.model.ports import ProbePort
from migrate.sandbox.jenkins.changes import VERSIONS
from migrate.sandbox.jenkins.server import JenkinsServer
from migrate.sandbox.spec import NodeSpec
from migrate.steps.base import Context, RunSettings
from migrate.steps.node.hold import hold, release

LABEL = "migrate 'é' <b>t</b> & \"q\" &lt; &amp;amp; 20261129-1"
"""With escapes that were typed, too: they may not be taken for somebody else's text."""
SHOWN = "migrate 'é' <b>t</b> & \"q\" < & 20261129-1"
TOKEN = "11" + "a" * 32


@pytest.fixture(params=VERSIONS)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[JenkinsServer]:
    jenkins = JenkinsServer(tmp_path / "jenkins", jenkins_version=request.param)
    jenkins.start()
    jenkins.add_user("admin", TOKEN, frozenset({"Overall/Administer"}))
    jenkins.add_user("bob", TOKEN, frozenset({"Overall/Administer"}))
    jenkins.add_node(NodeSpec("a", agent=None))
    yield jenkins
    jenkins.stop()


def test_a_mark_with_every_letter_that_is_escaped(server: JenkinsServer, tmp_path: Path) -> None:
    admin = JenkinsController(server.url, "admin", TOKEN)
    folder = RunFolder(tmp_path / "plans" / "t" / "runs" / "1")
    folder.create()
    log = StepJournal(
        folder, Journal(folder.journal_path, lambda: "2026-11-29T00:00:00.000Z"), "node/a"
    )
    ctx = Context(
        jenkins=admin,
        cluster=None,
        prober=cast(ProbePort, None),
        inventory=None,
        choices=Choices(name="t"),
        settings=RunSettings(),
        clock=QuickClock(lambda: None),
        emit=lambda event: None,
        run_label=LABEL,
    )
    hold(ctx, log, "node/a", "a", 60)
    own = OfflineMark("admin", SHOWN)
    assert admin.node_state("a").mark == own
    assert mark_of(admin.read_node_config("a")) == own
    for way in ("script", "rest"):
        assert [n.offline_mark for n in admin.read(by=way).nodes if n.name == "a"] == [own]
    # Held already, by this run: not a note about somebody else.
    hold(ctx, log, "node/a", "a", 60)
    assert not [r for r in log.records() if r.kind == "note"]
    release(ctx, log, "a")
    assert admin.node_state("a").mark is None
    assert log.records()[-1].entry == ReleaseOutcome(ok=True)

    hold(ctx, log, "node/a", "a", 60)
    bob = JenkinsController(server.url, "bob", TOKEN)
    bob.renew_mark("a", 'disk <é> & "q" isn\'t')
    release(ctx, log, "a")
    assert admin.node_state("a").mark == OfflineMark("bob", 'disk <é> & "q" isn\'t')
    left = log.records()[-1].entry
    assert isinstance(left, ReleaseOutcome) and "now marked by bob" in left.note
