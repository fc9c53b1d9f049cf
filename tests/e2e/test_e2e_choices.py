"""What a person may choose: less rights, some nodes, offline nodes, a stop on the way."""

import json
from typing import Any

import pytest
from e2e_cli import PLAN, Cli
from e2e_installation import until

from migrate.sandbox.spec import AgentSpec, NodeSpec

BY_NAME = NodeSpec(
    "your-own", agent=AgentSpec(launch="url-name", jar_version="3206.vb_15dcf73f6a_9")
)


def test_without_the_script_console(start: Any) -> None:
    """Agent permissions are enough for ``-jnlpUrl`` agents; a wrong claim about one is found."""
    there = start(NodeSpec("linux-1"), NodeSpec("linux-2", tunnel="{edge}"), BY_NAME)
    cli = Cli(there, "operator")
    before = there.everything()
    cli.plan("--read-by", "rest", "--launch", "*=jnlp-url", "--no-close")
    done = cli.apply("--accept-unproven-upgrade", "--max-failures", "1", code=7)
    assert "your-own" in done.text
    there.comes_to({"linux-1": "WebSocket", "linux-2": "WebSocket", "your-own": "JNLP4-connect"})
    after = there.everything()
    assert after["configs"]["your-own"] == before["configs"]["your-own"]
    assert after["marks"] == {}
    assert after["open"]
    cli.rollback()
    there.is_again(before)


@pytest.mark.long
def test_no_node_goes_back_to_a_port_that_is_closed(start: Any) -> None:
    """Whoever closed it: the agent would ask for the port for ever, and its node be lost."""
    there = start(NodeSpec("linux-1"), NodeSpec("linux-2"))
    cli = Cli(there)
    before = there.everything()
    cli.plan()
    done = cli.apply()
    assert "The port is closed" in done.out
    closed = there.everything()
    left = cli.rollback("--node", "linux-1", code=3)
    assert "no node can come back to it over TCP; nothing was changed" in left.err
    assert there.everything() == closed

    cli.rollback()
    there.is_again(before)
    refused = cli.apply("--resume", code=3)
    assert "was rolled back" in refused.err
    assert there.everything() == before
    assert "is over" in cli.run("pause", PLAN, code=3).err
    assert "did you mean 'linux-1'" in cli.rollback("--node", "linx-1", code=2).err
    assert "no stage" in cli.rollback("--stage", "clsoe", code=2).err


@pytest.mark.long
def test_a_nightly_resume_leaves_what_a_person_put_back(start: Any) -> None:
    there = start(NodeSpec("linux-1"), NodeSpec("linux-2"))
    cli = Cli(there)
    cli.plan()
    cli.apply("--until", "nodes")
    cli.rollback("--node", "linux-1")
    left = cli.apply("--resume", code=4)
    assert "left so: node/linux-1 (--resume --node NAME moves it again)" in left.text
    there.comes_to({"linux-1": "JNLP4-connect", "linux-2": "WebSocket"})
    assert there.port_open()
    cli.apply("--resume", "--node", "linux-1")
    there.all_come_to("WebSocket")
    cli.apply("--resume")
    assert not there.port_open()
    cli.rollback("--stage", "close")
    assert "a rollback opened it again" in cli.apply("--resume", code=4).text
    assert there.port_open()


def test_no_node_goes_back_to_a_port_that_a_person_closed(start: Any) -> None:
    there = start(NodeSpec("linux-1"))
    cli = Cli(there)
    cli.plan("--no-close")
    cli.apply()
    there.set_agent_port(-1)
    moved = there.everything()
    assert "TCP agent port is off" in cli.rollback(code=4).out
    assert there.everything() == moved


def test_a_node_changed_since_the_plan_is_left_alone(start: Any) -> None:
    there = start(NodeSpec("linux-1"))
    cli = Cli(there)
    cli.plan()
    body = there.config_xml("linux-1").replace(
        b"<numExecutors>1</numExecutors>", b"<numExecutors>3</numExecutors>"
    )
    there.write_config_xml("linux-1", body)
    before = there.everything()
    left = cli.apply(code=(4, 5))
    assert "linux-1" in left.text
    told = cli.run("status", PLAN).out
    assert "numExecutors" in told or "executors" in told
    assert there.everything() == before


@pytest.mark.long
def test_one_node_then_a_stage_then_the_rest(start: Any) -> None:
    there = start(NodeSpec("linux-1"), NodeSpec("linux-2"), NodeSpec("linux-3"))
    cli = Cli(there)
    cli.plan()
    assert "did you mean 'linux-2'" in cli.apply("--node", "linx-2", code=2).err
    cli.apply("--node", "linux-2")
    there.comes_to({"linux-1": "JNLP4-connect", "linux-2": "WebSocket", "linux-3": "JNLP4-connect"})
    cli.apply("--resume", "--until", "nodes")
    there.all_come_to("WebSocket")
    assert there.port_open()
    cli.apply("--resume")
    assert not there.port_open()


def test_offline_nodes_are_flagged_only_when_asked_and_never_called_verified(start: Any) -> None:
    there = start(NodeSpec("linux-1"), NodeSpec("never-seen", agent=None))
    cli = Cli(there)
    cli.plan()
    stopped = cli.apply("--include-offline", code=4)
    assert "never-seen" in stopped.text
    assert b"<webSocket>true</webSocket>" in there.config_xml("never-seen")
    assert there.port_open()
    report = json.loads(cli.run("report", PLAN, "-o", "json").out)["run"]
    step = next(s for s in report["steps"] if s["subject"].endswith("never-seen"))
    assert "NOT verified" in step["message"]
    cli.apply("--resume", "--include-offline", "--accept-offline", "never-seen")
    assert not there.port_open()
    assert "never-seen" in cli.run("report", PLAN, "-o", "text").out
    cli.rollback()
    assert b"<webSocket>false</webSocket>" in there.config_xml("never-seen")


@pytest.mark.long
def test_pause_and_continue(start: Any) -> None:
    there = start(NodeSpec("linux-1"), NodeSpec("linux-2"), NodeSpec("linux-3"))
    cli = Cli(there)
    cli.plan("--waves", "1,100%")
    running = cli.start(*cli.apply_words())
    cli.until_journal(running, '"run-started"')
    cli.run("pause", PLAN)
    cli.until_journal(running, '"step-finished"')
    # What was in hand may finish, no other starts.
    until(lambda: "paused" in cli.run("status", PLAN).out)
    assert "JNLP4-connect" in there.transports().values()
    assert running.poll() is None
    cli.run("continue", PLAN)
    done = cli.wait(running)
    assert done.code == 0, done.text
    there.all_come_to("WebSocket")
