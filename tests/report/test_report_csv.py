"""CSV: what a spreadsheet reads back is the text, and never a formula."""

import csv
import io

import pytest
from hypothesis import given, settings
from report_facts import FACTS, all_facts

from examples import examples
from migrate.model.text import csv_cell
from migrate.report import csv as report_csv
from migrate.report.machine.facts import Facts


def cells(facts: Facts) -> list[list[str]]:
    return list(csv.reader(io.StringIO(report_csv.render(facts), newline="")))


def is_computed(cell: str) -> bool:
    return cell[:1] in ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


@pytest.mark.parametrize("name", all_facts())
def test_a_row_for_each(name: str) -> None:
    facts = all_facts()[name]
    head, *rows = cells(facts)
    assert tuple(head) == facts.rows.columns
    assert len(rows) == len(facts.rows.rows) > 0
    assert {len(row) for row in rows} == {len(head)}
    assert not any(is_computed(cell) for row in rows for cell in row)


@settings(max_examples=examples(100))
@given(FACTS)
def test_whatever_a_text_holds_it_is_a_cell(facts: Facts) -> None:
    _, *rows = cells(facts)
    assert rows == [[csv_cell(cell) for cell in row] for row in facts.rows.rows]
    assert not any(is_computed(cell) for row in rows for cell in row)


@pytest.mark.parametrize(
    "text",
    ["=cmd|' /C calc'!A0", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", " =1", '"=1', "'=1", "＝1"],
)
def test_a_formula_is_text(text: str) -> None:
    assert not is_computed(csv_cell(text))
    if not text.startswith(("\t", "\r")):
        assert csv_cell(text) == f"'{text}"


def test_a_name_stays_as_it_is() -> None:
    assert csv_cell("linux-1, a=b") == "linux-1, a=b"
