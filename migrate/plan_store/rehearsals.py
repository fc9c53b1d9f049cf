"""The folders ``plans/NAME/rehearsals/TIME/``: the record of each dry run, and what it knew."""

import hashlib
from pathlib import Path

from migrate.model import serialize
from migrate.model.errors import UsageProblem
from migrate.model.inventory import Inventory
from migrate.model.rehearsal import REHEARSAL_SCHEMA, Rehearsal
from migrate.model.text import file_name, json_visible, visible
from migrate.plan_store.private import is_shareable, own_folder, read_own, write_own

REHEARSALS, RECORD, INVENTORY = "rehearsals", "rehearsal.json", "inventory.json"


def write_rehearsal(plan_folder: Path, record: Rehearsal, inventory: Inventory | None) -> Path:
    """Write a folder of its own and return it; ``OSError`` or ``UsageProblem`` when that fails.

    ``rehearsal.json`` comes last: a folder without it is none.
    """
    shareable = is_shareable(plan_folder)
    stamp = file_name(record.at[:19].replace("-", "").replace(":", "").replace("T", "-"))
    own_folder(plan_folder / REHEARSALS, shareable=shareable)
    folder, number = plan_folder / REHEARSALS / stamp, 1
    while folder.exists() or folder.is_symlink():
        number += 1
        folder = plan_folder / REHEARSALS / f"{stamp}-{number}"
    own_folder(folder, shareable=shareable)
    if inventory is not None:
        write_own(folder / INVENTORY, _text(inventory), shareable=shareable)
    write_own(folder / RECORD, json_visible(serialize.to_json(record)), shareable=shareable)
    return folder


def _text(inventory: Inventory) -> str:
    return json_visible(serialize.to_json(inventory))


def sha256_of(inventory: Inventory) -> str:
    """Of the file ``inventory.json``, as ``sha256sum`` prints it."""
    return hashlib.sha256(_text(inventory).encode()).hexdigest()


def rehearsal_folder(path: Path) -> Path | None:
    """The rehearsal that is named: its folder, its file, or ``rehearsals/`` for the newest one.
    None: something else is named."""
    if path.name == RECORD:
        return path.parent
    if (path / RECORD).is_file():
        return path
    if path.name == REHEARSALS:
        found = sorted(path.glob(f"*/{RECORD}"))
        return found[-1].parent if found else None
    return None


def read_rehearsal(folder: Path) -> Rehearsal:
    """Read the record; ``UsageProblem`` for one that can't be read or is of another version."""
    file = folder / RECORD
    again = "migrate apply PLAN --dry-run"
    try:
        record = serialize.from_json(read_own(file), Rehearsal)
    except (OSError, ValueError) as error:
        raise UsageProblem(
            f"{visible(str(file))} can't be read: {visible(str(error))}", next_command=again
        ) from None
    if record.schema_version != REHEARSAL_SCHEMA:
        raise UsageProblem(
            f"{visible(str(file))} has schema version {record.schema_version}; "
            f"this migrate reads {REHEARSAL_SCHEMA}",
            next_command=again,
        )
    return record
