"""``migrate trend``."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from migrate.cli import options as opt
from migrate.cli.console import check_format, columns, result, say
from migrate.model.errors import ExitCode

_ASCII = str.maketrans("▁▂▃▄▅▆▇█", "_.:-=+*#")
"""The bars where a terminal's code page has none."""


def trend(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The DIR of scan --history.")],
    output: opt.Format = "text",
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit 10 when nodes came back to TCP.")
    ] = False,
) -> None:
    """How far the move has come, scan by scan: moved, left, back on TCP.

    migrate trend history

    migrate trend history -o html > trend.html
    """
    from migrate.model.history import trends
    from migrate.plan_store.history import kept
    from migrate.report.dispatch import render_trend

    check_format(output)
    summaries, refused = kept(folder)
    for sentence in refused:
        say(f"note: {sentence}")
    found = trends(summaries)
    told = render_trend(found, output, columns())
    result(told if output != "text" or _has_blocks() else told.translate(_ASCII))
    if exit_code and any(each.came_back for each in found):
        raise typer.Exit(int(ExitCode.PENDING))


def _has_blocks() -> bool:
    try:
        "█▁".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
