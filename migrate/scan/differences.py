"""What changed about a node since it was scanned, in an administrator's words. Pure."""

from migrate.jenkins.errors import NotEditable
from migrate.jenkins.node_config import LauncherFacts, read_launcher
from migrate.model.inventory import Node, WorkDir
from migrate.model.text import visible


def node_differences(known: Node, body: bytes) -> tuple[str, ...]:
    """One phrase for each field of config.xml that now reads otherwise than in ``known``.

    Empty when the change is in a part that a scan does not keep.
    """
    try:
        now = read_launcher(body)
    except NotEditable as error:
        return (f"it cannot be read any more: {error.reason}",)
    return tuple(
        f"{name} was {_shown(before)}, is {_shown(after)}"
        for name, before, after in _fields(known, now)
        if before != after
    )


def _fields(known: Node, now: LauncherFacts) -> tuple[tuple[str, object, object], ...]:
    return (
        ("name", known.name, now.name),
        ("launcher", known.launcher_class, now.launcher_class),
        ("launcher around it", known.launcher_wrappers, now.wrappers),
        ("webSocket", known.web_socket, now.web_socket),
        ("tunnel", known.tunnel, now.tunnel),
        ("work directory", known.work_dir, now.work_dir),
        ("remote directory", known.remote_fs, now.remote_fs or None),
        ("labels", known.labels, now.labels),
        ("description", known.description, now.description),
        ("executors", known.executors, now.executors),
    )


def _shown(value: object) -> str:
    if value is None or value in ((), ""):
        return "absent"
    if isinstance(value, WorkDir):
        where = value.path or "under the remote directory"
        return "disabled" if value.disabled else f"{visible(where)} ({visible(value.internal_dir)})"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return visible(" ".join(str(part) for part in value))
    return visible(str(value))[:200]
