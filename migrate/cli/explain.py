"""``migrate explain``."""

from typing import Annotated

import typer

from migrate.cli.console import result


def explain(
    id: Annotated[str, typer.Argument(metavar="ID", help="M001 ..., or an exit code.")] = "",
) -> None:
    """What a finding or an exit code means, how to check it by hand, how to fix it.

    migrate explain M003
    """
    from migrate.rules.explain import page

    result(page(id))
