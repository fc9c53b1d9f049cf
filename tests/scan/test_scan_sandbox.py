"""Scanning and changing the sandbox controller, with agents that really run."""

import time
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import pytest
from scan_lab import SCALE, TOKENS, ScanLab, is_back, until

from migrate.jenkins.client import JenkinsController
from migrate.jenkins.errors import AuthFailed, Forbidden, NodeGone, NodeOffline
from migrate.jenkins.node_config import read_launcher, to_websocket
from migrate.jenkins.reading import Reading
from migrate.model.inventory import Controller, LauncherKind, LaunchKind, OfflineMark, Transport
from migrate.model.serialize import to_json
from migrate.sandbox.agent.engine import RESTARTER_AFTER
from migrate.sandbox.spec import CONTROLLER_JAR, NodeSpec
from migrate.scan.scanner import scan

ONLY_SCRIPT = {"java_version", "inbound_url", "port_owner"}
"""Fields of the controller that REST cannot show; each has a Skip."""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScanLab]:
    with ScanLab(tmp_path_factory.mktemp("lab")) as started:
        yield started


def comparable(controller: Controller) -> dict[str, object]:
    names = {field.name for field in fields(Controller)} - ONLY_SCRIPT
    values = {name: getattr(controller, name) for name in names}
    values["agent_port"] = replace(controller.agent_port, enforced=None)
    return values


def both(lab: ScanLab) -> tuple[Reading, Reading]:
    return lab.as_user("admin").read(by="script"), lab.as_user("admin").read(by="rest")


def test_both_ways_give_the_same(lab: ScanLab) -> None:
    admin = lab.as_user("admin")
    admin.mark_offline("linux-1", "on purpose : with a colon")
    lab.jenkins.start_build("old", 3)
    try:
        until(lambda: admin.node_state("old").busy == 1, "the build runs")
        script, rest = both(lab)
    finally:
        admin.clear_mark("linux-1")
        until(lambda: admin.node_state("old").idle, "the build has finished")
    assert (script.read_by, rest.read_by) == ("script", "rest")
    assert script.nodes == rest.nodes
    assert comparable(script.controller) == comparable(rest.controller)
    assert [n.name for n in script.nodes] == sorted(n.name for n in script.nodes)
    nodes = {n.name: n for n in script.nodes}
    assert nodes["linux-1"].offline_mark == OfflineMark("admin", "on purpose : with a colon")
    assert nodes["linux-1"].online
    assert nodes["old"].busy == 1
    told = {s.what for s in rest.skips}
    assert told == {
        "enforced agent port",
        "controller's Java version",
        "jenkins.agent.inboundUrl",
        "JCasC",
    }
    assert script.skips == ()


def test_a_node_that_jenkins_cannot_write_is_told_of(tmp_path: Path) -> None:
    """Before 2.482: its mark names a lost connection, and config.xml ends in the middle (a real
    2.361.4)."""
    nodes = (NodeSpec("linux-1"), NodeSpec("old"))
    with ScanLab(tmp_path, nodes, "2.426.2") as lab:
        _told_of_a_node_that_cannot_be_written(lab)


def _told_of_a_node_that_cannot_be_written(lab: ScanLab) -> None:
    admin = lab.as_user("admin")
    before = admin.agent_log("linux-1").session
    admin.mark_offline("linux-1", "held")
    try:
        admin.disconnect("linux-1", "held")
        until(lambda: admin.node_state("linux-1").mark == OfflineMark("", ""), "channel lost")
        admin.write_node_config("old", admin.read_node_config("old"))
        until(lambda: is_back(admin, "linux-1", before), "the agent is back")
        script, rest = both(lab)
    finally:
        admin.renew_mark("linux-1", "held again")
        mended = admin.node_state("linux-1")
        admin.clear_mark("linux-1")
    assert script.nodes == rest.nodes
    [node] = [n for n in script.nodes if n.name == "linux-1"]
    assert (node.online, node.launcher, node.config_sha256) == (True, LauncherKind.UNKNOWN, None)
    for reading in (script, rest):
        [told] = [s for s in reading.skips if s.what == "config.xml"]
        assert "Update offline reason" in told.reason
    assert mended.mark == OfflineMark("admin", "held again")
    assert len(admin.read_node_config("linux-1")) > 0


