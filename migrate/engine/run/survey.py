"""A look at every target of a plan before a run: what is there to do?"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from migrate.engine.record.folder import RunFolder, StepJournal
from migrate.engine.record.journal import Journal
from migrate.engine.run.moved_since import left_back
from migrate.engine.run.options import RunOptions
from migrate.model.errors import MigrateError
from migrate.model.names import StageName
from migrate.model.plan import Plan
from migrate.model.plan_steps import PlanStep
from migrate.model.run import Run, StepState
from migrate.model.text import visible
from migrate.steps.base import Check, CheckState, Context
from migrate.steps.registry import kind_of


def check_all(
    plan: Plan,
    ctx: Context,
    workers: int,
    log_of: Callable[[PlanStep], StepJournal] | None = None,
    *,
    stage: str | None = None,
) -> dict[str, Check]:
    """Look at every target (of this stage) once, side by side; one that can't be read is
    blocked."""

    def one(step: PlanStep) -> tuple[str, Check]:
        try:
            found = kind_of(step.kind).check(step, ctx, log_of(step) if log_of else None)
        except MigrateError as error:
            found = Check(CheckState.BLOCKED, error.cause)
        return step.id, found

    steps = [
        s
        for part in plan.stages
        if stage in (None, part.name)
        for wave in part.waves
        for s in wave.steps
        if s.kind != "probe-websocket"
    ]
    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        return dict(pool.map(one, steps))


def look_again(
    plan: Plan, ctx: Context, workers: int, run_folder: RunFolder | None
) -> dict[str, Check]:
    """``check_all`` for a plan that was not run yet, or with what its run's journal tells."""
    if run_folder is None:
        return check_all(plan, ctx, workers)
    journal = Journal(run_folder.journal_path, ctx.clock.now)
    try:
        return check_all(plan, ctx, workers, lambda step: StepJournal(run_folder, journal, step.id))
    finally:
        journal.close()


def left_to_do(plan: Plan, run: Run | None, options: RunOptions) -> tuple[PlanStep, ...]:
    """The steps of the nodes stage that an execution with these options has still before it."""
    steps = [
        step
        for stage in plan.stages
        if stage.name is StageName.NODES and options.wants(stage.name)
        for wave in stage.waves
        for step in wave.steps
        if options.takes(step)
    ]
    if run is None:
        return tuple(steps)
    left = left_back(run, options)
    return tuple(step for step in still_to_do(steps, run) if step.id not in left)


def drift_of_close(
    plan: Plan, ctx: Context, run: Run, log_of: Callable[[PlanStep], StepJournal]
) -> str:
    """What of the close stage is not as planned any more; empty: nothing.

    A step that a crash left in the middle is its own to judge.
    """
    begun = {s.id for s in run.steps if s.state is StepState.RUNNING}
    told = [
        f"{visible(plan.step(name).subject)}: {check.detail}"
        for name, check in check_all(plan, ctx, 1, log_of, stage=StageName.CLOSE).items()
        if check.state is CheckState.DRIFTED and name not in begun
    ]
    return f"not as planned: {'; '.join(told)}" if told else ""


def still_to_do(steps: Iterable[PlanStep], run: Run) -> tuple[PlanStep, ...]:
    """Those that this run has not brought to an end."""
    settled = {s.id for s in run.steps if s.state in (StepState.DONE, StepState.NOTHING)}
    return tuple(step for step in steps if step.id not in settled)


def nothing_to_do(plan: Plan, checks: dict[str, Check]) -> str:
    """Why there is nothing to do, with what is left over; empty when there is something.

    Once the port is closed and verified, what only a person can do (or nobody, while a node
    is offline) does not make the plan unfinished; it is named.
    """
    closing = [
        s.id
        for stage in plan.stages
        if stage.name.closes
        for wave in stage.waves
        for s in wave.steps
    ]
    open_steps = [
        s for s in plan.steps() if s.id in checks and checks[s.id].state is not CheckState.DONE
    ]
    if not open_steps:
        return "Nothing to do: all is as planned."
    waiting = (CheckState.BLOCKED, CheckState.MANUAL)
    if not closing or any(s.id in closing or checks[s.id].state not in waiting for s in open_steps):
        return ""
    left = ", ".join(visible(s.subject) for s in open_steps)
    return f"Nothing to do: the port is closed. Left as they are: {left}."
