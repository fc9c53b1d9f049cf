"""What the answers from an agent's own host do to its move."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from migrate.model.inventory import ProbeAnswer, Transport, Verdict
from migrate.steps.base import StepFailed
from migrate.steps.move_node import MoveNode

OLD, RETRIES = "3206.vb_15dcf73f6a_9", "3352.v17a_fb_4b_2773f"


def probe(code: str, remoting: str, *, at_the_start: str = "cli-ws: 101 Switching") -> None:
    verdict = Verdict.PASS if code == "ok" else Verdict.INCONCLUSIVE
    answer = ProbeAnswer("cli-ws", "GET /cli/ws", "x", verdict, "proxy", "told", "", code)
    agent = SimpleNamespace(transport=Transport.TCP, connected=True)
    note = SimpleNamespace(kind="note", action="probe", data={"answers": [at_the_start]})
    ctx = SimpleNamespace(
        jenkins=SimpleNamespace(agent_log=lambda node: agent, url="http://j/"), inventory=None
    )
    driver = SimpleNamespace(probe_from_host=lambda *_: (answer,))
    step = SimpleNamespace(params={"node": "n", "remoting": remoting, "upgrade": None})
    log = SimpleNamespace(of_run=lambda: (note,))
    MoveNode()._probe(*cast(Any, (step, ctx, driver, log)))


@pytest.mark.parametrize("remoting", [OLD, RETRIES])
def test_a_stripped_upgrade_stops_every_agent(remoting: str) -> None:
    with pytest.raises(StepFailed, match="from the agent's own host: told"):
        probe("upgrade-stripped", remoting)
    probe("ok", remoting)


def test_what_says_nothing_stops_only_agents_that_would_be_lost() -> None:
    with pytest.raises(StepFailed, match="own host"):
        probe("origin-rejected", OLD)
    probe("origin-rejected", RETRIES)


def test_where_it_came_through_nowhere_the_probe_node_has_decided() -> None:
    probe("upgrade-stripped", OLD, at_the_start="cli-ws: 400 Bad Request")
