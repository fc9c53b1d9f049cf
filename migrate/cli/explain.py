"""``migrate explain``."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from migrate.cli.console import columns, result
from migrate.model.errors import UsageProblem
from migrate.model.next_command import with_plans
from migrate.model.text import visible

if TYPE_CHECKING:
    from migrate.model.plan import Plan


def explain(
    id: Annotated[
        str, typer.Argument(metavar="ID|NODE", help="M001 ..., an exit code, or a node of a plan.")
    ] = "",
    plan: Annotated[
        Path | None,
        typer.Argument(
            metavar="[PLAN]", help="The plan that knows the node; else the newest in plans/."
        ),
    ] = None,
) -> None:
    """What a finding or an exit code means, how to check it by hand, how to fix it.

    Of a node: which driver moves it, which do not and why, and what would make it possible.

    migrate explain M003

    migrate explain linux-1 plans/t1
    """
    from migrate.plan_store.plan_folder import read_plan_to_show
    from migrate.report import commands
    from migrate.rules.explain import UnknownPage, page

    if plan is not None:
        told = _of_node(read_plan_to_show(plan)[0], plan, id)
        if not told:
            raise UsageProblem(
                f"plan {visible(str(plan))} says nothing of a node {visible(id)!r}",
                next_command=commands.show(str(plan)),
            )
        result(told)
        return
    try:
        result(page(id))
    except UnknownPage:
        told = _newest(id)
        if not told:
            raise
        result(told)


def _newest(node: str) -> str:
    """Of the newest plan here that knows the node; empty: none does."""
    from migrate.plan_store.plan_folder import read_plan_to_show

    files = sorted(Path("plans").glob("*/plan.json"), key=lambda file: -file.stat().st_mtime)
    for file in files:
        try:
            found = read_plan_to_show(file.parent)[0]
        except UsageProblem:
            continue  # It was asked for a node; what is wrong with a plan, show says.
        told = _of_node(found, file.parent, node)
        if told:
            return told
    return ""


def _of_node(plan: "Plan", folder: Path, node: str) -> str:
    from migrate.plan_store.shown import shown_path
    from migrate.report.dispatch import render_node

    # Where it lies now, which need not be where it was written.
    folder = folder.parent if folder.name in ("plan.json", "plan.yaml") else folder
    given = with_plans(plan.choices.given, shown_path(folder.resolve().parent))
    choices = replace(plan.choices, given=given)
    return render_node(replace(plan, choices=choices), node, columns=columns())
