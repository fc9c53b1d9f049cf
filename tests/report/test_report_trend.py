"""The burn-down in each format."""

import json

import pytest
import report_samples as samples

from migrate.model.history import HISTORY_SCHEMA, NodeThen, ScanSummary, Trend, trends
from migrate.model.inventory import Transport
from migrate.report.dispatch import FORMATS, render_trend


def history(name: str = "a") -> tuple[Trend, ...]:
    def scan(day: int, *over: Transport) -> ScanSummary:
        nodes = tuple(
            NodeThen(f"{name}{i}", one, i == 2, f"team {name}") for i, one in enumerate(over)
        )
        at = f"2026-11-{day:02}T04:00:00Z"
        return ScanSummary(HISTORY_SCHEMA, "0", at, f"https://j/{name}/", nodes)

    tcp, web = Transport.TCP, Transport.WEBSOCKET
    return trends((scan(1, tcp, tcp, tcp), scan(2, web, web, tcp), scan(3, web, tcp, tcp)))


def test_a_terminal_sees_the_sentence_the_bars_and_who() -> None:
    told = render_trend(history(), "text")
    assert "1 of 3 moved, 1 needs a person, 1 came back to TCP." in told
    assert "█▄▆  2026-11-01 - 2026-11-03" in told
    assert "- a1" in told
    assert "team a" in told


def test_a_page_has_the_picture() -> None:
    assert "<svg" in render_trend(history(), "html")


def test_json_has_the_points() -> None:
    data = json.loads(render_trend(history(), "json"))
    assert [p["moved"] for p in data["trends"][0]["points"]] == [0, 2, 1]
    assert data["sentences"] == ["1 of 3 moved, 1 needs a person, 1 came back to TCP"]


@pytest.mark.parametrize("fmt", FORMATS)
def test_hostile_names_steer_nothing(fmt: str) -> None:
    told = render_trend(history(samples.HOSTILE), fmt)
    assert not {"\x1b", "\u202e", "\x9b"} & set(told)
    if fmt in ("html", "junit"):
        assert "<script" not in told
