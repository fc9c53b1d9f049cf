"""A result as plain facts, apart from its form: each machine format takes the part that it shows.

The texts are as they came: a format escapes what it writes.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from migrate.model.finding import Finding, Severity


@dataclass(frozen=True)
class Remark:
    """Something that stands in the way, or is worth a look: a result of SARIF."""

    rule: str
    """Stable id: ``M003``, ``source.launch``, ``run.stuck``."""
    severity: Severity
    subject: str
    message: str
    fix: str = ""
    file: str = ""
    """Below the folder that was read, with ``/``; empty: it is about something live."""
    line: int = 1


class CaseState(StrEnum):
    """How a test case ended, in JUnit's words."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Case:
    """One question with its answer: a test case of JUnit."""

    group: str
    """The class name, with dots: ``migrate.nodes``."""
    name: str
    state: CaseState
    message: str = ""
    detail: str = ""
    """Lines."""
    seconds: float | None = None


@dataclass(frozen=True)
class Rows:
    """The table for a spreadsheet."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Sample:
    """A value of a metric."""

    value: float
    labels: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Metric:
    """A gauge of Prometheus."""

    name: str
    help: str
    samples: tuple[Sample, ...]


@dataclass(frozen=True)
class Facts:
    """Of one result."""

    about: str
    """What was looked at: ``scan/https://jenkins.example.com/``; results about the same thing
    have the same text."""
    remarks: tuple[Remark, ...]
    cases: tuple[Case, ...]
    rows: Rows
    metrics: tuple[Metric, ...]


def remarks_of(findings: tuple[Finding, ...]) -> tuple[Remark, ...]:
    """Findings about something live as remarks."""
    return tuple(
        Remark(f.id, f.severity, f.subject, f"{f.subject}: {f.summary}", f.fix) for f in findings
    )


def cases_of(findings: tuple[Finding, ...]) -> tuple[Case, ...]:
    """A case for each finding; it fails by the measure of ``--exit-code``: infos don't."""
    return tuple(
        Case(
            f"migrate.findings.{f.id}",
            f.subject,
            CaseState.PASSED if f.severity is Severity.INFO else CaseState.FAILED,
            f"{f.severity}: {f.summary}",
            f"cause: {f.cause}\nfix: {f.fix}\nevidence: {f.evidence}",
        )
        for f in findings
    )


def counted(name: str, help_: str, label: str, counts: dict[str, int], **labels: str) -> Metric:
    """A metric with a sample for each value of one label."""
    return Metric(
        name,
        help_,
        tuple(Sample(count, {**labels, label: value}) for value, count in counts.items()),
    )


def one(name: str, help_: str, value: float, **labels: str) -> Metric:
    """A metric with one sample."""
    return Metric(name, help_, (Sample(value, labels),))
