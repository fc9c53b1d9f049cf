"""The fixture that compares, and the table at the end."""

from collections.abc import Callable

import pytest
from bench_table import ROWS, Compare, Row, best


@pytest.fixture
def compare(request: pytest.FixtureRequest) -> Compare:
    """Measure both, keep the row for the table, and hold the ratio to its bound."""

    def measure(
        what: str,
        action: Callable[[], object],
        against: str,
        baseline: Callable[[], object],
        bound: float,
        rounds: int = 5,
    ) -> Row:
        base = best(baseline, rounds)
        row = Row(what, against, best(action, rounds), base, bound)
        request.config.stash.setdefault(ROWS, []).append(row)
        assert row.ratio < bound
        return row

    return measure


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    rows = config.stash.get(ROWS, [])
    if not rows:
        return
    terminalreporter.section("ratios")
    wide = max(len(row.what) for row in rows)
    for row in rows:
        terminalreporter.write_line(
            f"{row.what:{wide}}  {row.ratio:6.1f} x  {row.against}  "
            f"({row.measured * 1000:.1f} ms against {row.baseline * 1000:.1f} ms; "
            f"bound {row.bound:g} x)"
        )
