"""Reports as JSON: the data itself, for other programs."""

from typing import Any

from migrate.model.finding import Finding
from migrate.model.inventory import Inventory
from migrate.model.plan import Plan
from migrate.model.run import Run
from migrate.model.serialize import SCHEMA_VERSION, to_json
from migrate.model.text import json_visible


def scan(inventory: Inventory, findings: tuple[Finding, ...]) -> str:
    """``schema_version``, ``inventory``, ``findings``."""
    return _text({"inventory": inventory, "findings": findings})


def plan(plan_: Plan, findings: tuple[Finding, ...]) -> str:
    """``schema_version``, ``plan``, ``findings``."""
    return _text({"plan": plan_, "findings": findings})


def run(run_: Run) -> str:
    """``schema_version``, ``run``."""
    return _text({"run": run_})


def _text(content: dict[str, Any]) -> str:
    """JSON in which nothing can steer a terminal: such characters stand as ``\\uNNNN``."""
    return json_visible(to_json({"schema_version": SCHEMA_VERSION, **content}))
