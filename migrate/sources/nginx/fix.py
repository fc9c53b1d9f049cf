"""The smallest edit that lets WebSockets through a location. Pure.

It is made in the location itself: never in a snippet that others include, nor in ``http``. Lines
that the location would no longer inherit are repeated in it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from migrate.sources.base import SourceText
from migrate.sources.nginx.conf import Block, Conf
from migrate.sources.nginx.effective import PLAIN, UPGRADE, Values
from migrate.sources.nginx.judge import NEW_TIMEOUT, Judged, keeps_alive
from migrate.sources.nginx.ways import Way
from migrate.splice.nginx_edit import Splice, after, at_start, before, newline_of, unit_of
from migrate.splice.nginx_text import Directive
from migrate.splice.text import NotEditable

VERSION = "proxy_http_version 1.1;"
_USUAL = "connection_upgrade"
_OWN = "jenkins_connection_upgrade"

Edits = list[tuple[SourceText, Splice]]


@dataclass
class Maps:
    """Maps that were added to one configuration: a second way uses them, too."""

    added: dict[bool, str] = field(default_factory=dict)
    """By whether it keeps connections alive."""
    ways: Counter[str] = field(default_factory=Counter)
    """How many ways to Jenkins a file is part of: what only they include is edited for all."""


@dataclass
class _Rows:
    """Rows to add, by the directive that they go behind; None: at the block's start."""

    ahead: Directive | None
    """The line that a missing header goes in front of: Upgrade before Connection."""
    rows: dict[int, tuple[Directive | None, list[str]]] = field(default_factory=dict)

    def add(self, anchor: Directive | None, row: str) -> None:
        key = anchor.start if anchor else -1
        self.rows.setdefault(key, (anchor, []))[1].append(row)

    def splices(self, text: str, block: Directive) -> Iterator[Splice]:
        """The edits of the location's own text."""
        for anchor, rows in self.rows.values():
            if anchor is None:
                yield at_start(text, block, rows)
            elif anchor is self.ahead:
                yield before(text, anchor, rows, blank=False)
            else:
                yield after(text, anchor, rows)


def written_in(way: Way) -> set[str]:
    """The files that the lines of the way's location stand in."""
    location = way.chain[-1]
    return {location.file.path, *(child.file.path for child in location.children)}


def _shared(conf: Conf, maps: Maps, path: str) -> bool:
    return conf.times[path] > max(maps.ways[path], 1)


def mend(way: Way, judged: Judged, values: Values, maps: Maps) -> Edits:
    """The edits; ``NotEditable`` with the reason when it is a person's change."""
    location = way.chain[-1]
    if _shared(way.conf, maps, location.file.path):
        raise NotEditable(f"{location.file.path} is included more than once: others share it")
    edits, adding = _values(way, judged, values, maps)
    rows = _Rows(_twin(way, "connection") if list(adding) == ["Upgrade"] else None)
    anchor = _anchor(way, list(adding))
    if judged.version:
        changed = _single(way.conf, maps, location, "proxy_http_version", "1.1")
        edits += changed
        if not changed:
            alone = not adding or (list(adding) == ["Connection"] and _twin(way, "upgrade"))
            rows.add(_beside(way) if alone else anchor, VERSION)
    if adding and judged.headers.level is not location:
        # With one of its own the location inherits none any more.
        for line in judged.headers.lines:
            if line.args[:1] and line.args[0].lower() not in [one.lower() for one in adding]:
                rows.add(anchor, _row(line))
    for header, new in adding.items():
        rows.add(anchor, f"proxy_set_header {header} {new};")
    for name in judged.timeouts:
        changed = _single(way.conf, maps, location, name, NEW_TIMEOUT)
        edits += changed
        if not changed:
            version = next(location.named("proxy_http_version"), None)
            behind = version.at or version.directive if version else None
            rows.add(behind or (anchor if adding else _beside(way)), f"{name} {NEW_TIMEOUT};")
    made = rows.splices(location.file.text, location.directive)
    edits += ((location.file, splice) for splice in made)
    return edits


def _values(way: Way, judged: Judged, values: Values, maps: Maps) -> tuple[Edits, dict[str, str]]:
    """(edits of lines that are there, headers to add with their values)."""
    edits: Edits = []
    wanted = {"Upgrade": "$http_upgrade"} if judged.upgrade else {}
    if judged.connection:
        name, edits = _variable(way, values, maps)
        wanted["Connection"] = f"${name}"
    adding: dict[str, str] = {}
    for header, new in wanted.items():
        changed = _changed(way, maps, judged, header, new)
        edits += changed
        if not changed:
            adding[header] = new
    return edits, adding


def _row(line: Block) -> str:
    words = [line.file.text[word.start : word.end] for word in line.directive.words]
    return " ".join(words) + ";"


def _single(conf: Conf, maps: Maps, location: Block, name: str, new: str) -> Edits:
    """A directive that may stand once in a block: its own line is changed, where there is one."""
    mine = list(location.named(name))
    if not mine:
        return []
    line = mine[-1]
    if line.at is not None and _shared(conf, maps, line.file.path):
        raise NotEditable(f"{name} comes from {line.file.path}, which others include, too")
    if len(line.args) != 1:
        raise NotEditable(f"{name} has several words")
    word = line.directive.words[1]
    return [(line.file, (word.start, word.end, new))]


