"""Options that several parts of the suite share."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-examples",
        action="store_true",
        help="write plans/example and docs/schema again instead of comparing them",
    )
    parser.addoption(
        "--run-bench", action="store_true", help="also run the benchmarks (marker bench)"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "bench: a benchmark, run with --run-bench")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--run-bench"):
        return
    skip = pytest.mark.skip(reason="a benchmark: --run-bench runs it")
    for item in items:
        if "bench" in item.keywords:
            item.add_marker(skip)


@pytest.fixture
def update_examples(request: pytest.FixtureRequest) -> bool:
    """Whether checked-in examples are written instead of compared."""
    return bool(request.config.getoption("--update-examples"))
