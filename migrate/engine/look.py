"""A look at every target of a plan before a run: what is there to do?"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from migrate.engine.folder import StepJournal
from migrate.model.errors import MigrateError
from migrate.model.plan import Plan, Step
from migrate.model.text import visible
from migrate.steps.base import Check, CheckState, Context
from migrate.steps.registry import kind_of


def check_all(
    plan: Plan, ctx: Context, workers: int, log_of: Callable[[Step], StepJournal] | None = None
) -> dict[str, Check]:
    """Look at every target once, side by side; a target that can't be read is blocked."""

    def one(step: Step) -> tuple[str, Check]:
        try:
            found = kind_of(step.kind).check(step, ctx, log_of(step) if log_of else None)
        except MigrateError as error:
            found = Check(CheckState.BLOCKED, error.cause)
        return step.id, found

    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        return dict(pool.map(one, [s for s in plan.steps() if s.kind != "probe-websocket"]))


def nothing_to_do(plan: Plan, checks: dict[str, Check]) -> str:
    """Why there is nothing to do, with what is left over; empty when there is something.

    Once the port is closed and verified, what only a person can do (or nobody, while a node
    is offline) does not make the plan unfinished; it is named.
    """
    closing = [
        s.id
        for stage in plan.stages
        if stage.name in ("close", "verify")
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