def test_what_is_read(lab: ScanLab) -> None:
    nodes = {n.name: n for n in lab.as_user("admin").read().nodes}
    assert nodes["linux-1"].transport is Transport.TCP
    assert nodes["ws-already"].transport is Transport.WEBSOCKET
    assert nodes["ws-already"].web_socket is True
    assert nodes["old"].remoting_version == "3107.v665000b_51092"
    assert nodes["node c é"].description == "space & non-ascii é <x>"
    assert nodes["never-seen"].tunnel == "edge:50000"
    assert (nodes["never-seen"].online, nodes["never-seen"].ever_connected) == (False, False)
    assert nodes["ssh-1"].launcher is LauncherKind.SSH
    assert nodes["(built-in)"].launcher is LauncherKind.BUILT_IN


def test_an_operator_sees_the_same_nodes(lab: ScanLab) -> None:
    mine = lab.as_user("operator").read()
    assert mine.read_by == "rest"
    assert mine.nodes == lab.as_user("admin").read(by="script").nodes
    assert mine.controller.permissions == ("Overall/Read", "Agent/ExtendedRead", "Agent/Connect")


def test_a_reader_sees_less_and_says_so(lab: ScanLab) -> None:
    reading = lab.as_user("reader").read()
    nodes = {n.name: n for n in reading.nodes}
    assert nodes["linux-1"].online
    assert nodes["linux-1"].launcher is LauncherKind.UNKNOWN
    assert nodes["linux-1"].web_socket is None
    gaps = {(s.subject, s.what) for s in reading.skips}
    assert ("node node c é", "config.xml") in gaps
    assert ("node node c é", "agent log") in gaps


def test_a_marked_node_that_never_connected_is_not_online(lab: ScanLab) -> None:
    admin = lab.as_user("admin")
    admin.mark_offline("never-seen", "x")
    try:
        for user in ("admin", "operator", "configurer"):
            state = lab.as_user(user).node_state("never-seen")
            assert (state.online, state.mark is not None) == (False, True)
        script, rest = both(lab)
        assert script.nodes == rest.nodes
    finally:
        admin.clear_mark("never-seen")
    assert admin.node_state("never-seen").mark is None


def test_marks_are_a_toggle_that_is_read_first(lab: ScanLab) -> None:
    admin = lab.as_user("admin")
    assert admin.node_state("by-main").mark is None
    admin.clear_mark("by-main")
    assert admin.node_state("by-main").mark is None
    for _ in range(2):
        admin.mark_offline("by-main", "migrate é")
        state = admin.node_state("by-main")
        assert state.mark == OfflineMark("admin", "migrate é")
        assert state.online
    admin.clear_mark("by-main")
    assert admin.node_state("by-main").mark is None
    with pytest.raises(Forbidden, match="Agent/Disconnect"):
        lab.as_user("reader").mark_offline("by-main", "x")


def test_a_whole_scan_with_launches(lab: ScanLab) -> None:
    seen: list[tuple[str, int, int]] = []
    inventory = scan(
        lab.as_user("admin"),
        None,
        None,
        now="2026-11-22T10:00:00Z",
        tool_version="1",
        on_progress=lambda *told: seen.append(told),
    )
    kinds = {n.name: n.launch.kind for n in inventory.nodes if n.launch}
    assert kinds == {
        "linux-1": LaunchKind.JNLP_URL,
        "old": LaunchKind.JNLP_URL,
        "node c é": LaunchKind.JNLP_URL,
        "ws-already": LaunchKind.JNLP_URL,
        "by-name": LaunchKind.URL_NAME,
        "by-main": LaunchKind.JNLP_MAIN,
    }
    (gap,) = inventory.skips
    assert (gap.subject, gap.what, gap.reason) == (
        "node never-seen",
        "launch",
        "its agent is not connected",
    )
    text = to_json(inventory)
    assert all(lab.jenkins.secret(node.name) not in text for node in lab.nodes)
    assert all(token not in text for token in TOKENS.values())
    assert ("controller", 0, 0) in seen
    again = scan(lab.as_user("admin"), None, None, now=inventory.scanned_at, tool_version="1")
    assert to_json(again) == text


