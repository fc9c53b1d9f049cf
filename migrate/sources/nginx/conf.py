"""Files of nginx put together as nginx does: includes where they stand. Pure.

A pattern of ``include`` is relative to the folder of nginx.conf (``conf_prefix``). An absolute one
is looked for where that folder stands for nginx' own, or under ``--nginx-root``. A glob that
matches nothing is no error of nginx: it is kept to be told.
"""

import fnmatch
import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from migrate.sources.base import SourceText
from migrate.splice.nginx_text import Directive, parse
from migrate.splice.text import NotEditable

PREFIXES = (
    "/etc/nginx", "/usr/local/nginx/conf", "/usr/local/etc/nginx", "/opt/nginx/conf",
    "/usr/local/openresty/nginx/conf", "/opt/homebrew/etc/nginx", "/opt/bitnami/nginx/conf",
)  # fmt: skip
"""Folders that nginx.conf is in where it was installed."""
MAX_BLOCKS = 50_000
"""Directives of one configuration, with every include written out."""
_HOLDERS = {
    "conf.d", "sites-enabled", "sites-available", "http.d", "vhosts.d", "vhosts", "servers",
    "stream.d", "streams", "snippets", "default.d", "includes", "locations", "server.d",
}  # fmt: skip
_MAIN = {"http", "events", "stream", "mail"}
_OWN = _MAIN | {"server", "upstream", "location", "map"}
_LOOKS = re.compile(r"^[ \t]*(?:http|stream|server|upstream|location|map)\b[^;\n]*\{", re.MULTILINE)


@dataclass(frozen=True, eq=False)
class Block:
    """A directive as nginx sees it, with the file that it is written in."""

    directive: Directive
    file: SourceText
    children: tuple["Block", ...] = ()
    """With those of included files."""
    at: Directive | None = None
    """The ``include`` that brings it, written in the file of what holds it; None: it is itself."""

    @property
    def name(self) -> str:
        """The first word."""
        return self.directive.name

    @property
    def args(self) -> tuple[str, ...]:
        """The others."""
        return self.directive.args

    @property
    def line(self) -> int:
        """Of its first word."""
        return self.file.line(self.directive.start)

    def named(self, *names: str) -> Iterator["Block"]:
        """Directives of these names right inside of it."""
        return (child for child in self.children if child.name in names)

    def all(self) -> Iterator["Block"]:
        """Itself and all inside of it."""
        yield self
        for child in self.children:
            yield from child.all()


@dataclass
class Conf:
    """What one nginx reads: one nginx.conf and its includes, or files that nothing includes."""

    name: str
    """The file that it begins with, or the folder of the files."""
    top: tuple[Block, ...]
    whole: bool
    """Whether there is an nginx.conf."""
    lost: list[tuple[SourceText, int, str]] = field(default_factory=list)
    """(file, offset, pattern) of includes that match nothing."""
    unread: list[tuple[SourceText, str]] = field(default_factory=list)
    times: Counter[str] = field(default_factory=Counter)
    """How often a file is included."""

    def context(self, name: str) -> Iterator[Block]:
        """Blocks ``http`` or ``stream``; for loose files, one that stands for it."""
        return (block for block in self.top if block.name == name)


class Files:
    """All files by path and by the links to them, parsed once."""

    def __init__(self, files: Sequence[SourceText], root: str) -> None:
        self.by_path = {path: file for file in files for path in (file.path, *file.links)}
        self.root = root
        self._parsed: dict[str, tuple[Directive, ...] | str] = {}

    def parsed(self, file: SourceText) -> tuple[Directive, ...] | str:
        """The directives, or why there are none."""
        if file.path not in self._parsed:
            try:
                self._parsed[file.path] = parse(file.text)
            except NotEditable as error:
                self._parsed[file.path] = error.reason
        return self._parsed[file.path]

    def matching(self, pattern: str, folder: str) -> list[SourceText]:
        """The files of an include, in nginx' order."""
        for place in self._places(pattern, folder):
            if any(sign in place for sign in "*?["):
                parts = place.split("/")
                found = [p for p in sorted(self.by_path) if _matches(p.split("/"), parts)]
            else:
                found = [place] if place in self.by_path else []
            if found:
                return [self.by_path[path] for path in found]
        return []

    def _places(self, pattern: str, folder: str) -> Iterator[str]:
        if not pattern.startswith("/"):
            yield posixpath.normpath(posixpath.join(folder, pattern))
            return
        for prefix in PREFIXES:
            if pattern.startswith(prefix + "/"):
                below = pattern[len(prefix) + 1 :]
                if self.root:
                    yield posixpath.normpath(posixpath.join(self.root, below))
                yield posixpath.normpath(posixpath.join(folder, below))
            # The folder of nginx.conf may be a copy of a whole tree: image/etc/nginx.
            if f"/{folder}".endswith(prefix):
                base = folder[: len(folder) - len(prefix) + 1]
                yield posixpath.normpath(posixpath.join(base, pattern.lstrip("/")))
        if self.root:
            yield posixpath.normpath(posixpath.join(self.root, pattern.lstrip("/")))
        yield pattern.lstrip("/")


