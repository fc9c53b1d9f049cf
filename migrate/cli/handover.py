"""``migrate handover``."""

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated

import typer

from migrate.cli import options as opt
from migrate.cli.console import check_format, columns, result, say
from migrate.model.text import file_name, same_files, visible
from migrate.plan_store.shown import shown_path

if TYPE_CHECKING:
    from migrate.model.inventory import Inventory
    from migrate.model.plan import Plan
    from migrate.planner.handover import Share


def handover(
    plan: opt.PlanPath,
    owners: opt.OwnersFile = None,
    owner_label: opt.OwnerLabel = "",
    owner_description: opt.OwnerDescription = "",
    by: Annotated[
        str, typer.Option("--by", metavar="WHEN", help="By when they are to be done, in words.")
    ] = "",
    contact: Annotated[
        str, typer.Option("--contact", metavar="WHO", help="Whom owners ask, as the pages say it.")
    ] = "",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Instead of PLAN/handover.")
    ] = None,
    output: opt.Format = "text",
) -> None:
    """One folder for each owner of machines that need a person: page, runbooks, check, message.

    migrate handover plans/t1 --owners owners.yaml --by 'Friday, 12 December'

    migrate handover plans/t1 --owner-label 'team-*'
    """
    from migrate.cli.owners import read_owners
    from migrate.model.serialize import SCHEMA_VERSION
    from migrate.plan_store.handover import write_share
    from migrate.plan_store.plan_folder import read_inventory, read_plan
    from migrate.planner.handover import shares
    from migrate.report.dispatch import render_handover
    from migrate.report.json import HandedOver, HandedOwner, HandoverAnswer

    check_format(output)
    told_owners = read_owners(owners, owner_label, owner_description)
    folder = plan.parent if plan.name == "plan.json" else plan
    made, seen = read_plan(folder), read_inventory(folder)
    found = shares(made, seen, told_owners)
    when = by or "the day on which the port is closed"
    top = out or folder / "handover"
    alike = same_files([share.owner for share in found])
    answer = []
    for share in found:
        own = top / file_name(share.owner, apart=share.owner in alike)
        write_share(own, _files(folder, made, seen, share, when, contact))
        nodes = tuple(HandedOver(n.name, n.host, n.why, n.runbook) for n in share.nodes)
        answer.append(HandedOwner(share.owner, share.contact, shown_path(own), nodes))
    if len(found) == 1 and not told_owners.given:
        say("note: nothing tells owners apart (--owners FILE, --owner-label, --owner-description)")
    told = HandoverAnswer(SCHEMA_VERSION, made.choices.name, tuple(answer))
    result(render_handover(told, output, columns()))


def _files(
    folder: Path, plan: "Plan", inventory: "Inventory", share: "Share", by: str, contact: str
) -> dict[str, str]:
    from migrate.plan_store.handover import runbook
    from migrate.planner.handover import check_script
    from migrate.report.dispatch import render_page
    from migrate.report.handover import Page, Told, document, message

    files: dict[str, str] = {}
    told = []
    for node in share.nodes:
        name = PurePosixPath(node.runbook).name
        text = runbook(folder, node.runbook, node.script_sha256) if node.runbook else None
        if node.runbook and text is None:
            say(f"note: {visible(node.runbook)} is not as the plan made it: left out")
        if text is not None:
            files[f"runbooks/{name}"] = text
        told.append(Told(node.name, node.host, node.why, name if text else "", node.instructions))
    page = Page(share.owner, inventory.controller.url, by, contact, tuple(told))
    return {
        **files,
        "page.html": render_page(document(page)),
        "message.txt": message(page),
        "check.sh": check_script(plan, inventory, share),
    }
