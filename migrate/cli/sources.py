"""Reading the folders of ``--source``."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migrate.model.finding import Finding
    from migrate.model.inventory import Inventory
    from migrate.model.plan import Choices
    from migrate.model.sources import Located


def located_in(
    folders: list[Path] | None,
    inventory: "Inventory",
    findings: tuple["Finding", ...],
    choices: "Choices",
) -> "Located":
    """What the sources allow; ``UsageProblem`` for a folder that can't be read."""
    from migrate.model.sources import NOTHING_LOCATED, Located
    from migrate.planner.sources import sources_wanted
    from migrate.sources.jcasc.checkout import read_checkouts
    from migrate.sources.jcasc.locate import locate

    if not folders:
        return NOTHING_LOCATED
    files, skips = read_checkouts(tuple(folders))
    found = locate(files, sources_wanted(inventory, findings, choices))
    return Located(found.edits, (*skips, *found.skips))


def with_nginx(
    located: "Located", nginx: list[Path] | None, root: str
) -> "tuple[Located, tuple[Finding, ...]]":
    """With what the files of ``--nginx`` need, and what is found in them.

    ``UsageProblem`` for a path that can't be read.
    """
    from migrate.sources.proxy_edits import look_at_nginx

    if not nginx:
        return located, ()
    edits, skips, findings = look_at_nginx(nginx, Path(root) if root else None)
    return replace(located, proxy=edits, skips=(*located.skips, *skips)), findings


def named(folders: list[Path] | None) -> tuple[str, ...]:
    """The folders for a run, absolute; ``UsageProblem`` for one that can't be read."""
    from migrate.sources.jcasc.checkout import source_dir

    return tuple(dict.fromkeys(str(source_dir(folder)) for folder in folders or ()))
