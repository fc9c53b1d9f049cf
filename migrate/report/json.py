"""What commands answer with ``-o json``: the data itself, for other programs.

docs/schema has a schema of each (docs/commands.md says which is whose).
"""

from dataclasses import dataclass

from migrate.model.difference import Change
from migrate.model.finding import Finding
from migrate.model.history import Trend
from migrate.model.inventory import Inventory, ProbeAnswer, Skip, Verdict
from migrate.model.plan import Plan
from migrate.model.rehearsal import Rehearsal
from migrate.model.run import Run
from migrate.model.serialize import SCHEMA_VERSION, to_json
from migrate.model.text import json_visible
from migrate.report.skips import unread


@dataclass(frozen=True)
class ScanAnswer:
    """Of ``migrate scan``."""

    schema_version: int
    not_read: tuple[str, ...]
    """Sentences: what could not be read, and what would be needed."""
    inventory: Inventory
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class PlanAnswer:
    """Of ``migrate show``."""

    schema_version: int
    not_read: tuple[str, ...]
    plan: Plan
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class RunAnswer:
    """Of ``migrate status`` and ``migrate report``."""

    schema_version: int
    run: Run


@dataclass(frozen=True)
class TrendAnswer:
    """Of ``migrate trend``."""

    schema_version: int
    trends: tuple[Trend, ...]
    sentences: tuple[str, ...]
    """Of each trend: ``37 of 412 moved, 9 need a person, 3 came back to TCP``."""


@dataclass(frozen=True)
class RehearsalAnswer:
    """Of ``migrate report`` on a rehearsal."""

    schema_version: int
    rehearsal: Rehearsal


@dataclass(frozen=True)
class DifferenceAnswer:
    """Of ``migrate diff``."""

    schema_version: int
    before: str
    """What was compared, for a person."""
    after: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class HandedOver:
    """A node that an owner got."""

    name: str
    host: str
    why: str
    runbook: str


@dataclass(frozen=True)
class HandedOwner:
    """What an owner got."""

    owner: str
    contact: str
    folder: str
    nodes: tuple[HandedOver, ...]


@dataclass(frozen=True)
class HandoverAnswer:
    """Of ``migrate handover``."""

    schema_version: int
    plan: str
    owners: tuple[HandedOwner, ...]


@dataclass(frozen=True)
class WebSocketVerdict:
    """Whether agents can come in over WebSocket."""

    verdict: Verdict
    sentence: str


@dataclass(frozen=True)
class DoctorAnswer:
    """Of ``migrate doctor``."""

    schema_version: int
    controller: str
    """Its URL."""
    version: str
    user: str
    permissions: dict[str, bool | None]
    """By the name of each; null: it cannot be told."""
    cluster: dict[str, bool | None] | None
    """By ``VERB RESOURCE``; null without a cluster."""
    probes: tuple[ProbeAnswer, ...]
    websocket: WebSocketVerdict
    blockers: tuple[Finding, ...]
    skips: tuple[Skip, ...]
    files: tuple[Finding, ...] = ()
    """What the files of ``--nginx`` say."""


def scan(inventory: Inventory, findings: tuple[Finding, ...]) -> str:
    """A ``ScanAnswer``."""
    return text(ScanAnswer(SCHEMA_VERSION, unread(inventory.skips), inventory, findings))


def plan(plan_: Plan, findings: tuple[Finding, ...], not_read: tuple[Skip, ...] = ()) -> str:
    """A ``PlanAnswer``."""
    return text(PlanAnswer(SCHEMA_VERSION, unread(not_read), plan_, findings))


def run(run_: Run) -> str:
    """A ``RunAnswer``."""
    return text(RunAnswer(SCHEMA_VERSION, run_))


def text(answer: object) -> str:
    """JSON in which nothing can steer a terminal: such characters stand as ``\\uNNNN``."""
    return json_visible(to_json(answer))
