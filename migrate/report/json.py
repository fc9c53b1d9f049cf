"""Reports as JSON: the data itself, for other programs."""

from typing import Any

from migrate.model.finding import Finding
from migrate.model.inventory import Inventory, Skip
from migrate.model.plan import Plan
from migrate.model.run import Run
from migrate.model.serialize import SCHEMA_VERSION, to_json
from migrate.model.text import json_visible
from migrate.report.skips import unread


def scan(inventory: Inventory, findings: tuple[Finding, ...]) -> str:
    """``schema_version``, ``not_read``, ``inventory``, ``findings``."""
    return _text(
        {"not_read": unread(inventory.skips), "inventory": inventory, "findings": findings}
    )


def plan(plan_: Plan, findings: tuple[Finding, ...], not_read: tuple[Skip, ...] = ()) -> str:
    """``schema_version``, ``not_read``, ``plan``, ``findings``."""
    return _text({"not_read": unread(not_read), "plan": plan_, "findings": findings})


def run(run_: Run) -> str:
    """``schema_version``, ``run``."""
    return _text({"run": run_})


def _text(content: dict[str, Any]) -> str:
    """JSON in which nothing can steer a terminal: such characters stand as ``\\uNNNN``."""
    return json_visible(to_json({"schema_version": SCHEMA_VERSION, **content}))
