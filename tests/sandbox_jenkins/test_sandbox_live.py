"""Real agent processes against the sandbox controller: the recorded experiments 30 to 36."""

import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab import SCALE, Lab, until

from migrate.sandbox.jar import agent_jar
from migrate.sandbox.spec import CONTROLLER_JAR, AgentSpec, NodeSpec

OLD = "3107.v665000b_51092"
BEFORE_RETRIES = "3160.vd76b_9ddd10cc"
NEW = "3206.vb_15dcf73f6a_9"
RETRIES = "3283.v92c105e0f819"
NEWEST = "3352.v17a_fb_4b_2773f"


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    with Lab(tmp_path) as started:
        yield started


@pytest.fixture
def old_lab(tmp_path: Path) -> Iterator[Lab]:
    """Before 2.482: the mark that counts is the running computer's."""
    with Lab(tmp_path, version="2.426.2") as started:
        yield started


def _replace_jar(agent_folder: Path, version: str) -> None:
    new = agent_folder / "agent.jar.new"
    new.write_bytes(agent_jar(version))
    new.replace(agent_folder / "agent.jar")


# -- 30: switching ----------------------------------------------------------------------------


def test_jnlp_url_agent_follows_the_flag_with_the_same_pid(lab: Lab) -> None:
    agent = lab.add("a")
    assert lab.protocol("a") == "JNLP4-connect"
    assert "connected from localhost/127.0.0.1:" in lab.jenkins.agent_log("a")
    pid = agent.pid
    lab.set_web_socket("a", True)
    assert lab.jenkins.is_online("a"), "a POST of config.xml cuts nothing"
    assert lab.protocol("a") == "JNLP4-connect"
    lab.reconnect("a")
    assert lab.protocol("a") == "WebSocket"
    assert lab.jenkins.agent_log("a").startswith("Inbound agent connected from 127.0.0.1\n")
    assert (agent.pid, agent.alive()) == (pid, True)
    lab.set_web_socket("a", False)
    lab.reconnect("a")
    assert lab.protocol("a") == "JNLP4-connect"
    log = agent.log()
    assert "INFO: Restarting agent via jenkins.slaves.restarter.UnixSlaveRestarter@" in log
    assert "INFO: WebSocket connection open\n" in log
    assert "INFO: Write side closed\n" in log


@pytest.mark.long
def test_an_agent_that_is_cut_off_too_soon_goes_on_in_its_process(tmp_path: Path) -> None:
    """A real 2.361.4: its restarter comes some seconds after it has connected."""
    with Lab(tmp_path, scale=0.3) as lab:
        agent = lab.add("a")
        lab.set_web_socket("a", True)
        lab.disconnect("a", settled=False)
        until(lambda: "onReconnect operation completed." in agent.log(), "it goes on")
        lab.wait_online("a")
        assert lab.protocol("a") == "JNLP4-connect"
        lab.reconnect("a")
        assert lab.protocol("a") == "WebSocket"


def test_special_name(lab: Lab) -> None:
    lab.add("node c é")
    lab.set_web_socket("node c é", True)
    lab.reconnect("node c é")
    assert lab.protocol("node c é") == "WebSocket"


@pytest.mark.parametrize(
    "spec", [AgentSpec(launch="url-name", jar_version=NEW), AgentSpec(launch="jnlp-main")]
)
def test_agents_with_url_keep_their_transport(lab: Lab, spec: AgentSpec) -> None:
    agent = lab.add("a", spec)
    lab.set_web_socket("a", True)
    lab.reconnect("a")
    assert lab.protocol("a") == "JNLP4-connect"
    agent.change_options(add=("-webSocket",))
    assert agent.script.stat().st_mode & 0o777 == 0o700
    agent.restart()
    until(lambda: lab.protocol("a") == "WebSocket" and lab.jenkins.is_online("a"), "websocket")


def test_mark_survives_a_reconnect_and_the_cause_changes_meanwhile(old_lab: Lab) -> None:
    lab = old_lab
    lab.add("a")
    assert lab.post("computer/a/toggleOffline", offlineMessage="switch") == 302
    state = lab.state("a")
    assert state["offlineCause"]["description"] == "Disconnected by admin : switch"
    assert b"<temporaryOfflineCause" in lab.jenkins.config_xml("a")
    lab.set_web_socket("a", True)
    assert lab.state("a")["temporarilyOffline"], "the mark is the computer's, not the XML's"
    lab.disconnect("a")
    until(lambda: lab.state("a")["offlineCauseReason"] == "Connection was broken", "termination")
    assert lab.state("a")["offlineCause"]["_class"].endswith("ChannelTermination")
    assert lab.state("a")["temporarilyOffline"]
    lab.wait_online("a")
    state = lab.state("a")
    assert (state["offline"], state["offlineCauseReason"]) == (True, "switch")
    lab.post("computer/a/toggleOffline")
    assert lab.state("a")["offline"] is False
    assert b"<temporaryOfflineCause" not in lab.jenkins.config_xml("a")


