"""The commands that reports tell a person to run; ``folder`` is the plan's, as it is typed."""

import shlex

from migrate.model.text import visible


def show(folder: str) -> str:
    """Look at a plan."""
    return f"migrate show {shlex.quote(folder)}"


def explain(node: str, folder: str) -> str:
    """Why a node is moved as it is, and what would let another driver do it."""
    return f"migrate explain {shlex.quote(visible(node))} {shlex.quote(folder)}"


def dry_run(folder: str) -> str:
    """Try all that can be tried without a change."""
    return f"{apply(folder)} --dry-run"


def apply(folder: str) -> str:
    """Run a plan."""
    return f"migrate apply {shlex.quote(folder)}"


def resume(folder: str) -> str:
    """Go on with its newest run."""
    return f"{apply(folder)} --resume"


def rollback(folder: str) -> str:
    """Put back what the newest run of a plan changed."""
    return f"migrate rollback {shlex.quote(folder)}"


def rollback_run(folder: str, run: str) -> str:
    """Put back what a certain run changed."""
    return f"migrate rollback {shlex.quote(f'{folder}/runs/{run}')}"


def status(folder: str) -> str:
    """Where its newest run stands."""
    return f"migrate status {shlex.quote(folder)}"
