"""The plan folder: plan.yaml, plan.md, inventory.json and runbooks/."""

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from migrate.files.plan_cache import CACHE_FILE, cache_text, cached_plan
from migrate.files.plan_yaml import plan_to_yaml, yaml_to_data
from migrate.model import serialize
from migrate.model.errors import UsageProblem
from migrate.model.inventory import Inventory
from migrate.model.plan import Plan, content_id
from migrate.model.text import visible

PLAN_FILE = "plan.yaml"
TICKET_FILE = "plan.md"
INVENTORY_FILE = "inventory.json"
RUNBOOKS = "runbooks"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def check_name(name: str) -> str:
    """``name`` if it can be a plan's folder (letters, digits, ``.``, ``-``, ``_``; not leading
    with a mark), else ``UsageProblem``."""
    if not _NAME.fullmatch(name):
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
) -> Path:
    """Write ``root/<name>/`` and return it. Each file is replaced as a whole or not at all.

    ``runbooks`` maps file names to scripts. The same plan may be written again; another plan of
    that name only with ``overwrite``, and never once it has runs.
    """
    folder = root / check_name(plan.choices.name)
    _refuse_overwriting(folder, plan, overwrite=overwrite)
    try:
        (folder / RUNBOOKS).mkdir(parents=True, exist_ok=True)
        for old in (folder / RUNBOOKS).iterdir():
            if old.name not in runbooks and old.suffix in (".sh", ".ps1"):
                old.unlink()
        for name, script in runbooks.items():
            _write(folder / RUNBOOKS / check_name(name), script)
        if not runbooks:
            (folder / RUNBOOKS).rmdir()
        _write(folder / INVENTORY_FILE, serialize.to_json(inventory))
        _write(folder / TICKET_FILE, plan_md)
        text = plan_to_yaml(plan)
        _write(folder / PLAN_FILE, text)
        _write(folder / CACHE_FILE, cache_text(plan, text))
    except OSError as error:
        raise UsageProblem(
            f"cannot write the plan to {folder}: {error.strerror or error}",
            next_command="migrate plan --plans DIR",
        ) from error
    return folder


def _refuse_overwriting(folder: Path, plan: Plan, *, overwrite: bool) -> None:
    if not (folder / PLAN_FILE).exists():
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


def _write(path: Path, text: str) -> None:
    """Replace a file in one step, on disk when this returns."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def plan_file(path: Path) -> Path:
    """plan.yaml of a plan folder, or the file itself."""
    return path / PLAN_FILE if path.is_dir() else path


def read_plan(path: Path, *, verify_id: bool = True) -> Plan:
    """Read a plan from its folder or file.

    ``UsageProblem`` when it is missing, not a plan, of another schema, or (with ``verify_id``)
    changed by hand since it was written.
    """
    file = plan_file(path)
    text = _read(file, "migrate plan --name NAME")
    copy = cached_plan(file, text)
    if copy is not None:
        return copy
    try:
        data = yaml_to_data(text)
    except ValueError as error:
        raise UsageProblem(
            f"{file} can't be read: {visible(str(error))}", next_command=_again(file)
        ) from error
    _check_schema(data, file)
    try:
        plan = serialize.from_data(data, Plan)
    except ValueError as error:
        raise UsageProblem(
            f"{file} is not a whole plan: {visible(str(error))} (was it cut off?)",
            next_command=_again(file),
        ) from error
    if verify_id and content_id(plan) != plan.plan_id:
        raise UsageProblem(
            f"{file} was changed since migrate wrote it: its content does not match its plan_id",
            next_command=_again(file),
        )
    return plan


def _check_schema(data: Any, file: Path) -> None:
    if not isinstance(data, dict) or "schema_version" not in data or "plan_id" not in data:
        raise UsageProblem(f"{file} is not a plan of migrate", next_command=_again(file))
    version = data["schema_version"]
    if version != serialize.SCHEMA_VERSION:
        raise UsageProblem(
            f"{file} has schema version {visible(str(version))}; this migrate reads "
            f"{serialize.SCHEMA_VERSION}",
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
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageProblem(f"there is no {file}", next_command=next_command) from None
    except (OSError, UnicodeDecodeError) as error:
        cause = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageProblem(f"{file} can't be read: {cause}", next_command=next_command) from error


def _again(file: Path) -> str:
    name = file.parent.name
    return (
        f"migrate plan --name {name} --overwrite"
        if _NAME.fullmatch(name)
        else "migrate plan --name NAME"
    )
