"""Agents of every version at hand, in every launch form that their jar knows."""

import json
from typing import Any

import pytest
from e2e_cli import Cli

from migrate.model.versions import AGENT_URL_NAME_FROM, v
from migrate.sandbox.spec import OWN_JAR, AgentSpec, NodeSpec


def forms(version: str) -> tuple[str, ...]:
    both = ("jnlp-url", "jnlp-main")
    return both if version != OWN_JAR and v(version) < AGENT_URL_NAME_FROM else (*both, "url-name")


def nodes(versions: tuple[str, ...]) -> tuple[NodeSpec, ...]:
    return tuple(
        NodeSpec(f"{form}-{'own' if version == OWN_JAR else v(version).numbers[0]}-{number}",
                 agent=AgentSpec(launch=form, jar_version=version))
        for number, version in enumerate(versions)
        for form in forms(version)
    )  # fmt: skip


def test_jars_that_the_controller_refuses_are_named(old_jars: str) -> None:
    if old_jars:
        pytest.skip(old_jars)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_every_version_in_every_form(start: Any, jar_versions: tuple[str, ...]) -> None:
    asked = nodes(jar_versions)
    there = start(*asked)
    cli = Cli(there)
    cli.plan()
    stopped = cli.apply(code=4)
    by_hand = [n.name for n in asked if not n.name.startswith("jnlp-url")]
    assert all(name in stopped.text for name in by_hand)
    there.comes_to({n.name: "JNLP4-connect" if n.name in by_hand else "WebSocket" for n in asked})
    assert there.port_open()
    for name in by_hand:
        cli.by_hand(name)
    cli.apply("--resume")
    there.all_come_to("WebSocket")
    assert not there.port_open()
    inventory = json.loads(cli.run("scan", "-o", "json").out)["inventory"]
    own = v(inventory["controller"]["jar_version"])
    seen = {
        n["name"]: v(n["remoting_version"]) for n in inventory["nodes"] if n["remoting_version"]
    }
    assert set(seen) == {node.name for node in asked}
    assert {name for name, version in seen.items() if version < own} == set()
