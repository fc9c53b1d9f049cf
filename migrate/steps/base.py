"""The contract of a step kind, and what a step is given to work with."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from migrate.model.access import NO_ACCESS, Access
from migrate.model.errors import MigrateError
from migrate.model.inventory import Inventory, Node, Verdict
from migrate.model.plan import Choices
from migrate.model.ports import ClusterPort, ControllerPort, ProbePort
from migrate.model.records import Record
from migrate.model.secrets import mask
from migrate.steps.keyed_locks import KeyedLocks

S_contra = TypeVar("S_contra", contravariant=True)
"""The type of the steps of one kind."""


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

    kind: str
    """``stage``, ``wave``, ``step``, ``phase``, ``note``, ``gate``, ``end``."""
    step: str = ""
    phase: str = ""
    message: str = ""
    data: dict[str, Any] = field(default_factory=dict)


class Clock(Protocol):
    """Time, so that tests can be quick and a stop can interrupt a wait."""

    def now(self) -> str:
        """UTC, ISO 8601 with milliseconds."""

    def monotonic(self) -> float:
        """Seconds that never go back."""

    def sleep(self, seconds: float) -> None:
        """Wait; ends early by ``Stopped`` when the person asked twice to stop."""


@dataclass(frozen=True)
class BackupRef:
    """A file in the run's ``backup/`` folder."""

    file: str
    sha256: str


class StepLog(Protocol):
    """The journal, as one step sees it. Every write is on disk when the call returns."""

    def write(self, kind: str, action: str, data: dict[str, Any]) -> None:
        """Append ``intent``, ``outcome``, ``undo``, ``undone`` or ``note`` for this step.

        ``intent`` and ``undo`` come right before a change: they raise when this run may not
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


@dataclass(frozen=True)
class Change:
    """What the journal knows of one action of a step."""

    intent: dict[str, Any]
    outcome: dict[str, Any] | None
    """None: failed, or lost in a crash."""
    undone: bool


def changes(log: StepLog) -> dict[str, Change]:
    """What the journal knows of each action of this step."""
    return changes_in(log.records())


def changes_in(records: Iterable[Record]) -> dict[str, Change]:
    """The last intent of each action, with its outcome and whether it was undone."""
    found: dict[str, Change] = {}
    for record in records:
        if record.kind == "intent":
            found[record.action] = Change(record.data, None, undone=False)
        elif record.kind == "outcome" and record.action in found and record.data.get("ok"):
            found[record.action] = Change(found[record.action].intent, record.data, undone=False)
        elif record.kind == "undone" and record.action in found:
            known = found[record.action]
            found[record.action] = Change(known.intent, known.outcome, undone=True)
    return found


@contextmanager
def journalled(log: StepLog, action: str, intent: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Record the intent, run the body, record its outcome (what the body put into the dict)."""
    log.write("intent", action, intent)
    result: dict[str, Any] = {}
    try:
        yield result
    except Exception as error:
        log.write("outcome", action, {"ok": False, "error": mask(str(error)), **result})
        raise
    log.write("outcome", action, {"ok": True, **result})
