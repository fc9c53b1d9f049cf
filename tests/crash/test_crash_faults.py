"""Each named fault of the sandbox: what the run comes to, and what is there afterwards."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from crash_lane import Lane, Scene, Victim
from crash_scenes import OLD_JAR

from migrate.sandbox.installation import FAULTS
from migrate.sandbox.spec import AgentSpec, NodeSpec

CANARY, HIT = "canary", "hit"
WEB_SOCKET, TCP = ["WebSocket"], ["JNLP4-connect"]


@dataclass(frozen=True)
class Case:
    """One fault and what must come of it."""

    fault: str
    code: int
    told: str
    """In what the run says."""
    canary: list[str]
    """Its protocol at the end."""
    hit: list[str]
    closed: bool = False
    hit_online: bool = True
    jar: str | None = None
    """Of the node that is hit; none: the controller's."""
    plan: tuple[str, ...] = ("--verify-timeout", "5")
    time_scale: float = 0.01

    @property
    def untouched(self) -> bool:
        """Nothing at all may have changed."""
        return self.canary == TCP


CASES = (
    # An agent
    Case("dead-agent", 1, "a person must act: 1 done, 1 stuck",
         WEB_SOCKET, TCP, hit_online=False, plan=("--verify-timeout", "2")),
    Case("slow-agent", 0, "2 done", WEB_SOCKET, WEB_SOCKET, closed=True),
    Case("tcp-again", 7, "came back over JNLP4-connect", WEB_SOCKET, TCP),
    Case("old-jar", 7, f"came back with remoting {OLD_JAR}", WEB_SOCKET, TCP, jar=OLD_JAR),
    Case("agent-flaps", 0, "2 done", WEB_SOCKET, WEB_SOCKET, closed=True),
    Case("disk-full", 7, "No space left on device", WEB_SOCKET, TCP, jar=OLD_JAR),
    Case("read-only", 7, "Read-only file system", WEB_SOCKET, TCP, jar=OLD_JAR),
    # The controller
    Case("controller-restart", 0, "2 done", WEB_SOCKET, WEB_SOCKET, closed=True),
    Case("websocket-unsupported", 3, "no node was touched", TCP, TCP),
    # What stands in front of it
    Case("no-upgrade", 3, "no node was touched", TCP, TCP),
    # Noticed from the agent's own host, before an agent is lost that exits at a failed handshake.
    Case("upgrade-stripped", 7, "from the agent's own host", WEB_SOCKET, TCP),
    Case("header-names-dropped", 3, "no node was touched", TCP, TCP),
    Case("sso-login", 3, "no node was touched", TCP, TCP),
    Case("sso-everywhere", 3, "is redirected to", TCP, TCP),
    # Pings come each 9 s here, later than the proxy's 5 s.
    Case("read-timeout", 3, "no node was touched", TCP, TCP,
         plan=("--probe-hold", "7"), time_scale=0.3),
    # The cluster
    Case("conflict", 0, "2 done", WEB_SOCKET, WEB_SOCKET, closed=True),
    Case("owner-reverts", 4, "was done, and somebody put it back", WEB_SOCKET, WEB_SOCKET,
         closed=True),
    Case("forbidden", 3, "no node was touched", TCP, TCP),
)  # fmt: skip


def scene(case: Case) -> Scene:
    agent = AgentSpec(jar_version=case.jar) if case.jar else AgentSpec()
    named = f"{case.fault}:{HIT}" if case.fault in AGENT_FAULTS else case.fault
    return Scene(
        case.fault,
        (NodeSpec(CANARY), NodeSpec(HIT, agent=agent)),
        case.plan,
        frozenset({named}),
        case.time_scale,
    )


AGENT_FAULTS = (
    "dead-agent", "slow-agent", "tcp-again", "old-jar", "agent-flaps", "disk-full", "read-only",
)  # fmt: skip


@pytest.fixture(scope="module")
def victim() -> Iterator[Victim]:
    made = Victim()
    yield made
    made.stop()


@pytest.mark.parametrize("case", [pytest.param(c, marks=pytest.mark.fault(c.fault), id=c.fault)
                                  for c in CASES])  # fmt: skip
def test_fault(case: Case, tmp_path: Path, victim: Victim) -> None:
    assert case.fault in FAULTS
    with Lane(scene(case), tmp_path / "lane", victim) as lane:
        ran = lane.apply()
        if case.fault == "agent-flaps":
            time.sleep(2)  # until it has come back for the last time
        now = lane.settled()
        assert ran.code == case.code, ran.told
        assert re.search(case.told, ran.told), ran.told
        assert "Traceback" not in ran.told
        nodes: dict[str, Any] = now["nodes"]
        assert set(nodes) == {CANARY, HIT}
        assert nodes[CANARY]["protocol"] == case.canary
        assert nodes[HIT]["protocol"] == case.hit or not case.hit_online
        assert nodes[HIT]["online"] is case.hit_online
        assert not any(node["mark"] for node in nodes.values())
        assert (now["port"] == -1) is case.closed
        if case.hit == TCP:
            before = lane.before["nodes"][HIT]
            same = {key: nodes[HIT][key] for key in ("config", "jar", "half-written")}
            assert same == {key: before[key] for key in same}
        if case.untouched:
            assert now == lane.before
