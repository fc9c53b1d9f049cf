"""The parts of a move, in order; and what of them is done again after a crash."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from journal_entries import entry

from migrate.engine.clock import RealClock, StopSignal
from migrate.model import plan_steps
from migrate.model.host_work import RestartDone
from migrate.model.inventory import Transport, Verdict
from migrate.model.journal.base import Entry
from migrate.model.journal.node import RestartIntent, RestartOutcome
from migrate.model.plan import Choices
from migrate.model.ports import AgentLog, NodeState
from migrate.model.records import Record, entry_type
from migrate.steps.base import Context, RunSettings
from migrate.steps.node import move_node
from migrate.steps.node.move_node import MoveNode

TCP = AgentLog(
    Transport.TCP, "JNLP4-connect", "3206", None, connected=True, terminated=False,
    never_connected=False, session="1",
)  # fmt: skip
WEB = replace(TCP, transport=Transport.WEBSOCKET, protocol="WebSocket", session="2")
GONE = replace(TCP, connected=False)
JAR = plan_steps.JarUpgrade(
    from_version="3107", to="3283", from_sha256="0", sha256="5f", jar="/agent.jar", url="http://j/"
)
PARTS = ["hold", "probe", "jar", "switch", "launch", "restart", "release"]


class Log:
    """A journal in memory."""

    def __init__(self, *records: Record) -> None:
        self.all = list(records)

    def write(self, entry: Entry) -> None:
        self.all.append(Record(len(self.all), "2026-01-01T00:00:00.000Z", entry, "node/a"))

    def records(self) -> tuple[Record, ...]:
        return tuple(self.all)

    of_run = records


def log(*told: str) -> Log:
    """``intent hold``, ``undone hold`` ...; each restart was asked in the session 1."""
    found = Log()
    for one in told:
        kind, action = one.split()
        known = {"node": "a", "session": "1", "ok": True}
        fields = entry_type(kind, action).__struct_fields__
        found.write(entry(kind, action, **{k: v for k, v in known.items() if k in fields}))
    return found


class Bench:
    """A node, and what a move does with it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.did: list[str] = []
        self.phases: list[str] = []
        self.first: bool | None = None
        self.asked: bool | None = None
        self.wanted: Any = None
        self.online, self.agent, self.busy, self.served = True, TCP, 0, "5f"
        driver = SimpleNamespace(starts_stopped=False, restart=self._driver_restart)
        self.driver = driver
        for name, part in (
            ("bring_jar", "jar"), ("switch", "switch"), ("switch_launch", "launch"),
            ("release", "release"),
        ):  # fmt: skip
            monkeypatch.setattr(move_node, name, self._does(part))
        monkeypatch.setattr(move_node, "hold", self._hold)
        monkeypatch.setattr(MoveNode, "_probe", self._does("probe"))
        monkeypatch.setattr(move_node, "driver_of", lambda step, ctx: driver)
        monkeypatch.setattr(move_node, "launch_edits", lambda *_: ())
        monkeypatch.setattr(move_node, "restart_and_wait", self._restart)
        jenkins = SimpleNamespace(
            node_state=lambda name: NodeState(name, self.online, self.busy, None),
            agent_log=lambda name: self.agent,
            jar=lambda: ("3301", self.served),
        )
        self.ctx = Context(
            jenkins=cast(Any, jenkins), cluster=None, prober=cast(Any, None), inventory=None,
            choices=Choices("t"), settings=RunSettings(), clock=RealClock(StopSignal()),
            emit=lambda event: self.phases.append(event.phase), run_label="migrate t 1",
        )  # fmt: skip

    def _does(self, part: str) -> Any:
        return lambda *_, **__: self.did.append(part)

    def _hold(self, *_: Any, first: bool | None = None) -> None:
        self.did.append("hold")
        self.first = first if first is not None else self.first

    def _driver_restart(self, *_: Any) -> RestartDone:
        self.did.append("driver")
        return RestartDone(by="disconnect")

    def _restart(self, ctx: Any, log: Any, driver: Any, node: str, wanted: Any, **more: Any) -> str:
        self.did.append("restart")
        self.asked, self.wanted, self.again = more["asked"], wanted, more["restart"]
        return "back"

    def apply(self, journal: Log, **params: Any) -> str:
        return MoveNode().apply(step(**params), self.ctx, cast(Any, journal))


SECRET = plan_steps.FilesEdit(files=("/f",), url="http://j/", secret_file="/s")


def step(**params: Any) -> plan_steps.MoveNode:
    known = {"upgrade": JAR, "remoting": "3107", "driver": "inband", **params}
    return plan_steps.MoveNode(id="node/a", subject="node a", title="a", node="a", **known)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(monkeypatch)


def test_all_parts_in_order(bench: Bench) -> None:
    journal = log()
    assert bench.apply(journal) == "back"
    assert bench.did == PARTS and bench.first is True and bench.asked is False
    assert bench.phases == ["hold", "probe", "upgrade", "switch", "release"]
    assert (bench.wanted.transport, bench.wanted.version) == (Transport.WEBSOCKET, "3283")
    bench.did.clear()
    assert bench.apply(journal, upgrade=None) == "back"
    assert bench.did == [part for part in PARTS if part != "jar"] and bench.wanted.version is None


def test_the_restart_is_recorded_and_a_connected_node_is_held_again(bench: Bench) -> None:
    journal = log()
    bench.apply(journal)
    for agent, did in ((TCP, ["hold", "driver"]), (GONE, ["driver"])):
        bench.agent, bench.did, bench.phases = agent, [], []
        assert bench.again() is agent
        assert bench.did == did and bench.phases == ["restart", "verify"]
        intent, outcome = journal.all[-2:]
        assert intent.entry == RestartIntent(node="a", session="1")
        assert outcome.entry == RestartOutcome(ok=True, done=RestartDone(by="disconnect"))


