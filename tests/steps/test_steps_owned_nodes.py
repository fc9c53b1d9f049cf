"""Whether the sources of nodes say WebSocket: read at the step and at the gate."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from migrate.engine.clock import RealClock, StopSignal
from migrate.engine.run.gate import cloud_reasons
from migrate.jenkins.errors import Forbidden
from migrate.model import plan_steps
from migrate.model.inventory import Verdict
from migrate.model.plan import Choices, Plan
from migrate.model.ports import ControllerPort, ProbePort
from migrate.steps.base import CheckState, Context, RunSettings
from migrate.steps.manual import Manual
from migrate.steps.node.owned_nodes import owned_nodes_read

TCP = {"file": "/casc/j.yaml", "web_socket": False, "tunnel": False}
WS = {**TCP, "web_socket": True}
TUNNEL = {**WS, "tunnel": True}
VARIABLE = {**TCP, "web_socket": None}


@dataclass
class Sources:
    """A controller that answers ``node-owners`` alone."""

    nodes: dict[str, dict[str, Any]]
    unread: list[str] = field(default_factory=list)
    forbidden: bool = False

    def run_script(
        self, script: str, arguments: Mapping[str, object], *, node: str | None = None
    ) -> Any:
        assert script == "node-owners"
        if self.forbidden:
            raise Forbidden("the script console", permission="Overall/Administer")
        return {"nodes": self.nodes, "hooks": [], "unread": self.unread}


SEEN = [
    (Sources({"a": WS, "b": WS}), Verdict.PASS, "say WebSocket"),
    (Sources({"a": WS, "b": TCP}), Verdict.FAIL, "still says TCP: b"),
    (Sources({"a": WS, "b": TUNNEL}), Verdict.FAIL, "still says TCP: b"),
    (Sources({"a": WS, "b": VARIABLE}), Verdict.INCONCLUSIVE, "can't be read: b"),
    # Nobody sets b any more.
    (Sources({"a": WS}), Verdict.PASS, "say WebSocket"),
    (Sources({"a": WS}, ["http://x/casc.yaml"]), Verdict.INCONCLUSIVE, "http://x/casc.yaml"),
    (Sources({}, forbidden=True), Verdict.INCONCLUSIVE, "script console"),
]


@pytest.mark.parametrize(("sources", "verdict", "told"), SEEN)
def test_what_is_seen_and_what_the_gate_makes_of_it(
    sources: Sources, verdict: Verdict, told: str
) -> None:
    seen = owned_nodes_read(sources, ("a", "b"))
    assert seen.verdict is verdict and told in seen.detail
    step = plan_steps.Manual(
        id="owners/jcasc",
        subject="nodes of jcasc",
        title="t",
        owned_nodes=("a", "b"),
        read_back=True,
    )
    ctx = Context(
        jenkins=cast(ControllerPort, sources),
        cluster=None,
        prober=cast(ProbePort, None),
        inventory=None,
        choices=Choices(name="t"),
        settings=RunSettings(),
        clock=RealClock(StopSignal()),
        emit=lambda event: None,
    )
    done = Manual({}).check(step, ctx).state is CheckState.DONE
    plan = cast(Plan, type("Steps", (), {"steps": lambda _: (step,)})())
    kept = cloud_reasons(ctx, plan)
    assert done is (verdict is Verdict.PASS) and bool(kept) is not done
