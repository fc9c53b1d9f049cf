"""Options that several parts of the suite share, and the last line that it prints."""

import os
import signal
from collections import Counter
from collections.abc import Generator

import pytest
from _pytest.terminal import TerminalReporter
from hypothesis import settings

from migrate.model.known_secrets import known

# How long an example takes says how loaded the machine is, and nothing about the code.
settings.register_profile("short", deadline=None, print_blob=True, max_examples=25)
settings.register_profile("long", deadline=None, print_blob=True, max_examples=100)
settings.load_profile("short")

_FAILED = pytest.StashKey[bool]()


@pytest.fixture(autouse=True)
def no_secret_of_another_test() -> None:
    """What one test's controller was sent is an ordinary word in the next one."""
    known().forget()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-examples",
        action="store_true",
        help="write plans/example and docs/schema again instead of comparing them",
    )
    parser.addoption(
        "--run-bench", action="store_true", help="also run the benchmarks (marker bench)"
    )
    parser.addoption(
        "--soak",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="kill at random for this long, and run the large fleet (marker soak)",
    )
    parser.addoption(
        "--long", action="store_true", help="also run the long tests (marker long): make test-long"
    )
    parser.addoption(
        "--kill-table", action="store_true", help="print the crash matrix as a table at the end"
    )


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("long" if config.getoption("--long") else "short")
    # Under nohup and in the background of a script a process ignores SIGINT, and hands that down
    # to its children: a Ctrl-C that a test sends would reach nobody.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # A test that sends SIGHUP or SIGTERM counts on their usual meaning in the same way.
    for number in (signal.SIGHUP, signal.SIGTERM):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    config.addinivalue_line("markers", "bench: a benchmark, run with --run-bench")
    config.addinivalue_line("markers", "soak: a long test, run with --soak SECONDS")
    config.addinivalue_line("markers", "long: a story of a night or a matrix, run with --long")
    config.addinivalue_line("markers", "every_version: told on every version of the sandbox")
    config.addinivalue_line("markers", "fault(name): puts the tool through a named fault")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """For ``-n auto``: half of the time a story waits for agents, nginx and other processes."""
    del config
    return 2 * (os.cpu_count() or 1)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    skips = {
        "bench": (config.getoption("--run-bench"), "a benchmark: --run-bench runs it"),
        "soak": (config.getoption("--soak"), "a long test: make soak runs it"),
    }
    if not config.getoption("--long") and not config.getoption("--soak"):
        # Deselected, so that the closing line counts them, and `make test` stays short.
        later = [item for item in items if "long" in item.keywords]
        config.hook.pytest_deselected(items=later)
        items[:] = [item for item in items if "long" not in item.keywords]
    for item in items:
        for name, (wanted, reason) in skips.items():
            if name in item.keywords and not wanted:
                item.add_marker(pytest.mark.skip(reason=reason))
        # A report carries properties, not markers, from a worker to where the line is printed.
        item.user_properties += [("fault", mark.args[0]) for mark in item.iter_markers("fault")]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[_FAILED] = item.stash.get(_FAILED, False) or report.failed
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """A failed test leaves what it shares with its module in a state that nobody knows: it ends
    with it, and the next test gets a new one instead of failing, too."""
    if item.stash.get(_FAILED, False):
        item.session._setupstate.teardown_exact(item.session)  # type: ignore[arg-type]


def pytest_terminal_summary(terminalreporter: TerminalReporter, config: pytest.Config) -> None:
    """The counts of the corpus, and of kill points and faults, when a test of this run has any."""
    matrix: dict[str, Counter[str]] = {}
    faults: set[str] = set()
    for report in terminalreporter.getreports("passed"):
        told = dict(report.user_properties)
        if "corpus" in told:
            terminalreporter.write_line(f"corpus: {told['corpus']}")
        if "kill_points" in told:
            matrix.setdefault(str(told["kill_scenario"]), Counter()).update(told["kill_points"])
        faults |= {str(value) for name, value in report.user_properties if name == "fault"}
    if config.getoption("--kill-table"):
        kinds = ("record", "torn", "before", "sent", "after", "random")
        terminalreporter.write_line(f"{'scenario':28}" + "".join(f"{k:>8}" for k in kinds))
        for name, kills in sorted(matrix.items()):
            terminalreporter.write_line(f"{name:28}" + "".join(f"{kills[k]:8}" for k in kinds))
    if matrix or faults:
        total = sum(sum(kills.values()) for kills in matrix.values())
        terminalreporter.write_line(
            f"kill points: {total} (scenarios: {len(matrix)}), faults: {len(faults)}"
        )


@pytest.fixture
def update_examples(request: pytest.FixtureRequest) -> bool:
    """Whether checked-in examples are written instead of compared."""
    return bool(request.config.getoption("--update-examples"))
