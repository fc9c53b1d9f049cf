"""Facts about files on the agent's host."""

import hashlib
from pathlib import Path


class ScriptFailed(Exception):
    """A script throws; the text is its message."""


def sha256(path: str) -> str | None:
    """Hex digest of a file, None when it cannot be read."""
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError:
        return None
