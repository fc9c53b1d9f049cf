"""The scenario ``fleet``: every launch is found, and changing it where it lives moves the agent."""

import base64
import json
import os
import re
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from migrate.jenkins.launch import launch_from
from migrate.model.inventory import Launch
from migrate.sandbox.fleet import FLEET
from migrate.sandbox.installation import Sandbox
from migrate.sandbox.kube.checks import Target, Write
from migrate.sandbox.kube.registry import MERGE
from migrate.sandbox.kube.resources import of_kind
from migrate.sandbox.strays import end_processes

SCALE = 0.05
WEB_SOCKET = "WebSocket"


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    home = tmp_path_factory.mktemp("fleet") / "home"
    with Sandbox(home, scenario=FLEET, time_scale=SCALE) as sandbox:
        yield sandbox


def describe(sandbox: Sandbox, node: str) -> tuple[Launch, str]:
    tag = base64.urlsafe_b64encode(b"{}").decode().rstrip("=")
    answer = requests.post(
        f"{sandbox.jenkins.url}computer/{node}/scriptText",
        data={"script": f"// migrate-script: describe-launch {tag}\n"},
        auth=("admin", sandbox.tokens["admin"]),
        timeout=20,
    )
    return launch_from(json.loads(answer.text.splitlines()[1])), answer.text


def transport(sandbox: Sandbox, node: str) -> str:
    if not sandbox.jenkins.is_online(node):
        return ""
    found = re.search(r"Communication Protocol: (.*)", sandbox.jenkins.agent_log(node))
    return found[1] if found else ""


