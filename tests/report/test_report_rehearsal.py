"""The record of a dry run, and what differs, in each format."""

import json

import pytest
import report_samples as samples

from migrate.model.difference import Change
from migrate.model.rehearsal import IN_ORDER, REHEARSAL_SCHEMA, Rehearsal, RehearsedStep
from migrate.report.difference import sentence
from migrate.report.dispatch import FORMATS, render_difference, render_rehearsal


def rehearsal(text: str = "a", exit_code: int = 0) -> Rehearsal:
    diff = f"--- a\n+++ b\n-old\n+{text}"
    steps = tuple(
        RehearsedStep(
            "nodes", "w1", f"node/{text}{i}", "move-node", f"node {text}{i}", f"move {text}",
            verdict, f"detail of {text}", diff,
        )
        for i, verdict in enumerate(IN_ORDER)
    )  # fmt: skip
    return Rehearsal(
        REHEARSAL_SCHEMA, "0", "t1", "id", "https://a/", "2026-11-21T20:00:00Z", text, "h", "5f",
        steps, exit_code,
    )  # fmt: skip


def test_what_stops_it_stands_first() -> None:
    told = render_rehearsal(rehearsal(exit_code=5), "md")
    assert told.index("A run would stop") < told.index("Not as planned") < told.index("## Stage")
    assert "migrate plan" in told.split("## Next")[1]


def test_people_are_told_of() -> None:
    assert "A run would go on until 1 step for a person" in render_rehearsal(rehearsal(), "text")


def test_a_diff_that_steps_share_stands_once() -> None:
    told = render_rehearsal(rehearsal(), "md")
    assert told.count("+++ b") == 1
    assert "and 5 more alike" in told


def test_json_is_the_record() -> None:
    data = json.loads(render_rehearsal(rehearsal(), "json"))
    assert [s["verdict"] for s in data["rehearsal"]["steps"]] == list(IN_ORDER)


CHANGES = (
    Change("came back", "node", "a", "websocket", "tcp"),
    Change("moved", "node", "b", "tcp", "websocket"),
)


def test_what_differs_in_a_sentence() -> None:
    assert sentence(CHANGES) == "1 came back, 1 moved"
    assert sentence(()) == "nothing differs"
    assert "Nothing differs." in render_difference("a", "b", (), "text")
    assert "1 came back, 1 moved." in render_difference("a", "b", CHANGES, "text")


@pytest.mark.parametrize("fmt", FORMATS)
def test_hostile_texts_steer_nothing(fmt: str) -> None:
    bad = samples.HOSTILE
    change = Change("moved", "node", bad, bad, bad)
    for told in (
        render_rehearsal(rehearsal(bad), fmt),
        render_difference(bad, bad, (change,), fmt),
    ):
        assert not {"\x1b", "\u202e", "\x9b"} & set(told)
        if fmt in ("html", "junit"):
            assert "<script" not in told
