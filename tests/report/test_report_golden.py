"""Each report in each format, compared with a file; ``--update-examples`` writes the files."""

from collections.abc import Callable
from pathlib import Path

import pytest
import report_samples as samples

from migrate.report.dispatch import render_plan, render_run, render_scan

GOLDEN = Path(__file__).parent / "golden"
SUFFIX = {"text": "txt", "json": "json", "md": "md", "html": "html"}
REPORTS: dict[str, Callable[[str], str]] = {
    "scan": lambda fmt: render_scan(samples.inventory(), samples.findings(), fmt),
    "plan": lambda fmt: render_plan(samples.plan(), samples.findings(), fmt),
    "run": lambda fmt: render_run(samples.run(), fmt),
}


@pytest.mark.parametrize("fmt", SUFFIX)
@pytest.mark.parametrize("name", REPORTS)
def test_report_is_as_the_golden_file(name: str, fmt: str, request: pytest.FixtureRequest) -> None:
    path = GOLDEN / f"{name}.{SUFFIX[fmt]}"
    made = REPORTS[name](fmt)
    if request.config.getoption("--update-examples", default=False):
        path.write_text(made, encoding="utf-8")
    assert made == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("fmt", SUFFIX)
@pytest.mark.parametrize("name", REPORTS)
def test_same_data_gives_the_same_bytes(name: str, fmt: str) -> None:
    assert REPORTS[name](fmt) == REPORTS[name](fmt)
