"""The steps of one wave side by side, within the failure budget."""

from collections import deque
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Protocol

from migrate.engine.admission.budget import Budget
from migrate.engine.admission.start_gate import Answer
from migrate.engine.clock import StopSignal
from migrate.engine.record.journal import JournalLost
from migrate.engine.run.step_run import FAILURES, StepEnd, StepRunner
from migrate.model.names import EventKind
from migrate.model.plan_steps import PlanStep
from migrate.steps.base import Event, Stopped


@dataclass
class StageCount:
    """Failures of a stage so far in this execution. The only mutable state of a stage."""

    total: int
    budget: Budget
    broken: int = 0
    """Nodes whose move was begun and failed."""
    unreachable: int = 0
    """Nodes that were there when they were planned, and are not now."""
    ends: list[StepEnd] = field(default_factory=list)

    def add(self, end: StepEnd) -> None:
        """Count one end."""
        self.ends.append(end)
        self.broken += end.state in FAILURES
        self.unreachable += end.unreachable

    @property
    def failed(self) -> int:
        """What counts against the budget: a network that is down must not go unnoticed."""
        return self.broken + self.unreachable

    @property
    def over(self) -> bool:
        """Whether no further node may start."""
        return self.failed > self.budget.allowed(self.total)

    def told(self) -> str:
        """The arithmetic."""
        told = self.budget.told(self.failed, self.total)
        return f"{told}; {self.unreachable} of them unreachable" if self.unreachable else told


class Gatekeeper(Protocol):
    """Decides when nodes start, and hears of their ends."""

    @property
    def why(self) -> str:
        """Why no further node starts; empty while one may."""

    def ask(self, step: PlanStep) -> Answer:
        """For this node, now."""

    def ended(self, end: StepEnd) -> None:
        """A node ended."""

    def watch(self) -> None:
        """Called again and again while nodes are in hand or held."""


def run_wave(
    steps: tuple[PlanStep, ...],
    runner: StepRunner,
    count: StageCount,
    *,
    workers: int,
    stop: StopSignal,
    gate: Gatekeeper,
) -> None:
    """Run the wave; no new starts after a stop, an exceeded budget or a closed gate.

    Steps in hand always finish or are put back. What makes steps leave at their next record
    (a second stop request, a lost lock, login or journal) is raised here once all have left.
    """
    waiting, running = deque(steps), set[Future[StepEnd]]()
    left: Stopped | JournalLost | None = None

    def closed() -> bool:
        return count.over or stop.soft or left is not None or bool(gate.why)

    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        while waiting or running:
            while waiting and len(running) < workers and not closed():
                try:
                    answer = gate.ask(waiting[0])
                except (Stopped, JournalLost) as why:
                    left = left or why
                    break
                if answer is not Answer.GO:
                    break
                running.add(pool.submit(runner.run, waiting.popleft()))
            gate.watch()
            if not running:
                if closed():
                    break
                # Held, and nothing in hand: a stop must still be noticed soon.
                runner.ctx.clock.sleep(min(runner.ctx.settings.poll, 0.5))
                continue
            done, running = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)
            for future in done:
                try:
                    end = future.result()
                    count.add(end)
                    gate.ended(end)
                except (Stopped, JournalLost) as why:
                    left = left or why
    if waiting:
        told = count.told() if count.over else (gate.why or "stop asked for")
        runner.ctx.emit(
            Event(EventKind.NOTE, message=f"{len(waiting)} node(s) not started: {told}")
        )
    if left is not None:
        raise left
