"""Reads the files of a checkout that may matter. The one module here that touches the disk.

Bounded; links are not followed; binary and huge files are counted, not read.
"""

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from migrate.model.errors import UsageProblem
from migrate.model.text import visible
from migrate.sources import sourced
from migrate.sources.base import ByHand, SourceText
from migrate.sources.nginx.conf import include_patterns
from migrate.splice.text import MAX_CHARS, decode

MAX_FILES = 50_000
"""Files looked at in all."""
MAX_INCLUDES = 5_000
"""Files that one of nginx may include."""
_LEFT_OUT = {".git", ".hg", ".svn", "node_modules", ".terraform", "__pycache__", ".venv"}
_WORDS = (
    b"50000", b"jenkins", b"jnlp", b"slave", b"tunnel", b"websocket", b"agent.jar",
    b"agentlistener", b"tcp-services", b"swarm", b"proxy_pass", b"targetport", b"entrypoints",
    b"listeners:", b"proxypass", b"reverse_proxy", b"proxy_set_header", b"http_upgrade",
    b"default_backend", b"respondingtimeouts", b"httpconnectionmanager", b"<rewrite>",
    b"valuefiles", b"proxy_read_timeout", b"sites-enabled",
)  # fmt: skip
"""In small letters. Looked for one by one: that is many times faster than one pattern of all."""
_KINDS = (b"ingress", b"backendconfig", b"httproute", b"gateway")
_KIND = re.compile(rb"kind\W+(?:" + b"|".join(_KINDS) + rb")")
_ALWAYS = {"chart.yaml", "requirements.yaml", "kustomization.yaml", "kustomization.yml"}
"""Files that say what others are, whatever is in them."""
_LOCKS = re.compile(
    r"(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|go\.sum|.*\.lock)$"
)
"""Files that programs write for themselves: their names of packages say nothing."""


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


def walk(
    sources: tuple[Path, ...], nginx: tuple[Path, ...] = (), nginx_root: Path | None = None
) -> Walked:
    """The files below ``--source`` that may matter, and all of ``--nginx`` and ``--nginx-root``.

    Of a file that ``--nginx`` names, those that it includes, too. ``UsageProblem`` for a path that
    can't be read.
    """
    tops = [_real(path, "--source") for path in sources]
    proxies = [_real(path, "--nginx") for path in nginx]
    proxies += [_real(nginx_root, "--nginx-root")] if nginx_root else []
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
        for path in _with_includes(top) if whole and top.is_file() else _paths(top):
            if whole and path.is_symlink():
                reader.link(path, top if top.is_dir() else top.parent)
            text = None if path in files else reader.read(path, whole)
            if text is not None:
                files[path] = text
    wanted = {one for file in files.values() for one in sourced.patterns(file.text)}
    for path in reader.passed if wanted else ():
        if any(one.fullmatch(path.relative_to(root).as_posix()) for one in wanted):
            text = reader.read(path, whole=True)
            if text is not None:
                files[path] = replace(text, nginx=False)
    for path, links in reader.links.items():
        if path in files:
            files[path] = replace(files[path], links=tuple(sorted(set(links))))
    ordered = tuple(sorted(files.values(), key=lambda f: f.path))
    return Walked(root, ordered, tuple(reader.left_out), reader.binary, reader.huge)


def below(folder: Path | None, root: Path) -> str:
    """A folder as paths of files are; empty when there is none."""
    return os.path.relpath(folder.resolve(), root) if folder else ""


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


def _with_includes(main: Path) -> Iterator[Path]:
    """A file of nginx, and what it includes in or below its folder, as far as that goes."""
    folder, waiting, seen = main.parent, [main], {main}
    while waiting:
        path = waiting.pop()
        yield path
        try:
            body = path.read_bytes() if path.stat().st_size <= MAX_CHARS else b""
        except OSError:
            continue
        for pattern in include_patterns(decode(body)):
            for found in sorted(folder.glob(pattern)):
                real = found.resolve()
                if found not in seen and real.is_relative_to(folder) and len(seen) < MAX_INCLUDES:
                    seen |= {found, real}
                    waiting += [found] if real == found else [found, real]


def _matters(body: bytes) -> bool:
    """Whether a finder may have something to say of it."""
    small = body.lower()
    if any(word in small for word in _WORDS):
        return True
    return any(word in small for word in _KINDS) and _KIND.search(small) is not None


class _Reader:
    """Reads files, and counts what it does not."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.links: dict[Path, list[str]] = {}
        self.left_out: list[ByHand] = []
        self.passed: list[Path] = []
        """Read, and without a word of any finder."""
        self.binary = self.huge = 0

    def link(self, path: Path, top: Path) -> None:
        """Keeps what a link in nginx' folder leads to, when that is below it, too.

        One to /etc/nginx/sites-available leads nowhere in a copy: there the end of its path counts.
        """
        try:
            target = path.resolve()
            parts = path.readlink().parts
            ends = (top.joinpath(*parts[n:]).resolve() for n in range(1, min(len(parts), 20)))
            found = next((one for one in (target, *ends) if one.is_file()), None)
        except (OSError, RuntimeError, ValueError):
            return
        if found is not None and found.is_relative_to(top):
            self.links.setdefault(found, []).append(path.relative_to(self.root).as_posix())

    def read(self, path: Path, whole: bool) -> SourceText | None:
        """The file, if it may matter; ``whole``: whatever it says."""
        name = path.relative_to(self.root).as_posix()
        try:
            # No wait on a pipe or a device; what a link points to is read where it is.
            told = path.lstat()
            if not stat.S_ISREG(told.st_mode):
                return None
            if not whole and _LOCKS.match(path.name.lower()):
                return None
            if told.st_size > MAX_CHARS:
                self.huge += 1
                return None
            body = path.read_bytes()
        except OSError as error:
            why = error.strerror or "it can't be read"
            self.left_out.append(ByHand(name, 1, why, "a look at it by hand"))
            return None
        if b"\0" in body[:8192] and not body.startswith((b"\xff\xfe", b"\xfe\xff")):
            self.binary += 1
            return None
        if not whole and path.name.lower() not in _ALWAYS and not _matters(body):
            self.passed.append(path)
            return None
        return SourceText(name, decode(body), whole)
