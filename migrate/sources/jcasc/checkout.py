"""Reads the YAML files of a checkout that may hold configuration as code. Bounded.

Links are not followed: what a link inside of the folder points to is read where it is, and what
lies outside is no part of the checkout.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from migrate.model.errors import UsageProblem
from migrate.model.inventory import Skip
from migrate.model.sources import SourceFile
from migrate.model.text import visible
from migrate.sources.jcasc.places import SETS
from migrate.splice.text import MAX_CHARS, decode

MAX_DEPTH = 16
MAX_ENTRIES = 50_000
"""Files and folders looked at; a checkout of more is more than a checkout."""
MAX_READ = 64 * 1024 * 1024
"""Bytes read of one checkout's YAML files."""
MAX_HELD = 500
"""Files kept, for a closer look."""
_LEFT_OUT = {".git", ".hg", ".svn", "node_modules"}
_SUFFIXES = (".yaml", ".yml")
_WORDS = tuple(word.encode() for word in SETS)


def source_dir(folder: Path) -> Path:
    """The folder, absolute and without links; ``UsageProblem`` when it is none."""
    again = "--source DIR (the checkout that holds the JCasC files)"
    try:
        real = folder.resolve(strict=True)
        with os.scandir(real):
            return real
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageProblem(
            f"--source {visible(str(folder))} can't be read: {why}", next_command=again
        ) from None


def read_checkouts(folders: tuple[Path, ...]) -> tuple[tuple[SourceFile, ...], tuple[Skip, ...]]:
    """(files that may set a cloud, a node or the port, what could not be looked at and why).

    A file that several of the folders hold, one inside of another, is read once, as the first
    one's. ``UsageProblem`` for a folder that is none.
    """
    files: list[SourceFile] = []
    skips: list[Skip] = []
    seen: set[Path] = set()
    for folder in folders:
        root = source_dir(folder)
        reader = _Reader(root, skips)
        for path in reader.paths():
            if path not in seen:
                seen.add(path)
                files += reader.read(path)
    return tuple(files), tuple(skips)


class _Reader:
    """One checkout, with what is left of its limits."""

    def __init__(self, root: Path, skips: list[Skip]) -> None:
        self.root, self.skips = root, skips
        self._bytes = self._entries = self._held = 0

    def _skip(self, path: Path | str, reason: str) -> None:
        self.skips.append(
            Skip(
                visible(str(path)), "source", reason, "a look at it by hand, or a smaller --source"
            )
        )

    def paths(self) -> Iterator[Path]:
        """YAML files below the root, sorted; each limit that ends the look is a skip."""
        for folder, folders, names in os.walk(self.root, onerror=self._unreadable):
            here = Path(folder)
            depth = len(here.relative_to(self.root).parts)
            folders[:] = sorted(name for name in folders if name not in _LEFT_OUT)
            if depth >= MAX_DEPTH and folders:
                self._skip(here.relative_to(self.root), f"folders below it are {MAX_DEPTH} deep")
                folders.clear()
            self._entries += len(folders) + len(names)
            if self._entries > MAX_ENTRIES:
                self._skip(self.root, f"it has more than {MAX_ENTRIES} files; the rest is not read")
                return
            for name in sorted(names):
                path = here / name
                if name.lower().endswith(_SUFFIXES):
                    if not path.is_symlink():
                        yield path
                    elif not path.resolve().is_relative_to(self.root):
                        self._skip(self._short(path), "a link out of the folder is not followed")

    def _unreadable(self, error: OSError) -> None:
        self._skip(self._short(Path(error.filename)), error.strerror or "it can't be read")

    def _short(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def read(self, path: Path) -> Iterator[SourceFile]:
        """The file, if it is one to look at closer; a skip when it can't be read."""
        name = self._short(path)
        try:
            # No wait on a pipe or a device that calls itself YAML.
            if not path.is_file():
                return
            size = path.stat().st_size
            if size > MAX_CHARS:
                self._skip(name, f"it has {size} bytes, more than any JCasC file")
                return
            self._bytes += size
            if self._bytes > MAX_READ:
                self._skip(name, f"more than {MAX_READ} bytes of YAML were read before it")
                return
            with path.open("rb") as file:
                body = file.read(MAX_CHARS + 1)
        except OSError as error:
            self._skip(name, error.strerror or "it can't be read")
            return
        if not any(word in body for word in _WORDS):
            return
        self._held += 1
        if self._held > MAX_HELD:
            self._skip(name, f"more than {MAX_HELD} files that may matter stand before it")
            return
        yield SourceFile(str(self.root), name, decode(body))
