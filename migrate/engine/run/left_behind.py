"""What runs of a plan leave behind: nodes that are offline, objects that were created again."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from migrate.engine.record.folder import run_folders
from migrate.engine.record.journal import read_journal
from migrate.engine.run.options import nodes_of
from migrate.jenkins.errors import NodeGone
from migrate.model.errors import MigrateError
from migrate.model.journal.base import Undone
from migrate.model.plan import NODE_STEPS
from migrate.model.plan_steps import PlanStep
from migrate.model.text import first_of, visible
from migrate.steps.base import Context

_MOST = 10


def made_anew(plan_folder: Path) -> frozenset[str]:
    """uids of the objects that rollbacks of this plan's runs created again.

    They have the names and the content of those that were planned, and another uid.
    """
    found: set[str] = set()
    for folder in run_folders(plan_folder):
        with suppress(MigrateError):  # not readable: what it made anew is drift, then
            found |= {
                record.entry.made_anew
                for record in read_journal(folder.journal_path)
                if isinstance(record.entry, Undone) and record.entry.made_anew
            }
    return frozenset(found)


def offline_now(ctx: Context, steps: Iterable[PlanStep]) -> str:
    """``still offline: a, b``: nodes of these steps that are not connected; empty for none."""
    names = [name for step in steps if step.kind in NODE_STEPS for name in nodes_of(step)]
    away = [told for name in dict.fromkeys(names) if (told := _away(ctx, name))]
    if not away:
        return ""
    return f"still offline: {first_of(away, _MOST)}"


def _away(ctx: Context, name: str) -> str:
    """The node's name where it is not connected; empty where it is, or is no more."""
    try:
        return "" if ctx.jenkins.node_state(name).online else visible(name)
    except NodeGone:
        return ""
    except MigrateError:
        return f"{visible(name)} (its state cannot be read)"
