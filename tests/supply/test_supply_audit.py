"""A vulnerability fails the check; a service that does not answer is said, and does not."""

import json
from typing import Any

import pytest
from audit import judge

GOOD: dict[str, Any] = {"name": "a", "version": "1", "vulns": []}
BAD: dict[str, Any] = {
    "name": "b",
    "version": "2",
    "vulns": [{"id": "CVE-2026-1", "fix_versions": ["3"]}, {"id": "X-2", "fix_versions": []}],
}
NOT_THERE = {"name": "c", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("found", "failed", "told"),
    [
        ([GOOD], False, "1 packages have no known vulnerability"),
        ([GOOD, NOT_THERE], False, "1 could not be asked for"),
        ([NOT_THERE], False, "not audited"),
        (
            [GOOD, BAD, NOT_THERE],
            True,
            "CVE-2026-1 (fixed in 3)\nb 2: X-2 (fixed in no version)",
        ),
    ],
)
def test_what_the_audit_says(found: list[dict[str, Any]], failed: bool, told: str) -> None:
    said = judge(json.dumps({"dependencies": found, "fixes": []}), 1)
    assert said[0] is failed
    assert told in said[1]


@pytest.mark.parametrize("output", ["", "ERROR: no connection", "[]", '{"dependencies": null}'])
def test_no_answer_is_no_failure_and_is_said(output: str) -> None:
    failed, told = judge(output, 1)
    assert not failed
    assert told.startswith("not audited")