def test_a_lost_connection_takes_the_place_of_a_mark_when_any_node_is_saved(old_lab: Lab) -> None:
    """As a real 2.361.4 on Java 17 does; config.xml answers 200 and ends in the middle."""
    lab = old_lab
    lab.add("a")
    lab.add("b")
    lab.post("computer/a/toggleOffline", offlineMessage="held")
    lab.disconnect("a")
    until(lambda: lab.state("a")["offlineCauseReason"] == "Connection was broken", "termination")
    assert lab.jenkins.config_xml("a").endswith(b"</slave>")
    lab.set_web_socket("b", True)
    cut = lab.jenkins.config_xml("a")
    assert cut.endswith(b'<cause class="java.nio.channels.ClosedChannelException"')
    lab.wait_online("a")
    state = lab.state("a")
    assert (state["temporarilyOffline"], state["offlineCauseReason"]) == (
        True,
        "Connection was broken",
    )
    assert lab.jenkins.config_xml("a") == cut
    assert lab.post("computer/a/changeOfflineCause", offlineMessage="held again") == 302
    assert lab.state("a")["offlineCauseReason"] == "held again"
    assert lab.jenkins.config_xml("a").endswith(b"</slave>")


def test_stale_success_until_the_log_is_rewound(lab: Lab) -> None:
    lab.add("a")
    lab.disconnect("a")
    assert "Agent successfully connected and online" in lab.jenkins.agent_log("a")
    until(lambda: "Connection terminated" in lab.jenkins.agent_log("a"), "terminated")
    assert "Agent successfully connected and online" in lab.jenkins.agent_log("a")
    lab.wait_online("a")
    assert "terminated" not in lab.jenkins.agent_log("a")


def test_tunnel_is_used_and_kills_a_websocket_agent(lab: Lab) -> None:
    lab.jenkins.advertise("no-such-host.invalid", 1)
    # 3324 and newer end with 0: their main returns.
    spec = AgentSpec(jar_version=BEFORE_RETRIES)
    agent = lab.add("a", spec, tunnel=f"127.0.0.1:{lab.jenkins.agent_port}")
    assert "Agent address: 127.0.0.1" in agent.log()
    lab.set_web_socket("a", True)
    lab.disconnect("a")
    until(lambda: not agent.alive(), "the agent to exit")
    assert agent.returncode == 1
    assert 'option "-webSocket" cannot be used with the option(s) [' in agent.log()


# -- 31: the jar ------------------------------------------------------------------------------


def test_renamed_jar_is_picked_up(lab: Lab) -> None:
    agent = lab.add("a", AgentSpec(jar_version=OLD))
    pid = agent.pid
    _replace_jar(agent.folder, CONTROLLER_JAR)
    assert lab.version("a") == OLD
    lab.reconnect("a")
    assert lab.version("a") == CONTROLLER_JAR
    assert agent.pid == pid


def test_jar_overwritten_in_place_hangs_a_tcp_agent(lab: Lab) -> None:
    agent = lab.add("a")
    (agent.folder / "agent.jar").write_bytes(agent_jar(OLD))
    lab.disconnect("a")
    until(lambda: "NoClassDefFoundError" in agent.log(), "the error")
    assert agent.alive()
    assert not lab.jenkins.is_online("a")


def test_jar_overwritten_in_place_delays_a_websocket_agent(lab: Lab) -> None:
    agent = lab.add("a", web_socket=True)
    (agent.folder / "agent.jar").write_bytes(agent_jar(OLD))
    lab.disconnect("a")
    until(lambda: "NoClassDefFoundError" in agent.log(), "the error")
    lab.wait_online("a")
    assert lab.version("a") == OLD


def test_jar_without_the_options_of_the_launch_exits(lab: Lab) -> None:
    agent = lab.add("a", AgentSpec(launch="url-name", jar_version=NEW))
    _replace_jar(agent.folder, OLD)
    lab.disconnect("a")
    until(lambda: not agent.alive(), "the agent to exit")
    assert agent.returncode == 1
    assert '"-url" is not a valid option' in agent.log()


# -- 32, 33: refused --------------------------------------------------------------------------


