"""CSV for a spreadsheet: RFC 4180 in UTF-8, with lines that end as Unix' do."""

import csv
import io

from migrate.model.text import csv_cell
from migrate.report.machine.facts import Facts


def render(facts: Facts) -> str:
    """A head and a line a row."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(facts.rows.columns)
    writer.writerows([csv_cell(cell) for cell in row] for row in facts.rows.rows)
    return out.getvalue()
