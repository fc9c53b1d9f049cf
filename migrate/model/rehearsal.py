"""The record of a dry run: what each step would have done, then."""

from collections import Counter
from dataclasses import dataclass

from migrate.model.next_command import Given, plan_folder

REHEARSAL_SCHEMA = 1
IN_ORDER = ("would change", "no change", "by hand", "cannot tell", "blocked", "drifted")
"""Every verdict, the worst last."""


@dataclass(frozen=True)
class RehearsedStep:
    """A step and its verdict."""

    stage: str
    wave: str
    id: str
    kind: str
    subject: str
    title: str
    verdict: str
    """One of ``IN_ORDER``."""
    detail: str = ""
    diff: str = ""
    """Unified, secrets masked."""


@dataclass(frozen=True)
class Rehearsal:
    """``rehearsal.json`` of ``plans/NAME/rehearsals/TIME/``."""

    schema_version: int
    tool_version: str
    plan_name: str
    plan_id: str
    controller_url: str
    at: str
    """UTC, ISO 8601."""
    user: str
    """Who rehearsed, on ``host``."""
    host: str
    inventory_sha256: str
    """Of ``inventory.json`` beside it: what the steps knew of the installation. Empty: the plan
    had none."""
    steps: tuple[RehearsedStep, ...]
    exit_code: int
    given: Given = ()
    """Connection options of the command line, and where the plan lies."""

    @property
    def folder(self) -> str:
        """The folder of its plan, as a person would type it."""
        return plan_folder(self.given, self.plan_name)

    @property
    def sentence(self) -> str:
        """``12 steps: 9 would change, 2 by hand, 1 blocked``."""
        seen = Counter(step.verdict for step in self.steps)
        told = [f"{seen[verdict]} {verdict}" for verdict in IN_ORDER if seen[verdict]]
        word = "step" if len(self.steps) == 1 else "steps"
        return f"{len(self.steps)} {word}: {', '.join(told) or 'none'}"
