"""Many agents side by side, some of which misbehave at random."""

import json
import random
import re
from pathlib import Path

import pytest
from crash_lane import Lane, Scene
from crash_scenes import OLD_JAR

from migrate.sandbox.spec import AgentSpec, NodeSpec

pytestmark = pytest.mark.long

FAULTS = ("dead-agent", "slow-agent", "tcp-again", "old-jar")
SEED = 20260


def fleet(size: int, faulty: int, verify_timeout: int) -> tuple[Scene, dict[str, str]]:
    """``size`` nodes of which ``faulty`` have a random fault, and who has which."""
    dice = random.Random(SEED + size)  # noqa: S311
    names = [f"node-{number:03}" for number in range(size)]
    # The first is the canary, and a failed canary always stops the run.
    hit = {name: dice.choice(FAULTS) for name in dice.sample(names[1:], faulty)}
    old = {n for n in names if hit.get(n) == "old-jar" or (n not in hit and dice.random() < 0.1)}
    nodes = tuple(
        NodeSpec(name, agent=AgentSpec(jar_version=OLD_JAR) if name in old else AgentSpec())
        for name in names
    )
    options = ("--waves", "100%", "--verify-timeout", str(verify_timeout))
    faults = frozenset(f"{fault}:{name}" for name, fault in hit.items())
    return Scene("fleet", nodes, options, faults), hit


def check(size: int, faulty: int, side_by_side: int, verify_timeout: int, home: Path) -> None:
    made, hit = fleet(size, faulty, verify_timeout)
    with Lane(made, home) as lane:
        ran = lane.apply("--concurrency", str(side_by_side), "--max-failures", "100%", "--quiet")
        now = lane.settled()
        moved = [n for n, it in now["nodes"].items() if b"<webSocket>true" in it["config"]]
        for name, it in now["nodes"].items():
            before = lane.before["nodes"][name]
            assert not it["mark"], name
            assert not it["half-written"], name
            if name in moved:
                assert it["online"], name
                assert it["protocol"] == ["WebSocket"], name
            elif hit[name] == "dead-agent":
                assert (it["config"], it["jar"]) == (before["config"], before["jar"]), name
                assert not it["online"], name
            else:
                assert it == before, name
        wrong = {name: fault for name, fault in hit.items() if fault != "slow-agent"}
        assert set(moved) == set(now["nodes"]) - set(wrong)
        dead = sum(fault == "dead-agent" for fault in wrong.values())
        assert ran.code == (1 if dead else 7 if wrong else 0), ran.told
        assert (now["port"] > 0) is bool(wrong)
        report = lane.run("report", "plans/c", "-o", "json")
        assert report.code == 0, report.told
        states = re.findall(r'"state": ?"([a-z-]+)"', _nodes_of(report.told))
        counted = {state: states.count(state) for state in set(states)}
        expected = {"done": len(moved), "put-back": len(wrong) - dead, "stuck": dead}
        assert counted == {state: n for state, n in expected.items() if n}
        for state, number in counted.items():
            assert f"{number} {state}" in ran.told


def _nodes_of(text: str) -> str:
    steps = (
        json.loads(text)["run"]["steps"] if "run" in json.loads(text) else json.loads(text)["steps"]
    )
    return json.dumps([{"state": s["state"]} for s in steps if s["stage"] == "nodes"])


def test_forty_agents(tmp_path: Path) -> None:
    check(40, 2, 20, 8, tmp_path / "lane")


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_two_hundred_agents(tmp_path: Path) -> None:
    check(200, 10, 50, 90, tmp_path / "lane")
