"""The agent.jar that this process runs: its version, and whether it was overwritten in place."""

import os
import re
import zipfile
from pathlib import Path


class NoJar(Exception):
    """Java's own words for a jar that cannot be opened."""


class Jar:
    """An opened jar. The file is held open, as a JVM does."""

    def __init__(self, path: str) -> None:
        self.path = str(Path(path).absolute())
        try:
            self._fd = os.open(path, os.O_RDONLY)
            with zipfile.ZipFile(path) as archive:
                manifest = archive.read("META-INF/MANIFEST.MF").decode()
        except (OSError, KeyError, zipfile.BadZipFile) as error:
            raise NoJar(f"Error: Unable to access jarfile {path}") from error
        match = re.search(r"^Version: *(\S+)", manifest, re.MULTILINE)
        self.version = match[1] if match else "unknown"
        self.swarm = "hudson.plugins.swarm.Client" in manifest
        """Whether it is the client of the swarm plugin, which has remoting inside."""
        self._seen = self._stamp()

    def _stamp(self) -> tuple[int, int]:
        status = os.fstat(self._fd)
        return status.st_size, status.st_mtime_ns

    def overwritten(self) -> bool:
        """Whether the open file itself changed: classes can no longer be loaded from it.

        A jar that was replaced by rename is another file, and this one stays as it was.
        """
        return self._stamp() != self._seen


def numbers(version: str) -> tuple[int, ...]:
    """The dotted numeric prefix, for comparing: (4, 14) sorts before (3020,)"""
    match = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(int(part) for part in match[0].split(".")) if match else ()


def java_needed(version: str) -> int:
    """The Java feature version that classes of this jar need (facts A7)."""
    if numbers(version) >= (3299,):
        return 17
    return 11 if numbers(version) >= (3044,) else 8
