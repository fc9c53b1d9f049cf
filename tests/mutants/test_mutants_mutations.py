"""What `make mutants` breaks, and what it says of the outcome."""

from types import SimpleNamespace
from typing import cast

import pytest
from mutants_contexts import Kept
from mutations import Mutant, mutants
from run_mutants import AREAS, ROOT, Result, chosen, report

SOURCE = '''\
"""A module."""

LIMIT = 5
"""Seconds."""


def f(a, b=2, *, c=True):
    """Says why not; "" when it may."""
    if a < b and c:
        stop(a)
        return f"{a} is too small, {a + 1} is not"
    for x in (x for x in a if x):
        if not x:
            raise ValueError("no")
        elif x is None:
            continue
    with lock(1):
        return min(a, b) or ""


class C:
    size: int = 0
'''


def found(kind: str) -> list[tuple[int, str]]:
    return [(m.line, m.after) for m in mutants("x.py", SOURCE.encode()) if m.kind == kind]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("comparison", [(9, "(a <= b)"), (15, "(x is not None)")]),
        ("part left out", [(9, "(a < b)"), (9, "(c)"), (18, "('')")]),
        ("inverted", [(9, "(not (a < b and c))"), (12, "(not (x))")]),
        ("not left out", [(13, "(x)")]),
        ("constant", [(3, "(6)"), (7, "(3)"), (7, "(False)"), (17, "(2)"), (22, "(1)")]),
        ("dropped", [(10, "pass"), (14, "pass"), (16, "pass")]),
        ("no reason", [(11, 'return ""')]),
        ("call", [(18, "(max(a, b))")]),
    ],
)
def test_each_kind_of_break(kind: str, expected: list[tuple[int, str]]) -> None:
    assert found(kind) == expected


def test_nothing_else_of_the_text_changes() -> None:
    source = SOURCE.replace("stop(a)", 'stop("é\u2028", a)').encode()
    for mutant in mutants("x.py", source):
        changed = mutant.applied(source)
        compile(changed, "x.py", "exec")
        assert changed != source
        assert changed[: mutant.start] == source[: mutant.start]
        assert changed[mutant.start :].startswith(mutant.after.encode())
        assert changed.endswith(source[mutant.end :])


def test_what_is_set_at_import_says_its_name() -> None:
    named = {m.name: m.imported for m in mutants("x.py", SOURCE.encode()) if m.kind == "constant"}
    assert named == {"LIMIT": True, "": False, "size": True}
    heads = {m.line: m.imported for m in mutants("x.py", SOURCE.encode()) if m.line in (7, 17)}
    assert heads == {7: True, 17: False}


def test_the_sample_is_the_seeds() -> None:
    area = ("migrate/rules", "migrate/cluster/edits.py")
    first = chosen(ROOT, area, 1)
    assert first == chosen(ROOT, area, 1) != chosen(ROOT, area, 2)
    assert sorted(map(str, first)) == sorted(map(str, chosen(ROOT, area, 2)))
    assert all((ROOT / place).exists() for place in AREAS)


def test_breaks_of_this_project_are_python() -> None:
    for mutant in chosen(ROOT, AREAS, 7)[:40]:
        compile(mutant.applied((ROOT / mutant.path).read_bytes()), mutant.path, "exec")


def results(noticed: int, passed: int, untold: int = 0) -> list[Result]:
    mutant = Mutant("migrate/x.py", 3, "comparison", "a < b", "(a <= b)", 0, 5, (3, 3))
    return [
        *[Result(mutant, True, "")] * noticed,
        *[Result(mutant, False, "all 2 tests that run it pass")] * passed,
        *[Result(mutant, False, "pytest ended with 4", told=False)] * untold,
    ]


@pytest.mark.parametrize(
    ("noticed", "passed", "untold", "code", "share"),
    [
        (90, 10, 0, 0, "90 of 100 breaks (90.0 %)"),
        (89, 11, 0, 1, "89 of 100 breaks (89.0 %)"),
        (30, 0, 9, 0, "30 of 30 breaks (100.0 %)"),
        (29, 0, 90, 2, "29 of 29 breaks"),
        (0, 0, 0, 2, "0 of 0 breaks"),
    ],
)
def test_the_floor(noticed: int, passed: int, untold: int, code: int, share: str) -> None:
    text, found = report(results(noticed, passed, untold), 5000, 1)
    assert (found, share in text) == (code, True)
    shown = "migrate/x.py:3: comparison: `a < b` -> `(a <= b)` (all 2 tests that run it pass)"
    assert (shown in text) is bool(passed)


@pytest.mark.parametrize(("noticed", "passed", "code"), [(3, 0, 0), (3, 1, 1), (0, 0, 2)])
def test_a_place_that_was_tried_in_full_must_be_noticed_in_full(
    noticed: int, passed: int, code: int
) -> None:
    assert report(results(noticed, passed), noticed + passed, 1)[1] == code


@pytest.mark.parametrize(
    ("reports", "kept"),
    [
        ("setup passed, call passed, teardown passed", {"t": 3.0}),
        ("setup passed, call failed, teardown passed", {"t": None}),
        ("setup passed, call passed, teardown failed", {"t": None}),
        ("setup failed, teardown passed", {"t": None}),
        # What this machine cannot run neither fails nor notices anything.
        ("setup skipped, teardown passed", {}),
        ("setup passed, call skipped, teardown passed", {}),
    ],
)
def test_which_tests_can_notice_a_break(reports: str, kept: dict[str, float | None]) -> None:
    seen = Kept()
    for each in reports.split(", "):
        when, outcome = each.split()
        told = {"when": when, "nodeid": "t", "duration": 1.0, "outcome": outcome}
        flags = {word: outcome == word for word in ("passed", "skipped")}
        seen.pytest_runtest_logreport(cast(pytest.TestReport, SimpleNamespace(**told, **flags)))
    assert seen.tests == kept
