"""Runs that end in the middle: killed, stopped, doubled. They go on, or go back."""

from typing import Any

import pytest
from e2e_cli import PLAN, Cli, interrupt
from e2e_installation import until

from migrate.sandbox.spec import OLDEST_JAR, AgentSpec, NodeSpec

NODES = (
    NodeSpec("linux-1"),
    NodeSpec("linux-old", agent=AgentSpec(jar_version=OLDEST_JAR)),
    NodeSpec("tunnelled", tunnel="{edge}"),
)


def killed(cli: Cli, text: str, times: int) -> None:
    """An ``apply`` that dies by SIGKILL when its journal holds ``text`` that often."""
    running = cli.start(*cli.apply_words())
    cli.until_journal(running, text, times)
    running.kill()
    running.communicate()


@pytest.mark.long
def test_killed_in_the_middle_of_a_wave_and_resumed(start: Any) -> None:
    there = start(*NODES)
    cli = Cli(there)
    cli.plan("--canary", "1", "--waves", "100%")
    # Past the canary's restart, at the second one: two nodes are between two transports.
    killed(cli, '"restart"', 3)
    assert "INTERRUPTED" in cli.run("status", PLAN).out
    refused = cli.apply(code=3)
    assert "--resume" in refused.err
    cli.apply("--resume")
    there.all_come_to("WebSocket")
    assert there.marks() == {}
    assert not there.port_open()
    assert len(set(there.jars().values())) == 1
    cli.run("verify")


@pytest.mark.long
def test_killed_in_the_middle_of_a_wave_and_rolled_back(start: Any) -> None:
    there = start(*NODES)
    cli = Cli(there)
    before = there.everything()
    cli.plan("--canary", "1", "--waves", "100%")
    killed(cli, '"restart"', 3)
    cli.rollback()
    there.is_again(before)


def test_ctrl_c_finishes_the_nodes_in_hand(start: Any) -> None:
    there = start(*NODES)
    cli = Cli(there)
    cli.plan("--canary", "1", "--waves", "1,100%")
    running = cli.start(*cli.apply_words())
    cli.until_journal(running, '"restart"')
    interrupt(running)
    ended = cli.wait(running)
    assert ended.code in (130, 4), ended.text
    assert "--resume" in ended.err
    until(lambda: set(there.transports()) == there.connected())
    transports = there.transports()
    assert "JNLP4-connect" in transports.values()
    assert "WebSocket" in transports.values()
    assert there.marks() == {}
    assert there.port_open()
    cli.apply("--resume")
    there.all_come_to("WebSocket")


@pytest.mark.long
def test_a_probe_node_left_by_a_crash_is_removed_by_the_next_run(start: Any) -> None:
    there = start(NODES[0])
    cli = Cli(there)
    names = there.node_names()
    cli.plan("--probe-hold", "8")
    running = cli.start(*cli.apply_words())
    cli.until_journal(running, '"create-probe-node"')
    while there.node_names() == names:
        assert running.poll() is None
    running.kill()
    running.communicate()
    assert len(there.node_names()) == len(names) + 1
    cli.apply("--resume")
    assert there.node_names() == names
    assert not there.port_open()


def test_two_applies_at_once(start: Any) -> None:
    there = start(*NODES[:1])
    cli = Cli(there)
    cli.plan("--probe-hold", "60")
    first = cli.start(*cli.apply_words())
    cli.until_journal(first, '"run-started"')
    second = cli.apply(code=6)
    assert "in use by" in second.err
    first.kill()
    first.communicate()
    # The system drops a dead process's lock of the folder; reading never needed one.
    assert "Nothing was changed." in cli.apply("--dry-run").out
    assert "INTERRUPTED" in cli.run("status", PLAN).out
