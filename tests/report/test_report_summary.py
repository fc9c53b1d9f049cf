"""The few lines that each report opens with."""

from dataclasses import replace

import pytest
from report_samples import findings, inventory, plan, run

from migrate.model.run import StepState
from migrate.report.dispatch import render_plan, render_run, render_scan

MOST = 8


def told(text: str) -> list[str]:
    """The lines below the title that are not empty."""
    return [row for row in text.splitlines()[2:] if row.strip()]


@pytest.mark.parametrize("columns", [100, 120])
def test_the_head_of_each_report_is_short_and_ends_with_what_comes_next(columns: int) -> None:
    heads = (
        render_scan(inventory(), findings(), summary=True, columns=columns),
        render_plan(plan(), findings(), summary=True, columns=columns),
        render_run(run(), summary=True, columns=columns),
    )
    for text in heads:
        rows = told(text)
        assert len(rows) <= MOST, text
        assert rows[-1].startswith("Next:") and "migrate " in rows[-1]
        assert "\n---" not in text


def test_the_whole_report_begins_with_the_same_lines() -> None:
    head = told(render_plan(plan(), findings(), summary=True))
    whole = told(render_plan(plan(), findings()))
    assert whole[: len(head)] == head


def test_a_plan_says_who_moves_what_and_how_long_that_takes() -> None:
    text = render_plan(plan(), findings(), summary=True)
    assert "inband" in text and "(estimated)" in text
    assert "each with its runbook" in text


def test_a_run_names_who_waits_and_says_of_the_port_only_what_was_seen() -> None:
    known = run()
    brief = render_run(known, brief=True)
    assert "The port:" in brief and "closed, and seen closed" not in brief
    assert "What to do" not in brief and "--details" in brief
    done = tuple(
        replace(step, state=StepState.DONE) if step.stage in ("close", "verify") else step
        for step in known.steps
    )
    assert any(step.stage == "close" for step in done)
    assert "closed" in render_run(replace(known, steps=done), summary=True)
    one = tuple(
        replace(step, state=StepState.DONE if n == 0 else StepState.PENDING)
        for n, step in enumerate(s for s in known.steps if s.stage == "close")
    )
    if len(one) > 1:
        assert "closed in part: 1 of" in render_run(replace(known, steps=one), summary=True)
