"""The runbook script against the sandbox's controller and a real agent process."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from planner_data import choices, controller, inventory, node

from migrate.jenkins.client import JenkinsController
from migrate.jenkins.launch import launch_from
from migrate.model.inventory import LaunchKind, Transport
from migrate.planner.plan import make_plan, runbooks
from migrate.sandbox.agent.process import AgentProcess
from migrate.sandbox.jenkins.server import JenkinsServer
from migrate.sandbox.spec import AgentSpec, NodeSpec

pytestmark = pytest.mark.skipif(
    not (shutil.which("curl") and Path("/proc/self/cmdline").exists()), reason="needs curl, /proc"
)
TOKEN = "11" + "a" * 32
SCALE = 0.05


@pytest.fixture
def server(tmp_path: Path) -> Iterator[JenkinsServer]:
    made = JenkinsServer(tmp_path / "home", time_scale=SCALE)
    made.start()
    made.root_url = f"http://127.0.0.1:{made.http_port}/"
    made.add_user("admin", TOKEN, frozenset({"Overall/Administer"}))
    yield made
    made.stop()


def wait_for(ready: Callable[[], bool]) -> None:
    for _ in range(300):
        if ready():
            return
        time.sleep(0.05)
    raise AssertionError("waited too long")


def agents_in(folder: Path) -> list[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() == folder and b"-m" in (
                process / "cmdline"
            ).read_bytes().split(b"\0"):
                found.append(int(process.name))
        except OSError:
            continue
    return found


@pytest.mark.parametrize(
    "agent",
    [
        AgentSpec(launch="url-name", jar_version="3206.vb_15dcf73f6a_9"),
        AgentSpec(launch="url-name", jar_version="3206.vb_15dcf73f6a_9", secret_in_clear=True),
        AgentSpec(launch="jnlp-main", jar_version="3107.v665000b_51092"),
    ],
    ids=["url-name", "secret-in-clear", "jnlp-main-old-jar"],
)
@pytest.mark.long
def test_an_agent_is_moved_and_brought_back(
    server: JenkinsServer, tmp_path: Path, agent: AgentSpec
) -> None:
    spec = NodeSpec("by name é", agent=agent)
    server.add_node(spec)
    home, bin_dir = tmp_path / "home", tmp_path / "bin"
    secret = server.secret(spec.name)
    assert server.root_url is not None
    process = AgentProcess.start(spec, home, server.root_url, secret, bin_dir, time_scale=SCALE)
    jenkins = JenkinsController(server.root_url, "admin", TOKEN)
    try:
        wait_for(lambda: jenkins.agent_log(spec.name).connected)
        seen = launch_from(jenkins.run_script("describe-launch", {}, node=spec.name))
        assert seen.kind is LaunchKind(agent.launch)
        version, sha = jenkins.jar()
        found = inventory(
            replace(node(spec.name, launch=seen), remoting_version=agent.jar_version),
            controller=controller(
                url=server.root_url, root_url=server.root_url, jar_version=version, jar_sha256=sha
            ),
        )
        (name, text), *_ = runbooks(make_plan(found, (), choices()), found).items()
        assert secret not in text
        script = tmp_path / name
        script.write_text(text)
        environment = {
            **os.environ,
            "PATH": f"{bin_dir}:{os.environ['PATH']}",
            "MIGRATE_PROBE_SECONDS": "1",
        }

        def run(*args: str) -> None:
            done = subprocess.run(
                ["sh", script, *args], env=environment, capture_output=True, text=True, timeout=60
            )
            assert done.returncode == 0, done.stderr + process.log()
            assert secret not in done.stdout + done.stderr

        def connected_over(transport: Transport) -> bool:
            log = jenkins.agent_log(spec.name)
            return log.transport is transport and log.connected

        run()
        wait_for(lambda: connected_over(Transport.WEBSOCKET))
        if agent.launch == "jnlp-main":
            assert jenkins.agent_log(spec.name).remoting_version == version
        run("undo")
        wait_for(lambda: connected_over(Transport.TCP))
        assert jenkins.agent_log(spec.name).remoting_version == agent.jar_version
    finally:
        process.stop()
        for pid in agents_in(process.folder):
            os.kill(pid, signal.SIGTERM)
