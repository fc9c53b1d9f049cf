"""The contract of a step kind, and what a step is given to work with."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from msgspec.structs import replace

from migrate.model.access import NO_ACCESS, Access
from migrate.model.errors import MigrateError
from migrate.model.inventory import Inventory, Node, Verdict
from migrate.model.journal.base import (
    Action,
    BackupRef,
    Entry,
    Intent,
    Outcome,
    Undone,
    action_of,
)
from migrate.model.names import EventKind
from migrate.model.plan import Choices
from migrate.model.ports import ClusterPort, ControllerPort, ProbePort
from migrate.model.records import Record
from migrate.model.secrets import mask
from migrate.steps.keyed_locks import KeyedLocks

S_contra = TypeVar("S_contra", contravariant=True)
"""The type of the steps of one kind."""
I = TypeVar("I", bound=Intent)  # noqa: E741
I_co = TypeVar("I_co", bound=Intent, covariant=True)
O = TypeVar("O", bound=Outcome)  # noqa: E741


class CheckState(StrEnum):
    """What ``check`` found when it read the target again."""

    READY = "ready"
    DONE = "done"
    """Already as wanted."""
    DRIFTED = "drifted"
    """Not as planned."""
    BLOCKED = "blocked"
    MANUAL = "manual"
    """Ready, but only a person can do it."""


@dataclass(frozen=True)
class Check:
    """Result of re-reading a step's target."""

    state: CheckState
    detail: str = ""
    """What changed, or why it is blocked; one line."""
    passing: bool = False
    """Blocked by what may well pass by itself: an agent that was there and reconnects."""


@dataclass(frozen=True)
class Verification:
    """Result of proving a step from the outside."""

    verdict: Verdict
    detail: str


@dataclass(frozen=True)
class Description:
    """What a step costs, for a person."""

    text: str
    downtime: str
    reversible: bool


class StepFailed(MigrateError):
    """A step could not do its work; ``needs`` says what a person must do, if anything."""

    def __init__(
        self, cause: str, *, needs: str = "", next_command: str = "migrate status"
    ) -> None:
        super().__init__(cause, next_command=next_command)
        self.needs = needs


class NotPutBack(StepFailed):
    """A rollback could not restore everything; ``needs`` is the report's loudest line."""


class NeedsSource(NotPutBack):
    """A file is not put back before a person says below which folder it may be written."""


class StepBlocked(StepFailed):
    """Nothing was changed: something must be put right or accepted first."""


class Postponed(StepFailed):
    """Not now: nothing was changed but the hold, which is taken back. A later run goes on."""


class Stopped(Exception):
    """The person asked twice to stop: leave at the next record."""


@dataclass(frozen=True)
class Event:
    """Something worth showing while a run goes on."""

    kind: EventKind
    step: str = ""
    phase: str = ""
    message: str = ""
    needs: str = ""
    """Of a step's end: what a person must do."""


class Clock(Protocol):
    """Time, so that tests can be quick and a stop can interrupt a wait."""

    def now(self) -> str:
        """UTC, ISO 8601 with milliseconds."""

    def monotonic(self) -> float:
        """Seconds that never go back."""

    def sleep(self, seconds: float) -> None:
        """Wait; ends early by ``Stopped`` when the person asked twice to stop."""


class StepLog(Protocol):
    """The journal, as one step sees it. Every write is on disk when the call returns."""

    def write(self, entry: Entry) -> None:
        """Append an entry for this step.

        An ``Intent`` and an ``Undo`` come right before a change: they raise when this run may not
        change anything any more."""

    def records(self) -> tuple[Record, ...]:
        """This step's records of the run so far, oldest first."""

    def of_run(self) -> tuple[Record, ...]:
        """All records of the run so far, for what steps share."""

    def save(self, name: str, body: bytes) -> BackupRef:
        """Keep ``body`` in the backup folder (0600), synced; never overwrites other content."""

    def load(self, ref: BackupRef) -> bytes:
        """Read a backup; ``MigrateError`` when it is missing or its SHA-256 differs."""


@dataclass(frozen=True)
class RunSettings:
    """What the person chose for this run."""

    include_offline: bool = False
    accept_unproven_upgrade: bool = False
    poll: float = 2.0
    """Seconds between looks at a node that is awaited."""
    rejoin: float = 45.0
    """Seconds that an agent which was connected when it was planned may be away: agents wait
    10 s before they reconnect, and a restarted controller takes its time too."""
    sources: tuple[str, ...] = ()
    """Folders with the files of ``edit-file`` steps; empty: where they were when planned."""
    planned_sources: bool = True
    """Whether the folder that a step names counts: not when only a journal says so."""

    @property
    def settle(self) -> float:
        """Seconds after which Jenkins has surely put its restarter into an agent that connected;
        10 s as it is."""
        return 5 * self.poll


