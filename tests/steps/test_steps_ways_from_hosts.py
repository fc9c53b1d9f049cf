"""What cannot be tried from here is tried from agents' own hosts, on real sockets."""

from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from tcp_ports import ports, refused, says

from migrate.jenkins.errors import ScriptFailed, Unreachable
from migrate.model.ports import ControllerPort
from migrate.model.ways import Place
from migrate.sandbox.agent.scripts import try_port
from migrate.steps.controller.ways_from_hosts import try_from_hosts
from migrate.steps.controller.ways_tried import Tried, WayState

FAR = WayState.NOT_TRIED


@dataclass
class Agents:
    """A controller whose agents' hosts reach this machine; some of them fail."""

    allowed: bool = True
    away: bool = False
    broken: tuple[str, ...] = ()
    asked: list[str] = field(default_factory=list)

    def can_script(self) -> bool:
        self.asked.append("console")
        if self.away:
            raise Unreachable("it is away")
        return self.allowed

    def run_script(self, script: str, arguments: dict[str, Any], *, node: str) -> Any:
        assert script == "try-ports"
        self.asked.append(node)
        if node in self.broken:
            raise ScriptFailed(script, node, "its agent is gone")
        return [try_port(place, 0.5) for place in arguments["places"]]


def tried(
    *places: tuple[str, int], agents: Agents, nodes: tuple[str, ...] = ("b", "a"), sure: bool = True
) -> tuple[Tried, ...]:
    far = [
        Tried(Place("Service n/s", port, host, sure=sure), FAR, "no route from here", "nothing")
        for host, port in places
    ]
    return try_from_hosts(far, cast(ControllerPort, agents), None, nodes)


def test_each_answer_of_a_host() -> None:
    agents = Agents()
    with ports() as all_four:
        found = tried(*(("127.0.0.1", port) for port in all_four), agents=agents)
    assert [one.state for one in found] == [*[WayState.OPEN] * 3, WayState.CLOSED]
    assert agents.asked == ["console", "a"], (
        "one script for all places, and no other host where it tells"
    )
    assert {one.from_node for one in found} == {"a"}
    assert "still answers from the host of a" in found[0].line
    assert "still accepts connections from the host of a, with nothing behind it" in found[1].line
    assert found[3].line.endswith("refuses connections from the host of a")
    with says(b"SSH-2.0-x\r\n") as other:
        (found,) = (tried(("127.0.0.1", other), agents=agents, sure=False),)
    assert found[0].state is WayState.CLOSED and "another service" in found[0].line


def test_the_next_host_is_asked_where_one_does_not_tell() -> None:
    agents = Agents(broken=("a",))
    (found,) = tried(("127.0.0.1", refused()), agents=agents)
    assert (found.state, found.from_node, agents.asked) == (
        WayState.CLOSED,
        "b",
        ["console", "a", "b"],
    )


def test_where_no_host_gets_an_answer_the_line_says_what_would() -> None:
    agents = Agents(broken=("b",))
    nodes = ("d", "c", "b", "a")
    (found,) = tried(("no such-host.invalid", 50000), agents=agents, nodes=nodes)
    assert found.state is FAR and not found.from_node
    assert agents.asked == ["console", "a", "b", "c"]
    assert found.line.startswith(
        "no such-host.invalid:50000 (Service n/s) not tried: no route from"
    )
    for text in ("the host of a", "the host of b", "its agent is gone", "the host of c"):
        assert text in found.line
    assert "on the host of a or b or c: nc -vz 'no such-host.invalid' 50000 (Windows:" in found.line


@pytest.mark.parametrize(
    ("agents", "why"),
    [
        (Agents(allowed=False), "the script console is not open to this user"),
        (Agents(away=True), "it is away"),
    ],
)
def test_without_the_console_the_host_and_the_command_are_named(agents: Agents, why: str) -> None:
    (found,) = tried(("192.0.2.1", 50000), agents=agents)
    assert found.state is FAR and agents.asked == ["console"]
    assert why in found.line and "on the host of a or b: nc -vz 192.0.2.1 50000" in found.line


def test_nobody_is_asked_of_what_is_known_or_has_no_address() -> None:
    agents = Agents()
    known = Tried(Place("controller", 1, "127.0.0.1"), WayState.CLOSED, "refuses connections")
    nowhere = Tried(Place("Service n/s", 31000), FAR, "no address", "needs")
    controller = cast(ControllerPort, agents)
    assert try_from_hosts([known, nowhere], controller, None, ["a"]) == (known, nowhere)
    far = Tried(Place("controller", 1, "192.0.2.1"), FAR, "no route", "needs")
    assert try_from_hosts([far], controller, None, []) == (far,)
    assert agents.asked == []
