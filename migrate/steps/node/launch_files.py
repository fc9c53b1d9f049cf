"""Which files of a launch change, and how: read through a driver, edited by pure editors."""

import re
from dataclasses import replace

from migrate.agents.launch.base import Wanted, choose
from migrate.agents.launch.registry import editor_for
from migrate.agents.launch.systemd import drop_in_of, unit_of
from migrate.drivers.base import Driver, FileEdit
from migrate.model.inventory import LaunchKind
from migrate.model.plan_steps import FilesEdit, LaunchEdit, ProgramEdit
from migrate.model.text import visible
from migrate.splice.edit import SecretFile
from migrate.splice.text import NotEditable, decode, encode
from migrate.steps.base import Context, StepFailed
from migrate.steps.patience import patiently

_AGENT_SECRET = re.compile("[0-9a-f]{64}")
"""What Jenkins hands out: HMAC-SHA256 in hex (recording 13-jnlp-a-tcp). Anything else is not moved:
a driver may write as root, and a text of somebody's choice is not what it is to write."""


def edits_for(ctx: Context, node: str, driver: Driver, wanted: LaunchEdit) -> tuple[FileEdit, ...]:
    """The edits of this node's launch; none where the driver's program makes them itself.

    A secret's new file comes before the launch that names it. ``StepFailed``,
    with nothing changed, when no file can be edited.
    """
    if isinstance(wanted, ProgramEdit):
        return ()
    reasons: list[str] = []
    for path in reversed(wanted.files):
        body = _read(ctx, node, driver, path)
        if body is None:
            reasons.append(f"there is no {visible(path)}")
            continue
        try:
            return _edits(ctx, node, driver, wanted, path, body)
        except NotEditable as error:
            reasons.append(error.cause)
    raise StepFailed(
        "its launch was not changed: " + "; ".join(reasons),
        next_command="migrate plan --name NEW-NAME --driver 'NODE=manual'",
    )


def may_write(wanted: LaunchEdit) -> frozenset[str]:
    """Every path that ``edits_for`` can come to: the files, a unit's drop-in, the secret's file."""
    if isinstance(wanted, ProgramEdit):
        return frozenset()
    units = [(unit_of(wanted.unit, path), path) for path in wanted.files]
    drop_ins = (drop_in_of(unit, path) for unit, path in units if unit)
    secret = [wanted.secret_file] if wanted.secret_file else []
    return frozenset([*wanted.files, *drop_ins, *secret])


def _edits(  # noqa: PLR0917
    ctx: Context, node: str, driver: Driver, wanted: FilesEdit, path: str, body: bytes
) -> tuple[FileEdit, ...]:
    text = decode(body)
    asked = Wanted(
        node=node,
        url=wanted.url,
        version=wanted.version,
        path=path,
        unit=wanted.unit,
        secret_file=wanted.secret_file,
    )
    editor = editor_for(text, path)
    found = editor.launches(text, path) if editor.name == "env" else ()
    if found and found[choose(found, asked)].kind is LaunchKind.CONTAINER:
        # No image reads them here: the unit or the script hands them on as it likes.
        raise NotEditable("its variables are those of a container image", path)
    edit = editor.to_websocket(text, asked)
    if edit.secret is not None and not _AGENT_SECRET.fullmatch(edit.secret.content.strip()):
        edit = editor.to_websocket(text, replace(asked, secret_file=None))
    if not edit.changed:
        return ()
    first = _secret_edit(ctx, node, driver, edit.secret, wanted.secret_owner)
    if edit.path == path:
        return (*first, FileEdit(path, body, encode(edit.text)))
    there = _read(ctx, node, driver, edit.path)
    if there is not None and there != encode(edit.text):
        raise NotEditable("it is there already and says something else", edit.path)
    return (*first, FileEdit(edit.path, None, encode(edit.text)))


def _secret_edit(
    ctx: Context, node: str, driver: Driver, secret: SecretFile | None, owner: str | None
) -> tuple[FileEdit, ...]:
    """The new file; none where it is there already with this very content."""
    if secret is None:
        return ()
    body = encode(secret.content)
    there = _read(ctx, node, driver, secret.path)
    if there == body:
        return ()
    if there is not None:
        raise NotEditable("it is there already and says something else", secret.path)
    return (FileEdit(secret.path, None, body, secret.mode, owner),)


def _read(ctx: Context, node: str, driver: Driver, path: str) -> bytes | None:
    return patiently(ctx, lambda: driver.read_file(ctx.jenkins, node, path))


def moves_secret(edits: tuple[FileEdit, ...], secret_file: str) -> bool:
    """Whether one of the edits is the secret's own file."""
    return any(edit.path == secret_file for edit in edits)
