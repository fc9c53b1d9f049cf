"""The whole sandbox: up, used through the edge, and gone without a trace."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from forked import run_migrate
from kubernetes import client
from official_client import official_client

from migrate.sandbox.agent.process import AgentProcess
from migrate.sandbox.installation import FAULTS, Sandbox, SandboxError
from migrate.sandbox.spec import AgentSpec, NodeSpec, Scenario

SMALL = Scenario(
    "small",
    "two nodes",
    (
        NodeSpec("tcp-1"),
        NodeSpec("tunnelled", tunnel="{edge}"),
        NodeSpec("ws-1", web_socket=True),
        NodeSpec("never", agent=None),
        NodeSpec("ssh-1", launcher="ssh"),
    ),
)
SCALE = 0.02


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(tmp_path / "home", scenario=SMALL, time_scale=SCALE) as running:
        yield running


def connects(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(10)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def processes(folder: Path) -> list[str]:
    """Command lines and working directories of live processes that belong to a folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            text = (entry / "cmdline").read_bytes().decode("utf-8", "replace")
            where = str((entry / "cwd").readlink())
        except OSError:
            continue
        if str(folder) in text or str(folder) in where:
            found.append(text)
    return found


def test_agents_really_come_through_the_edge(sandbox: Sandbox) -> None:
    assert sandbox.edge.tcp_ports == tuple(sorted((sandbox.agent_port, sandbox.db_port)))
    assert sandbox.agent_port != sandbox.jenkins.agent_port
    log = sandbox.agents["tcp-1"].log()
    assert f":{sandbox.agent_port}" in log
    assert "JNLP4-connect" in sandbox.jenkins.agent_log("tcp-1")
    assert "WebSocket" in sandbox.jenkins.agent_log("ws-1")
    assert sandbox.jenkins.is_online("ssh-1")
    assert not sandbox.jenkins.is_online("never")
    with urllib.request.urlopen(f"{sandbox.root_url}login", timeout=10) as answer:
        assert answer.status == 200


def test_the_environment_is_all_that_a_client_needs(sandbox: Sandbox) -> None:
    environment = sandbox.environment()
    assert environment["JENKINS_URL"] == sandbox.root_url
    java = subprocess.run(
        ["java", "-version"], env={**os.environ, **environment}, capture_output=True, check=True
    )
    assert b'openjdk version "' in java.stderr
    api = client.CoreV1Api(official_client(environment["KUBECONFIG"]))
    data = api.read_namespaced_config_map("tcp-services", "ingress-nginx").data
    assert data is not None
    assert data[str(sandbox.db_port)] == "db/postgres:5432"
    tokens = {sandbox.environment(user)["JENKINS_API_TOKEN"] for user in sandbox.tokens}
    assert len(tokens) == 3


def test_closing_the_port_in_the_cluster_closes_it_and_spares_the_database(
    sandbox: Sandbox,
) -> None:
    api = client.CoreV1Api(official_client(sandbox.environment()["KUBECONFIG"]))
    patch = {"data": {str(sandbox.agent_port): None}}
    api.patch_namespaced_config_map("tcp-services", "ingress-nginx", patch)
    sandbox.edge.settle()
    assert not connects(sandbox.agent_port)
    with socket.create_connection(("127.0.0.1", sandbox.db_port), timeout=10) as database:
        assert database.recv(16) == b"db ok\n"


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc")
def test_nothing_is_left_after_stop(tmp_path: Path) -> None:
    home = tmp_path / "home"
    sandbox = Sandbox(home, scenario=SMALL, time_scale=SCALE)
    sandbox.start()
    # A person starts an agent by hand, as a runbook says.
    sandbox.agents["tcp-1"].stop()
    environment = {**os.environ, **sandbox.environment()}
    by_hand = subprocess.Popen(
        ["/bin/sh", str(sandbox.agents["tcp-1"].script)], env=environment, start_new_session=True
    )
    assert processes(home)
    sandbox.stop()
    by_hand.wait(10)
    assert processes(home) == []
    for port in (sandbox.agent_port, sandbox.db_port, sandbox.edge.http_port, sandbox.kube.port):
        assert not connects(port)
    sandbox.stop()
    with Sandbox(home, scenario=SMALL, time_scale=SCALE) as again:
        assert again.jenkins.is_online("tcp-1")


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc")
def test_a_start_that_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    impossible = NodeSpec("bad", agent=AgentSpec(launch="jnlp-url", extra_options=("-nonsense",)))
    scenario = Scenario("bad", "an agent that exits at once", (*SMALL.nodes, impossible))
    sandbox = Sandbox(tmp_path / "home", scenario=scenario, time_scale=SCALE)
    with pytest.raises(SandboxError, match="bad does not connect"):
        sandbox.start()
    assert processes(tmp_path / "home") == []
    assert not connects(sandbox.edge.http_port)


