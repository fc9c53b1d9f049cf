"""One result of one rule about the inventory."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding stands in the way."""

    BLOCKER = "blocker"
    """apply refuses (for the whole run, or for its subject)."""
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True)
class Finding:
    """A rule's judgement, with evidence, cause and fix in the administrator's words."""

    id: str
    """Stable rule id, ``M001`` ...; ``migrate explain ID`` has its page."""
    severity: Severity
    subject: str
    """``controller``, ``edge``, ``node NAME``, ``ConfigMap ns/name[key]`` ..."""
    summary: str
    """One line."""
    evidence: str
    """What was read, and where."""
    cause: str
    fix: str
