"""The state of a run, derived from its journal; what status and report show."""

from dataclasses import dataclass
from enum import StrEnum

from migrate.model.names import StageName
from migrate.model.next_command import Given, plan_folder


class StepState(StrEnum):
    """Where a step of a run stands."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    """Applied and verified by reading it back."""
    NOTHING = "nothing-to-do"
    """Was already as wanted."""
    FAILED = "failed"
    """Failed before it changed anything."""
    PUT_BACK = "put-back"
    """Failed, and the target is verified to be as it was before."""
    STUCK = "stuck"
    """Failed and could not be put back in full: a person must act. The loudest line."""
    DRIFTED = "drifted"
    """The target was not as planned; left alone."""
    BLOCKED = "blocked"
    """Left alone: something must be put right or accepted first."""
    MANUAL = "manual"
    """Waits for what a person must do."""
    ROLLED_BACK = "rolled-back"


@dataclass(frozen=True)
class Phase:
    """One part of a step as journalled: ``hold``, ``switch`` ... with its outcome."""

    action: str
    at: str
    outcome: str
    """``ok``, ``failed``, ``undone``, or empty while under way (or lost in a crash)."""
    detail: str = ""


@dataclass(frozen=True)
class RunStep:
    """One step of the plan in this run."""

    id: str
    kind: str
    subject: str
    title: str
    stage: StageName
    wave: str
    state: StepState
    message: str = ""
    """What was verified, or why it failed; one line, masked."""
    needs: str = ""
    """For STUCK, MANUAL and BLOCKED: what a person must do, on which host."""
    started: str = ""
    finished: str = ""
    phases: tuple[Phase, ...] = ()


@dataclass(frozen=True)
class Run:
    """A run of a plan, as its journal tells it."""

    run_id: str
    plan_name: str
    plan_id: str
    controller_url: str
    tool_version: str
    user: str
    host: str
    started: str
    finished: str
    """Empty while it runs, or when it was killed."""
    state: str
    """``running``, ``finished``, ``stopped`` (resumable), ``failed``, ``rolled-back``,
    ``interrupted`` (no end in the journal and its process is gone)."""
    summary: str
    exit_code: int | None
    steps: tuple[RunStep, ...]
    accepted: tuple[str, ...] = ()
    """What a person accepted: ``offline NODE``, ``unproven-upgrade`` ..., with the time."""
    notes: tuple[str, ...] = ()
    next_command: str = ""
    given: Given = ()
    """Connection options that the run was started (or resumed) with, else those of its plan; and
    where its plan lies."""

    @property
    def folder(self) -> str:
        """The folder of its plan, as a person would type it."""
        return plan_folder(self.given, self.plan_name)
