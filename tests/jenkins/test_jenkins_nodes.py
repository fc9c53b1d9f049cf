"""What REST says of a node, and what becomes of it."""

from typing import Any

import pytest

from migrate.jenkins.agent_log import parse_log
from migrate.jenkins.errors import UnexpectedAnswer
from migrate.jenkins.nodes import NodeReading, build_node, computer_state, node_state
from migrate.jenkins.permissions import RELEVANT, Observed, from_reads, relevant
from migrate.model.inventory import LauncherKind, OfflineMark, Transport

ONLINE = parse_log(
    b"Inbound agent connected from 1.2.3.4\nCommunication Protocol: WebSocket\n"
    b"Agent successfully connected and online\n"
)
LOST = parse_log(ONLINE.text.encode() + b"ERROR: Connection terminated\n")


def computer(**values: Any) -> dict[str, Any]:
    return {"displayName": "a", "offline": False, "idle": True, **values}


def marked(cause: str, description: str = "", reason: str = "", **values: Any) -> dict[str, Any]:
    told = {"_class": f"hudson.slaves.OfflineCause${cause}", "description": description}
    return computer(
        offline=True,
        temporarilyOffline=True,
        offlineCause=told,
        offlineCauseReason=reason,
        **values,
    )


def test_a_mark_and_its_channel() -> None:
    """30-switch-a: a marked node that loses its channel shows ChannelTermination meanwhile; and
    on, when a node was saved meanwhile, so that only its log tells (a real 2.361.4)."""
    mine = computer_state(marked("UserCause", "Disconnected by admin : switch", "switch"))
    assert mine.mark == OfflineMark("admin", "switch")
    assert mine.connected is None
    assert node_state(mine, None).online
    assert node_state(mine, ONLINE).online
    assert not node_state(mine, LOST).online
    lost = computer_state(marked("ChannelTermination", "", "Connection was broken"))
    assert (lost.connected, lost.mark) == (None, OfflineMark("", ""))
    assert [node_state(lost, log).online for log in (None, LOST, ONLINE)] == [False, False, True]
    shown = computer_state(marked("UserCause", absoluteRemotePath="/srv"))
    assert shown.connected is True


@pytest.mark.parametrize(
    ("description", "reason", "by"),
    [
        ("Disconnected by admin : x : y", "x : y", "admin"),
        ("Disconnected by a : b", "", "a : b"),
        ("Disconnected by anonymous", "", "anonymous"),
        ("Getrennt von admin", "", ""),
    ],
)
def test_whose_mark(description: str, reason: str, by: str) -> None:
    state = computer_state(marked("UserCause", description, reason))
    assert state.mark == OfflineMark(by, reason)


def test_busy_counts_what_a_user_may_not_name() -> None:
    hidden = {"idle": False, "currentExecutable": None}
    shown = {"idle": False, "currentExecutable": {"_class": "x"}}
    free = {"idle": True, "currentExecutable": None}
    data = computer(executors=[hidden, shown, free, {}], oneOffExecutors=[{}], idle=False)
    assert computer_state(data).busy == 3
    assert computer_state(computer(executors=[{}], idle=False)).busy == 1
    assert node_state(computer_state(computer(executors=[{}])), None).idle


def test_names_and_labels() -> None:
    data = computer(_class="hudson.model.Hudson$MasterComputer", displayName="Eingebauter Knoten")
    assert computer_state(data).name == "(built-in)"
    labels = [{"name": "a"}, {"name": "z"}, {"name": "lab"}, {}]
    assert computer_state(computer(assignedLabels=labels)).labels == ("lab", "z")


@pytest.mark.parametrize("data", [{}, {"displayName": "a"}, {"displayName": 3, "offline": True}])
def test_other_shapes_are_refused(data: dict[str, Any]) -> None:
    with pytest.raises(UnexpectedAnswer):
        computer_state(data)


def test_a_node_without_a_readable_config() -> None:
    reading = NodeReading("a", online=True, labels=("x",), config=b"<broken", log=ONLINE)
    node, skips = build_node(reading)
    assert (node.launcher, node.labels) == (LauncherKind.UNKNOWN, ("x",))
    assert node.transport is Transport.WEBSOCKET
    assert [(s.subject, s.what) for s in skips] == [("node a", "config.xml")]
    assert node.config_sha256 is not None


def test_transport_is_only_told_of_a_connection() -> None:
    for online, log in ((False, ONLINE), (True, LOST), (True, None)):
        node, _ = build_node(NodeReading("a", online=online, log=log))
        assert node.transport is Transport.UNKNOWN
    node, _ = build_node(NodeReading("a", online=False, log=LOST))
    assert (node.protocol, node.ever_connected) == ("WebSocket", True)


def test_a_lost_mark_is_read_from_the_config() -> None:
    config = b"""<slave><name>a</name><temporaryOfflineCause><userId>bob</userId><description>
    <args><string>bob</string><string> : why</string></args></description>
    </temporaryOfflineCause></slave>"""
    node, _ = build_node(NodeReading("a", mark=OfflineMark("", ""), config=config))
    assert node.offline_mark == OfflineMark("bob", "why")
    node, _ = build_node(NodeReading("a", config=config))
    assert node.offline_mark is None


def test_a_redacted_config_has_no_digest() -> None:
    node, _ = build_node(NodeReading("a", config=b"<slave><x>********</x></slave>"))
    assert (node.node_class, node.config_sha256) == ("slave", None)


def test_permissions_are_claimed_only_when_seen() -> None:
    assert from_reads(Observed(True, None, None)) == (RELEVANT, ())
    held, unknown = from_reads(Observed(False, None, None))
    assert held == ("Overall/Read",)
    assert len(unknown) == 6
    held, unknown = from_reads(Observed(False, False, False))
    assert held == ("Overall/Read",)
    assert [s.what for s in unknown] == ["permission Agent/Create", "permission Agent/Delete"]
    assert relevant(["Agent/Connect", "Overall/Read", "Job/Build"]) == (
        "Overall/Read",
        "Agent/Connect",
    )
    assert relevant(["Overall/Administer"]) == RELEVANT
