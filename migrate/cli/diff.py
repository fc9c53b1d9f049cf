"""``migrate diff``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from migrate.cli import options as opt
from migrate.cli.connected import maybe_connected
from migrate.cli.console import Ticker, animated, check_format, columns, result
from migrate.model.errors import ExitCode, UsageProblem
from migrate.model.text import visible
from migrate.plan_store.shown import shown_path

if TYPE_CHECKING:
    from migrate.cli.connect import Connection
    from migrate.model.inventory import Inventory
    from migrate.model.rehearsal import Rehearsal

NOW = "now"


@maybe_connected
def diff(
    conn: "Connection | None",
    before: Annotated[
        str, typer.Argument(metavar="A", help="A plan, rehearsal, inventory.json or scan's JSON.")
    ],
    after: Annotated[
        str, typer.Argument(metavar="[B]", help="Another one; without it: a scan now.")
    ] = NOW,
    output: opt.Format = "text",
    read_by: opt.ReadBy = "auto",
    launch_timeout: opt.LaunchTimeout = 180.0,
    exit_code: opt.ExitCodeFlag = False,
    quiet: opt.Quiet = False,
    no_color: opt.NoColor = False,
) -> None:
    """What differs between two scans, two rehearsals, or a plan and now: added, moved, lost.

    migrate diff plans/t1 now

    migrate diff monday.json tuesday.json

    migrate diff plans/t1/rehearsals/20261121-200000 plans/t1/rehearsals/20261122-200000
    """
    from migrate.model import difference
    from migrate.report.dispatch import render_difference

    check_format(output)
    a_rehearsal, a, a_told = _read(before)
    b_rehearsal: Rehearsal | None
    b: Inventory | None
    if after == NOW:
        seen = _now(conn, read_by, launch_timeout, quiet, no_color)
        b_rehearsal, b, b_told = None, seen, f"now ({seen.scanned_at})"
    else:
        b_rehearsal, b, b_told = _read(after)
    changes: tuple[difference.Change, ...] = ()
    if a_rehearsal is not None and b_rehearsal is not None:
        changes += difference.rehearsals(a_rehearsal, b_rehearsal)
    if a is not None and b is not None:
        changes += difference.inventories(a, b)
    elif a_rehearsal is None or b_rehearsal is None:
        raise UsageProblem(
            f"{before if a is None else after} has no inventory.json",
            next_command="migrate plan --name NAME",
        )
    result(render_difference(a_told, b_told, changes, output, columns()))
    if exit_code and changes:
        raise typer.Exit(int(ExitCode.PENDING))


def _read(text: str) -> "tuple[Rehearsal | None, Inventory | None, str]":
    """What is named, and how it is told."""
    from migrate.cli.session import inventory_of
    from migrate.plan_store.plan_folder import read_inventory
    from migrate.plan_store.rehearsals import read_rehearsal, rehearsal_folder

    path = Path(text)
    folder = rehearsal_folder(path)
    if folder is not None:
        found = read_rehearsal(folder)
        return found, inventory_of(folder), f"{shown_path(folder)} ({found.at})"
    if path.is_file() and path.name != "plan.json":
        seen = _scan_of(path)
    else:
        seen = read_inventory(path.parent if path.name == "plan.json" else path)
    return None, seen, f"{shown_path(path)} ({seen.scanned_at})"


def _scan_of(path: Path) -> "Inventory":
    """An inventory.json, or what ``scan -o json`` printed."""
    from migrate.model import serialize
    from migrate.plan_store.plan_folder import read_inventory
    from migrate.report.json import ScanAnswer

    try:
        return serialize.from_json(path.read_bytes(), ScanAnswer).inventory
    except OSError as error:
        raise UsageProblem(
            f"{visible(str(path))} can't be read: {error.strerror}",
            next_command="migrate scan -o json > scan.json",
        ) from None
    except ValueError:
        return read_inventory(path)


def _now(
    conn: "Connection | None", read_by: str, launch_timeout: float, quiet: bool, no_color: bool
) -> "Inventory":
    from migrate.cli.reading import take_inventory

    if conn is None:
        raise UsageProblem(
            "no controller is named to compare with, as it is now",
            next_command="migrate diff A B    # or --jenkins-url URL",
        )
    ticker = Ticker(quiet, animated(no_color))
    return take_inventory(conn, read_by, ticker, launch_timeout=launch_timeout)
