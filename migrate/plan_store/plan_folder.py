"""The plan folder: plan.json, plan.md, inventory.json and runbooks/."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from migrate.model import serialize
from migrate.model.errors import UsageProblem
from migrate.model.inventory import Inventory
from migrate.model.plan import PLAN_SCHEMA, Plan, content_id
from migrate.model.plan_steps import refuse_unknown
from migrate.model.text import is_device, json_visible, visible
from migrate.plan_store.plan_json import plan_to_json
from migrate.plan_store.private import own_folder, read_own, write_own
from migrate.plan_store.schema_1 import OLD_PLAN_FILE, read_old_plan
from migrate.plan_store.shown import shown_path

PLAN_FILE = "plan.json"
TICKET_FILE = "plan.md"
INVENTORY_FILE = "inventory.json"
RUNBOOKS = "runbooks"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def check_name(name: str) -> str:
    """``name`` if it can be a plan's folder (letters, digits, ``.``, ``-``, ``_``; not leading
    with a mark, no device or ending dot of Windows), else ``UsageProblem``."""
    if not _NAME.fullmatch(name) or name.endswith(".") or is_device(name):
        raise UsageProblem(
            f"a plan can't be named {visible(name)!r}: use letters, digits, dot, dash and "
            "underscore, beginning with a letter or digit",
            next_command="migrate plan --name NAME",
        )
    return name


def write_plan(
    plan: Plan,
    inventory: Inventory,
    plan_md: str,
    runbooks: Mapping[str, str],
    root: Path,
    *,
    overwrite: bool = False,
    shareable: bool = False,
) -> Path:
    """Write ``root/<name>/`` and return it. Each file is replaced as a whole or not at all.

    ``runbooks`` maps file names to scripts. The same plan may be written again; another plan of
    that name only with ``overwrite``, and never once it has runs. Folders are 0700 and files 0600,
    with ``shareable`` 0755 and 0644.
    """
    folder = root / check_name(plan.choices.name)
    _refuse_overwriting(folder, plan, overwrite=overwrite)
    try:
        own_folder(folder, shareable=shareable)
        own_folder(folder / RUNBOOKS, shareable=shareable)
        for old in (folder / RUNBOOKS).iterdir():
            if old.name not in runbooks and old.suffix in (".sh", ".ps1"):
                old.unlink()
        for name, script in runbooks.items():
            write_own(folder / RUNBOOKS / check_name(name), script, shareable=shareable)
        if not runbooks:
            (folder / RUNBOOKS).rmdir()
        for file, text in (
            (INVENTORY_FILE, json_visible(serialize.to_json(inventory))),
            (TICKET_FILE, plan_md),
            (PLAN_FILE, plan_to_json(plan)),
        ):
            write_own(folder / file, text, shareable=shareable)
        for gone in (OLD_PLAN_FILE, ".plan.json"):
            (folder / gone).unlink(missing_ok=True)
    except OSError as error:
        raise UsageProblem(
            f"cannot write the plan to {folder}: {error.strerror or error}",
            next_command="migrate plan --plans DIR",
        ) from error
    return folder


def _refuse_overwriting(folder: Path, plan: Plan, *, overwrite: bool) -> None:
    if not any((folder / name).exists() for name in (PLAN_FILE, OLD_PLAN_FILE)):
        return
    try:
        same = read_plan(folder, verify_id=False).plan_id == plan.plan_id
    except UsageProblem:
        same = False
    if same:
        return
    if (folder / "runs").exists() and any((folder / "runs").iterdir()):
        raise UsageProblem(
            f"{folder} holds another plan that was run already: its record is kept",
            next_command="migrate plan --name OTHER-NAME",
        )
    if not overwrite:
        raise UsageProblem(
            f"{folder} holds another plan",
            next_command=f"migrate plan --name {folder.name} --overwrite    # or another --name",
        )


def plan_file(path: Path) -> Path:
    """plan.json of a plan folder, or the file itself."""
    return path / PLAN_FILE if path.is_dir() else path


def read_plan(path: Path, *, verify_id: bool = True) -> Plan:
    """Read a plan from its folder or file.

    ``UsageProblem`` when it is missing, not a plan, of another schema, or (with ``verify_id``)
    changed by hand since it was written.
    """
    file = plan_file(path)
    _refuse_old(file)
    return plan_of(_read(file, "migrate plan --name NAME"), file, verify_id=verify_id)


def plan_of(text: str, file: Path, *, verify_id: bool = True) -> Plan:
    """The plan in the text of ``file``; ``UsageProblem`` as of ``read_plan``."""
    _check_schema(text, file)
    try:
        plan = serialize.from_json(text, Plan)
    except (ValueError, RecursionError) as error:
        if isinstance(error, ValueError):
            refuse_unknown(error)
        raise UsageProblem(
            f"{file} is not a whole plan: {visible(str(error))}", next_command=_again(file)
        ) from error
    if verify_id and content_id(plan) != plan.plan_id:
        raise UsageProblem(
            f"{file} was changed since migrate wrote it: its content does not match its plan_id",
            next_command=_again(file),
        )
    return plan


def read_plan_to_show(path: Path) -> tuple[Plan, str]:
    """A plan of any schema, changed by hand or not, and why ``apply`` refuses it; empty: it does
    not. ``UsageProblem`` as of ``read_plan``."""
    file = plan_file(path)
    old = file if file.name == OLD_PLAN_FILE else file.parent / OLD_PLAN_FILE
    if old.is_file() and not (file.exists() and file != old):
        told = "was written by an earlier migrate (schema version 1): apply refuses it, plan again"
        return read_old_plan(old), told
    plan = read_plan(path, verify_id=False)
    told = "was changed since migrate wrote it: apply refuses it"
    return plan, told if content_id(plan) != plan.plan_id else ""


def _refuse_old(file: Path) -> None:
    if file.name == OLD_PLAN_FILE or (
        not file.exists() and (file.parent / OLD_PLAN_FILE).is_file()
    ):
        raise UsageProblem(
            f"{file.parent / OLD_PLAN_FILE} was written by an earlier migrate (schema version 1): "
            f"`migrate show` says what it would do",
            next_command=_again(file),
        )


@dataclass(frozen=True)
class _Head:
    """What tells a plan, of whatever version, from other JSON."""

    schema_version: int
    plan_id: str


def _check_schema(text: str, file: Path) -> None:
    try:
        head = serialize.from_json(text, _Head)
    except msgspec.ValidationError:
        raise UsageProblem(f"{file} is not a plan of migrate", next_command=_again(file)) from None
    except (ValueError, RecursionError) as error:
        raise UsageProblem(
            f"{file} can't be read: {visible(str(error))} (was it cut off?)",
            next_command=_again(file),
        ) from error
    if head.schema_version != PLAN_SCHEMA:
        raise UsageProblem(
            f"{file} has schema version {head.schema_version}; this migrate reads {PLAN_SCHEMA}",
            next_command=_again(file),
        )


def read_inventory(path: Path) -> Inventory:
    """Read inventory.json from a plan folder or a file; ``UsageProblem`` when that fails."""
    file = path / INVENTORY_FILE if path.is_dir() else path
    text = _read(file, "migrate scan -o json")
    try:
        return serialize.from_json(text, Inventory)
    except ValueError as error:
        raise UsageProblem(
            f"{file} is not a whole inventory: {visible(str(error))}",
            next_command="migrate plan --name NAME",
        ) from error


def _read(file: Path, next_command: str) -> str:
    try:
        return read_own(file).decode("utf-8")
    except FileNotFoundError:
        raise UsageProblem(f"there is no {file}", next_command=next_command) from None
    except (OSError, UnicodeDecodeError) as error:
        cause = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageProblem(f"{file} can't be read: {cause}", next_command=next_command) from error


def _again(file: Path) -> str:
    name, plans = file.parent.name, shown_path(file.parent.parent)
    if not _NAME.fullmatch(name):
        return "migrate plan --name NAME"
    at = "" if plans == "plans" else f" --plans {shlex.quote(plans)}"
    return f"migrate plan --name {name} --overwrite{at}"
