"""What a look at a node says before it is moved."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from journal_entries import entry

from migrate.jenkins.errors import NodeGone
from migrate.jenkins.node_config import digest, to_websocket
from migrate.model import plan_steps
from migrate.model.inventory import Transport
from migrate.model.journal.node import SwitchOutcome
from migrate.model.names import DriverName
from migrate.model.plan import Choices
from migrate.model.ports import AgentLog, NodeState
from migrate.model.records import Record
from migrate.steps.base import Check, CheckState, Context, RunSettings
from migrate.steps.node.move_node import MoveNode

BODY = b"""<slave>
  <name>a</name>
  <launcher class="hudson.slaves.JNLPLauncher">
    <tunnel>edge:50000</tunnel>
    <webSocket>false</webSocket>
  </launcher>
</slave>"""
MOVED = to_websocket(BODY)
TCP = AgentLog(
    Transport.TCP, "JNLP4-connect", "3206", None, connected=True, terminated=False,
    never_connected=False, session="1",
)  # fmt: skip
WEB = replace(TCP, transport=Transport.WEBSOCKET, protocol="WebSocket")
READY, DONE, DRIFTED, BLOCKED = (
    CheckState.READY, CheckState.DONE, CheckState.DRIFTED, CheckState.BLOCKED
)  # fmt: skip
EDIT: dict[str, Any] = {"launch_edit": plan_steps.ProgramEdit()}


def check(
    agent: AgentLog = TCP,
    *,
    online: bool = True,
    body: bytes | None = BODY,
    records: tuple[Record, ...] | None = None,
    include_offline: bool = False,
    **params: Any,
) -> Check:
    def config(name: str) -> bytes:
        if body is None:
            raise NodeGone(name)
        return body

    jenkins = SimpleNamespace(
        node_state=lambda name: NodeState(name, online, 0, None),
        agent_log=lambda name: agent,
        read_node_config=config,
    )
    anything = cast(Any, None)
    ctx = Context(
        jenkins=cast(Any, jenkins), cluster=None, prober=anything, inventory=None,
        choices=Choices("t"), settings=RunSettings(include_offline=include_offline),
        clock=anything, emit=lambda event: None,
    )  # fmt: skip
    planned = {"config_sha256": digest(BODY)}
    step = plan_steps.MoveNode(
        id="node/a",
        subject="node a",
        title="a",
        node="a",
        driver=DriverName.REREAD,
        **params,
        fingerprint=planned,
    )
    log = None if records is None else SimpleNamespace(records=lambda: records)
    return MoveNode().check(step, ctx, cast(Any, log))


def intent(action: str, **data: Any) -> Record:
    return Record(1, "2026-01-01T00:00:00.000Z", entry("intent", action, **data), "node/a")


def test_as_planned_and_connected_it_can_start() -> None:
    assert check().state is READY
    assert check(**EDIT).state is READY


@pytest.mark.parametrize("params", [{}, EDIT])
@pytest.mark.parametrize(
    ("planned_offline", "passing"), [(False, True), (True, False), (None, True)]
)
def test_offline_it_is_left_alone_and_waited_for_only_when_it_was_here(
    params: dict[str, Any], planned_offline: bool | None, passing: bool
) -> None:
    more: dict[str, Any] = {} if planned_offline is None else {"offline": planned_offline}
    found = check(online=False, **params, **more)
    assert (found.state, found.passing) == (BLOCKED, passing)
    assert found.detail.startswith("offline: ")


def test_an_offline_nodes_flag_is_set_on_request_unless_that_would_not_move_it() -> None:
    assert check(online=False, include_offline=True).state is READY
    assert check(online=False, include_offline=True, **EDIT).state is BLOCKED


@pytest.mark.parametrize("action", ["hold", "switch", "upgrade", "launch", "restart"])
@pytest.mark.parametrize("params", [{}, EDIT])
def test_one_that_this_run_has_in_hand_goes_on_offline(action: str, params: dict[str, Any]) -> None:
    started = (intent(action, node="a"),)
    assert check(online=False, records=started, **params).state is READY
    assert check(online=False, records=(), **params).state is BLOCKED


@pytest.mark.parametrize(
    ("body", "agent", "online", "params", "state"),
    [
        (MOVED, WEB, True, {}, DONE),
        # Its launch says WebSocket: the flag and the tunnel decide nothing.
        (BODY, WEB, True, {"set_flag": False}, DONE),
        (BODY, WEB, True, {}, READY),
        (MOVED, TCP, True, {}, DRIFTED),
        # Connected over WebSocket by its launch alone: its setting is still to come.
        (BODY.replace(b"<tunnel>edge:50000</tunnel>", b""), WEB, True, {}, DRIFTED),
        (MOVED, replace(WEB, connected=False), True, {}, DRIFTED),
        (MOVED, WEB, False, {}, DRIFTED),
        (MOVED.replace(b"<web", b"<tunnel>h:1</tunnel><web"), WEB, True, {}, DRIFTED),
        (BODY.replace(b"edge:50000", b"h:1"), TCP, True, {}, DRIFTED),
    ],
)
def test_moved_already_or_changed_since_the_plan(
    body: bytes, agent: AgentLog, online: bool, params: dict[str, Any], state: CheckState
) -> None:
    assert check(agent, online=online, body=body, **params).state is state


@pytest.mark.parametrize("when", ["before", "after", "read_back"])
def test_what_this_run_wrote_itself_is_no_drift(when: str) -> None:
    mine = [intent("switch", **{} if when == "read_back" else {f"{when}_digest": digest(MOVED)})]
    if when == "read_back":
        kept = SwitchOutcome(ok=True, read_back_digest=digest(MOVED))
        mine.append(Record(2, "2026-01-01T00:00:00.000Z", kept, "node/a"))
    assert check(body=MOVED, records=tuple(mine)).state is READY
    assert check(body=MOVED, records=(intent("switch"),)).state is DRIFTED


def test_a_node_that_somebody_deleted() -> None:
    found = check(body=None)
    assert (found.state, found.detail) == (DRIFTED, "the controller has no such node any more")