def _matches(path: list[str], pattern: list[str]) -> bool:
    return len(path) == len(pattern) and all(
        fnmatch.fnmatchcase(one, sign) and (sign.startswith(".") or not one.startswith("."))
        for one, sign in zip(path, pattern, strict=True)
    )


def include_patterns(text: str) -> Iterator[str]:
    """The includes of a file, relative to the folder of nginx.conf; none that lead out of it."""
    try:
        parsed = parse(text)
    except NotEditable:
        return
    for top in parsed:
        for one in top.all():
            if one.name != "include" or len(one.args) != 1:
                continue
            pattern = one.args[0]
            for prefix in PREFIXES:
                pattern = pattern.removeprefix(prefix + "/")
            pattern = posixpath.normpath(pattern)
            if not pattern.startswith(("/", "..")) and pattern != "." and "**" not in pattern:
                yield pattern


def looks_like_nginx(text: str) -> bool:
    """Whether a file may be nginx', before it is parsed."""
    return _LOOKS.search(text) is not None


def configurations(files: Files, candidates: Sequence[SourceText]) -> list[Conf]:
    """Every nginx that the files are for; then those that no nginx.conf includes, by folder."""
    mains, loose = [], []
    for file in candidates:
        parsed = files.parsed(file)
        if isinstance(parsed, str):
            continue
        own = {d.name for d in parsed if d.is_block} & _OWN
        if own & _MAIN:
            mains.append(file)
        elif own:
            loose.append(file)
    built = {file.path: _built(files, file) for file in mains}
    reached = {path for one in built.values() for path in one.times}
    confs = [one for path, one in built.items() if path not in reached]
    groups: dict[str, list[SourceText]] = {}
    for file in loose:
        if file.path not in reached:
            groups.setdefault(_group(file.path), []).append(file)
    return [*confs, *(_loose(files, folder, group) for folder, group in groups.items())]


def _group(path: str) -> str:
    folder = posixpath.dirname(path)
    return posixpath.dirname(folder) if posixpath.basename(folder) in _HOLDERS else folder


def _built(files: Files, file: SourceText) -> Conf:
    conf = Conf(file.path, (), whole=True)
    top = _Builder(files, conf, posixpath.dirname(file.path)).file(file, (file.path,), None)
    conf.top = tuple(top)
    return conf


def _loose(files: Files, folder: str, group: Sequence[SourceText]) -> Conf:
    conf = Conf(folder, (), whole=False)
    builder = _Builder(files, conf, folder)
    http: list[Block] = []
    stream: list[Block] = []
    included: set[str] = set()
    for file in group:
        blocks = builder.file(file, (file.path,), None)
        for block in blocks:
            is_tcp = block.name == "server" and not any(
                child.name in ("location", "root", "return", "rewrite") for child in block.children
            )
            tcp = is_tcp and any(child.name == "proxy_pass" for child in block.children)
            if block.name in ("upstream", "map", "include"):
                http.append(block)
                stream.append(block)
            else:
                (stream if tcp else http).append(block)
    included |= set(conf.times)
    word = parse("http {}\nstream {}")
    nowhere = SourceText(folder, "")
    http = [block for block in http if block.file.path not in included or block.at]
    conf.top = (
        Block(word[0], nowhere, tuple(http)), Block(word[1], nowhere, tuple(stream)),
    )  # fmt: skip
    return conf


class _Builder:
    """Writes out the includes of one configuration."""

    def __init__(self, files: Files, conf: Conf, folder: str) -> None:
        self.files, self.conf, self.folder = files, conf, folder
        self.count = 0

    def file(self, file: SourceText, way: tuple[str, ...], at: Directive | None) -> list[Block]:
        parsed = self.files.parsed(file)
        if isinstance(parsed, str):
            self.conf.unread.append((file, parsed))
            return []
        return self._blocks(parsed, file, way, at)

    def _blocks(
        self,
        directives: Sequence[Directive],
        file: SourceText,
        way: tuple[str, ...],
        at: Directive | None,
    ) -> list[Block]:
        made: list[Block] = []
        for directive in directives:
            self.count += 1
            if self.count > MAX_BLOCKS:
                raise NotEditable(f"its includes make more than {MAX_BLOCKS} directives")
            if directive.name == "include" and len(directive.args) == 1:
                made += self._included(directive, file, way, at)
                continue
            children = self._blocks(directive.children, file, way, None)
            made.append(Block(directive, file, tuple(children), at))
        return made

    def _included(
        self, directive: Directive, file: SourceText, way: tuple[str, ...], at: Directive | None
    ) -> list[Block]:
        found = self.files.matching(directive.args[0], self.folder)
        if not found:
            self.conf.lost.append((file, directive.start, directive.args[0]))
        made: list[Block] = []
        for one in found:
            if one.path in way:
                continue
            self.conf.times[one.path] += 1
            made += self.file(one, (*way, one.path), at or directive)
        return made


def source_of(blocks: Sequence[Block]) -> Mapping[str, SourceText]:
    """The files that these blocks are written in, by path."""
    return {block.file.path: block.file for top in blocks for block in top.all()}
