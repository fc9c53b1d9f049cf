"""A finding about a file says where in it."""

from pathlib import Path

from migrate.sources.base import LookOptions
from migrate.sources.registry import look
from migrate.sources.walk import walk

CORPUS = Path(__file__).parent / "corpus"


def test_each_place_for_a_person_is_a_finding_at_its_line() -> None:
    walked = walk((CORPUS,))
    found = look(walked.files, LookOptions())
    told = {(f.subject, f.line) for f in found.findings}
    assert len({line for _, line in told}) > 20
    overlapping = "two edits overlap here"
    for one in found.by_hand:
        assert (one.path, one.line) in told or one.reason == overlapping, one
    lines = {file.path: file.text.count("\n") + 1 for file in walked.files}
    assert all(1 <= f.line <= lines[f.subject] for f in found.findings)
