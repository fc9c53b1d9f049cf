"""``make mutants``: breaks lines of a copy of the project one at a time, and says how many breaks
its tests notice. Nothing of the working tree is touched.

The sample is drawn by ``--seed``: the same seed takes the same breaks of the same source in the
same order, as many as the time allows. Exit code 1: fewer than 90 % were noticed, or one when all
of a place were tried (``--at``); 2: too few were tried to tell.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import cache_from_source
from pathlib import Path
from queue import SimpleQueue

from mutants_map import HERE, Map, digest, environment, measure
from mutations import Mutant, mutants

ROOT = HERE.parent.parent
AREAS = (
    "migrate/rules", "migrate/planner", "migrate/steps", "migrate/engine",
    "migrate/cluster/edits.py", "migrate/cluster/workload_edits.py",
    "migrate/jenkins/node_config.py",
)  # fmt: skip
TESTS = (
    "tests/rules", "tests/planner", "tests/steps", "tests/cluster", "tests/jenkins", "tests/model",
    "tests/report", "tests/engine", "tests/agents", "tests/sources", "tests/plan_store",
    "tests/scan", "tests/cli",
    "tests/drivers", "tests/e2e/test_e2e_step_contract.py",
)  # fmt: skip
"""Other stories and the crash matrix are left out: too long to be asked for each break."""
FLOOR = 90.0
"""Percent of the tried breaks that must be noticed."""
ENOUGH = 30
"""Breaks below which a share says nothing."""
FOR_ONE = 40.0
"""Seconds of tests, as measured, that are run for one break."""
OVER = "the time was over"
_NOTICED, _PASSED, _COLLECTION = 1, 0, 2


@dataclass(frozen=True)
class Result:
    """What became of one break."""

    mutant: Mutant
    noticed: bool
    how: str
    told: bool = True
    """False: pytest itself failed, which says nothing."""


def chosen(root: Path, areas: Sequence[str], seed: int) -> list[Mutant]:
    """All breaks of these folders and files, in the order of the seed."""
    found: list[Mutant] = []
    for area in areas:
        place = root / area
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            found += mutants(str(path.relative_to(root)), path.read_bytes())
    random.Random(seed).shuffle(found)  # noqa: S311
    return found


def copied(root: Path, to: Path) -> Path:
    """A copy of the project."""
    names = (".venv*", ".git", ".mutants", ".coverage-data", ".*_cache", ".hypothesis")
    shutil.copytree(root, to, ignore=shutil.ignore_patterns(*names), symlinks=True)
    return to


def is_taken_from(copy: Path) -> bool:
    """Whether a test process would import the project from the copy."""
    ask = [sys.executable, "-c", "import migrate; print(migrate.__file__)"]
    told = subprocess.run(ask, cwd="/", env=environment(copy), capture_output=True, text=True)
    return Path(told.stdout.strip()).is_relative_to(copy)


class Worker:
    """A copy of the project, and a process that runs its tests in forks."""

    def __init__(self, copy: Path) -> None:
        self.copy = copy
        env = environment(copy) | {"PYTHONDONTWRITEBYTECODE": "1"}
        self.forks = subprocess.Popen(
            [sys.executable, str(HERE / "mutants_forks.py"), str(copy.parent / f"{copy.name}.log")],
            cwd=copy, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, tests: list[str], seconds: float) -> int | None:
        """pytest's exit code; None: the time was over."""
        assert self.forks.stdin is not None and self.forks.stdout is not None
        self.forks.stdin.write(json.dumps({"tests": tests, "seconds": seconds}) + "\n")
        self.forks.stdin.flush()
        code: int | None = json.loads(self.forks.stdout.readline())
        return code

    @contextmanager
    def broken(self, mutant: Mutant) -> Iterator[None]:
        """The copy with this break in it."""
        path = self.copy / mutant.path
        source = path.read_bytes()
        # Compiled code is told apart by time and size alone: a break may change neither.
        Path(cache_from_source(str(path))).unlink(missing_ok=True)
        path.write_bytes(mutant.applied(source))
        try:
            yield
        finally:
            path.write_bytes(source)

    def close(self) -> None:
        """End its process."""
        assert self.forks.stdin is not None
        self.forks.stdin.close()
        self.forks.wait(30)


