"""How a run ends: exit code, one sentence, next command."""

from dataclasses import dataclass

from migrate.model.errors import ExitCode
from migrate.model.journal.base import MARKING
from migrate.model.journal.run import RunFinished
from migrate.model.names import StageName
from migrate.model.run import Run, RunStep, StepState


@dataclass(frozen=True)
class Outcome:
    """The end of a run."""

    exit_code: ExitCode
    state: str
    """Of the run: ``finished``, ``stopped``, ``failed``, ``blocked``."""
    summary: str
    next_command: str = ""

    def recorded(self) -> RunFinished:
        """As the journal keeps it."""
        return RunFinished(
            state=self.state,
            summary=self.summary,
            exit_code=int(self.exit_code),
            next_command=self.next_command,
        )


def counts(steps: tuple[RunStep, ...]) -> str:
    """``5 done, 1 manual``: what the nodes stage came to, in a fixed order."""
    known = [(state, sum(1 for s in steps if s.state is state)) for state in StepState]
    return ", ".join(f"{n} {state}" for state, n in known if n)


def changed_anything(run: Run) -> bool:
    """Whether any change of this run stands."""
    return any(
        phase.outcome != "undone" and phase.action not in MARKING
        for step in run.steps
        for phase in step.phases
    )


def judge(run: Run, plan_path: str, why_stopped: str) -> Outcome:
    """From the steps' states; ``why_stopped`` is empty when all that was asked for was done."""
    nodes = tuple(s for s in run.steps if s.stage is StageName.NODES)
    states = {s.state for s in run.steps}
    told = counts(nodes) or "no nodes"
    resume = f"migrate apply {plan_path} --resume"
    if StepState.STUCK in states:
        return Outcome(
            ExitCode.FAILED,
            "failed",
            f"a person must act: {told}. {why_stopped}".strip(),
            f"migrate report {plan_path}",
        )
    failed = {StepState.FAILED, StepState.PUT_BACK} & states
    if failed:
        return Outcome(
            ExitCode.PUT_BACK,
            "stopped",
            f"failed, and what failed is as it was: {told}. {why_stopped}".strip(),
            f"migrate report {plan_path}    # then {resume}",
        )
    if StepState.DRIFTED in states and not changed_anything(run):
        return Outcome(
            ExitCode.DRIFT,
            "blocked",
            f"not as planned, nothing changed: {told}",
            "migrate plan --name NEW-NAME",
        )
    if why_stopped:
        return Outcome(ExitCode.PARTIAL, "stopped", f"{told}. {why_stopped}", resume)
    closed = [s for s in run.steps if s.stage.closes]
    if closed and all(s.state in (StepState.DONE, StepState.NOTHING) for s in closed):
        told += ". The port is closed"
    return Outcome(ExitCode.OK, "finished", told)
