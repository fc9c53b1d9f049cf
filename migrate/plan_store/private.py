"""Folders and files of plans and runs: for their owner alone, and never through a link.

A plan's folder may be in a place where others write. A link that they leave under a known name
must neither be written through nor read as if it were the plan's own.
"""

import os
import stat
import tempfile
from pathlib import Path

from migrate.model.errors import UsageProblem
from migrate.model.text import visible

_OTHERS = 0o055


class LinkedAway(UsageProblem):
    """A link where a plan's or run's own file or folder has to be."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{visible(str(path))} is a link, and none is followed out of a plan's folder",
            next_command=f"ls -l {visible(str(path.parent))}    # put what it names in its place",
        )


def folder_mode(*, shareable: bool) -> int:
    """Of a folder: all of it for its owner; for others, if it is to be shared, reading."""
    return 0o755 if shareable else 0o700


def is_shareable(folder: Path) -> bool:
    """Whether others may read this folder, as ``migrate plan --shareable`` makes it."""
    return bool(folder.stat().st_mode & _OTHERS)


def own_folder(path: Path, *, shareable: bool = False) -> None:
    """Make the folder, or give it its mode; ``LinkedAway`` where it is a link, ``OSError``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        not_linked(path)
    if path.stat().st_uid == os.geteuid():
        path.chmod(folder_mode(shareable=shareable))


def not_linked(*paths: Path) -> None:
    """``LinkedAway`` for the first that is a link; what is missing is none."""
    for path in paths:
        if path.is_symlink():
            raise LinkedAway(path)


def write_own(path: Path, text: str | bytes, *, shareable: bool = False) -> None:
    """Replace a file as a whole or not at all; on disk when this returns. A link is replaced."""
    body = text.encode("utf-8", "backslashreplace") if isinstance(text, str) else text
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            file.flush()
            os.fchmod(handle, 0o644 if shareable else 0o600)
            os.fsync(handle)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read_own(path: Path) -> bytes:
    """The bytes of a regular file; ``LinkedAway`` for a link, ``OSError``."""
    not_linked(path)
    # Not even opened to wait: a pipe would never answer.
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(fd, "rb") as file:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise OSError(0, "it is no regular file")
        return file.read()