def test_a_folder_of_somebody_else_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents" / "precious").write_text("x")
    with pytest.raises(SandboxError, match="not empty"):
        Sandbox(tmp_path).start()
    assert (tmp_path / "agents" / "precious").exists()


def test_faults_are_checked_by_name(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="no fault no-such"):
        Sandbox(tmp_path, faults=frozenset({"no-such"}))
    Sandbox(tmp_path, faults=frozenset({"dead-agent:tcp-1", *FAULTS}))


def test_a_fault_of_the_edge_comes_after_the_agents(tmp_path: Path) -> None:
    faults = frozenset({"sso-everywhere"})
    with (
        Sandbox(tmp_path, scenario=SMALL, time_scale=SCALE, faults=faults) as sandbox,
        pytest.raises(urllib.request.HTTPError) as caught,
    ):
        assert sandbox.jenkins.is_online("ws-1")
        opener = urllib.request.build_opener(_NoRedirect)
        opener.open(f"{sandbox.root_url}login", timeout=10)
    assert caught.value.code == 302


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_ends_cleanly_by_signal(tmp_path: Path, number: signal.Signals) -> None:
    home = tmp_path / "home"
    command = [sys.executable, "-m", "migrate", "sandbox", "up"]
    options = ["--home", str(home), "--time-scale", str(SCALE)]
    with subprocess.Popen(
        [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        exported = dict(_export(running.stdout.readline()) for _ in range(6))
        assert exported.keys() >= {"JENKINS_URL", "JENKINS_API_TOKEN", "KUBECONFIG", "PATH"}
        script = '. "$1" && java -version && printenv JENKINS_URL JENKINS_USER_ID'
        for name, user in (("env", "admin"), ("env-operator", "operator")):
            sourced = subprocess.run(
                ["/bin/sh", "-c", script, "sh", str(home / name)],
                capture_output=True,
                text=True,
                check=True,
            )
            assert sourced.stdout.split() == [exported["JENKINS_URL"].strip("'"), user]
        assert (home / "env").stat().st_mode & 0o077 == 0
        while "Ctrl-C ends it" not in running.stderr.readline():
            assert running.poll() is None
        running.send_signal(number)
        rest, messages = running.communicate(timeout=30)
    assert rest == ""
    assert "the sandbox is down" in messages
    assert running.returncode == 0
    if Path("/proc").is_dir():
        assert processes(home) == []


def _export(line: str) -> tuple[str, str]:
    name, _, value = line.removeprefix("export ").strip().partition("=")
    return name, value


def test_the_command_names_what_it_does_not_know(tmp_path: Path) -> None:
    for option, words in (("--scenario", "there is no scenario"), ("--fault", "there is no fault")):
        done = run_migrate(
            ("sandbox", "up", option, "x", "--home", str(tmp_path)),
            cwd=tmp_path,
            environment=os.environ,
            timeout=60,
        )
        assert done.returncode == 2
        assert words in done.stderr
        assert "next: migrate sandbox up" in done.stderr


def test_agents_have_the_command_of_their_kind(sandbox: Sandbox) -> None:
    agent: AgentProcess = sandbox.agents["tcp-1"]
    assert agent.command[0] == str(sandbox.home / "bin" / "java")
    assert f"{sandbox.root_url}computer/tcp-1/jenkins-agent.jnlp" in agent.command
