"""One reader for the containers of compose files and workloads."""

from typing import Any

import pytest

from migrate.agents.image import remoting_version
from migrate.agents.launch.compose import ComposeEditor
from migrate.cluster.agent_container import (
    asks_for_websocket,
    is_agent,
    obstacle,
    to_websocket,
)
from migrate.cluster.agents import _node
from migrate.model.inventory import LaunchKind

BASE = {
    "JENKINS_URL": "https://ci.example.test/",
    "JENKINS_AGENT_NAME": "b1",
    "JENKINS_SECRET": "s",
}


def workload(env: dict[str, str], image: str = "jenkins/inbound-agent") -> dict[str, Any]:
    rows = [{"name": key, "value": value} for key, value in {**BASE, **env}.items()]
    return {"name": "a", "image": image, "env": rows}


def env_of(container: dict[str, Any]) -> dict[str, str]:
    return {item["name"]: item["value"] for item in container["env"]}


def test_remoting_opts_may_ask_for_websocket() -> None:
    container = workload({"REMOTING_OPTS": "-webSocket"})
    assert asks_for_websocket(container)
    assert obstacle(container) == "" and to_websocket(container) == container


def test_a_tunnel_in_remoting_opts_goes_and_the_rest_stays() -> None:
    container = workload({"REMOTING_OPTS": "-tunnel ci:50000 -noReconnectAfter 1d"})
    assert obstacle(container) == ""
    wanted = {**BASE, "REMOTING_OPTS": "-noReconnectAfter 1d", "JENKINS_WEB_SOCKET": "true"}
    assert env_of(to_websocket(container)) == wanted


@pytest.mark.parametrize(
    ("image", "value", "asks"),
    [
        ("jenkins/inbound-agent:windowsservercore-ltsc2019", "false", True),
        ("jenkins/inbound-agent:3256.v1-1-jdk17-nanoserver-1809", "no", True),
        ("jenkins/inbound-agent:windowsservercore-ltsc2019", "", False),
        ("jenkins/inbound-agent:latest", "false", False),
        ("jenkins/inbound-agent:latest", "TRUE", False),
        ("jenkins/inbound-agent:latest", "true", True),
    ],
)
def test_on_windows_any_value_counts(image: str, value: str, asks: bool) -> None:
    assert asks_for_websocket(workload({"JENKINS_WEB_SOCKET": value}, image)) is asks
    text = f"services:\n  a:\n    image: {image}\n    environment:\n"
    text += "".join(f"      {k}: {v!r}\n" for k, v in {**BASE, "JENKINS_WEB_SOCKET": value}.items())
    (found,) = ComposeEditor().launches(text)
    assert (found.kind, found.websocket) == (LaunchKind.CONTAINER, asks)


@pytest.mark.parametrize(
    ("image", "version"),
    [
        ("reg.example.test/team/inbound-agent:2.7", None),
        ("reg.example.test/team/inbound-agent-maven:3.9.6-jdk17", None),
        ("reg.example.test/team/inbound-agent:7.1", None),
        ("reg.example.test/ci/jnlp-slave:2023.04", None),
        ("jenkins/inbound-agent-custom:2.7", None),
        ("jenkins/inbound-agent:latest-jdk17", None),
        ("jenkins/inbound-agent@sha256:" + "0" * 64, None),
        ("jenkins/inbound-agent:3206.vb_15dcf73f6a_9-1-alpine", "3206.vb_15dcf73f6a_9"),
        ("ghcr.example:5000/proxy/jenkins/inbound-agent:4.13-2-jdk11", "4.13"),
        ("jenkinsci/jnlp-slave:3.29-1", "3.29"),
        ("jenkins/agent:4.3-4", "4.3"),
        ("jenkins/ssh-agent:5.2.0", None),
    ],
)
def test_only_jenkins_own_tags_are_remoting_versions(image: str, version: str | None) -> None:
    assert remoting_version(image) == version


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (["-jnlpUrl", "https://h/x.jnlp", "-secret", "@s"], "-jnlpUrl"),
        (["@/run/args"], "/run/args"),
        (["-url", "u", "-quick"], "(-quick)"),
    ],
)
def test_arguments_that_are_not_clear(args: list[str], reason: str) -> None:
    assert reason in obstacle({**workload({}), "args": args})
    text = f"services:\n  a:\n    image: jenkins/inbound-agent\n    command: {args!r}\n"
    text += "    environment: {JENKINS_NAME: b1, JENKINS_URL: u}\n"
    with pytest.raises(Exception, match=reason.replace("(", r"\(").replace(")", r"\)")):
        from migrate.agents.launch.base import Wanted

        ComposeEditor().to_websocket(text, Wanted("b1", "u", None, path="c.yml"))


def test_a_workload_whose_command_is_java_is_seen_and_named() -> None:
    container = {
        "name": "a",
        "image": "eclipse-temurin:17",
        "command": ["java", "-Xmx1g", "-jar", "/agent.jar"],
        "args": ["-url", "https://h/", "-name", "b1", "-secret", "@/s", "-tunnel", "h:1"],
    }
    assert is_agent(container)
    assert "-webSocket belongs in front of its -url" in obstacle(container)
    assert not is_agent({**container, "command": ["java", "-jar", "/app.jar"], "args": ["serve"]})
    found = _node(container, {}, "n")
    assert found == "b1"
    assert _node({**container, "args": ["-url=u", "-name=b2"]}, {}, "n") == "b2"


def test_variables_of_a_file_may_bring_a_tunnel() -> None:
    container = {**workload({}), "envFrom": [{"configMapRef": {"name": "c"}}]}
    wanted = {"JENKINS_TUNNEL": "", "JENKINS_DIRECT_CONNECTION": "", "JENKINS_WEB_SOCKET": "true"}
    moved = to_websocket(container)
    assert env_of(moved) == {**BASE, **wanted} and to_websocket(moved) == moved
