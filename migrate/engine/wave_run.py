"""The steps of one wave side by side, within the failure budget."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from migrate.engine.budget import Budget
from migrate.engine.clock import StopSignal
from migrate.engine.step_run import FAILURES, StepEnd, StepRunner
from migrate.model.plan import Step
from migrate.steps.base import Event, Stopped


@dataclass
class StageCount:
    """Failures of a stage so far in this execution. The only mutable state of a stage."""

    total: int
    budget: Budget
    failed: int = 0
    ends: list[StepEnd] = field(default_factory=list)

    def add(self, end: StepEnd) -> None:
        """Count one end."""
        self.ends.append(end)
        self.failed += end.state in FAILURES

    @property
    def over(self) -> bool:
        """Whether no further node may start."""
        return self.failed > self.budget.allowed(self.total)

    def told(self) -> str:
        """The arithmetic."""
        return self.budget.told(self.failed, self.total)


def run_wave(
    steps: tuple[Step, ...],
    runner: StepRunner,
    count: StageCount,
    *,
    workers: int,
    stop: StopSignal,
    may_start: Callable[[], bool],
) -> None:
    """Run the wave; ends early (no new starts) on a stop, a pause or an exceeded budget.

    Steps in hand always finish or are put back. A second stop request ends them at their
    next record by ``Stopped``, which is raised here once all threads have left.
    """
    waiting, running = deque(steps), set[Future[StepEnd]]()
    stopped = False
    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        while waiting or running:
            while waiting and len(running) < workers and not count.over and not stop.soft:
                if not may_start():
                    break
                running.add(pool.submit(runner.run, waiting.popleft()))
            if not running:
                if count.over or stop.soft:
                    break
                continue
            done, running = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)
            for future in done:
                try:
                    count.add(future.result())
                except Stopped:
                    stopped = True
    if waiting:
        why = count.told() if count.over else "stop asked for"
        runner.ctx.emit(Event("note", message=f"{len(waiting)} node(s) not started: {why}"))
    if stopped:
        raise Stopped
