"""The gate before the port is closed: what keeps it open, and what a person may accept."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from engine_time import TestClock

from migrate.engine.run.gate import close_reasons, open_again, soak_left
from migrate.jenkins.errors import Forbidden
from migrate.model.inventory import LauncherKind, Skip, Transport, Verdict
from migrate.model.names import StageName
from migrate.model.plan import Choices, Plan
from migrate.model.plan_steps import PlanStep, read_step
from migrate.model.ports import AgentLog, ControllerPort, NodeState, ProbePort
from migrate.model.run import Run, RunStep, StepState
from migrate.steps.base import Context, RunSettings, Verification

TCP, WEB, UNKNOWN = Transport.TCP, Transport.WEBSOCKET, Transport.UNKNOWN


@dataclass(frozen=True)
class Seen:
    """A node as it is now, and as it was planned."""

    online: bool = True
    transport: Transport = WEB
    was_online: bool = True
    launcher: LauncherKind = LauncherKind.INBOUND
    readable: bool = True
    logged: bool = True
    """Its log says that it is connected; where it is offline, that of the connection before."""


class Fleet:
    """A controller with these nodes."""

    def __init__(self, nodes: dict[str, Seen]) -> None:
        self.nodes = nodes
        self.looks = 0

    def node_names(self) -> tuple[str, ...]:
        return tuple(self.nodes)

    def node_state(self, name: str) -> NodeState:
        self.looks += 1
        if not self.nodes[name].readable:
            raise Forbidden("its log", permission="Agent/Connect")
        return NodeState(name, self.nodes[name].online, 0, None)

    def agent_log(self, name: str) -> AgentLog:
        seen = self.nodes[name]
        return AgentLog(
            seen.transport, None, None, None, connected=seen.logged,
            terminated=False, never_connected=False, session="",
        )  # fmt: skip


def context(fleet: Fleet) -> Context:
    nodes = [
        SimpleNamespace(name=name, launcher=seen.launcher, online=seen.was_online)
        for name, seen in fleet.nodes.items()
    ]
    return Context(
        jenkins=cast(ControllerPort, fleet), cluster=None, prober=cast(ProbePort, None),
        inventory=cast(Any, SimpleNamespace(nodes=nodes)), choices=Choices("t"),
        settings=RunSettings(rejoin=45.0), clock=TestClock(), emit=lambda event: None,
    )  # fmt: skip


def a_run(*steps: RunStep) -> Run:
    return Run(
        run_id="1", plan_name="t", plan_id="p", controller_url="u", tool_version="0", user="u",
        host="h", started="", finished="", state="running", summary="", exit_code=None,
        steps=tuple(steps),
    )  # fmt: skip


def node_step(name: str, state: StepState, **more: Any) -> RunStep:
    return RunStep(
        f"node/{name}",
        "move-node",
        f"node {name}",
        name,
        StageName.NODES,
        "w",
        state,
        "told",
        **more,
    )


def gate(
    nodes: dict[str, Seen],
    accept: Iterable[str] = (),
    states: dict[str, StepState] | None = None,
    skips: tuple[Skip, ...] = (),
) -> tuple[dict[str, str], tuple[str, ...]]:
    """(what keeps the port open, by node; what was accepted)."""
    steps = [node_step(name, state) for name, state in (states or {}).items()]
    reasons, accepted = close_reasons(
        context(Fleet(nodes)), a_run(*steps), accept_offline=tuple(accept), workers=2, skips=skips
    )
    assert len({r.subject for r in reasons}) == len(reasons), "each is named once"
    return {r.subject: r.text for r in reasons}, accepted


AWAY = Seen(online=False)
NEVER_HERE = Seen(online=False, was_online=False)
SSH = LauncherKind.SSH


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (Seen(), ""),
        (Seen(transport=TCP), "is still connected over TCP"),
        (Seen(transport=UNKNOWN), "its log does not say what it is connected over"),
        (Seen(readable=False), "cannot be judged"),
        (AWAY, "is offline: nobody can tell how it returns"),
        (NEVER_HERE, "is offline: nobody can tell how it returns"),
        (Seen(online=False, transport=TCP), "is offline: nobody can tell how it returns"),
        # The log of the connection before still says WebSocket.
        (Seen(logged=False), "is offline: nobody can tell how it returns"),
        # These never dial in: the port is nothing to them.
        (Seen(transport=TCP, launcher=SSH), ""),
        (Seen(transport=UNKNOWN, launcher=SSH), ""),
        (Seen(online=False, launcher=SSH), ""),
        (Seen(online=False, launcher=LauncherKind.COMMAND), ""),
        (Seen(online=False, launcher=LauncherKind.OTHER), "is offline"),
    ],
)
def test_what_keeps_the_port_open(seen: Seen, why: str) -> None:
    reasons, accepted = gate({"a": seen, "b": Seen()})
    assert set(reasons) == ({"a"} if why else set())
    assert reasons.get("a", "").startswith(why)
    assert accepted == ()


@pytest.mark.parametrize(
    ("seen", "accept", "why"),
    [
        (AWAY, ("a",), ""),
        (NEVER_HERE, ("a",), ""),
        (Seen(online=False, transport=TCP), ("a",), ""),
        (NEVER_HERE, ("all",), ""),
        (AWAY, ("all",), "was connected when it was planned, and is gone: 'all' does not cover"),
        (AWAY, ("all", "a"), ""),
        (AWAY, ("b",), "is offline: nobody can tell how it returns"),
        (NEVER_HERE, ("b",), "is offline: nobody can tell how it returns"),
        # To be offline is all that can be accepted.
        (Seen(transport=TCP), ("a", "all"), "is still connected over TCP"),
        (Seen(transport=UNKNOWN), ("a", "all"), "its log does not say"),
        (Seen(readable=False), ("a", "all"), "cannot be judged"),
    ],
)
def test_who_may_be_offline(seen: Seen, accept: tuple[str, ...], why: str) -> None:
    reasons, accepted = gate({"a": seen, "b": Seen()}, accept)
    assert set(reasons) == ({"a"} if why else set())
    assert reasons.get("a", "").startswith(why)
    assert accepted == (() if why else ("a",))


@pytest.mark.parametrize(
    ("seen", "state", "accept", "why"),
    [
        # A node that this run left broken is offline because of it: "all" does not mean it.
        (NEVER_HERE, StepState.STUCK, ("all",), "stuck: told"),
        (NEVER_HERE, StepState.STUCK, ("a",), ""),
        (NEVER_HERE, StepState.STUCK, ("all", "a"), ""),
        (NEVER_HERE, StepState.BLOCKED, ("all",), ""),
        (NEVER_HERE, StepState.BLOCKED, ("a",), ""),
        (NEVER_HERE, StepState.BLOCKED, (), "is offline"),
        # Whatever its log says now, a step that has not ended well keeps the port open.
        (Seen(), StepState.PENDING, ("a", "all"), "pending: told"),
        (Seen(), StepState.FAILED, (), "failed: told"),
        (Seen(), StepState.STUCK, ("a",), "stuck: told"),
        (Seen(), StepState.MANUAL, (), "manual: told"),
        (Seen(), StepState.DRIFTED, (), "drifted: told"),
        (Seen(), StepState.PUT_BACK, (), "put-back: told"),
        (Seen(), StepState.ROLLED_BACK, (), "rolled-back: told"),
        (Seen(), StepState.DONE, (), ""),
        (Seen(), StepState.NOTHING, (), ""),
    ],
)
def test_how_its_step_ended(
    seen: Seen, state: StepState, accept: tuple[str, ...], why: str
) -> None:
    reasons, _ = gate({"a": seen}, accept, {"a": state})
    assert set(reasons) == ({"a"} if why else set())
    assert reasons.get("a", "").startswith(why)


def test_steps_of_other_stages_are_none_of_its_reasons() -> None:
    other = replace(node_step("a", StepState.PENDING), stage=StageName.CLOSE, id="close/port")
    ctx = context(Fleet({"a": Seen()}))
    assert close_reasons(ctx, a_run(other), accept_offline=(), workers=1) == ((), ())


def test_a_node_that_is_not_moved_names_the_plans_reason() -> None:
    skips = (Skip("node a", "move", "M049: a name"), Skip("node b", "launch", "not this one"))
    reasons, _ = gate({"a": Seen(transport=TCP), "b": Seen(transport=TCP)}, skips=skips)
    assert reasons == {
        "a": "is still connected over TCP (M049: a name)",
        "b": "is still connected over TCP",
    }


@pytest.mark.parametrize(("back_after", "why"), [(40.0, ""), (60.0, "is offline")])
def test_one_that_reconnects_is_awaited_for_a_while(back_after: float, why: str) -> None:
    fleet = Fleet({"a": AWAY})
    ctx = context(fleet)
    began = ctx.clock.monotonic()

    def look(name: str) -> NodeState:
        here = ctx.clock.monotonic() - began >= back_after
        fleet.nodes[name] = replace(AWAY, online=here)
        return NodeState(name, here, 0, None)

    fleet.node_state = look  # type: ignore[method-assign]
    reasons, _ = close_reasons(ctx, a_run(), accept_offline=(), workers=1)
    assert [r.text.startswith(why) for r in reasons] == [True] * bool(why)


def test_its_time_over_nobody_is_asked_again() -> None:
    fleet = Fleet({"a": AWAY})
    ctx = replace(context(fleet), settings=RunSettings(rejoin=45.0, poll=15.0))
    began = ctx.clock.monotonic()
    close_reasons(ctx, a_run(), accept_offline=(), workers=1)
    assert ctx.clock.monotonic() == began + 45.0
    assert fleet.looks == 4, "at once, and after each 15 s"


def test_nobody_waits_for_what_is_accepted_or_was_never_here() -> None:
    fleet = Fleet({"a": AWAY, "b": NEVER_HERE, "c": replace(AWAY, launcher=SSH)})
    ctx = context(fleet)
    began = ctx.clock.monotonic()
    close_reasons(ctx, a_run(), accept_offline=("a",), workers=1)
    assert ctx.clock.monotonic() == began


NOW = "2026-01-31T20:10:00.000+00:00"


@pytest.mark.parametrize(
    ("ends", "soak", "left"),
    [
        ((), 600.0, 0.0),
        (("20:00",), 0.0, 0.0),
        (("20:00",), 600.0, 0.0),
        (("20:00",), 900.0, 300.0),
        (("20:08", "20:00"), 600.0, 480.0),
        (("20:10",), 1.0, 1.0),
        # By another machine's clock it ended later than now: asked for none, none is left.
        (("20:11",), 0.0, 0.0),
        (("20:11",), -1.0, 0.0),
    ],
)
def test_the_soak_counts_from_the_last_node_that_moved(
    ends: tuple[str, ...], soak: float, left: float
) -> None:
    at = "2026-01-31T{}:00.000+00:00".format
    moved = [node_step(f"n{e}", StepState.DONE, finished=at(e)) for e in ends]
    others = [
        node_step("x", StepState.FAILED, finished=at("20:09")),
        replace(node_step("y", StepState.DONE, finished=at("20:09")), stage=StageName.CLOSE),
    ]
    assert soak_left(a_run(*moved, *others), NOW, soak) == left


def close_step(name: str, state: StepState, kind: str = "test") -> RunStep:
    return RunStep(f"close/{name}", kind, "edge", name, StageName.CLOSE, "w", state, "told")


@pytest.mark.parametrize(
    ("state", "kind", "verdict", "told"),
    [
        (
            StepState.DONE,
            "remove-service-port",
            Verdict.FAIL,
            "close it: was done, and somebody put it back: see",
        ),
        (StepState.DONE, "remove-service-port", Verdict.PASS, ""),
        (StepState.DONE, "remove-service-port", Verdict.INCONCLUSIVE, ""),
        (StepState.PENDING, "remove-service-port", Verdict.FAIL, ""),
        (StepState.NOTHING, "remove-service-port", Verdict.FAIL, ""),
        (StepState.DONE, "manual", Verdict.FAIL, ""),
    ],
)
def test_what_an_owner_opened_again(
    monkeypatch: pytest.MonkeyPatch, state: StepState, kind: str, verdict: Verdict, told: str
) -> None:
    class Kind:
        def verify(self, step: PlanStep, ctx: Context) -> Verification:
            return Verification(verdict, "see")

    monkeypatch.setattr("migrate.engine.run.gate.kind_of", lambda name: Kind())
    target = {"kind": "Service", "namespace": "n", "name": "edge"}
    more = {} if kind == "manual" else {"piece": {"target": target, "port": 50000}}
    named = {"id": "close/a", "subject": "edge", "title": "close it"}
    step = read_step({"kind": kind, **named, **more})
    plan = cast(Plan, type("Steps", (), {"step": lambda _, name: step})())
    known = close_step("a", state, kind)
    assert open_again(context(Fleet({})), plan, a_run(known)) == told
    # What moved has been looked at by the gate, and is not "open again".
    assert open_again(context(Fleet({})), plan, a_run(replace(known, stage=StageName.NODES))) == ""
