"""The commands that reports tell a person to run."""

import shlex


def plan_path(name: str) -> str:
    """Where the plan of that name lies, as a shell argument."""
    return shlex.quote(f"plans/{name}")


def run_path(plan: str, run: str) -> str:
    """Where the run lies, as a shell argument."""
    return shlex.quote(f"plans/{plan}/runs/{run}")


def show(name: str) -> str:
    """Look at a plan."""
    return f"migrate show {plan_path(name)}"


def dry_run(name: str) -> str:
    """Try all that can be tried without a change."""
    return f"migrate apply {plan_path(name)} --dry-run"


def apply(name: str) -> str:
    """Run a plan."""
    return f"migrate apply {plan_path(name)}"


def resume(name: str) -> str:
    """Go on with its newest run."""
    return f"migrate apply {plan_path(name)} --resume"


def rollback(name: str) -> str:
    """Put back what the newest run of a plan changed."""
    return f"migrate rollback {plan_path(name)}"


def rollback_run(plan: str, run: str) -> str:
    """Put back what a certain run changed."""
    return f"migrate rollback {run_path(plan, run)}"


def status(name: str) -> str:
    """Where its newest run stands."""
    return f"migrate status {plan_path(name)}"
