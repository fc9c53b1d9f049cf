"""Three nodes whose agents are started from one agent.jar of one host."""

import hashlib
from pathlib import Path

import pytest
from engine_lab import Lab, installed

from migrate.model.journal.node import UpgradeOutcome
from migrate.model.run import StepState
from migrate.sandbox.spec import CONTROLLER_JAR, AgentSpec, NodeSpec, Scenario

pytestmark = pytest.mark.long

OLD = "3107.v665000b_51092"
SHARED = Scenario(
    "shared",
    "three agents that are started from one agent.jar",
    (
        NodeSpec("a-1", agent=AgentSpec(jar_version=OLD)),
        NodeSpec("b-2", agent=AgentSpec(jar_version=OLD, jar_of="a-1")),
        NodeSpec("c-3", agent=AgentSpec(jar_version=OLD, jar_of="a-1")),
    ),
)
NODES = ("a-1", "b-2", "c-3")
TCP, WS = "JNLP4-connect", "WebSocket"
BACK = ("--yes", "--poll", "0.05")


# No canary: all three side by side.
PLAN = ("--no-close", "--canary", "0")


def digest(lab: Lab) -> str:
    """Of the one file."""
    return hashlib.sha256((lab.sandbox.home / "agents/a-1/agent.jar").read_bytes()).hexdigest()


def version(lab: Lab, node: str) -> str:
    lines = lab.sandbox.jenkins.agent_log(node).splitlines()
    return next(li.partition(": ")[2] for li in lines if li.startswith("Remoting version: "))


def test_the_plan_says_who_shares_it_and_it_is_replaced_once_and_put_back_at_last(
    tmp_path: Path,
) -> None:
    with installed(tmp_path, scenario=SHARED, plan=PLAN) as lab:
        before = digest(lab)
        shown = " ".join(lab.run("show", lab.plan)[1].split())
        assert "also serves b-2, c-3, and is replaced once" in shown
        code, output = lab.apply()
        assert code == 0, output
        assert [version(lab, node) for node in NODES] == [CONTROLLER_JAR] * 3
        entries = (record.entry for record in lab.records())
        done = [e.done for e in entries if isinstance(e, UpgradeOutcome) and e.done]
        assert sum(d.before_sha256 != d.after_sha256 for d in done) == 1
        assert len({d.backup for d in done}) == 1
        kept = Path(done[0].backup or "").read_bytes()
        assert hashlib.sha256(kept).hexdigest() == before, "what is kept is the old jar"

        code, output = lab.run("rollback", lab.plan, "--node", "b-2", *BACK)
        assert code == 0, output
        assert digest(lab) != before, "a-1 and c-3 are started from it"
        told = lab.step("b-2").message
        assert f"agent.jar stays {CONTROLLER_JAR}: a-1, c-3 on the same host" in told
        assert (lab.transport("b-2"), version(lab, "b-2")) == (TCP, CONTROLLER_JAR)

        code, output = lab.run("rollback", lab.plan, *BACK)
        assert code == 0, output
        assert digest(lab) == before
        assert [lab.transport(node) for node in NODES] == [TCP] * 3
        assert [version(lab, node) for node in NODES] == [OLD] * 3, "each reads it again"
        assert not any(lab.sandbox.jenkins.state.computers[node].mark for node in NODES)
        code, output = lab.run("rollback", lab.plan, "--dry-run")
        assert "Nothing to put back" in output
        # A nightly job must not move again what a person put back.
        code, output = lab.apply("--resume")
        assert code == 3, output
        assert "was rolled back" in output
        assert [lab.transport(node) for node in NODES] == [TCP] * 3


def test_a_node_that_fails_beside_moved_ones_leaves_them_their_jar(tmp_path: Path) -> None:
    with installed(tmp_path, "tcp-again:c-3", scenario=SHARED, plan=PLAN) as lab:
        before = digest(lab)
        code, output = lab.apply("--concurrency", "1", "--max-failures", "1")
        assert code == 7, output
        assert [lab.step(n).state for n in NODES] == [
            StepState.DONE, StepState.DONE, StepState.PUT_BACK,
        ]  # fmt: skip
        assert digest(lab) != before
        assert "a-1, b-2 on the same host" in lab.step("c-3").message
        assert [lab.transport(n) for n in NODES] == [WS, WS, TCP]
        code, output = lab.run("rollback", lab.plan, *BACK)
        assert code == 0, output
        assert digest(lab) == before
        assert [lab.transport(node) for node in NODES] == [TCP] * 3
        assert [version(lab, node) for node in NODES] == [OLD] * 3


def test_the_first_that_fails_puts_it_back_while_nobody_else_is_on_it(tmp_path: Path) -> None:
    with installed(tmp_path, "tcp-again:a-1", scenario=SHARED, plan=PLAN) as lab:
        before = digest(lab)
        code, output = lab.apply("--concurrency", "1", "--max-failures", "0")
        assert code == 7, output
        assert digest(lab) == before
        assert version(lab, "a-1") == OLD