def _changed(way: Way, maps: Maps, judged: Judged, header: str, new: str) -> Edits:
    """Another value in the location's own line of a header; nothing when it has none."""
    conf, location = way.conf, way.chain[-1]
    if judged.headers.level is not location:
        return []
    lines = judged.headers.of(header)
    said = [line for line in lines if len(line.args) > 1 and line.args[1]]
    if len(said) > 1:
        raise NotEditable(f"{header} is set more than once there")
    if not lines:
        return []
    line = lines[-1]
    if line.at is not None and _shared(conf, maps, line.file.path):
        if said:
            raise NotEditable(f"{header} comes from {line.file.path}, which others include, too")
        return []
    if len(line.directive.words) < 3:
        raise NotEditable(f"proxy_set_header {header} has no value")
    word = line.directive.words[2]
    return [(line.file, (word.start, word.end, new))]


def _passing(way: Way) -> Directive | None:
    if way.backend is None or way.backend.in_if is not None:
        return None
    line = way.backend.directive
    return line.at or line.directive


def _last(lines: Sequence[Block]) -> Directive | None:
    return (lines[-1].at or lines[-1].directive) if lines else None


def _own(way: Way) -> list[Block]:
    return list(way.chain[-1].named("proxy_set_header"))


def _beside(way: Way) -> Directive | None:
    """Beside the ``proxy_pass``; where that is in an ``if``, before it. None: at the start."""
    passing = _passing(way)
    if passing is not None:
        return passing
    inside = way.backend.in_if if way.backend else None
    previous: Directive | None = None
    for child in way.chain[-1].children:
        if child is inside:
            break
        previous = child.at or child.directive
    return previous


def _twin(way: Way, header: str) -> Directive | None:
    """The location's own line of the other header."""
    return _last([one for one in _own(way) if one.args[:1] and one.args[0].lower() == header])


def _anchor(way: Way, adding: Sequence[str]) -> Directive | None:
    """Where missing headers go: beside their twin, as in a sibling, behind the other headers."""
    own = _own(way)
    if len(adding) == 1:
        twin = _twin(way, "connection" if adding[0] == "Upgrade" else "upgrade")
        if twin is not None:
            return twin
    return _like_sibling(way, own) or _last(own) or _beside(way)


def _like_sibling(way: Way, own: Sequence[Block]) -> Directive | None:
    """Where another location of this server has these three lines, side by side."""
    server, mine = way.server, way.chain[-1]
    for one in server.named("location"):
        if one is mine or one.file is not mine.file:
            continue
        keys = [_key(child) for child in one.children]
        three = ["proxy_http_version", "upgrade", "connection"]
        for at in range(1, len(keys) - 2):
            if sorted(keys[at : at + 3]) == sorted(three):
                if keys[at - 1] == "proxy_pass":
                    return _passing(way)
                return _last([line for line in own if _key(line) == keys[at - 1]])
    return None


def _key(block: Block) -> str:
    if block.name == "proxy_set_header" and block.args:
        return block.args[0].lower()
    return block.name


def _variable(way: Way, values: Values, maps: Maps) -> tuple[str, Edits]:
    """The variable for Connection: one that is there, or a new map's."""
    keepalive, effective = keeps_alive(way, values)
    for name in sorted(values.maps, key=lambda n: n != _USUAL):
        upgraded = values.of(f"${name}", (), UPGRADE)
        plain = values.of(f"${name}", (), PLAIN)
        if upgraded is None or plain is None or upgraded.lower() != "upgrade":
            continue
        if plain.lower() in (("", "keep-alive") if effective else ("close", "", "keep-alive")):
            return name, []
    used = _is_used(way.http, _USUAL)
    if _USUAL not in values.maps and used and not effective:
        return _USUAL, []
    if keepalive in maps.added:
        return maps.added[keepalive], []
    free = _USUAL not in values.maps and not used and way.conf.whole
    name = _USUAL if free and not maps.added else _OWN
    while name in values.maps or name in maps.added.values():
        name += "_2"
    maps.added[keepalive] = name
    return name, [_map(way, name, keepalive)]


def _is_used(http: Block, name: str) -> bool:
    return any(f"${name}" in child.args for child in http.all() if child.name == "proxy_set_header")


def _map(way: Way, name: str, keepalive: bool) -> tuple[SourceText, Splice]:
    file = way.server.file
    if way.conf.times[file.path] > 1:
        raise NotEditable(f"{file.path} is included more than once: a map would be set twice")
    first = min(
        (
            block.directive
            for block in way.http.children
            if block.file is file and block.name in ("server", "upstream")
        ),
        key=lambda directive: directive.start,
    )
    unit = unit_of(file.text, way.server.directive)
    rows = [
        f"map $http_upgrade ${name} {{",
        f"{unit}default upgrade;",
        f"{unit}'' {chr(39) * 2 if keepalive else 'close'};",
        "}",
    ]
    nested = way.http.file is file
    newline = newline_of(file.text)
    line = file.text.rfind("\n", 0, first.start) + 1
    airy = file.text[:line].endswith(newline * 2)
    return file, before(file.text, first, rows, blank=airy or not nested)


def rows_to_write(judged: Judged) -> str:
    """The lines that a person has to add."""
    rows = []
    if judged.version:
        rows.append(VERSION)
    if judged.upgrade:
        rows.append("proxy_set_header Upgrade $http_upgrade;")
    if judged.connection:
        rows.append(
            "proxy_set_header Connection $connection_upgrade; (in http, if no map has it: "
            "map $http_upgrade $connection_upgrade { default upgrade; '' close; })"
        )
    rows += [f"{name} {NEW_TIMEOUT};" for name in judged.timeouts]
    return " ".join(rows)
