"""What a run says of itself and of its steps' ends, and what people tell it."""

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from migrate.model.journal.base import Acted, Action, Entry, Note, RecordKind
from migrate.model.names import StageName
from migrate.model.next_command import Given
from migrate.model.plan import Choices
from migrate.model.plan_steps import PlanStep
from migrate.model.run import StepState


class PlannedStep(msgspec.Struct, frozen=True, kw_only=True):
    """A step of the plan, and where it stands there."""

    stage: StageName
    wave: str
    step: PlanStep


class _Start(Entry, frozen=True, kw_only=True):
    user: str
    host: str
    pid: int = 0
    given: Given = ()
    """Connection options of this start."""


class RunStarted(_Start, frozen=True, kw_only=True):
    """The first record: which plan is run, and by whom."""

    kind = RecordKind.RUN_STARTED
    schema_version: int
    tool_version: str
    plan_id: str
    plan_name: str
    controller_url: str
    lock_namespace: str = ""
    """Where the Lease lies; empty: no cluster is in play."""
    options: dict[str, str] = msgspec.field(default_factory=dict)
    """Flags of this start, for a person."""
    choices: Choices
    steps: tuple[PlannedStep, ...]


class RunResumed(_Start, frozen=True, kw_only=True):
    """Another execution goes on with it."""

    kind = RecordKind.RUN_RESUMED
    options: dict[str, str] = msgspec.field(default_factory=dict)


class RollbackStarted(_Start, frozen=True, kw_only=True):
    """It is put back."""

    kind = RecordKind.ROLLBACK_STARTED


class RunFinished(Entry, frozen=True, kw_only=True):
    """How an execution ended."""

    kind = RecordKind.RUN_FINISHED
    state: str
    """``finished``, ``stopped``, ``failed``, ``blocked``, ``rolled-back``."""
    summary: str = ""
    exit_code: int | None = None
    next_command: str = ""


class Named(Entry, frozen=True, kw_only=True):
    """A part of the plan began or ended; in a record its name stands as the action."""

    name: str


class StageStarted(Named, frozen=True, kw_only=True):
    """A stage began."""

    kind = RecordKind.STAGE_STARTED


class StageFinished(Named, frozen=True, kw_only=True):
    """A stage ended."""

    kind = RecordKind.STAGE_FINISHED


class WaveStarted(Named, frozen=True, kw_only=True):
    """A wave began."""

    kind = RecordKind.WAVE_STARTED


class WaveFinished(Named, frozen=True, kw_only=True):
    """A wave ended."""

    kind = RecordKind.WAVE_FINISHED


class StepStarted(Entry, frozen=True, kw_only=True):
    """A step began."""

    kind = RecordKind.STEP_STARTED


class StepFinished(Entry, frozen=True, kw_only=True):
    """A step came to an end, which a later execution may change."""

    kind = RecordKind.STEP_FINISHED
    state: StepState
    message: str = ""
    """What was verified, or why it failed; masked."""
    needs: str = ""
    """What a person must do."""


class Mark(Entry, frozen=True, kw_only=True):
    """What a person says of a step."""

    kind = RecordKind.MARK
    state: Literal["done", "undone"]
    reason: str = ""
    by: str = ""

    @property
    def done(self) -> bool:
        """Whether they did it."""
        return self.state == "done"


class RunNote(Note, frozen=True, kw_only=True, tag=Action.RUN.value):
    """About the journal itself."""


class LockNote(Note, frozen=True, kw_only=True, tag=Action.LOCK.value):
    """A lock that could not be had."""


class HeldNote(Note, frozen=True, kw_only=True, tag=Action.HELD.value):
    """No further node starts for now, and why."""


class ReleasedNote(Note, frozen=True, kw_only=True, tag=Action.RELEASED.value):
    """Nodes start again."""


class ClockNote(Note, frozen=True, kw_only=True, tag=Action.CLOCK.value):
    """The clock went forward or back."""


class NoProgressNote(Note, frozen=True, kw_only=True, tag=Action.NO_PROGRESS.value):
    """No node has ended for a long time."""


class AcceptedNote(Note, frozen=True, kw_only=True, tag=Action.ACCEPTED.value):
    """What a person accepted."""


class PurgedNote(Note, frozen=True, kw_only=True, tag=Action.PURGED.value):
    """The run's backups were removed, and by whom."""


class HookFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a hook is told of its moment, beside the run."""

    node: str | UnsetType = UNSET
    step: str | UnsetType = UNSET
    state: str | UnsetType = UNSET
    message: str | UnsetType = UNSET
    wave: str | UnsetType = UNSET
    nodes: int | UnsetType = UNSET
    exit_code: int | UnsetType = UNSET
    summary: str | UnsetType = UNSET


class HookNote(Note, frozen=True, kw_only=True, tag=Action.HOOK.value):
    """A hook of the operator, what it was told and what it said."""

    hook: str
    code: int | None
    """None: it was ended, or could not be started."""
    output: str
    step: str | UnsetType = UNSET
    state: str | UnsetType = UNSET
    message: str | UnsetType = UNSET
    wave: str | UnsetType = UNSET
    nodes: int | UnsetType = UNSET
    exit_code: int | UnsetType = UNSET
    summary: str | UnsetType = UNSET


RUN_ENTRIES: tuple[type[Entry], ...] = (
    RunStarted, RunResumed, RollbackStarted, RunFinished,
    StageStarted, StageFinished, WaveStarted, WaveFinished,
    StepStarted, StepFinished, Mark,
)  # fmt: skip
RUN_NOTES: tuple[type[Acted], ...] = (
    RunNote, LockNote, HeldNote, ReleasedNote, ClockNote, NoProgressNote, AcceptedNote, HookNote,
    PurgedNote,
)  # fmt: skip
