"""A pytest plugin: says to coverage which test runs, and keeps how long each one took."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import coverage
import pytest

OUT = "MUTANTS_TESTS_FILE"
"""The environment variable with the name of the file that is written at the end."""


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    now = coverage.Coverage.current()
    if now is not None:
        now.switch_context(item.nodeid)
    try:
        return (yield)
    finally:
        if now is not None:
            now.switch_context("")


class Kept:
    """Seconds of each test that passed; None for one that failed. One that was skipped is none."""

    def __init__(self) -> None:
        self.tests: dict[str, float | None] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped:
            self.tests.pop(report.nodeid, None)
            return
        if report.when == "teardown" and report.nodeid not in self.tests:
            return
        before = self.tests.get(report.nodeid, 0.0)
        good = report.passed and before is not None
        self.tests[report.nodeid] = (before or 0.0) + report.duration if good else None

    def pytest_sessionfinish(self) -> None:
        Path(os.environ[OUT]).write_text(json.dumps(self.tests))


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Kept())
