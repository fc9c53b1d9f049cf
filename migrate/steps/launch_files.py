"""Which files of a launch change, and how: read through a driver, edited by pure editors."""

from typing import Any

from migrate.drivers.base import Driver, FileEdit
from migrate.files.launch.base import NotEditable, Wanted, decode, encode
from migrate.files.launch.registry import editor_for
from migrate.model.text import visible
from migrate.steps.base import Context, StepFailed
from migrate.steps.patience import patiently


def edits_for(
    ctx: Context, node: str, driver: Driver, wanted: dict[str, Any]
) -> tuple[FileEdit, ...]:
    """The edits of this node's launch; none where the driver's program makes them itself.

    ``wanted`` is {by: "files", files: [path ...], url, version, unit, work_dir}; the file that
    counts most comes last. ``StepFailed``, with nothing changed, when no file can be edited.
    """
    if wanted.get("by") == "program":
        return ()
    reasons: list[str] = []
    for path in reversed([str(p) for p in wanted["files"]]):
        body = patiently(ctx, lambda path=path: driver.read_file(ctx.jenkins, node, path))  # type: ignore[misc]
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


def _edits(  # noqa: PLR0917
    ctx: Context, node: str, driver: Driver, wanted: dict[str, Any], path: str, body: bytes
) -> tuple[FileEdit, ...]:
    text = decode(body)
    edit = editor_for(text, path).to_websocket(
        text,
        Wanted(
            node=node,
            url=str(wanted["url"]),
            version=wanted.get("version"),
            path=path,
            unit=str(wanted.get("unit") or ""),
            work_dir=wanted.get("work_dir"),
        ),
    )
    if not edit.changed:
        return ()
    if edit.path == path:
        return (FileEdit(path, body, encode(edit.text)),)
    there = patiently(ctx, lambda: driver.read_file(ctx.jenkins, node, edit.path))
    if there is not None and there != encode(edit.text):
        raise NotEditable("it is there already and says something else", edit.path)
    return (FileEdit(edit.path, None, encode(edit.text)),)