@pytest.mark.parametrize(
    ("told", "first", "probes"),
    [
        (("intent hold",), True, True),
        (("intent hold", "undone hold"), True, True),
        # Something was changed: a window that ends meanwhile postpones it no more.
        (("intent switch",), False, True),
        (("intent upgrade",), False, True),
        (("intent launch",), False, True),
        (("intent switch", "undone switch"), True, True),
        # On its way, it can't be asked.
        (("intent restart",), False, False),
        (("intent restart", "undone restart"), True, True),
    ],
)
def test_after_a_crash(bench: Bench, told: tuple[str, ...], first: bool, probes: bool) -> None:
    bench.apply(log(*told))
    assert bench.first is first
    assert ("probe" in bench.did, "probe" in bench.phases) == (probes, probes)


@pytest.mark.parametrize(
    ("told", "in_hand"),
    [
        ((), False),
        # Its flag was set while it was offline: nobody waits for it.
        (("intent switch",), False),
        (("intent hold",), True),
        (("intent hold", "intent release", "outcome release"), False),
        (("intent upgrade",), True),
        (("intent launch", "undone launch"), False),
        (("intent switch", "intent restart"), True),
        (("intent restart", "undone restart", "intent upgrade"), True),
    ],
)
def test_an_offline_node_gets_its_flag_unless_it_is_in_hand(
    bench: Bench, told: tuple[str, ...], in_hand: bool
) -> None:
    bench.online, bench.agent = False, GONE
    said = bench.apply(log(*told))
    assert (said == "back") is in_hand
    if not in_hand:
        assert said.startswith("flag set and read back") and "NOT verified" in said
        assert (bench.did, bench.phases) == (["switch"], ["switch"])


@pytest.mark.parametrize(
    ("told", "agent", "online", "starts_stopped", "asked"),
    [
        # Nobody asked, or it was put back.
        ((), TCP, True, False, False),
        (("intent restart", "undone restart"), WEB, True, False, False),
        # It has another session: the restart worked.
        (("intent restart",), WEB, True, False, True),
        (("intent restart",), replace(GONE, session="2"), False, True, True),
        # Still the session of before: it is asked again.
        (("intent restart",), TCP, True, False, False),
        # It left, and comes back by itself, or its driver starts it once more.
        (("intent restart",), GONE, True, False, True),
        (("intent restart",), TCP, False, False, True),
        (("intent restart",), GONE, True, True, False),
        (("intent restart",), TCP, False, True, False),
    ],
)
def test_whether_a_restart_before_a_crash_has_worked(
    bench: Bench, told: tuple[str, ...], agent: AgentLog, online: bool, starts_stopped: bool,
    asked: bool,
) -> None:  # fmt: skip
    bench.agent, bench.online = agent, online
    bench.driver.starts_stopped = starts_stopped
    MoveNode()._restart(step(), bench.ctx, cast(Any, log(*told)), cast(Any, bench.driver))
    assert bench.asked is asked
    assert bench.phases == (["verify"] if asked else [])


@pytest.mark.parametrize(
    ("online", "agent", "verdict", "told"),
    [
        (True, WEB, Verdict.PASS, "on WebSocket, remoting 3206"),
        (True, replace(WEB, remoting_version=None), Verdict.PASS, "remoting unknown"),
        (True, TCP, Verdict.FAIL, "connected over JNLP4-connect"),
        (True, replace(TCP, protocol=None), Verdict.FAIL, "connected over tcp"),
        (False, WEB, Verdict.INCONCLUSIVE, "not connected"),
        (True, replace(WEB, connected=False), Verdict.INCONCLUSIVE, "not connected"),
    ],
)
def test_what_is_read_back(
    bench: Bench, online: bool, agent: AgentLog, verdict: Verdict, told: str
) -> None:
    bench.online, bench.agent = online, agent
    seen = MoveNode().verify(step(), bench.ctx)
    assert seen.verdict is verdict and told in seen.detail


def test_a_rehearsal_tells_what_it_would_wait_for(bench: Bench) -> None:
    text = MoveNode().dry_run(step(), bench.ctx)
    assert text.startswith("would change: a: agent.jar 3107 to 3283, set webSocket, reconnect")
    assert "would wait" not in text
    bench.busy, bench.served = 2, "60"
    assert "would wait for 2 running build(s)" in MoveNode().dry_run(step(upgrade=None), bench.ctx)
    told = MoveNode().dry_run(step(), bench.ctx)
    assert told == "cannot tell: the controller now serves agent.jar 3301; plan again"


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"upgrade": None}, "a: set webSocket, reconnect (driver inband)"),
        ({}, "a: agent.jar 3107 to 3283, set webSocket, reconnect (driver inband)"),
        (
            {"launch_edit": plan_steps.ProgramEdit(), "upgrade": None},
            "a: set webSocket, edit its launch, reconnect (driver inband)",
        ),
        (
            {"launch_edit": SECRET, "drop_tunnel": "h:1"},
            "a: agent.jar 3107 to 3283, set webSocket, drop the tunnel, edit its launch, "
            "move its secret to /s, reconnect (driver inband)",
        ),
    ],
)
def test_what_a_move_is_called(params: dict[str, Any], told: str) -> None:
    described = MoveNode().describe(step(**params))
    assert described.text == told and described.reversible


def test_what_its_way_back_is_called() -> None:
    assert MoveNode().describe_back(step()) == "node a: back to TCP"
    there = step(transport=Transport.WEBSOCKET)
    assert MoveNode().describe_back(there) == "node a: its agent.jar and settings as they were"
