"""What goes wrong: the answer is said, nothing more than needed is touched, and it is undone."""

import json
from typing import Any

import pytest
from e2e_cli import PLAN, Cli
from e2e_installation import until

from migrate.sandbox.jenkins.changes import minimum_remoting
from migrate.sandbox.spec import OLDEST_JAR, AgentSpec, NodeSpec

OLD = AgentSpec(jar_version=OLDEST_JAR)
THREE = (NodeSpec("linux-1"), NodeSpec("linux-old", agent=OLD), NodeSpec("linux-2"))


def test_a_proxy_that_drops_upgrade_is_named_and_no_node_is_touched(start: Any) -> None:
    there = start(*THREE[:2], faults=("no-upgrade",))
    cli = Cli(there)
    before = there.everything()
    lines = cli.run("scan").out.splitlines()
    assert any("M003" in line and "drops the WebSocket upgrade" in line for line in lines)
    doctor = cli.run("doctor")
    assert any("the proxy drops Upgrade" in line for line in doctor.out.splitlines())
    assert doctor.err.endswith("next: migrate explain M003\n")
    cli.plan()
    refused = cli.apply(code=3)
    assert "no node was touched" in refused.text
    assert there.everything() == before


@pytest.mark.parametrize(
    ("fault", "word"), [("sso-login", "login"), ("websocket-unsupported", "WebSocket")]
)
def test_an_edge_or_controller_that_cannot_is_refused(start: Any, fault: str, word: str) -> None:
    there = start(THREE[0], faults=(fault,))
    cli = Cli(there)
    before = there.everything()
    cli.plan(code=(0, 3))
    refused = cli.apply(code=3)
    assert word in refused.text
    assert there.everything() == before


@pytest.mark.long
def test_an_agent_that_dies_stops_the_wave_and_leaves_the_port_open(start: Any) -> None:
    there = start(*THREE, NodeSpec("linux-z1"), NodeSpec("linux-z2"), faults=("dead-agent",))
    cli = Cli(there)
    before = there.everything()
    cli.plan("--verify-timeout", "5", "--waves", "2,100%")
    failed = cli.apply(code=1)
    assert "linux-old" in failed.text
    report = cli.run("report", PLAN, "-o", "text").out
    loudest = next(line for line in report.splitlines() if "on host" in line)
    assert "linux-old" in loudest
    assert "agent.jar" in loudest
    after = there.everything()
    assert after["open"]
    assert after["objects"] == before["objects"]
    # Put back as far as it can be, and the later wave was not started.
    assert after["configs"]["linux-old"] == before["configs"]["linux-old"]
    assert {n: after["transports"].get(n) for n in ("linux-old", "linux-z1", "linux-z2")} == {
        "linux-old": None,
        "linux-z1": "JNLP4-connect",
        "linux-z2": "JNLP4-connect",
    }
    assert after["marks"] == {}


@pytest.mark.long
def test_an_agent_that_comes_back_over_tcp_is_put_back(start: Any) -> None:
    there = start(*THREE, faults=("tcp-again",))
    cli = Cli(there)
    before = there.everything()
    cli.plan()
    failed = cli.apply("--concurrency", "1", "--max-failures", "1", code=7)
    assert "linux-old" in failed.text
    until(lambda: there.transport("linux-old") == "JNLP4-connect")
    after = there.everything()
    assert after["configs"]["linux-old"] == before["configs"]["linux-old"]
    assert after["jars"]["linux-old"] == before["jars"]["linux-old"]
    assert after["transports"]["linux-old"] == "JNLP4-connect"
    assert after["transports"]["linux-1"] == "WebSocket"
    assert after["open"]


@pytest.mark.long
def test_an_agent_that_starts_another_jar_than_the_replaced_one_is_put_back(
    start: Any, jenkins_version: str
) -> None:
    there = start(*THREE[:2], faults=("old-jar",))
    cli = Cli(there)
    before = there.everything()
    cli.plan()
    failed = cli.apply(code=7)
    assert minimum_remoting(jenkins_version) in failed.text
    until(lambda: there.transport("linux-old") == "JNLP4-connect")
    after = there.everything()
    assert after["jars"] == before["jars"]
    assert after["configs"]["linux-old"] == before["configs"]["linux-old"]
    assert after["transports"]["linux-old"] == "JNLP4-connect"


@pytest.mark.long
def test_a_slow_agent_is_waited_for(start: Any) -> None:
    there = start(*THREE[:2], faults=("slow-agent",))
    cli = Cli(there)
    cli.plan()
    cli.apply()
    assert not there.port_open()
    there.all_come_to("WebSocket")


@pytest.mark.long
def test_a_controller_that_restarts_in_the_middle_is_waited_for(start: Any) -> None:
    there = start(*THREE, faults=("controller-restart",))
    cli = Cli(there)
    cli.plan()
    cli.apply()
    there.all_come_to("WebSocket")
    assert there.marks() == {}
    assert not there.port_open()


@pytest.mark.long
def test_somebody_else_writes_the_same_objects_meanwhile(start: Any) -> None:
    there = start(THREE[0], faults=("conflict",))
    cli = Cli(there)
    cli.plan()
    cli.apply()
    assert not there.port_open()
    assert there.database_answers()


def test_rights_that_are_missing_in_the_cluster_stop_before_anything_changes(start: Any) -> None:
    there = start(THREE[0], faults=("forbidden",))
    cli = Cli(there)
    before = there.everything()
    cli.plan()
    rehearsed = cli.apply("--dry-run", code=3)
    assert "no permission to patch ConfigMap ingress-nginx/tcp-services" in rehearsed.out
    assert "no permission to delete Service jenkins/jenkins-agent" in rehearsed.out
    assert there.everything() == before
    refused = cli.apply(code=3)
    assert "no permission to patch ConfigMap ingress-nginx/tcp-services" in refused.text
    assert "--until nodes" in refused.err
    assert there.everything() == before
    json.loads(cli.run("scan", "-o", "json").out)
    cli.apply("--until", "nodes")
    there.all_come_to("WebSocket")
