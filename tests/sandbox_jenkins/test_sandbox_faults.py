"""Faults on request hit what they name, and nothing else."""

from pathlib import Path

import pytest
from lab import Lab, until

from migrate.sandbox.faults import DEFAULT_NODE, agent_faults
from migrate.sandbox.jar import agent_jar
from migrate.sandbox.spec import CONTROLLER_JAR, DEFAULT, AgentSpec


def test_matching() -> None:
    faults = frozenset({"dead-agent", "old-jar:b", "sso-login"})
    assert agent_faults(faults, DEFAULT_NODE) == {"dead-agent"}
    assert agent_faults(faults, "b") == {"old-jar"}
    assert agent_faults(faults, "b", default_node="b") == {"dead-agent", "old-jar"}
    assert agent_faults(faults, "c") == frozenset()


def test_default_node_is_the_second_movable_one() -> None:
    movable = [
        node.name
        for node in DEFAULT.nodes
        if node.launcher == "inbound" and node.agent and node.agent.launch == "jnlp-url"
    ]
    assert movable[1] == DEFAULT_NODE


def test_dead_agent(tmp_path: Path) -> None:
    with Lab(tmp_path, frozenset({"dead-agent"})) as lab:
        lab.add("a")
        dead = lab.add("b")
        lab.disconnect("a")
        lab.disconnect("b")
        lab.wait_online("a")
        until(lambda: not dead.alive(), "the agent to exit")
        assert dead.returncode == 255
        assert not lab.jenkins.is_online("b")
        dead.run()
        lab.wait_online("b")


def test_comes_back_over_tcp(tmp_path: Path) -> None:
    with Lab(tmp_path, frozenset({"tcp-again:a"})) as lab:
        lab.add("a")
        lab.set_web_socket("a", True)
        lab.reconnect("a")
        assert lab.protocol("a") == "JNLP4-connect"


def test_comes_back_with_the_old_jar(tmp_path: Path) -> None:
    with Lab(tmp_path, frozenset({"old-jar:a"})) as lab:
        agent = lab.add("a", AgentSpec(jar_version="3107.v665000b_51092"))
        new = agent.folder / "new.jar"
        new.write_bytes(agent_jar(CONTROLLER_JAR))
        new.replace(agent.folder / "agent.jar")
        lab.reconnect("a")
        assert lab.version("a") == "3107.v665000b_51092"


def test_slow_agent_comes_last(tmp_path: Path) -> None:
    with Lab(tmp_path, frozenset({"slow-agent:slow"})) as lab:
        lab.add("fast")
        lab.add("slow")
        lab.disconnect("slow")
        lab.disconnect("fast")
        lab.wait_online("fast")
        assert not lab.jenkins.is_online("slow")
        lab.wait_online("slow")


def test_sso_login(tmp_path: Path) -> None:
    with Lab(tmp_path, frozenset({"sso-login"})) as lab:
        answer = lab.http.get(f"{lab.jenkins.url}login", allow_redirects=False)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("https://sso.")


def test_controller_restarts_once_after_the_second_disconnect(tmp_path: Path) -> None:
    with Lab(tmp_path, frozenset({"controller-restart"})) as lab:
        lab.add("a")
        lab.add("c")
        session = lab.jenkins.state.session
        lab.reconnect("a")
        assert lab.jenkins.state.session == session
        lab.disconnect("c")
        until(lambda: lab.jenkins.state.session != session, "the restart")
        lab.wait_online("a")
        lab.wait_online("c")
        session = lab.jenkins.state.session
        lab.reconnect("a")
        lab.reconnect("c")
        assert lab.jenkins.state.session == session


@pytest.mark.parametrize("name", ["dead-agent:nobody", "unknown"])
def test_others_are_left_alone(tmp_path: Path, name: str) -> None:
    with Lab(tmp_path, frozenset({name})) as lab:
        lab.add("b")
        lab.reconnect("b")
        assert lab.agents["b"].alive()
