"""``migrate scan``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from migrate.cli import options as opt
from migrate.cli.connected import from_files_or_connected
from migrate.cli.console import Ticker, animated, check_format, columns, result
from migrate.model.errors import ExitCode, UsageProblem

if TYPE_CHECKING:
    from migrate.cli.connect import Connection


@from_files_or_connected
def scan(
    conn: "Connection | None",
    service: str | None,
    output: opt.Format = "text",
    details: Annotated[
        bool, typer.Option("--details", help="Evidence, cause and fix of each finding; probes.")
    ] = False,
    read_by: opt.ReadBy = "auto",
    launch_timeout: opt.LaunchTimeout = 180.0,
    hold: opt.HoldSeconds = 0.0,
    probe_node: opt.ProbeNode = False,
    sockets: opt.Sockets = 0,
    yes: opt.Agreed = False,
    agent_address: opt.AgentAddresses = None,
    source: opt.Kept = None,
    nginx: opt.Nginx = None,
    nginx_root: opt.NginxRoot = "",
    patch: opt.Patch = None,
    history: opt.HistoryFolder = None,
    owners: opt.OwnersFile = None,
    owner_label: opt.OwnerLabel = "",
    owner_description: opt.OwnerDescription = "",
    summary: opt.Summary = False,
    exit_code: opt.ExitCodeFlag = False,
    quiet: opt.Quiet = False,
    no_color: opt.NoColor = False,
) -> None:
    """What is there: nodes, their real transport, what exposes the port, what stands in the way.

    migrate scan

    migrate scan -o json | python -m json.tool

    migrate scan --source CHECKOUT --patch OUT

    migrate scan --history history -o json > scan.json
    """
    from migrate.cli.owners import read_owners
    from migrate.cli.reading import asked_to_hold, take_inventory
    from migrate.model.finding import Severity
    from migrate.plan_store.history import keep
    from migrate.planner.by_people import summarise
    from migrate.report.dispatch import render_scan
    from migrate.rules.registry import judge

    if conn is None:
        check_format(output)
        if history is not None:
            raise UsageProblem(
                "--history keeps what a controller says, and files alone say nothing of that",
                next_command="migrate scan --history DIR",
            )
        pending = _scan_files(source, nginx, nginx_root, service, patch, output)
        if exit_code and pending:
            raise typer.Exit(int(ExitCode.PENDING))
        return
    if patch is not None:
        raise UsageProblem(
            "--patch needs --source or --nginx: patches are made for files",
            next_command="migrate scan --source DIR --patch OUT",
        )
    check_format(output)
    # A wrong file is told before the scan, which takes its time.
    told_owners = read_owners(owners, owner_label, owner_description)
    inventory = take_inventory(
        conn,
        read_by,
        Ticker(quiet, animated(no_color)),
        launch_timeout=launch_timeout,
        agent_addresses=opt.addresses(agent_address),
        holding=asked_to_hold(conn, hold, probe_node=probe_node, sockets=sockets, yes=yes),
    )
    findings = judge(inventory)
    if history is not None:
        keep(history, summarise(inventory, findings, told_owners))
    result(
        render_scan(
            inventory,
            findings,
            output,
            brief=not details,
            summary=summary,
            columns=columns(),
            given=conn.given,
        )
    )
    pending = any(f.severity is not Severity.INFO for f in findings)
    if exit_code and pending:
        raise typer.Exit(int(ExitCode.PENDING))


def _scan_files(
    source: list[Path] | None,
    nginx: list[Path] | None,
    nginx_root: str,
    service: str | None,
    patch: Path | None,
    output: str,
) -> bool:
    from migrate.cli.offline import scan_files

    return scan_files(tuple(source or ()), tuple(nginx or ()), nginx_root, service, patch, output)
