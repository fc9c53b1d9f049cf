"""The facts of a history of scans."""

from migrate.model.finding import Severity
from migrate.model.history import Trend
from migrate.report.machine.facts import (
    Case,
    CaseState,
    Facts,
    Metric,
    Remark,
    Rows,
    Sample,
)
from migrate.report.machine.time import seconds_of


def facts(found: tuple[Trend, ...]) -> Facts:
    """A row for each scan; what came back is what stands out."""
    return Facts(
        "trend/" + " ".join(trend.controller_url for trend in found),
        tuple(
            Remark(
                "node.came-back",
                Severity.WARNING,
                f"node {name}",
                f"node {name} of {trend.controller_url} was on WebSocket, and is on TCP again",
                "migrate scan --details",
            )
            for trend in found
            for name in trend.came_back
        ),
        tuple(case for trend in found for case in _cases(trend)),
        Rows(
            ("controller", "scan", "nodes", "moved", "left", "need a person"),
            tuple(
                (t.controller_url, p.at, str(p.nodes), str(p.moved), str(p.left), str(p.by_hand))
                for t in found
                for p in t.points
            ),
        ),
        _metrics(found),
    )


def _cases(trend: Trend) -> tuple[Case, ...]:
    group = "migrate.trend"
    left = trend.points[-1].left
    return (
        Case(
            group,
            f"{trend.controller_url} all moved",
            CaseState.FAILED if left else CaseState.PASSED,
            trend.sentence,
        ),
        *(
            Case(group, f"{trend.controller_url} {name}", CaseState.FAILED, "came back to TCP")
            for name in trend.came_back
        ),
    )


def _metrics(found: tuple[Trend, ...]) -> tuple[Metric, ...]:
    now = [({"controller": t.controller_url}, t, t.points[-1]) for t in found]
    return (
        Metric(
            "migrate_trend_nodes",
            "Inbound nodes.",
            tuple(Sample(p.nodes, url) for url, _, p in now),
        ),
        Metric(
            "migrate_trend_moved",
            "Inbound nodes that are on WebSocket.",
            tuple(Sample(p.moved, url) for url, _, p in now),
        ),
        Metric(
            "migrate_trend_by_hand",
            "Inbound nodes that a person has to move.",
            tuple(Sample(p.by_hand, url) for url, _, p in now),
        ),
        Metric(
            "migrate_trend_came_back",
            "Inbound nodes that were on WebSocket and are on TCP again.",
            tuple(Sample(len(t.came_back), url) for url, t, _ in now),
        ),
        Metric(
            "migrate_trend_owner_left",
            "Inbound nodes of an owner that are not moved yet.",
            tuple(
                Sample(o.nodes - o.moved, {**url, "owner": o.owner})
                for url, t, _ in now
                for o in t.owners
            ),
        ),
        Metric(
            "migrate_trend_time_seconds",
            "When the newest scan was, in seconds since 1970.",
            tuple(Sample(seconds_of(p.at), url) for url, _, p in now),
        ),
    )