def test_an_operator_is_told_what_a_launch_needs(lab: ScanLab) -> None:
    inventory = scan(lab.as_user("operator"), None, None, now="x", tool_version="1")
    gaps = [s for s in inventory.skips if s.what == "launch"]
    assert len(gaps) == 7
    assert all("migrate plan --launch" in gap.needed for gap in gaps)


def test_moving_a_node_by_hand(lab: ScanLab) -> None:
    operator = lab.as_user("operator")
    name = "node c é"
    before = operator.read_node_config(name)
    log = operator.agent_log(name)
    assert (log.transport, log.connected) == (Transport.TCP, True)
    try:
        operator.write_node_config(name, to_websocket(before))
        assert read_launcher(operator.read_node_config(name)).web_socket
        # Cut off before the restarter is in it, an agent comes back as it was.
        time.sleep(2 * RESTARTER_AFTER * SCALE)
        operator.disconnect(name, "move")
        until(lambda: _moved(operator, name, log.session), "on WebSocket")
        state = operator.node_state(name)
        assert (state.online, state.mark) == (True, None)
    finally:
        operator.write_node_config(name, before)
        time.sleep(2 * RESTARTER_AFTER * SCALE)
        operator.disconnect(name, "back")
        until(lambda: operator.agent_log(name).transport is Transport.TCP, "back on TCP")
        until(lambda: operator.node_state(name).online, "online")
    assert operator.read_node_config(name) == before


def _moved(jenkins: JenkinsController, name: str, session: str) -> bool:
    log = jenkins.agent_log(name)
    if log.session == session:
        # The old log still ends with success lines: they must not count once it is terminated.
        assert not (log.connected and log.terminated)
        return False
    return log.connected and log.transport is Transport.WEBSOCKET


def test_probe_nodes(lab: ScanLab) -> None:
    admin = lab.as_user("admin")
    admin.create_inbound_node("migrate-probe-x", "made by migrate & removed again")
    try:
        assert "migrate-probe-x" in admin.node_names()
        facts = read_launcher(admin.read_node_config("migrate-probe-x"))
        assert facts.kind is LauncherKind.INBOUND
        assert facts.description == "made by migrate & removed again"
        assert admin.agent_secret("migrate-probe-x") == lab.jenkins.secret("migrate-probe-x")
    finally:
        admin.delete_node("migrate-probe-x")
    admin.delete_node("migrate-probe-x")
    assert "migrate-probe-x" not in admin.node_names()
    with pytest.raises(NodeGone):
        admin.node_state("migrate-probe-x")
    with pytest.raises(Forbidden, match="Agent/Create"):
        lab.as_user("operator").create_inbound_node("x", "")


def test_the_port(lab: ScanLab) -> None:
    admin = lab.as_user("admin")
    port = admin.agent_port()
    assert port is not None
    assert port > 0
    assert admin.tcp_listener_on()
    try:
        admin.set_agent_port(-1)
        assert (admin.agent_port(), admin.tcp_listener_on()) == (-1, False)
        script, rest = both(lab)
        assert script.controller.minimum_remoting == "3107.v665000b_51092"
        assert rest.controller.minimum_remoting is None
        assert "minimum remoting version" in {s.what for s in rest.skips}
    finally:
        admin.set_agent_port(port)
    assert (admin.agent_port(), admin.tcp_listener_on()) == (port, True)


def test_scripts(lab: ScanLab) -> None:
    admin = lab.as_user("admin")
    assert admin.can_script()
    assert not lab.as_user("operator").can_script()
    assert admin.run_script("echo", {"text": "é'\""})["text"] == "é'\""
    there = admin.run_script("echo", {"text": "x"}, node="node c é")
    assert there == {"text": "x", "remoting_version": CONTROLLER_JAR}
    with pytest.raises(NodeOffline):
        admin.run_script("echo", {"text": "x"}, node="never-seen")
    with pytest.raises(NodeGone):
        admin.run_script("echo", {"text": "x"}, node="nosuch")


def test_a_wrong_token(lab: ScanLab) -> None:
    with pytest.raises(AuthFailed):
        JenkinsController(lab.jenkins.url, "admin", "wrong").read()
    with pytest.raises(AuthFailed, match="JENKINS_API_TOKEN"):
        JenkinsController(lab.jenkins.url).read()
