"""Every step kind: apply, verify, roll back, verify, apply again, verify."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from e2e_cluster import ClusterInstallation
from e2e_installation import until
from e2e_real import RealInstallation, missing
from e2e_sandbox import SandboxInstallation
from e2e_steps import HOSTED, HOSTS, journal_of, planned

from migrate.cli.session import Session
from migrate.engine.record.folder import StepJournal
from migrate.model.inventory import Verdict
from migrate.model.journal.base import Undone
from migrate.model.plan_steps import FrontAnnotation, PlanStep, read_step
from migrate.model.sources import SourceFile, SourcesWanted
from migrate.planner.sources import edit_step
from migrate.sandbox.spec import OLDEST_JAR, AgentSpec, NodeSpec
from migrate.sources.jcasc.locate import locate
from migrate.steps.base import CheckState, StepFailed
from migrate.steps.registry import KINDS, kind_of

NODES = (
    NodeSpec("linux-1"),
    NodeSpec("linux-old", tunnel="{edge}", agent=AgentSpec(jar_version=OLDEST_JAR)),
    NodeSpec("by-name", agent=AgentSpec(launch="url-name", jar_version="3206.vb_15dcf73f6a_9")),
)
JENKINS_PORT = "remove-container-port of the controller"
"""Restarts Jenkins: only planned when asked for."""
CHANGING = {
    "move-node linux-1": "node/linux-1",
    "move-node linux-old": "node/linux-old",
    **{f"move-node {node.name}": f"node/{node.name}" for node in HOSTED},
    "annotate-ingress": "",
    "remove-tcp-service": "",
    "remove-service-port": "",
    "remove-container-port": "",
    JENKINS_PORT: "",
    "remove-agent-service": "",
    "close-controller-port": "",
    "edit-file": "",
}
LOOKING = {"probe-websocket", "verify-closed", "manual"}
ELSEWHERE = {"move-workload", "switch-cloud"}
"""Kinds whose target is no part of this installation: tests/steps has their contract."""


@dataclass
class Lab:
    """A planned installation, connected in this process."""

    there: Any
    session: Session

    def step(self, name: str) -> PlanStep:
        """Of the plan; a container port is only planned where it is a hole of its own."""
        wanted = CHANGING.get(name, "")
        kind = name.partition(" ")[0]
        for step in self.session.plan.steps():
            if step.kind == kind and wanted in ("", step.id):
                return step
        if name == JENKINS_PORT:
            piece = {
                "target": {"kind": "StatefulSet", "namespace": "jenkins", "name": "jenkins"},
                "key": "jenkins/agent-listener",
                "port": self.there.agent_port,
            }
            return read_step(
                {
                    "kind": kind,
                    "id": "close/jenkins-port",
                    "subject": "jenkins",
                    "title": "take the port out",
                    "piece": piece,
                    "restarts_controller": True,
                }
            )
        if kind == "remove-container-port":
            name, space = "ingress-nginx-controller", "ingress-nginx"
            piece = {
                "target": {"kind": "Deployment", "namespace": space, "name": name},
                "key": f"controller/{self.there.agent_port}-tcp",
                "port": self.there.agent_port,
            }
            return read_step(
                {
                    "kind": kind,
                    "id": "close/container-port",
                    "subject": "edge",
                    "title": "take the port out",
                    "piece": piece,
                }
            )
        if kind == "annotate-ingress":
            edit = {"name": FrontAnnotation.READ_TIMEOUT, "after": "3600"}
            return read_step(
                {
                    "kind": kind,
                    "id": "preflight/front",
                    "subject": "edge",
                    "title": "let WebSocket through",
                    "target": {"kind": "Ingress", "namespace": "jenkins", "name": "jenkins"},
                    "annotations": [edit],
                }
            )
        if kind == "edit-file":
            file = SourceFile(str(self.casc.parent), self.casc.name, self.casc.read_text())
            found = locate([file], SourcesWanted(port=True))
            return edit_step(found.edits[0])
        raise AssertionError(f"the plan has no step {name}")

    @property
    def casc(self) -> Path:
        """A file of a checkout."""
        path: Path = self.there.work / "casc.yaml"
        if not path.exists():
            path.write_text("# ours\njenkins: {slaveAgentPort: 50000}\n")
        return path

    def everything(self) -> dict[str, Any]:
        """All that a step may change, the checkout included."""
        return {**self.there.everything(), "checkout": self.casc.read_bytes()}

    def at_rest(self) -> dict[str, Any]:
        """``everything``, with every agent here.

        The edge cuts connections that outlive a reload by its ``shutdown_timeout``: all agents go
        at once, long after the step that an earlier test tried, and come back by themselves.
        """
        here = self.there.connected()

        def rested() -> dict[str, Any] | None:
            seen = self.everything()
            return seen if set(seen["transports"]) == here else None

        found: dict[str, Any] = until(rested)
        return found

    def changed(self, name: str) -> dict[str, Any]:
        """``everything`` after that step. With the port closed an agent that is cut stays away:
        only of a move it counts who is connected over what."""
        if name.startswith("move-node"):
            return self.at_rest()
        return {key: seen for key, seen in self.everything().items() if key != "transports"}

    def is_again(self, before: dict[str, Any]) -> None:
        """Wait until everything is as it was ``before``: see ``at_rest``."""
        until(lambda: self.everything() == before)

    def log(self, step: PlanStep) -> StepJournal:
        """A journal of its own."""
        return journal_of(self.session, step)


@pytest.fixture(scope="module", params=["sandbox", "real", "real-cluster"])
def lab(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("contract")
    work, home = folder / "work", folder / "home"
    work.mkdir()
    there: SandboxInstallation | RealInstallation
    if request.param == "sandbox":
        there = SandboxInstallation(work, home, (*NODES, *HOSTED), frozenset(), HOSTS)
    elif request.param == "real-cluster":
        api = request.getfixturevalue("real_api")
        there = ClusterInstallation(api, work, home, NODES, frozenset())
    elif missing():
        pytest.skip(missing())
    else:
        war = Path(os.environ["JENKINS_WAR"])
        there = RealInstallation(war, work, home, NODES, frozenset())
    try:
        yield Lab(there, planned(there, folder, "--secrets-to-files"))
    finally:
        there.stop()


def test_every_kind_is_here() -> None:
    assert {name.partition(" ")[0] for name in CHANGING} | LOOKING | ELSEWHERE == set(KINDS)


@pytest.mark.parametrize("name", CHANGING)
def test_there_and_back_and_there_again(lab: Lab, name: str) -> None:
    if name.removeprefix("move-node ") in {n.name for n in HOSTED} - set(lab.there.node_names()):
        pytest.skip("only the sandbox has hosts")
    if name == JENKINS_PORT and isinstance(lab.there, ClusterInstallation):
        pytest.skip("no controller manager rolls a StatefulSet over there")
    step, ctx = lab.step(name), lab.session.ctx
    kind, log = kind_of(step.kind), lab.log(step)
    before = lab.at_rest()

    assert kind.describe(step).text
    assert kind.check(step, ctx, log).state is CheckState.READY
    assert kind.diff(step, ctx)
    assert kind.dry_run(step, ctx).startswith("would change")
    lab.is_again(before)

    kind.apply(step, ctx, log)
    assert kind.verify(step, ctx).verdict is Verdict.PASS
    assert kind.check(step, ctx, log).state is CheckState.DONE
    changed = lab.changed(name)
    assert any(changed[key] != before[key] for key in changed)
    # Safe to call again: a crash may have come right before the end was recorded.
    kind.apply(step, ctx, log)
    assert kind.verify(step, ctx).verdict is Verdict.PASS

    assert kind.rollback(step, ctx, log)
    assert kind.verify(step, ctx).verdict is not Verdict.PASS
    lab.is_again(before)
    assert kind.rollback(step, ctx, log) == ""

    assert kind.describe_back(step)
    again = lab.log(step)
    undone = [r.entry for r in log.of_run() if isinstance(r.entry, Undone)]
    anew = frozenset(entry.made_anew for entry in undone if entry.made_anew)
    ctx = replace(ctx, made_anew=anew)
    assert kind.check(step, ctx, again).state is CheckState.READY
    kind.apply(step, ctx, again)
    assert kind.verify(step, ctx).verdict is Verdict.PASS
    until(lambda: lab.changed(name) == changed)
    kind.rollback(step, ctx, again)
    lab.is_again(before)


def test_the_probe_leaves_nothing_behind(lab: Lab) -> None:
    step, ctx = lab.step("probe-websocket"), lab.session.ctx
    kind, log = kind_of(step.kind), lab.log(step)
    before = lab.at_rest()
    for _ in range(2):
        kind.apply(step, ctx, log)
        assert kind.verify(step, ctx).verdict is not Verdict.FAIL
        lab.is_again(before)
        kind.rollback(step, ctx, log)
        lab.is_again(before)


def test_a_look_from_outside_says_no_while_the_port_is_open(lab: Lab) -> None:
    step, ctx = lab.step("verify-closed"), lab.session.ctx
    kind, log = kind_of(step.kind), lab.log(step)
    before = lab.at_rest()
    seen = kind.verify(step, ctx)
    assert seen.verdict is Verdict.FAIL
    assert f"localhost:{lab.there.agent_port} (controller) still answers" in seen.detail
    assert kind.check(step, ctx, log).state is not CheckState.DONE
    assert kind.rollback(step, ctx, log) == ""
    lab.is_again(before)


def test_an_edge_that_takes_connections_to_nowhere_is_not_closed(lab: Lab) -> None:
    close, ctx = lab.step("close-controller-port"), lab.session.ctx
    kind, log = kind_of(close.kind), lab.log(close)
    before = lab.at_rest()
    kind.apply(close, ctx, log)
    assert lab.there.port_open()
    step = lab.step("verify-closed")
    seen = kind_of(step.kind).verify(step, ctx)
    assert seen.verdict is Verdict.FAIL
    assert f"localhost:{lab.there.agent_port} (controller) still accepts connections" in seen.detail
    kind.rollback(close, ctx, log)
    lab.is_again(before)


def test_what_a_person_must_do_is_never_done_or_undone_here(lab: Lab) -> None:
    step, ctx = lab.step("manual"), lab.session.ctx
    kind, log = kind_of(step.kind), lab.log(step)
    until(lambda: lab.there.transport("by-name") == "JNLP4-connect")
    before = lab.at_rest()
    assert kind.verify(step, ctx).verdict is Verdict.FAIL
    with pytest.raises(StepFailed):
        kind.apply(step, ctx, log)
    assert kind.rollback(step, ctx, log) == ""
    lab.is_again(before)
