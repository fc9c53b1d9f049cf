"""What a rule is: a question about the inventory, and the page that explains its answer."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from migrate.model.finding import Finding, Severity
from migrate.model.inventory import Inventory
from migrate.model.plan import Choices


@dataclass(frozen=True)
class Hit:
    """One subject to which a rule applies; the rule makes a ``Finding`` of it.

    ``cause`` and ``fix`` are worded alike for all subjects wherever they can be, so that a
    report can show a thousand nodes with one cause as one entry.
    """

    subject: str
    summary: str
    evidence: str
    """What was read, and where."""
    cause: str
    fix: str
    severity: Severity | None = None
    """None: the rule's own severity."""


Find = Callable[[Inventory, Choices | None], Iterator[Hit]]


@dataclass(frozen=True)
class Rule:
    """A rule with its stable id and its page. ``find`` is pure."""

    id: str
    """``M001`` ...; never reused for another meaning."""
    name: str
    """The file's name with dashes; ``migrate explain`` takes it too."""
    title: str
    severity: Severity
    """The usual one; ``levels`` says when another is given."""
    find: Find
    meaning: str
    why: str
    by_hand: str
    """How to check the same without this tool."""
    fix: str
    sources: tuple[str, ...]
    """Where the facts come from: project, file, version or change."""
    levels: str = ""

    def check(self, inventory: Inventory, choices: Choices | None = None) -> Iterator[Finding]:
        """The rule's findings. ``choices`` None: nothing was chosen yet (a scan)."""
        for hit in self.find(inventory, choices):
            yield Finding(
                id=self.id,
                severity=hit.severity or self.severity,
                subject=hit.subject,
                summary=hit.summary,
                evidence=hit.evidence,
                cause=hit.cause,
                fix=hit.fix,
            )
