"""Whether an agent could come back over TCP before its node is moved back to it."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest
from engine_time import TestClock

from migrate.engine.back.controller_way_back import SETTLES, closed_way, needs_tcp
from migrate.jenkins.errors import Forbidden
from migrate.model.inventory import Verdict
from migrate.model.plan import Choices
from migrate.model.plan_steps import PlanStep, VerifyClosed, read_step
from migrate.model.ways import Place
from migrate.steps.base import Context, RunSettings

MOVE = {"node": "a", "driver": "reread"}
PLACE = {"kind": "Deployment", "namespace": "n", "name": "w"}
WORKLOAD = {**MOVE, "driver": "kubernetes", "nodes": ["a"], "target": PLACE, "container": "c"}


@pytest.mark.parametrize(
    ("kind", "actions", "fields", "needed"),
    [
        ("move-node", ("hold", "switch", "restart"), MOVE, True),
        ("move-node", ("switch",), MOVE, True),
        ("move-node", ("upgrade",), {**MOVE, "transport": "tcp"}, True),
        ("move-workload", ("patch",), WORKLOAD, True),
        # Only held: nothing reconnects when its mark goes.
        ("move-node", ("hold",), MOVE, False),
        ("move-node", ("hold", "upgrade"), MOVE, True),
        # It was on WebSocket before: it stays there.
        (
            "move-node",
            ("hold", "upgrade", "restart"),
            {**MOVE, "transport": "websocket"},
            False,
        ),
        ("manual", ("switch",), {}, False),
        ("probe-websocket", ("create",), {"url": "http://j/", "hold": 1}, False),
    ],
)
def test_what_brings_an_agent_back_over_tcp(
    kind: str, actions: tuple[str, ...], fields: dict[str, Any], needed: bool
) -> None:
    assert (
        needs_tcp(
            read_step({"kind": kind, "id": "s", "subject": "node a", "title": "t", **fields}),
            actions,
        )
        is needed
    )


CLOSES = VerifyClosed(
    id="verify/closed", subject="edge", title="t", places=(Place("controller", 50000, "edge"),)
)


class World:
    """A controller and an edge whose port is open from ``opens`` on, in seconds."""

    def __init__(self, listener: bool | Exception = True, opens: float = 0.0) -> None:
        self.clock, self.listener, self.opens = TestClock(), listener, opens
        self.began = self.clock.monotonic()
        self.asked: list[tuple[str, int]] = []
        self.shut = "port-closed"

    def tcp_listener_on(self) -> bool:
        if isinstance(self.listener, Exception):
            raise self.listener
        return self.listener

    def tcp_port(self, host: str, port: int) -> Any:
        self.asked.append((host, port))
        here = self.clock.monotonic() - self.began >= self.opens
        return SimpleNamespace(code="ok" if here else self.shut)

    def ask(
        self,
        *,
        reached: Verdict = Verdict.PASS,
        steps: Sequence[PlanStep] = (CLOSES,),
        just_opened: bool = False,
    ) -> str:
        probes = (SimpleNamespace(id="tcp-port", verdict=reached, request="GET / on edge:50000"),)
        ctx = Context(
            jenkins=cast(Any, self), cluster=None, prober=cast(Any, self),
            inventory=cast(Any, SimpleNamespace(probes=probes)), choices=Choices("t"),
            settings=RunSettings(), clock=self.clock, emit=lambda event: None,
        )  # fmt: skip
        return closed_way(ctx, steps, just_opened=just_opened)


def test_a_listener_that_is_off_is_no_way_back() -> None:
    assert World(listener=False).ask() == "the controller's TCP agent port is off"
    assert World().ask() == ""


@pytest.mark.parametrize("shut", ["port-closed", "port-hangs-up"])
def test_a_closed_edge_is_no_way_back(shut: str) -> None:
    world = World(opens=1.0)
    world.shut = shut
    assert (
        world.ask() == "nothing answers at edge:50000 (controller), where agents come in over TCP"
    )
    assert world.asked == [("edge", 50000)]
    # Where this machine never came through, its silence says nothing of the agents' way.
    assert World(opens=1.0).ask(reached=Verdict.FAIL) == ""
    assert World(opens=1.0).ask(steps=()) == ""


@pytest.mark.parametrize(("opens", "way"), [(SETTLES - 1, True), (SETTLES + 5, False)])
def test_an_edge_may_take_a_while_to_follow_what_was_opened(opens: float, way: bool) -> None:
    assert (World(opens=opens).ask(just_opened=True) == "") is way
    assert World(opens=opens).ask() != "", "nobody waits for what was not opened just now"


def test_trouble_with_the_controller_is_left_to_the_steps() -> None:
    forbidden = Forbidden("the log", permission="Overall/Read")
    assert World(listener=forbidden).ask() == ""
