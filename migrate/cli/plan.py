"""``migrate plan``."""

import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from migrate.cli import options as opt
from migrate.cli.connected import connected
from migrate.cli.console import Ticker, animated, columns, result, say, say_next
from migrate.model.errors import ExitCode, UsageProblem
from migrate.plan_store.shown import shown_path

if TYPE_CHECKING:
    from migrate.cli.connect import Connection


@connected
def plan(
    conn: "Connection",
    name: Annotated[str, typer.Option("--name", help="The plan's name: plans/NAME/.")],
    include: Annotated[
        list[str] | None, typer.Option("--include", help="Only these nodes (pattern); repeatable.")
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", help="Not these nodes; repeatable.")
    ] = None,
    canary: Annotated[int, typer.Option("--canary", min=0, help="Nodes in the first wave.")] = 1,
    waves: Annotated[
        str, typer.Option("--waves", help="Sizes of the waves after it: numbers or percentages.")
    ] = "10%,25%,100%",
    driver: Annotated[
        list[str] | None,
        typer.Option(
            "--driver",
            metavar="NODE-PATTERN=NAME",
            help="kubernetes, inband, ssh, command, reread or manual.",
        ),
    ] = None,
    launch: Annotated[
        list[str] | None,
        typer.Option(
            "--launch",
            metavar="NODE-PATTERN=KIND",
            help="What you know of a launch that nobody could read, e.g. 'linux-*=jnlp-url'.",
        ),
    ] = None,
    no_upgrade: Annotated[
        bool, typer.Option("--no-upgrade", help="Leave every agent.jar as it is.")
    ] = False,
    secrets_to_files: Annotated[
        bool,
        typer.Option(
            "--secrets-to-files",
            help="Where a launch is edited: an agent's secret in clear goes into a file (0600).",
        ),
    ] = False,
    no_close: Annotated[bool, typer.Option("--no-close", help="Leave the port open.")] = False,
    allow_live_edit: Annotated[
        bool,
        typer.Option("--allow-live-edit", help="Edit objects that Helm, GitOps or JCasC owns."),
    ] = False,
    accept_http: Annotated[
        bool, typer.Option("--accept-http", help="Go on although agents will not be encrypted.")
    ] = False,
    probe_hold: Annotated[
        int, typer.Option("--probe-hold", min=1, help="Seconds that the probe holds its socket.")
    ] = 35,
    drain_timeout: Annotated[
        int, typer.Option("--drain-timeout", min=1, help="Seconds to wait for running builds.")
    ] = 3600,
    verify_timeout: Annotated[
        int, typer.Option("--verify-timeout", min=1, help="Seconds for a node to come back.")
    ] = 180,
    agent_address: opt.AgentAddresses = None,
    restart_controller: Annotated[
        bool,
        typer.Option(
            "--restart-controller",
            help="Also take those ports out that restart Jenkins itself, last, in the window.",
        ),
    ] = False,
    source: opt.Sources = None,
    nginx: opt.Nginx = None,
    nginx_root: opt.NginxRoot = "",
    patch: opt.Patch = None,
    root: opt.PlansFolder = Path("plans"),
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a plan of that name without runs.")
    ] = False,
    shareable: Annotated[
        bool,
        typer.Option(
            "--shareable",
            help="Let others read the plan's folder and its runs (not their backups).",
        ),
    ] = False,
    summary: opt.Summary = False,
    exit_code: opt.ExitCodeFlag = False,
    read_by: opt.ReadBy = "auto",
    launch_timeout: opt.LaunchTimeout = 180.0,
    quiet: opt.Quiet = False,
    no_color: opt.NoColor = False,
) -> None:
    """Scan, and write plans/NAME/: plan.json, plan.md (the change ticket), runbooks.

    migrate plan --name t1

    migrate plan --name linux --include 'linux-*' --no-close

    migrate plan --name t1 --source ~/src/jenkins-config

    migrate plan --name t1 --nginx /etc/nginx

    migrate plan --name t1 --source ~/src/jenkins-config --patch patches
    """
    from migrate.cli.offline import plan_patches
    from migrate.cli.patterns import must_match, unmatched
    from migrate.cli.reading import take_inventory
    from migrate.cli.sources import located_in, named, with_nginx
    from migrate.model.plan import Choices
    from migrate.model.sources import NOTHING_LOCATED
    from migrate.plan_store.plan_folder import check_name, write_plan
    from migrate.planner.plan import make_plan, runbooks
    from migrate.report.dispatch import render_plan
    from migrate.rules.registry import judge

    check_name(name)
    if patch is not None and not (source or nginx):
        raise UsageProblem(
            "--patch needs --source or --nginx: patches are made for files",
            next_command="migrate plan --name NAME --source DIR --patch OUT",
        )
    named(source)  # A wrong folder is told before the scan, which takes its time.
    proxy, _ = with_nginx(NOTHING_LOCATED, nginx, nginx_root)
    addresses = opt.addresses(agent_address)
    choices = Choices(
        name=name,
        include=tuple(include or ("*",)),
        exclude=tuple(exclude or ()),
        canary=canary,
        wave_sizes=tuple(size.strip() for size in waves.split(",")),
        drivers=_pairs(driver, "--driver"),
        launches=_pairs(launch, "--launch"),
        upgrade=not no_upgrade,
        secrets_to_files=secrets_to_files,
        close=not no_close,
        allow_live_edit=allow_live_edit,
        accept_http=accept_http,
        probe_hold=probe_hold,
        drain_timeout=drain_timeout,
        verify_timeout=verify_timeout,
        agent_addresses=addresses,
        restart_controller=restart_controller,
        given=conn.given,
    )
    inventory = take_inventory(
        conn,
        read_by,
        Ticker(quiet, animated(no_color)),
        launch_timeout=launch_timeout,
        agent_addresses=addresses,
    )
    names = [node.name for node in inventory.nodes]
    must_match("--include", choices.include, names, "the controller", "migrate scan")
    for flag, patterns in (
        ("--exclude", choices.exclude),
        ("--launch", tuple(pattern for pattern, _ in choices.launches)),
        ("--driver", tuple(pattern for pattern, _ in choices.drivers)),
    ):
        # No mistake where one command line serves several controllers, so it is only told.
        for lost in unmatched(patterns, names):
            say(f"note: {flag}: no node is {lost}")
    findings = judge(inventory, choices)
    located = located_in(source, inventory, findings, choices)
    located = replace(located, proxy=proxy.proxy, skips=(*located.skips, *proxy.skips))
    made = make_plan(inventory, findings, choices, located, conn.access)
    ticket = render_plan(made, findings, "md", not_read=inventory.skips)
    folder = write_plan(
        made,
        inventory,
        ticket,
        runbooks(made, inventory),
        root,
        overwrite=overwrite,
        shareable=shareable,
    )
    result(
        render_plan(
            made,
            findings,
            not_read=inventory.skips,
            brief=True,
            summary=summary,
            columns=columns(),
        )
    )
    result(f"Written to {shown_path(folder)}/ (plan.json, plan.md, inventory.json, runbooks/)")
    if patch is not None:
        files = (tuple(source or ()), tuple(nginx or ()))
        result(plan_patches(*files, nginx_root, conn.jenkins_service, patch))
    say_next(f"migrate apply {shlex.quote(shown_path(folder))} --dry-run", conn.given)
    moves = any(step.kind != "probe-websocket" for step in made.steps())
    if exit_code and moves:
        raise typer.Exit(int(ExitCode.PENDING))


def _pairs(values: list[str] | None, flag: str) -> tuple[tuple[str, str], ...]:
    pairs = []
    for value in values or ():
        pattern, equals, wanted = value.rpartition("=")
        if not equals or not pattern or not wanted:
            raise UsageProblem(
                f"{flag} takes PATTERN=VALUE, not {value!r}", next_command=f"{flag} 'linux-*=VALUE'"
            )
        pairs.append((pattern, wanted))
    return tuple(pairs)
