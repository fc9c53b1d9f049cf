"""Replacing a file that others may read meanwhile: as a whole or not at all, mode kept."""

import os
import stat
from contextlib import suppress
from pathlib import Path


def temporary_of(path: Path) -> Path:
    """Where the new content of ``path`` is written first. One name, so that nothing is left over
    when a crash in between is followed by a resume or a rollback."""
    return path.with_name(f".{path.name}.migrate.tmp")


def replace_file(path: Path, body: bytes) -> None:
    """Write beside it, sync, rename into place, sync the folder. ``OSError``: nothing changed.

    Mode is kept, and the owner where that is allowed.
    """
    old = path.stat()
    temporary = temporary_of(path)
    temporary.unlink(missing_ok=True)
    # Not readable by others before it has the old file's mode.
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(body)
            with suppress(PermissionError):
                os.fchown(fd, old.st_uid, old.st_gid)
            os.fchmod(fd, stat.S_IMODE(old.st_mode))
            file.flush()
            os.fsync(fd)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
