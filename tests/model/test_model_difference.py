"""What differs between scans and between rehearsals."""

from dataclasses import replace
from pathlib import Path

import pytest

from migrate.model.difference import Change, inventories, rehearsals
from migrate.model.inventory import Inventory, LauncherKind, Node, Transport
from migrate.model.rehearsal import REHEARSAL_SCHEMA, Rehearsal, RehearsedStep
from migrate.plan_store.plan_folder import read_inventory

SEEN = read_inventory(Path(__file__).parents[2] / "plans" / "example")
TCP, WEB, UNKNOWN = Transport.TCP, Transport.WEBSOCKET, Transport.UNKNOWN


def node(name: str = "a", transport: Transport = TCP, **more: object) -> Node:
    made = Node(name, LauncherKind.INBOUND, "x", transport=transport, online=True)
    return replace(made, **more)  # type: ignore[arg-type]


def with_nodes(*nodes: Node) -> Inventory:
    return replace(SEEN, nodes=nodes)


def told(a: Node, b: Node) -> list[tuple[str, str, str]]:
    return [(c.kind, c.before, c.after) for c in inventories(with_nodes(a), with_nodes(b))]


def test_a_scan_and_itself_are_alike() -> None:
    assert inventories(SEEN, replace(SEEN, scanned_at="another time")) == ()


@pytest.mark.parametrize(
    ("a", "b", "wanted"),
    [
        (node(), node(transport=WEB), [("moved", "tcp", "websocket")]),
        (node(transport=WEB), node(), [("came back", "websocket", "tcp")]),
        (
            node(),
            node(transport=UNKNOWN, online=False),
            [
                ("changed", "state online", "state offline"),
                ("changed", "transport tcp", "transport unknown"),
            ],
        ),
        (node(labels=("a",)), node(labels=("a", "b")), [("changed", "labels a", "labels a b")]),
        (node(busy=1), node(busy=3), []),
        (
            node(config_sha256="1"),
            node(config_sha256="2"),
            [("changed", "config.xml", "config.xml differs")],
        ),
    ],
)
def test_a_node(a: Node, b: Node, wanted: list[tuple[str, str, str]]) -> None:
    assert told(a, b) == wanted


def test_nodes_come_and_go_and_those_of_clouds_say_nothing() -> None:
    cloud = node("pod-1", launcher=LauncherKind.CLOUD)
    found = inventories(with_nodes(node("a"), cloud), with_nodes(node("b")))
    assert found == (
        Change("lost", "node", "a", "inbound, tcp", ""),
        Change("added", "node", "b", "", "inbound, tcp"),
    )


def test_ways_in_and_the_port() -> None:
    assert SEEN.cluster is not None
    assert SEEN.cluster.exposures
    closed = replace(
        SEEN,
        cluster=replace(SEEN.cluster, exposures=()),
        controller=replace(
            SEEN.controller, agent_port=replace(SEEN.controller.agent_port, configured=-1)
        ),
    )
    found = inventories(SEEN, closed)
    assert {c.kind for c in found if c.what == "way in"} == {"lost"}
    assert {c.kind for c in inventories(closed, SEEN) if c.what == "way in"} == {"added"}
    assert any(c.what == "controller" and c.after == "agent port off -1" for c in found)


def rehearsal(**verdicts: str) -> Rehearsal:
    steps = tuple(
        RehearsedStep("nodes", "w", f"node/{name}", "move-node", name, name, verdict)
        for name, verdict in verdicts.items()
    )
    return Rehearsal(
        REHEARSAL_SCHEMA,
        "0",
        "t",
        "id",
        "https://a/",
        "2026-11-21T20:00:00Z",
        "u",
        "h",
        "",
        steps,
        0,
    )


def test_rehearsals_differ_in_verdicts() -> None:
    a, b = rehearsal(a="would change", b="blocked"), rehearsal(b="would change", c="by hand")
    assert [(c.kind, c.name, c.before, c.after) for c in rehearsals(a, b)] == [
        ("lost", "node/a", "would change", ""),
        ("added", "node/c", "", "by hand"),
        ("changed", "node/b", "blocked", "would change"),
    ]
    assert rehearsals(a, a) == ()


def test_a_rehearsal_in_one_sentence() -> None:
    assert rehearsal(a="blocked", b="would change", c="would change").sentence == (
        "3 steps: 2 would change, 1 blocked"
    )
    assert rehearsal().sentence == "0 steps: none"