@pytest.mark.parametrize("web_socket", [False, True])
def test_too_old_exits(lab: Lab, web_socket: bool) -> None:
    agent = lab.add("a", AgentSpec(jar_version="4.11.2"), web_socket=web_socket, wait=False)
    until(lambda: not agent.alive(), "the agent to exit")
    assert agent.returncode == 255
    assert "SEVERE: Agent version 3107.v665000b_51092 or newer is required." in agent.log()


@pytest.mark.parametrize("web_socket", [False, True])
def test_an_agent_below_the_minimum_of_a_newer_controller(tmp_path: Path, web_socket: bool) -> None:
    """3176 from 2.555.1 on. A TCP agent from 3160 on asks again and again (d76b9ddd)."""
    with Lab(tmp_path, version="2.568.2") as lab:
        launch = {"launch": "jnlp-main", "web_socket": web_socket, "java_version": "21.0.1"}
        older = AgentSpec(jar_version="3107.v665000b_51092", **launch)  # type: ignore[arg-type]
        newer = AgentSpec(jar_version="3160.vd76b_9ddd10cc", **launch)  # type: ignore[arg-type]
        agents = {
            "older": lab.add("older", older, wait=False),
            "newer": lab.add("newer", newer, wait=False),
        }
        text = "Agent version 3176.v207ec082a_8c0 or newer is required."
        until(lambda: not agents["older"].alive(), "the older agent to exit")
        assert agents["older"].returncode == 255
        assert f"SEVERE: {text}\njava.io.IOException: {text}\n" in agents["older"].log()
        if web_socket:
            # The controller answered 101: the agent refuses by itself, before it says "open".
            until(lambda: not agents["newer"].alive(), "the newer agent to exit")
            assert (agents["newer"].returncode, "connection open" in agents["newer"].log()) == (
                255,
                False,
            )
        else:
            again = f"waiting 10 seconds before retry\njava.io.IOException: {text}"
            until(lambda: agents["newer"].log().count(again) > 1, "it asks again")
            assert agents["newer"].alive()
        assert not any(lab.jenkins.is_online(name) for name in agents)


def test_wrong_secret(lab: Lab) -> None:
    for name, launch in (("tcp", False), ("ws", True)):
        agent = AgentSpec(launch="jnlp-main", jar_version=BEFORE_RETRIES, web_socket=launch)
        spec = NodeSpec(name, agent=agent)
        lab.jenkins.add_node(spec)
        lab.agents[name] = lab.start(spec, "0" * 64)
    until(lambda: not lab.agents["ws"].alive(), "the agent to exit")
    assert lab.agents["ws"].returncode == 255
    assert "Response code was not 101: 403." in lab.agents["ws"].log()
    until(lambda: lab.agents["tcp"].log().count("Authorization failure") > 1, "a second try")
    assert lab.agents["tcp"].alive()


def test_second_agent_of_a_node_is_refused(lab: Lab, tmp_path: Path) -> None:
    first = lab.add("a")
    other = Lab(tmp_path / "other")
    other.jenkins = lab.jenkins
    second = other.start(first.spec)
    try:
        until(lambda: "a is already connected to this controller." in second.log(), "refusal")
        assert second.alive()
        assert lab.jenkins.is_online("a")
    finally:
        second.kill()


# -- 34: the port -----------------------------------------------------------------------------


def test_closed_port(lab: Lab) -> None:
    for name, web_socket in (("kept", False), ("cut", False), ("ws", True)):
        lab.add(name, web_socket=web_socket)
    port = lab.jenkins.agent_port
    result = lab.script("set-agent-port", {"port": -1})
    assert result == {"before": port, "after": -1}
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 2)
    assert lab.http.get(f"{lab.jenkins.url}tcpSlaveAgentListener/").status_code == 404
    lab.disconnect("cut")
    lab.reconnect("ws")
    again = "Will try again: response code=404"
    until(lambda: lab.agents["cut"].log().count(again) > 1, "the agent to ask again")
    assert not lab.jenkins.is_online("cut")
    assert lab.jenkins.is_online("kept"), "an established channel outlives the port"
    lab.set_web_socket("cut", True)
    assert lab.script("set-agent-port", {"port": port}) == {"before": -1, "after": port}
    lab.wait_online("cut")
    assert lab.protocol("cut") == "WebSocket"
    assert lab.jenkins.agent_port == port


# -- 35, 36: the controller -------------------------------------------------------------------


def test_first_handshake_that_fails(tmp_path: Path) -> None:
    with Lab(tmp_path, frozenset({"websocket-unsupported"})) as lab:
        for path in ("wsagents/", "cli/ws"):
            assert lab.http.get(lab.jenkins.url + path).status_code == 404
        old = lab.add("old", AgentSpec(jar_version=BEFORE_RETRIES))
        lab.set_web_socket("old", True)
        lab.disconnect("old")
        until(lambda: not old.alive(), "the old agent to exit")
        assert old.returncode == 255
        assert "Response code was not 101: 404." in old.log()
        new = lab.add("new", AgentSpec(jar_version=RETRIES), web_socket=True, wait=False)
        until(lambda: "Waiting 3 seconds before retry" in new.log(), "a retry")
        assert new.alive()


