"""Restarting an agent: once more where Jenkins' restarter was not in it yet."""

from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from steps_kube_agents import QuickClock

from migrate.drivers.base import Driver
from migrate.drivers.reread import Reread
from migrate.model.inventory import Transport
from migrate.model.plan import Choices
from migrate.model.ports import AgentLog, ControllerPort, NodeState, ProbePort
from migrate.model.records import Record
from migrate.steps.base import Context, Event, RunSettings, StepLog
from migrate.steps.node.restart import restart_and_wait
from migrate.steps.node.wait import CameBackWrong, Wanted


@dataclass
class Agent:
    """Comes back at once; it follows the flag only when it was cut off late enough."""

    clock: QuickClock
    restarter_after: float
    connected_at: float = 0.0
    moved: bool = False
    cut_off: int = 0
    events: list[Event] = field(default_factory=list)

    def agent_log(self, name: str) -> AgentLog:
        del name
        return AgentLog(
            transport=Transport.WEBSOCKET if self.moved else Transport.TCP,
            protocol="WebSocket" if self.moved else "JNLP4-connect",
            remoting_version="3160",
            address=None,
            connected=True,
            terminated=False,
            never_connected=False,
            session=str(self.cut_off),
        )

    def node_state(self, name: str) -> NodeState:
        return NodeState(name=name, online=True, busy=0, mark=None)

    def disconnect(self, name: str, reason: str) -> None:
        del name, reason
        self.moved = self.moved or self.clock.monotonic() - self.connected_at > self.restarter_after
        self.connected_at = self.clock.monotonic()
        self.cut_off += 1


class NoRecords:
    """Of a node that this run does not hold."""

    def records(self) -> tuple[Record, ...]:
        return ()


def moved(agent: Agent, driver: Driver) -> str:
    jenkins = cast(ControllerPort, agent)
    ctx = Context(
        jenkins=jenkins,
        cluster=None,
        prober=cast(ProbePort, None),
        inventory=None,
        choices=Choices(name="t", verify_timeout=30),
        settings=RunSettings(),
        clock=agent.clock,
        emit=agent.events.append,
    )

    def restart() -> AgentLog:
        before = agent.agent_log("a")
        driver.restart(jenkins, "a", "test")
        return before

    wanted = Wanted(Transport.WEBSOCKET)
    return restart_and_wait(ctx, cast(StepLog, NoRecords()), driver, "a", wanted, restart=restart)


def test_one_that_was_cut_off_too_soon_is_restarted_once_more() -> None:
    agent = Agent(QuickClock(lambda: None), restarter_after=4.0)
    assert moved(agent, Reread()) == "WebSocket, remoting 3160"
    assert agent.cut_off == 2
    assert "cut off too soon" in agent.events[-1].message


def test_one_that_never_follows_is_told_of_after_the_second_time() -> None:
    agent = Agent(QuickClock(lambda: None), restarter_after=1e9)
    with pytest.raises(CameBackWrong, match="came back over JNLP4-connect"):
        moved(agent, Reread())
    assert agent.cut_off == 2


def test_a_process_that_was_started_anew_gets_no_second_time() -> None:
    class ByUnit(Reread):
        by_restarter = False

    agent = Agent(QuickClock(lambda: None), restarter_after=1e9)
    with pytest.raises(CameBackWrong):
        moved(agent, cast(Any, ByUnit()))
    assert agent.cut_off == 1
