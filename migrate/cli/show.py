"""``migrate show``."""

from dataclasses import replace

from migrate.cli import options as opt
from migrate.cli.console import check_format, columns, result, say
from migrate.model.next_command import with_plans


def show(plan: opt.PlanPath, output: opt.Format = "text", summary: opt.Summary = False) -> None:
    """A plan: summary first, then its stages. Works on any plan, stale or not.

    migrate show plans/t1

    migrate show plans/t1 -o md

    migrate show plans/t1 --summary
    """

    from migrate.cli.session import inventory_of
    from migrate.plan_store.plan_folder import read_plan_to_show
    from migrate.plan_store.shown import shown_path
    from migrate.report.dispatch import render_plan
    from migrate.rules.registry import judge

    check_format(output)
    folder = plan.parent if plan.name in ("plan.json", "plan.yaml") else plan
    found, refused = read_plan_to_show(plan)
    if refused:
        say(f"note: {folder} {refused}")
    inventory = inventory_of(folder)
    findings = judge(inventory, found.choices) if inventory else ()
    not_read = inventory.skips if inventory else ()
    # Where it lies now, which need not be where it was written.
    given = with_plans(found.choices.given, shown_path(folder.resolve().parent))
    if output != "json":
        found = replace(found, choices=replace(found.choices, given=given))
    page = render_plan(
        found, findings, output, not_read=not_read, summary=summary, columns=columns()
    )
    result(page)