def test_controller_restart(lab: Lab) -> None:
    lab.add("tcp")
    lab.add("ws", web_socket=True)
    lab.add("named", AgentSpec(launch="url-name", jar_version=NEW))
    lab.post("computer/ws/toggleOffline", offlineMessage="kept")
    pids = {name: agent.pid for name, agent in lab.agents.items()}
    ports = lab.jenkins.http_port, lab.jenkins.agent_port
    config = lab.jenkins.config_xml("tcp")
    lab.jenkins.restart(10 * SCALE)
    assert (lab.jenkins.http_port, lab.jenkins.agent_port) == ports
    for name, agent in lab.agents.items():
        lab.wait_online(name)
        assert (agent.alive(), agent.pid) == (True, pids[name])
    assert lab.jenkins.config_xml("tcp") == config
    assert lab.state("ws")["offlineCauseReason"] == "kept"


def test_builds(lab: Lab) -> None:
    lab.add("a")
    finished = lab.jenkins.start_build("a", 0.2)
    until(lambda: finished.state == "running", "the build to start")
    lab.post("computer/a/toggleOffline")
    waiting = lab.jenkins.start_build("a", 60)
    assert lab.state("a")["idle"] is False
    until(lambda: finished.state == "finished", "the build to finish")
    assert waiting.state == "queued", "a marked node takes no new build"
    lab.post("computer/a/toggleOffline")
    until(lambda: waiting.state == "running", "the next build to start")
    lab.disconnect("a")
    assert waiting.state == "aborted"
    assert [build.state for build in lab.jenkins.builds] == ["finished", "aborted"]


def test_rename_drops_the_agent(lab: Lab) -> None:
    lab.add("a")
    secret = lab.jenkins.secret("a")
    url = f"{lab.jenkins.url}computer/a/config.xml"
    body = lab.http.get(url).content.replace(b"<name>a<", b"<name>b<")
    lab.http.post(url, data=body, headers={"Content-Type": "application/xml"})
    assert lab.http.get(url).status_code == 404
    assert not lab.jenkins.is_online("b")
    assert lab.jenkins.secret("b") != secret
    shutil.rmtree(lab.home / "jenkins" / "nodes" / "b")


def test_a_websocket_agent_from_3283_on_is_back_at_once(tmp_path: Path) -> None:
    """30-disconnect-j-websocket-3352: 1 to 2 s; -h-websocket-3206 and -i-tcp-3352: 11 to 13 s."""
    with Lab(tmp_path, scale=0.2) as lab:
        launch = {"launch": "url-name", "web_socket": True}
        specs = {
            "new": AgentSpec(jar_version=NEWEST, **launch),  # type: ignore[arg-type]
            "old": AgentSpec(jar_version=NEW, **launch),  # type: ignore[arg-type]
            "tcp": AgentSpec(jar_version=NEWEST, launch="url-name"),
        }
        pids = {name: lab.add(name, spec).pid for name, spec in specs.items()}
        before = {name: lab.channel(name) for name in specs}
        for name in specs:
            lab.disconnect(name)
        until(lambda: lab.channel("new") not in (None, before["new"]), "the new one connects again")
        lab.wait_online("new")
        assert not lab.jenkins.is_online("old")
        assert not lab.jenkins.is_online("tcp")
        started = time.monotonic()
        lab.wait_online("old")
        lab.wait_online("tcp")
        assert time.monotonic() - started > 3 * 0.2, "they waited 10 s longer"
        for name, pid in pids.items():
            assert (lab.agents[name].alive(), lab.agents[name].pid) == (True, pid)


def test_a_node_that_is_connected_already_is_tried_again(lab: Lab, tmp_path: Path) -> None:
    """differences.md 5: after 1, 3, 7 s; when the first one is gone, the second takes its place."""
    first = lab.add("a", AgentSpec(launch="url-name", jar_version=NEWEST, web_socket=True))
    other = Lab(tmp_path / "other")
    other.jenkins = lab.jenkins
    second = other.start(first.spec)
    try:
        until(lambda: "Waiting 3 seconds before retry" in second.log(), "refusals")
        assert lab.jenkins.is_online("a")
        first.kill()
        until(lambda: "WebSocket connection open" in second.log(), "the second agent")
    finally:
        second.kill()
