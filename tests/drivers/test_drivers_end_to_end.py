"""Plan, apply and roll back agents on hosts, in workloads and in a cloud, with a real sshd."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import drivers_sshd
import pytest
from forked import run_migrate
from ruamel.yaml import YAML

from migrate.sandbox.fleet import FLEET
from migrate.sandbox.installation import Sandbox
from migrate.sandbox.kube.resources import of_kind
from migrate.sandbox.spec import Scenario

pytestmark = pytest.mark.long

HOSTS = ("systemd-01", "systemd-02")
SECRET = "agents/*/agent-secret-*"
KUBE = ("kube-deployment", "kube-set", "kube-daemon", "kube-pod")


def scenario() -> Scenario:
    """The part of the fleet that ssh and the cluster reach."""
    hosts = tuple(host for host in FLEET.hosts if host.name in HOSTS)
    names = {name for host in hosts for name in host.agents} | set(KUBE)
    nodes = tuple(node for node in FLEET.nodes if node.name in names)
    return Scenario("reached", "hosts and pods", nodes, hosts, FLEET.workloads, FLEET.clouds[:1])


@dataclass
class Lab:
    home: Path
    sandbox: Sandbox
    work: Path

    def cli(self, *words: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, **self.sandbox.environment("admin"), "NO_COLOR": "1"}
        environment["PYTHONPATH"] = str(Path(__file__).parents[2])
        return run_migrate(
            (*words, "--config", str(self.work / "config.yaml")),
            cwd=self.work,
            environment=environment,
            timeout=240,
        )

    def protocols(self) -> dict[str, str]:
        """What each connected agent's log says."""
        found = {}
        for computer in self.sandbox.jenkins.state.sorted_computers():
            text = computer.log.path.read_text(errors="replace")
            protocol = text.rpartition("Communication Protocol: ")[2].split("\n")[0]
            if computer.channel is not None:
                found[computer.name] = protocol
        return found

    def files(self) -> dict[str, bytes]:
        """Launch files and jars of the hosts."""
        kept: dict[str, bytes] = {}
        for host in HOSTS:
            folder = self.home / "hosts" / host
            for pattern in (
                "etc/**/*",
                "usr/**/*",
                "lib/**/*",
                "agents/*/*.sh",
                "**/agent.jar",
                SECRET,
            ):
                kept |= {str(p): p.read_bytes() for p in folder.glob(pattern) if p.is_file()}
        return kept

    def templates(self) -> dict[str, Any]:
        """Pod templates of the agents' workloads."""
        store = self.sandbox.kube.registry.store
        return {
            f"{kind} {item['metadata']['name']}": item["spec"]["template"]
            for kind in ("Deployment", "StatefulSet", "DaemonSet")
            for item in store.items(of_kind(kind), "build")
        }


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    if why := drivers_sshd.missing():
        pytest.skip(why)
    home, work = tmp_path / "home", tmp_path / "work"
    work.mkdir()
    servers = []
    with Sandbox(home, scenario=scenario(), time_scale=0.02) as sandbox:
        try:
            configs = []
            for host in HOSTS:
                folder = tmp_path / f"sshd-{host}"
                folder.mkdir()
                server, process = drivers_sshd.start(folder, sandbox.home / "hosts" / host / "bin")
                servers.append(process)
                configs.append(server.config.read_text().replace("Host build-*", f"Host {host}"))
            (work / "ssh_config").write_text("\n".join(configs))
            table = {name: host.name for host in scenario().hosts for name in host.agents}
            config = {
                "controllers": {"lab": {"url": sandbox.root_url, "user": "admin"}},
                "drivers": {"ssh": {"hosts": table, "config": "ssh_config"}},
            }
            YAML().dump(config, work / "config.yaml")
            yield Lab(home, sandbox, work)
        finally:
            for process in servers:
                process.terminate()
                process.wait(timeout=10)


def settle(lab: Lab, names: set[str], protocol: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        now = lab.protocols()
        if all(now.get(name) == protocol for name in names):
            return
        time.sleep(0.2)
    raise AssertionError({name: now.get(name) for name in names})


def test_there_and_back(lab: Lab) -> None:
    settle(lab, set(KUBE), "JNLP4-connect")
    files, templates, cloud = lab.files(), lab.templates(), lab.sandbox.jenkins.cloud("kubernetes")
    made = lab.cli(
        "plan", "--name", "t", "--accept-http", "--probe-hold", "1", "--secrets-to-files"
    )
    assert made.returncode == 0, made.stderr
    plan = json.loads((lab.work / "plans" / "t" / "plan.json").read_text())
    steps = {
        step["id"]: step
        for stage in plan["stages"]
        for wave in stage["waves"]
        for step in wave["steps"]
    }
    drivers = {
        name: step.get("driver") or step["kind"]
        for name, step in steps.items()
        if name.startswith(("node/", "cloud/"))
    }
    assert {drivers[f"node/{name}"] for name in KUBE} == {"kubernetes"}, drivers
    assert drivers["cloud/kubernetes"] == "switch-cloud"
    hosted = {name for host in scenario().hosts for name in host.agents}
    by_ssh = {name for name in hosted if drivers[f"node/{name}"] == "ssh"}
    assert {"unit-name-1", "unit-name-2", "unit-main", "vendor-name", "env-name"} <= by_ssh

    dry = lab.cli("apply", "plans/t", "--dry-run")
    assert dry.returncode == 0, dry.stdout + dry.stderr
    assert (lab.files(), lab.templates()) == (files, templates)

    done = lab.cli("apply", "plans/t", "--yes", "--until", "nodes", "--poll", "0.1")
    told = done.stdout + done.stderr
    assert "put back" not in told, told
    settle(lab, by_ssh | set(KUBE), "WebSocket")
    now = lab.sandbox.jenkins.cloud("kubernetes")
    assert (now.web_socket, now.tunnel) == (True, None)
    assert lab.files() != files
    moved = [path for host in HOSTS for path in (lab.home / "hosts" / host).glob(SECRET)]
    assert [path.name for path in moved] == ["agent-secret-script-name"]
    assert moved[0].stat().st_mode & 0o777 == 0o600
    assert moved[0].read_text().strip() == lab.sandbox.jenkins.secret("script-name")

    back = lab.cli("rollback", "plans/t", "--yes")
    assert back.returncode == 0, back.stdout + back.stderr
    settle(lab, by_ssh | set(KUBE), "JNLP4-connect")
    kept = {p: body for p, body in lab.files().items() if ".migrate-" not in p}
    assert kept == files
    assert lab.templates() == templates
    assert lab.sandbox.jenkins.cloud("kubernetes") == cloud
