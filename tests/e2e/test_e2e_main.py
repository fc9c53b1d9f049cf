"""The whole job: scan, plan, dry run, apply, by hand, resume, verify, roll back."""

import json
from typing import Any

import pytest
from e2e_cli import PLAN, Cli
from e2e_installation import until

from migrate.sandbox.spec import OLDEST_JAR, AgentSpec, NodeSpec

NEWER = "3206.vb_15dcf73f6a_9"
BY_NAME = NodeSpec("by-name", agent=AgentSpec(launch="url-name", jar_version=NEWER))
NODES = (
    NodeSpec("linux-1", labels="linux"),
    NodeSpec("linux-old", agent=AgentSpec(jar_version=OLDEST_JAR)),
    NodeSpec("tunnelled", tunnel="{edge}"),
    NodeSpec("node c é", description="space & non-ascii é <x>"),
    NodeSpec("ws-already", web_socket=True),
    BY_NAME,
    NodeSpec("never-seen", agent=None),
    NodeSpec("ssh-1", launcher="ssh"),
    NodeSpec("builder"),
)


@pytest.mark.every_version
@pytest.mark.timeout(600)
def test_the_whole_migration_and_all_the_way_back(start: Any) -> None:
    there = start(*NODES)
    cli = Cli(there)
    before = there.everything()

    scan = cli.run("scan", "-o", "json")
    assert set(json.loads(scan.out)["inventory"]["controller"]) >= {"version", "agent_port"}
    cli.plan()
    rehearsed = cli.apply("--dry-run")
    assert "Nothing was changed." in rehearsed.out
    assert there.everything() == before

    there.start_build("builder", 4)
    stopped = cli.apply(code=4)
    assert "by-name" in stopped.text
    assert "--resume" in stopped.err
    assert there.port_open()
    there.comes_to(dict.fromkeys(there.connected(), "WebSocket") | {"by-name": "JNLP4-connect"})
    assert there.builds() == ["finished"]

    cli.by_hand("by-name")
    cli.apply("--resume", "--accept-offline", "all")
    until(lambda: not there.port_open())
    assert there.database_answers()
    there.all_come_to("WebSocket")
    assert there.marks() == {}

    assert "Verified: closed." in cli.run("verify").out
    again = cli.apply()
    assert "othing to do" in again.out

    # A reload's old worker has cut some of them off by now, and it may be now.
    there.all_come_to("WebSocket")
    closed = there.everything()
    shown = cli.run("rollback", PLAN, "--dry-run")
    assert "Would put back" in shown.out
    there.is_again(closed)

    back = cli.rollback(code=4)
    # What a person did, only a person can undo, and the end says so.
    assert "by-name" in back.text
    cli.by_hand("by-name", "undo")
    until(there.port_open)
    there.is_again(before)
    assert there.database_answers()