@dataclass(frozen=True)
class Context:
    """All that a step may use to reach the outside."""

    jenkins: ControllerPort
    cluster: ClusterPort | None
    prober: ProbePort
    inventory: Inventory | None
    """What the plan's scan saw; None when a rollback has the journal alone."""
    choices: Choices
    settings: RunSettings
    clock: Clock
    emit: Callable[[Event], None]
    jars: KeyedLocks = field(default_factory=KeyedLocks)
    """Held while an agent.jar is replaced or put back; nodes of one host may share the file."""
    access: Access = NO_ACCESS
    """What the operator's own ``--config`` says of ssh and command; no plan or journal does."""
    made_anew: frozenset[str] = frozenset()
    """uids of the objects that rollbacks of this plan's runs created again in place of those that
    were planned: they are no drift."""
    over: Callable[[], str] = lambda: ""
    """Why nothing is to be waited for any longer that has not begun: the window is over, or a
    stop was asked for. Empty: go on."""
    run_label: str = "migrate"
    """Put into offline marks and disconnect reasons: ``migrate PLAN RUN``."""

    def node(self, name: str) -> Node | None:
        """The node as the plan's scan saw it."""
        nodes = self.inventory.nodes if self.inventory else ()
        return next((n for n in nodes if n.name == name), None)

    def need_cluster(self) -> ClusterPort:
        """The cluster; ``StepBlocked`` when none is configured."""
        if self.cluster is None:
            raise StepBlocked(
                "this step changes the cluster, and no cluster is configured",
                next_command="migrate apply PLAN --kubeconfig FILE --context NAME",
            )
        return self.cluster


class StepKind(Protocol[S_contra]):
    """One kind of step. Instances hold no state; the journal does."""

    kind: str

    def describe(self, step: S_contra) -> Description:
        """One line, what it costs, whether it can be undone."""

    def describe_back(self, step: S_contra) -> str:
        """What ``rollback`` puts back, in one line: ``node a: back to TCP``."""

    def diff(self, step: S_contra, ctx: Context) -> str:
        """Unified diff of before and after, secrets masked; empty when nothing would change."""

    def check(self, step: S_contra, ctx: Context, log: StepLog | None = None) -> Check:
        """Re-read the target. Changes nothing. ``log`` tells what this run did to it already."""

    def dry_run(self, step: S_contra, ctx: Context) -> str:
        """Try what can be tried without changing anything (permissions, server-side dry run).

        One line that starts with ``would change``, ``no change`` or ``cannot tell``. Raises
        what the real change would meet.
        """

    def apply(self, step: S_contra, ctx: Context, log: StepLog) -> str:
        """Make the change; safe to call again after a crash. Returns what was verified."""

    def verify(self, step: S_contra, ctx: Context) -> Verification:
        """Prove it from the outside."""

    def rollback(self, step: S_contra, ctx: Context, log: StepLog) -> str:
        """Put back what the journal recorded, and verify that. ``NotPutBack`` says what is left.
        Returns what was verified; empty when there was nothing to put back."""


class LeavesAsIs(Generic[S_contra]):
    """A kind of step after which everything is as it was."""

    def diff(self, step: S_contra, ctx: Context) -> str:
        """None."""
        del step, ctx
        return ""


@dataclass(frozen=True)
class Change(Generic[I_co]):
    """What the journal knows of one action of a step."""

    intent: I_co
    outcome: Outcome | None
    """None: failed, or lost in a crash."""
    undone: bool


def changes(log: StepLog) -> dict[Action, Change[Intent]]:
    """What the journal knows of each action of this step."""
    return changes_in(log.records())


def changes_in(records: Iterable[Record]) -> dict[Action, Change[Intent]]:
    """The last intent of each action, with its outcome and whether it was undone."""
    found: dict[Action, Change[Intent]] = {}
    for record in records:
        entry = record.entry
        if isinstance(entry, Intent):
            found[entry.action] = Change(entry, None, undone=False)
        elif isinstance(entry, Outcome) and entry.action in found and entry.ok:
            found[entry.action] = Change(found[entry.action].intent, entry, undone=False)
        elif isinstance(entry, Undone) and entry.action in found:
            known = found[entry.action]
            found[entry.action] = Change(known.intent, known.outcome, undone=True)
    return found


def change_of(records: Iterable[Record], intent: type[I]) -> Change[I] | None:
    """What a step's records know of the action that ``intent`` begins; None: it was not begun."""
    found = changes_in(records).get(action_of(intent))
    if found is None or not isinstance(found.intent, intent):
        return None
    return Change(found.intent, found.outcome, found.undone)


def standing(log: StepLog, intent: type[I]) -> Change[I] | None:
    """``change_of`` this step, unless it was undone."""
    found = change_of(log.records(), intent)
    return None if found is None or found.undone else found


@dataclass
class Ending(Generic[O]):
    """The outcome of a change while it is made."""

    outcome: O


@contextmanager
def journalled(log: StepLog, intent: Intent, outcome: O) -> Iterator[Ending[O]]:
    """Record the intent, run the body, record the outcome: ``outcome``, or what the body made
    of it."""
    log.write(intent)
    end = Ending(outcome)
    try:
        yield end
    except Exception as error:
        log.write(replace(end.outcome, ok=False, error=mask(str(error))))
        raise
    log.write(end.outcome)
