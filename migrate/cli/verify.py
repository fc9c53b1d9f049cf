"""``migrate verify``."""

from typing import TYPE_CHECKING, Annotated

import typer

from migrate.cli import options as opt
from migrate.cli.connected import connected
from migrate.cli.console import Ticker, animated, check_format, result, say_next
from migrate.model.errors import ExitCode

if TYPE_CHECKING:
    from migrate.cli.connect import Connection


@connected
def verify(
    conn: "Connection",
    output: opt.Format = "text",
    agent_address: Annotated[
        str | None,
        typer.Option(
            "--agent-address",
            metavar="HOST:PORT",
            help="Where the TCP port was "
            "reached; without it the last plan for this controller tells.",
        ),
    ] = None,
    quiet: opt.Quiet = False,
    no_color: opt.NoColor = False,
) -> None:
    """Is every agent on WebSocket, and is the port closed, now? Exit 0 only if both are.

    migrate verify
    """
    from migrate.cli.plan import address
    from migrate.engine.verify import left_open, look_now, planned_address
    from migrate.model.serialize import to_json
    from migrate.model.text import visible

    check_format(output, ("text", "json"))
    host, port = address(agent_address)
    if not port:
        host, port = planned_address(conn.url) or (conn.host, 0)
    ticker = Ticker(quiet, animated(no_color))
    seen = look_now(conn.jenkins(), conn.prober(), host, port, ticker)
    ticker.end()
    if output == "json":
        result(to_json(seen))
    else:
        for line in seen.lines():
            result(visible(line))
        for skip in left_open(conn.url):
            result(visible(f"not tried: {skip.subject}: {skip.reason}"))
    if not seen.good:
        say_next("migrate scan", conn.given)
        raise typer.Exit(int(ExitCode.FAILED))
