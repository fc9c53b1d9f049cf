"""When an agent counts as back, and as what."""

from dataclasses import replace
from typing import cast

import pytest
from steps_kube_agents import QuickClock

from migrate.model.inventory import Transport
from migrate.model.plan import Choices
from migrate.model.ports import AgentLog, ControllerPort, NodeState, ProbePort
from migrate.model.records import Record
from migrate.steps.base import Context, RunSettings, StepLog
from migrate.steps.node.wait import CameBackWrong, NotBack, Wanted, await_agent

OLD, NEW = "3160.vd76b_9ddd10cc", "3283.v92c105e0f819"
BEFORE = AgentLog(
    Transport.TCP, "JNLP4-connect", OLD, None, connected=True, terminated=False,
    never_connected=False, session="1",
)  # fmt: skip
MOVED = replace(BEFORE, transport=Transport.WEBSOCKET, protocol="WebSocket", session="2")
AWAY = replace(BEFORE, connected=False, terminated=True)
WEB = Wanted(Transport.WEBSOCKET)


class Tells:
    """A controller that tells one thing after the other, and the last one for ever."""

    def __init__(self, *told: tuple[AgentLog, bool]) -> None:
        self.told = list(told)

    def agent_log(self, name: str) -> AgentLog:
        return self.told[0][0]

    def node_state(self, name: str) -> NodeState:
        online = self.told[0][1]
        if len(self.told) > 1:
            self.told.pop(0)
        return NodeState(name, online, 0, None)


class NoRecords:
    """Of a node that this run does not hold."""

    def records(self) -> tuple[Record, ...]:
        return ()


def wait(wanted: Wanted, *told: tuple[AgentLog, bool], before: AgentLog | None = BEFORE) -> str:
    clock = QuickClock(lambda: None)
    ctx = Context(
        jenkins=cast(ControllerPort, Tells(*told)), cluster=None, prober=cast(ProbePort, None),
        inventory=None, choices=Choices("t", verify_timeout=30), settings=RunSettings(),
        clock=clock, emit=lambda event: None,
    )  # fmt: skip
    try:
        return await_agent(ctx, cast(StepLog, NoRecords()), "a", before, wanted)
    except NotBack:
        assert clock.at == 30, "as long as the plan says"
        raise


def test_a_new_session_counts_at_once() -> None:
    assert wait(WEB, (MOVED, True)) == f"WebSocket, remoting {OLD}"


def test_the_session_before_does_not_count_however_it_reads() -> None:
    stale = replace(MOVED, session=BEFORE.session)
    with pytest.raises(NotBack, match="did not come back within 30 s"):
        wait(WEB, (stale, True))
    # Seen gone, it is a new one even where the log's head is the same.
    assert wait(WEB, (AWAY, False), (stale, True)).startswith("WebSocket")
    assert wait(WEB, (stale, False), (stale, True)).startswith("WebSocket")
    assert wait(WEB, (AWAY, True), (stale, True)).startswith("WebSocket")
    assert wait(WEB, (stale, True), before=None).startswith("WebSocket")


def test_one_that_stays_away_is_told_with_what_the_controller_said_last() -> None:
    with pytest.raises(NotBack, match="30 s: too old"):
        wait(WEB, (replace(AWAY, rejected="too old"), False), (AWAY, False))


@pytest.mark.parametrize(
    ("transport", "told"),
    [
        (Transport.WEBSOCKET, "came back over JNLP4-connect, not over websocket: its transport"),
        (Transport.UNKNOWN, "came back over JNLP4-connect, not over unknown: its launch still"),
    ],
)
def test_another_transport_is_told(transport: Transport, told: str) -> None:
    with pytest.raises(CameBackWrong, match=told):
        wait(Wanted(transport), (replace(BEFORE, session="2"), True))
    assert wait(Wanted(None), (replace(BEFORE, session="2"), True)).startswith("JNLP4-connect")


@pytest.mark.parametrize("ran", [OLD, "3301.v4363ddcca_4e7"])
def test_another_jar_than_the_replaced_one_is_told(ran: str) -> None:
    back = replace(MOVED, remoting_version=ran)
    with pytest.raises(CameBackWrong, match=f"came back with remoting {ran}, not {NEW}"):
        wait(replace(WEB, version=NEW), (back, True))
    assert wait(WEB, (back, True)) == f"WebSocket, remoting {ran}"


def test_the_wanted_jar_and_one_that_nobody_can_read() -> None:
    wanted = replace(WEB, version=NEW)
    assert wait(wanted, (replace(MOVED, remoting_version=NEW), True)).endswith(NEW)
    assert wait(wanted, (replace(MOVED, remoting_version=None), True)).endswith("unknown")