def tried(mutant: Mutant, known: Map, worker: Worker, deadline: float) -> Result:
    """One break, and the tests that run it. Cut off at the deadline, it says nothing."""
    every, tests, seconds = known.tests(mutant), list[str](), 0.0
    for test in every:
        if tests and seconds + known.seconds[test] > FOR_ONE:
            break
        tests.append(test)
        seconds += known.seconds[test]
    if not tests:
        return Result(mutant, False, "no test runs it")
    enough = 30.0 + 4 * seconds
    left = deadline - time.monotonic()
    with worker.broken(mutant):
        code = worker.run(tests, min(enough, max(left, 0.0)))
    if code is None and left < enough:
        return Result(mutant, False, OVER, told=False)
    if code is None:
        return Result(mutant, True, "its tests did not end")
    if code in (_NOTICED, _COLLECTION):
        return Result(mutant, True, "")
    if code == _PASSED:
        part = f"{len(tests)} of {len(every)}" if len(tests) < len(every) else f"all {len(tests)}"
        return Result(mutant, False, f"{part} tests that run it pass")
    return Result(mutant, False, f"pytest ended with {code}", told=False)


def report(results: Sequence[Result], of: int, seed: int) -> tuple[str, int]:
    """What a person is told, and the exit code."""
    told = [r for r in results if r.told]
    lines = [f"  {r.mutant} ({r.how})" for r in results if not r.noticed and r.how != OVER]
    noticed = sum(r.noticed for r in told)
    lines = ["not noticed:", *sorted(lines)] if lines else []
    share = 100 * noticed / len(told) if told else 0.0
    slow = sum(r.how == "its tests did not end" for r in told)
    lines.append(
        f"noticed: {noticed} of {len(told)} breaks ({share:.1f} %), {slow} of them by tests that "
        f"did not end; {of} are possible, seed {seed}"
    )
    if told and of == len(told):  # all of a place that was asked for
        return "\n".join(lines), int(noticed < of)
    if len(told) < ENOUGH:
        return "\n".join([*lines, f"too few to tell: at least {ENOUGH}, with more SECONDS"]), 2
    if share < FLOOR:
        return "\n".join([*lines, f"less than {FLOOR:.0f} %"]), 1
    return "\n".join(lines), 0


def _known(work: Path, keep: Path, jobs: int, tests: Sequence[str], seconds: float) -> Map:
    """Measured for just this source, or kept from the last time."""
    copy = copied(ROOT, work / "measured")
    if not is_taken_from(copy):
        raise SystemExit("the copy's tests would run on the working tree: nothing was done")
    out = keep / digest(ROOT, tests)
    if not (out / "coverage").exists():
        shutil.rmtree(keep, ignore_errors=True)
        began = time.monotonic()
        measure(copy, out, tests, jobs, seconds)
        (out / "copy").write_text(str(copy))
        print(f"measured which test runs which line in {time.monotonic() - began:.0f} s")
    return Map(ROOT, Path((out / "copy").read_text()), out)


def main() -> int:
    """The command."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--seconds", type=float, default=600.0, help="for all of it")
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    ask.add_argument(
        "--at", default="", help="only breaks below this folder or file, or at FILE:LINE"
    )
    ask.add_argument("--tests", nargs="+", default=TESTS, help="tests that may notice a break")
    args = ask.parse_args()
    deadline = time.monotonic() + args.seconds
    sample = chosen(ROOT, AREAS, args.seed)
    if args.at:
        sample = [
            m for m in sample if f"{m.path}:{m.line}:".startswith((args.at + ":", args.at + "/"))
        ]
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        work = Path(folder).resolve()
        try:
            known = _known(work, ROOT / ".mutants", args.jobs, args.tests, args.seconds)
        except (TimeoutError, RuntimeError) as error:
            print(f"which test runs which line was not measured: {error}")
            return 2
        if known.failed:
            print(f"{len(known.failed)} tests fail without a break, and are left out:")
            print("\n".join(f"  {test}" for test in known.failed))
        free: SimpleQueue[Worker] = SimpleQueue()
        workers = [Worker(copied(work / "measured", work / f"w{n}")) for n in range(args.jobs)]
        for worker in workers:
            free.put(worker)

        def one(mutant: Mutant) -> None:
            if time.monotonic() > deadline:
                return
            worker = free.get()
            try:
                results.append(tried(mutant, known, worker, deadline))
            finally:
                free.put(worker)

        with ThreadPoolExecutor(args.jobs) as pool:
            list(pool.map(one, sample))
        for worker in workers:
            worker.close()
    text, code = report(results, len(sample), args.seed)
    print(text)
    return code


if __name__ == "__main__":
    sys.exit(main())
