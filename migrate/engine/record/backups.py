"""Files in a run's ``backup/`` folder: plain names, regular files, nothing outside of it.

The names of a rollback come from the journal, which somebody else may have written.
"""

import hashlib
import os
import re
import stat
from pathlib import Path

from migrate.model.errors import UsageProblem
from migrate.model.text import visible

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
"""What ``model.text.file_name`` makes, and the endings that are put behind it."""


class UnsafeBackup(UsageProblem):
    """A backup that lies elsewhere, or is no file of its own."""

    def __init__(self, cause: str) -> None:
        super().__init__(
            cause, next_command="do not run it: this journal was not written by migrate"
        )


def plain_name(name: object) -> str:
    """``name`` if it can only be a file of the folder itself; ``UnsafeBackup`` otherwise."""
    if not isinstance(name, str) or not _PLAIN.fullmatch(name):
        raise UnsafeBackup(
            f"the journal names the backup {visible(str(name))!r}, which is no plain file name in "
            "the run's backup folder"
        )
    return name


def own_folder(folder: Path) -> None:
    """``UnsafeBackup`` for a link in place of ``backup/``; ``OSError`` when it is not there."""
    if not stat.S_ISDIR(folder.lstat().st_mode):
        raise UnsafeBackup(f"{visible(str(folder))} is a link or no folder, so no backup is in it")


def read_backup(folder: Path, name: object) -> bytes:
    """The bytes; ``OSError`` when it can't be read, ``UnsafeBackup`` when it may not be."""
    path = folder / plain_name(name)
    own_folder(folder)
    if path.is_symlink():
        raise UnsafeBackup(f"the backup {path.name} is a symbolic link, not a file of the run")
    # Not even opened to wait: a pipe would never answer.
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(fd, "rb") as file:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise UnsafeBackup(f"the backup {path.name} is no regular file")
        return file.read()


def same_content(path: Path, digest: str) -> bool:
    """Whether this file of the folder has the SHA-256 ``digest``."""
    return hashlib.sha256(read_backup(path.parent, path.name)).hexdigest() == digest
