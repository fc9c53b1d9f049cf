"""What dated scans say together."""

from migrate.model.history import HISTORY_SCHEMA, NodeThen, OwnerCount, ScanSummary, trends
from migrate.model.inventory import Transport

TCP, WEB, UNKNOWN = Transport.TCP, Transport.WEBSOCKET, Transport.UNKNOWN


def scan(day: int, *nodes: NodeThen, url: str = "https://a/") -> ScanSummary:
    return ScanSummary(HISTORY_SCHEMA, "0", f"2026-11-{day:02}T04:00:00Z", url, nodes)


def test_the_sentence_counts_what_moved_what_needs_a_person_and_what_came_back() -> None:
    first = scan(1, NodeThen("a", TCP), NodeThen("b", WEB), NodeThen("c", TCP, by_hand=True))
    second = scan(2, NodeThen("a", WEB), NodeThen("b", TCP), NodeThen("c", TCP, by_hand=True))
    (trend,) = trends((second, first))
    assert [p.left for p in trend.points] == [2, 2]
    assert trend.came_back == ("b",)
    assert trend.need_person == ("c",)
    assert trend.sentence == "1 of 3 moved, 1 needs a person, 1 came back to TCP"


def test_a_node_that_is_offline_counts_as_it_was_seen_last() -> None:
    (trend,) = trends((scan(1, NodeThen("a", WEB)), scan(2, NodeThen("a", UNKNOWN))))
    assert trend.points[-1].moved == 1
    assert trend.came_back == ()
    assert trend.sentence == "1 of 1 moved"


def test_a_node_that_was_never_seen_is_not_moved() -> None:
    (trend,) = trends((scan(1, NodeThen("a", UNKNOWN)),))
    assert trend.points[-1].left == 1


def test_a_deleted_node_counts_no_more() -> None:
    (trend,) = trends(
        (scan(1, NodeThen("a", WEB), NodeThen("b", TCP)), scan(2, NodeThen("b", WEB)))
    )
    assert [(p.nodes, p.moved) for p in trend.points] == [(2, 1), (1, 1)]
    assert trend.came_back == ()


def test_each_controller_has_its_own() -> None:
    found = trends((scan(1, NodeThen("a", TCP), url="https://b/"), scan(1, NodeThen("a", WEB))))
    assert [(t.controller_url, t.points[0].moved) for t in found] == [
        ("https://a/", 1),
        ("https://b/", 0),
    ]


def test_owners_are_counted_at_the_newest_scan() -> None:
    first = scan(1, NodeThen("a", WEB, owner="x"), NodeThen("b", TCP, owner="x"))
    second = scan(
        2,
        NodeThen("a", TCP, owner="x"),
        NodeThen("b", TCP, by_hand=True, owner="x"),
        NodeThen("c", WEB, owner="y"),
        NodeThen("d", TCP),
    )
    (trend,) = trends((first, second))
    assert trend.owners == (OwnerCount("x", 2, 0, 1, 1), OwnerCount("y", 1, 1, 0, 0))
