"""The tool's node scripts, run through the console on real agent processes."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab import Lab
from tcp_ports import ANSWERS, ports

from migrate.model.probe_requests import Target
from migrate.model.versions import v
from migrate.probe import host_ports
from migrate.probe.host_script import arguments
from migrate.sandbox.jar import agent_jar
from migrate.sandbox.spec import CONTROLLER_JAR, AgentSpec

OLD = "3107.v665000b_51092"


def _sha(version: str) -> str:
    return hashlib.sha256(agent_jar(version)).hexdigest()


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with Lab(tmp_path_factory.mktemp("scripts")) as started:
        started.add("file", AgentSpec(java_version="21.0.1"))
        started.add("clear", AgentSpec(secret_in_clear=True), web_socket=True)
        started.add("main", AgentSpec(launch="jnlp-main", secret_in_clear=True))
        yield started


@pytest.mark.parametrize(
    ("node", "kind"), [("file", "jnlp-url"), ("clear", "jnlp-url"), ("main", "jnlp-main")]
)
def test_describe_launch_masks(lab: Lab, node: str, kind: str) -> None:
    launch = lab.script("describe-launch", {}, node)
    agent = lab.agents[node]
    assert launch["kind"] == kind
    assert lab.jenkins.secret(node) not in str(launch)
    assert launch["jar"] == str(agent.folder / "agent.jar")
    assert launch["jar_sha256"] == _sha(CONTROLLER_JAR)
    assert (launch["pid"], launch["jar_writable"], launch["restarter"]) == (agent.pid, True, True)
    assert "-workDir" in launch["options"]
    if node == "file":
        assert f"-secret @{agent.folder / 'secret-file'}" in launch["command"]
        assert launch["java_version"] == "21.0.1"
    else:
        assert "****" in launch["command"]


def test_echo(lab: Lab) -> None:
    text = "ünï <&>\n☃"
    for node in ("file", "clear"):
        result = lab.script("echo", {"text": text}, node)
        assert result == {"text": text, "remoting_version": CONTROLLER_JAR}


def test_probe_from_host(lab: Lab) -> None:
    result = lab.script("probe-from-host", arguments(Target(lab.jenkins.url), 5), "file")
    assert result["login"] == {"status": 200, "error": None}
    assert result["cli_ws"]["status"] == 101
    assert result["wsagents"]["status"] == 400
    assert "no such agent" in result["wsagents"]["body"]
    result = lab.script("probe-from-host", arguments(Target("http://127.0.0.1:1/"), 5), "file")
    assert result.pop("via") is None
    assert {part["error"] for part in result.values()} == {"ConnectException: Connection refused"}


def test_try_ports(lab: Lab) -> None:
    with ports() as all_four:
        places = [("127.0.0.1", port) for port in all_four]
        result = lab.script(host_ports.SCRIPT, host_ports.arguments(places, 0.5), "file")
    assert [answer.code for answer in host_ports.judge_host_ports(places, result)] == ANSWERS


def test_jar_up_and_back(lab: Lab) -> None:
    agent = lab.add("old", AgentSpec(jar_version=OLD))
    jar = agent.folder / "agent.jar"
    wanted = {
        "url": f"{lab.jenkins.url}jnlpJars/agent.jar",
        "sha256": _sha(CONTROLLER_JAR),
        "jar": str(jar),
    }
    backup = f"{jar}.migrate-{_sha(OLD)[:12]}"
    refused = lab.script("upgrade-jar", {**wanted, "sha256": "0" * 64}, "old")
    assert refused.startswith("java.io.IOException: the downloaded jar has SHA-256")
    assert jar.read_bytes() == agent_jar(OLD)
    done = {
        "jar": str(jar),
        "before_sha256": _sha(OLD),
        "after_sha256": _sha(CONTROLLER_JAR),
        "backup": backup,
    }
    assert lab.script("upgrade-jar", wanted, "old") == done
    again = {**done, "before_sha256": _sha(CONTROLLER_JAR)}
    assert lab.script("upgrade-jar", wanted, "old") == again
    lab.reconnect("old")
    assert lab.version("old") == CONTROLLER_JAR
    back = {"jar": str(jar), "backup": backup, "sha256": _sha(OLD)}
    for _ in range(2):
        assert lab.script("restore-jar", back, "old") == {"after_sha256": _sha(OLD)}
    lab.reconnect("old")
    assert lab.version("old") == OLD
    assert sorted(p.name for p in agent.folder.glob("agent.jar*")) == [
        "agent.jar",
        Path(backup).name,
    ]
    assert lab.script("remove-file", {"path": backup}, "old") == {"removed": True}
    assert lab.script("remove-file", {"path": backup}, "old") == {"removed": False}
    refused = lab.script("remove-file", {"path": str(jar)}, "old")
    assert refused.startswith("java.io.IOException: ")
    assert jar.exists()


def test_inventory(lab: Lab) -> None:
    result = lab.script("inventory", {})
    assert result["agent_port"] == lab.jenkins.agent_port
    assert v(result["jar_version"]) == v(CONTROLLER_JAR)
    nodes = {node["name"]: node for node in result["nodes"]}
    assert set(nodes) >= {"file", "clear", "main"}
    assert nodes["file"]["online"] is True
    assert nodes["file"]["mark"] is None
    lab.post("computer/file/toggleOffline", offlineMessage="why")
    nodes = {node["name"]: node for node in lab.script("inventory", {})["nodes"]}
    assert nodes["file"]["mark"] == {"by": "admin", "reason": "why"}
    lab.post("computer/file/toggleOffline")


def test_unknown_script_fails_like_groovy(lab: Lab) -> None:
    for node in (None, "file"):
        text = lab.script("no-such-script", {}, node)
        assert "<<<migrate" not in text
        assert "\tat " in text
