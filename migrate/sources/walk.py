"""Reads the files of a checkout that may matter. The one module here that touches the disk.

Bounded; links are not followed; binary and huge files are counted, not read.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from migrate.model.errors import UsageProblem
from migrate.model.text import visible
from migrate.sources import sourced
from migrate.sources.base import ByHand, SourceText
from migrate.splice.text import MAX_CHARS, decode

MAX_FILES = 50_000
"""Files looked at in all."""
_LEFT_OUT = {".git", ".hg", ".svn", "node_modules", ".terraform", "__pycache__", ".venv"}
_WORDS = re.compile(
    rb"50000|jenkins|jnlp|slave|tunnel|websocket|agent\.jar|agentlistener|tcp-services|swarm-client"
    rb"|dependencies|proxy_pass|targetPort|kind\W+(Ingress|BackendConfig|HTTPRoute|Gateway)"
    rb"|-webSocket|swarm|entryPoints|listeners:|proxypass|reverse_proxy|proxy_set_header"
    rb"|http_upgrade|default_backend|respondingtimeouts|httpconnectionmanager|<rewrite>",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Walked:
    """What was read, and what was not."""

    root: Path
    """What the paths are below."""
    files: tuple[SourceText, ...]
    left_out: tuple[ByHand, ...]
    """Files that can't be read, with the reason."""
    binary: int = 0
    huge: int = 0


def walk(sources: tuple[Path, ...], nginx: tuple[Path, ...] = ()) -> Walked:
    """The files below ``--source`` that may matter, and all of ``--nginx``.

    ``UsageProblem`` for a path that can't be read.
    """
    tops = [_real(path, "--source") for path in sources]
    proxies = [_real(path, "--nginx") for path in nginx]
    folders = [path if path.is_dir() else path.parent for path in (tops or proxies)]
    folders += [
        path if path.is_dir() else path.parent
        for path in proxies
        if not any(path.is_relative_to(folder) for folder in folders)
    ]
    root = Path(os.path.commonpath(folders))
    reader = _Reader(root)
    files: dict[Path, SourceText] = {}
    for top, whole in [*((p, True) for p in proxies), *((p, False) for p in tops)]:
        for path in _paths(top):
            text = None if path in files else reader.read(path, whole)
            if text is not None:
                files[path] = text
    wanted = {one for file in files.values() for one in sourced.patterns(file.text)}
    for path in reader.passed if wanted else ():
        if any(one.fullmatch(path.relative_to(root).as_posix()) for one in wanted):
            text = reader.read(path, whole=True)
            if text is not None:
                files[path] = replace(text, nginx=False)
    ordered = tuple(sorted(files.values(), key=lambda f: f.path))
    return Walked(root, ordered, tuple(reader.left_out), reader.binary, reader.huge)


def _real(path: Path, option: str) -> Path:
    try:
        return path.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageProblem(
            f"{option} {visible(str(path))} can't be read: {why}", next_command=f"{option} DIR"
        ) from None


def _paths(top: Path) -> Iterator[Path]:
    if top.is_file():
        yield top
        return
    count = 0
    for folder, folders, names in os.walk(top):
        folders[:] = sorted(name for name in folders if name not in _LEFT_OUT)
        for name in sorted(names):
            count += 1
            if count > MAX_FILES:
                raise UsageProblem(
                    f"{visible(str(top))} has more than {MAX_FILES} files",
                    next_command="--source DIR (a smaller folder)",
                )
            yield Path(folder, name)


class _Reader:
    """Reads files, and counts what it does not."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.left_out: list[ByHand] = []
        self.passed: list[Path] = []
        """Read, and without a word of any finder."""
        self.binary = self.huge = 0

    def read(self, path: Path, whole: bool) -> SourceText | None:
        """The file, if it may matter; ``whole``: whatever it says."""
        name = path.relative_to(self.root).as_posix()
        try:
            # No wait on a pipe or a device; what a link points to is read where it is.
            if path.is_symlink() or not path.is_file():
                return None
            if path.stat().st_size > MAX_CHARS:
                self.huge += 1
                return None
            body = path.read_bytes()
        except OSError as error:
            why = error.strerror or "it can't be read"
            self.left_out.append(ByHand(name, 1, why, "a look at it by hand"))
            return None
        if not whole and not _WORDS.search(body):
            self.passed.append(path)
            return None
        if b"\0" in body[:8192] and not body.startswith((b"\xff\xfe", b"\xfe\xff")):
            self.binary += 1
            return None
        return SourceText(name, decode(body), whole)
