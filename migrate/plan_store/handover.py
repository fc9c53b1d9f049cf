"""The folders that are handed to the owners of machines."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from migrate.model.errors import UsageProblem
from migrate.model.text import visible
from migrate.plan_store.private import own_folder, read_own, write_own


def runbook(plan_folder: Path, name: str, sha256: str) -> str | None:
    """A plan's runbook, if it is still as the plan made it; None: it is not, or is gone."""
    if Path(name).parts[:1] != ("runbooks",) or len(Path(name).parts) != 2:
        return None
    try:
        body = read_own(plan_folder / name)
    except (OSError, UsageProblem):
        return None
    return body.decode("utf-8") if hashlib.sha256(body).hexdigest() == sha256 else None


def write_share(folder: Path, files: Mapping[str, str]) -> None:
    """Write an owner's folder, for others to read; what was in its ``runbooks/`` before goes.

    ``files``: by their names below it. ``UsageProblem`` when it can't be written.
    """
    try:
        own_folder(folder, shareable=True)
        own_folder(folder / "runbooks", shareable=True)
        for old in (folder / "runbooks").iterdir():
            old.unlink()
        for name, text in files.items():
            write_own(folder / name, text, shareable=True)
        if not any((folder / "runbooks").iterdir()):
            (folder / "runbooks").rmdir()
    except OSError as error:
        raise UsageProblem(
            f"cannot write {visible(str(folder))}: {error.strerror}",
            next_command="migrate handover PLAN --out DIR",
        ) from None
