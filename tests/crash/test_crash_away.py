"""Killed right after its restart, and resumed while the agent is still on its way."""

from pathlib import Path

import pytest
from crash_lane import KILLED, Lane, Scene

from migrate.sandbox.spec import NodeSpec

SLOW = Scene("away", (NodeSpec("far"),), ("--no-close",), frozenset({"slow-agent:far"}), 0.1)
"""Its agent is away for 3 s."""


@pytest.mark.parametrize("lost", ["answer", "outcome"])
def test_an_agent_on_its_way_is_waited_for(lost: str, tmp_path: Path) -> None:
    with Lane(SLOW, tmp_path / "lane") as lane:
        asked = "after POST /computer/far/doDisconnect #1"
        point = next(p for p in lane.apply().points if p.endswith(asked))
        lane.reset()
        number = int(point.split()[0]) + 1
        killed = lane.apply(kill_at=point if lost == "answer" else f"torn {number}")
        assert killed.code == KILLED, killed.told
        done = lane.resume()
        assert done.code == 0, done.told
        # One that comes just when the agent is back would end its new connection.
        assert not [p for p in done.points if "doDisconnect" in p]
