"""``migrate verify``."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from migrate.cli import options as opt
from migrate.cli.connected import connected
from migrate.cli.console import Ticker, animated, check_format, result, say_next
from migrate.model.errors import ExitCode
from migrate.model.text import visible

if TYPE_CHECKING:
    from migrate.cli.connect import Connection


@connected
def verify(
    conn: "Connection",
    output: opt.Format = "text",
    agent_address: opt.AgentAddresses = None,
    plans: opt.PlansFolder = Path("plans"),
    quiet: opt.Quiet = False,
    no_color: opt.NoColor = False,
) -> None:
    """Is every agent on WebSocket, and is the port closed on every way in, now?

    Tried is what the newest plan and the cluster name, and what --agent-address adds. Exit 0 only
    if all is closed; 4 when a part of it is, and something is left open or could not be tried.

    migrate verify
    """
    from migrate.cli import verify_report
    from migrate.cli.reading import cluster_reader
    from migrate.engine.run.verify import look_now
    from migrate.engine.run.ways_now import ways_now
    from migrate.report.dispatch import render

    check_format(output)
    addresses = opt.addresses(agent_address)
    ticker = Ticker(quiet, animated(no_color))
    jenkins = conn.jenkins()
    ways = ways_now(jenkins, cluster_reader(conn), addresses, plans)
    seen = look_now(jenkins, conn.prober(), conn.cluster(), ways, ticker)
    ticker.end()
    if output == "text":
        for line in seen.lines():
            result(visible(line))
    else:
        page, facts = verify_report.page(seen, conn.url), verify_report.facts(seen, conn.url)
        result(render(seen, page, facts, output))
    if not seen.good:
        say_next("migrate scan", conn.given)
        raise typer.Exit(int(ExitCode.PARTIAL if seen.begun else ExitCode.FAILED))