def until(done: Callable[[], object], what: str, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, f"timed out: {what}"
        time.sleep(0.02)


def on_host(sandbox: Sandbox, host: str, *command: str) -> str:
    """What a person's shell on that host would do."""
    folder = sandbox.hosts[host].folder
    done = subprocess.run(
        command,
        env={**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def file_of(launch: Launch, kind: str) -> Path:
    return next(Path(f.path) for f in launch.launch_files if f.kind == kind)


def with_web_socket(path: Path) -> None:
    text = path.read_bytes().replace(b" -url ", b" -webSocket -url ")
    assert b"-webSocket" in text
    path.write_bytes(text)


def test_forty_nodes_of_every_kind(fleet: Sandbox) -> None:
    nodes = [node.name for node in FLEET.nodes] + fleet.cloud_nodes
    assert len(set(nodes)) == len(nodes) == 40
    assert fleet.agent_count == 38
    launches = {
        node.name: describe(fleet, node.name)
        for node in FLEET.nodes
        if node.agent is not None and node.launcher == "inbound"
    }
    assert Counter(launch.kind.value for launch, _ in launches.values()) == {
        "jnlp-url": 8,
        "url-name": 10,
        "jnlp-main": 5,
        "swarm": 3,
        "container": 8,
    }
    assert Counter(launch.supervisor for launch, _ in launches.values()) == {
        "none": 13,
        "systemd": 9,
        "winsw": 4,
        "docker": 4,
        "kubernetes": 4,
    }
    assert len({launch.jar_sha256 for launch, _ in launches.values()}) >= 5
    assert {launch.java_version for launch, _ in launches.values()} >= {
        "17.0.9",
        "21.0.1",
    }
    for node, (_, text) in launches.items():
        assert fleet.jenkins.secret(node) not in text
    assert {n for n, (x, _) in launches.items() if x.secret_in_clear} >= {
        "loop-name-1",
        "script-name",
        "home-main",
        "winsw-name-2",
    }


@pytest.mark.parametrize(
    ("node", "kinds"),
    [
        ("bare-name", ["script"]),
        ("home-main", ["systemd-unit"]),
        ("unit-name-1", ["systemd-unit"]),
        ("vendor-name", ["systemd-unit", "systemd-drop-in"]),
        ("env-name", ["systemd-unit", "env-file"]),
        ("script-name", ["systemd-unit", "script"]),
        ("winsw-name-1", ["winsw-xml"]),
        ("loop-name-2", ["script", "script"]),
        ("docker-1", []),
        ("kube-pod", []),
    ],
)
def test_the_files_of_a_launch(fleet: Sandbox, node: str, kinds: list[str]) -> None:
    launch, _ = describe(fleet, node)
    assert [f.kind for f in launch.launch_files] == kinds
    assert all(Path(f.path).is_file() and f.writable for f in launch.launch_files)
    assert launch.work_dir_writable


def test_a_pod_guesses_its_owner(fleet: Sandbox) -> None:
    guesses = {n: describe(fleet, n)[0].owner_guess for n in ("kube-deployment", "kube-set")}
    assert guesses == {
        "kube-deployment": "Deployment agent-deployment",
        "kube-set": "StatefulSet agent-set",
    }


def test_a_unit_counts_after_daemon_reload_and_restart(fleet: Sandbox) -> None:
    launch, _ = describe(fleet, "unit-name-1")
    unit = file_of(launch, "systemd-unit")
    before = unit.read_bytes()
    with_web_socket(unit)
    on_host(fleet, "systemd-01", "systemctl", "restart", unit.name)
    until(lambda: transport(fleet, "unit-name-1") == "JNLP4-connect", "the old unit again")
    on_host(fleet, "systemd-01", "systemctl", "daemon-reload")
    on_host(fleet, "systemd-01", "systemctl", "restart", unit.name)
    until(lambda: transport(fleet, "unit-name-1") == WEB_SOCKET, "the new unit")
    unit.write_bytes(before)


def test_a_drop_in_replaces_the_command(fleet: Sandbox) -> None:
    launch, _ = describe(fleet, "vendor-name")
    unit = file_of(launch, "systemd-unit")
    command = next(x for x in unit.read_text().splitlines() if x.startswith("ExecStart="))
    drop_in = file_of(launch, "systemd-drop-in").with_name("50-migrate.conf")
    drop_in.write_text(f"[Service]\nExecStart=\n{command.replace(' -url ', ' -webSocket -url ')}\n")
    shown = on_host(fleet, "systemd-02", "systemctl", "show", "-p", "DropInPaths", unit.name)
    assert str(drop_in) in shown
    on_host(fleet, "systemd-02", "systemctl", "daemon-reload")
    on_host(fleet, "systemd-02", "systemctl", "restart", unit.name)
    until(lambda: transport(fleet, "vendor-name") == WEB_SOCKET, "the drop-in")


def test_winsw_reads_its_xml_when_the_agent_restarts_its_service(fleet: Sandbox) -> None:
    launch, _ = describe(fleet, "winsw-name-1")
    with_web_socket(file_of(launch, "winsw-xml"))
    requests.post(
        f"{fleet.jenkins.url}computer/winsw-name-1/doDisconnect",
        auth=("admin", fleet.tokens["admin"]),
        timeout=20,
    )
    until(lambda: transport(fleet, "winsw-name-1") == WEB_SOCKET, "the changed XML")


def test_a_script_counts_when_its_agent_ends(fleet: Sandbox) -> None:
    launch, _ = describe(fleet, "loop-name-2")
    script = Path(launch.launch_files[-1].path)
    with_web_socket(script)
    assert launch.pid is not None
    os.kill(launch.pid, 15)
    until(lambda: transport(fleet, "loop-name-2") == WEB_SOCKET, "the changed script")


def test_a_compose_file_counts_after_up(fleet: Sandbox) -> None:
    folder = fleet.hosts["docker-01"].folder
    compose = folder / "compose/docker-2/compose.yaml"
    text = compose.read_text()
    text = re.sub(r" *JENKINS_TUNNEL: .*\n", '      JENKINS_WEB_SOCKET: "true"\n', text)
    compose.write_text(text)
    on_host(fleet, "docker-01", "docker", "compose", "-f", str(compose), "up", "-d")
    until(lambda: transport(fleet, "docker-2") == WEB_SOCKET, "the changed container")


@pytest.mark.parametrize(
    ("kind", "name", "node"),
    [
        ("Deployment", "agent-deployment", "kube-deployment"),
        ("StatefulSet", "agent-set", "kube-set"),
        ("DaemonSet", "agent-daemon", "kube-daemon"),
    ],
)
def test_a_changed_template_rolls_the_agent(
    fleet: Sandbox, kind: str, name: str, node: str
) -> None:
    target = Target(of_kind(kind), "build", name)
    live = fleet.kube.get(kind, "build", name)
    assert live is not None
    [container] = live["spec"]["template"]["spec"]["containers"]
    env = [e for e in container["env"] if e["name"] != "JENKINS_TUNNEL"]
    env.append({"name": "JENKINS_WEB_SOCKET", "value": "true"})
    patch = {"spec": {"template": {"spec": {"containers": [{**container, "env": env}]}}}}
    changed = fleet.kube.registry.patch(target, MERGE, patch, Write(manager="test")).body

    def rolled() -> bool:
        now: dict[str, Any] = fleet.kube.get(kind, "build", name) or {}
        status = now.get("status", {})
        ready = status.get("numberReady" if kind == "DaemonSet" else "readyReplicas")
        return bool(status["observedGeneration"] == changed["metadata"]["generation"] and ready)

    until(rolled, "the rollout")
    until(lambda: transport(fleet, node) == WEB_SOCKET, "the new pod")


def test_a_changed_cloud_reaches_new_pods_only(fleet: Sandbox) -> None:
    before = [n for n in fleet.cloud_nodes if n.startswith("linux-pod")]
    assert [transport(fleet, n) for n in before] == ["JNLP4-connect"] * 2
    fleet.jenkins.add_cloud(
        replace(fleet.jenkins.cloud("kubernetes"), web_socket=True, tunnel=None)
    )
    assert all(fleet.jenkins.is_online(n) for n in before)

    def replaced() -> bool:
        now = [n for n in fleet.cloud_nodes if n.startswith("linux-pod")]
        fresh = len(now) == 2 and not set(now) & set(before)
        return fresh and all(transport(fleet, n) == WEB_SOCKET for n in now)

    until(replaced, "new pods")
    assert not set(before) & set(fleet.jenkins.state.computers)
    assert b"<webSocket>true</webSocket>" in (fleet.jenkins.home / "config.xml").read_bytes()
    pods = {p["metadata"]["name"] for p in fleet.kube.store.items(of_kind("Pod"), "build")}
    assert not set(before) & pods


def test_nothing_outlives_the_fleet(tmp_path: Path) -> None:
    hosts = tuple(h for h in FLEET.hosts if h.supervisor in ("systemd", "script"))[:2]
    names = {name for host in hosts for name in host.agents}
    small = replace(
        FLEET,
        nodes=tuple(n for n in FLEET.nodes if n.name in names),
        hosts=hosts,
        workloads=(),
        clouds=(),
    )
    sandbox = Sandbox(tmp_path / "home", scenario=small, time_scale=SCALE)
    sandbox.start()
    sandbox.stop()
    assert end_processes("migrate.sandbox.agent", str(tmp_path)) == []
    assert end_processes("migrate.sandbox.agent.manager", str(tmp_path)) == []
