"""switch-cloud against the sandbox's controller over real sockets."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from journal_entries import run_started
from msgspec import structs
from typed import a

from migrate.engine.record.folder import RunFolder, StepJournal
from migrate.engine.record.journal import Journal
from migrate.jenkins.client import JenkinsController
from migrate.jenkins.clouds import read_clouds
from migrate.model import plan_steps
from migrate.model.cluster_facts import Owner
from migrate.model.inventory import (
    AgentPort,
    Cloud,
    CloudTemplate,
    Controller,
    Inventory,
    Verdict,
)
from migrate.model.plan import Choices
from migrate.model.plan_steps import PlanStep
from migrate.model.ports import ProbePort
from migrate.model.serialize import SCHEMA_VERSION
from migrate.plan_store.plan_folder import read_plan, write_plan
from migrate.planner.clouds import plan_clouds
from migrate.planner.plan import make_plan
from migrate.sandbox.jenkins.clouds import Cloud as SandboxCloud
from migrate.sandbox.jenkins.server import JenkinsServer
from migrate.steps.base import CheckState, Context, NotPutBack, RunSettings
from migrate.steps.controller.switch_cloud import SwitchCloud

KIND = SwitchCloud()
TOKEN = "11" + "a" * 32
NAME = "kube é"
OLD = SandboxCloud(NAME, "build", "http://j/", tunnel="edge:50000", direct_connection=True)


class Clock:
    def now(self) -> str:
        return "2026-01-01T00:00:00.000Z"

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        raise AssertionError("nothing is waited for here")


class Bench:
    def __init__(self, server: JenkinsServer, folder: Path) -> None:
        self.server = server
        self.jenkins = JenkinsController(f"http://127.0.0.1:{server.http_port}/", "admin", TOKEN)
        self.run = RunFolder(folder / "run")
        self.run.create()
        self.journal: Journal | None = None
        journal = Journal(self.run.journal_path, Clock().now)
        journal.write(run_started())
        journal.close()
        self.ctx = Context(
            jenkins=self.jenkins,
            cluster=None,
            prober=cast(ProbePort, None),
            inventory=None,
            choices=Choices(name="t"),
            settings=RunSettings(),
            clock=Clock(),
            emit=lambda event: None,
        )

    def log(self, step: PlanStep) -> StepJournal:
        if self.journal is not None:
            self.journal.close()
        self.journal = Journal(self.run.journal_path, Clock().now)
        return StepJournal(self.run, self.journal, step.id)

    def set(self, cloud: SandboxCloud) -> None:
        self.server.add_cloud(cloud)


@pytest.fixture
def b(tmp_path: Path) -> Iterator[Bench]:
    server = JenkinsServer(tmp_path / "jenkins")
    server.start()
    try:
        server.add_user("admin", TOKEN, frozenset({"Overall/Administer"}))
        bench = Bench(server, tmp_path)
        bench.set(OLD)
        yield bench
    finally:
        server.stop()


def planned(
    clouds: tuple[Cloud, ...], **choices: Any
) -> tuple[list[plan_steps.SwitchCloud], list[plan_steps.Manual], list[Any]]:
    seen = cast(Inventory, type("Seen", (), {"clouds": clouds}))
    moves, hand, skips = plan_clouds(seen, Choices(name="t", **choices))
    return (
        [a(plan_steps.SwitchCloud, m) for m in moves],
        [a(plan_steps.Manual, h) for h in hand],
        skips,
    )


def test_there_and_back_and_there_again(b: Bench) -> None:
    (step,), hand, skips = planned(read_clouds(b.jenkins))
    assert (step.kind, hand, skips) == ("switch-cloud", [], [])
    assert KIND.check(step, b.ctx).state is CheckState.READY
    assert KIND.dry_run(step, b.ctx).startswith("would change")
    assert "+web_socket: True" in KIND.diff(step, b.ctx)
    for _ in range(2):
        assert "new pods connect over WebSocket" in KIND.apply(step, b.ctx, b.log(step))
        assert KIND.apply(step, b.ctx, b.log(step))
        assert KIND.verify(step, b.ctx).verdict is Verdict.PASS
        assert KIND.check(step, b.ctx, b.log(step)).state is CheckState.DONE
        now = b.server.cloud(NAME)
        assert (now.web_socket, now.tunnel, now.direct_connection) == (True, None, False)
        assert "as they were" in KIND.rollback(step, b.ctx, b.log(step))
        assert b.server.cloud(NAME) == OLD
        assert KIND.rollback(step, b.ctx, b.log(step)) == ""
    ((skip),) = planned_after(b, step)
    assert "WebSocket already" in skip.reason


def planned_after(b: Bench, step: plan_steps.SwitchCloud) -> list[Any]:
    KIND.apply(step, b.ctx, b.log(step))
    return planned(read_clouds(b.jenkins))[2]


def test_drift_before_and_after(b: Bench) -> None:
    (step,), _, _ = planned(read_clouds(b.jenkins))
    b.set(replace(OLD, tunnel="other:1"))
    assert KIND.check(step, b.ctx).state is CheckState.DRIFTED
    b.set(OLD)
    KIND.apply(step, b.ctx, b.log(step))
    b.set(replace(OLD, web_socket=True, tunnel="other:1"))
    with pytest.raises(NotPutBack, match="changed by somebody else"):
        KIND.rollback(step, b.ctx, b.log(step))
    assert b.server.cloud(NAME).tunnel == "other:1"
    gone = structs.replace(step, cloud="nowhere")
    assert KIND.check(gone, b.ctx).state is CheckState.DRIFTED


def cloud(**changes: Any) -> Cloud:
    kind = "org.csanchez.jenkins.plugins.kubernetes.KubernetesCloud"
    return replace(Cloud("k", kind, web_socket=False, tunnel="edge:1"), **changes)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"owner": Owner("jcasc", "c", "sources")}, "jcasc would set it again"),
        ({"templates": (CloudTemplate("t", env={"JENKINS_TUNNEL": "x"}),)}, "goes before"),
        ({"templates": (CloudTemplate("t", env={"JENKINS_WEB_SOCKET": "1"}),)}, "itself to '1'"),
        ({"templates": (CloudTemplate("t", args="-tunnel x"),)}, "gives its agent -tunnel"),
    ],
)
def test_what_a_person_must_change(changes: dict[str, Any], why: str) -> None:
    moves, (step,), _ = planned((cloud(**changes),))
    assert (moves, step.kind) == ([], "manual")
    assert why in step.reason
    text = step.instructions
    assert "          name: k\n          webSocket: true\n" in text
    assert "without: jenkinsTunnel" in text


def test_a_plan_with_clouds_is_written_with_the_reasons(tmp_path: Path) -> None:
    by_hand = cloud(name="owned", owner=Owner("jcasc", "c", "s"))
    found = Inventory(
        SCHEMA_VERSION,
        "0",
        "2026-01-01T00:00:00Z",
        "script",
        Controller("http://j/", "http://j/", "2.426.2", AgentPort(50000), None, None, None),
        (),
        None,
        clouds=(cloud(), by_hand),
    )
    made = make_plan(found, (), Choices("c"))
    folder = write_plan(made, found, "# ticket\n", {}, tmp_path)
    assert read_plan(folder) == made
    text = (folder / "plan.json").read_text()
    assert "its pods are told by the cloud" in text
    assert "jcasc would set it again" in text


def test_other_clouds_are_named() -> None:
    other = Cloud("vms", "hudson.plugins.ec2.EC2Cloud")
    old = cloud(web_socket=None)
    _, _, (first, second) = planned((other, old))
    assert "EC2Cloud are not supported" in first.reason
    assert "1.25.0" in second.reason
    assert planned((cloud(owner=Owner("jcasc", "c", "s")),), allow_live_edit=True)[0]
