"""systemd units and drop-ins that start an agent.

A unit of the host's own (below /etc, or in a home) is edited in place. A vendor's unit, and a
template unit that starts several agents, stay as they are: a drop-in beside them wins.
"""

import posixpath
import re
from dataclasses import dataclass, replace

from migrate.agents.launch.base import FoundLaunch, Wanted, choose, make_edit
from migrate.agents.launch.change import Changed, changed
from migrate.agents.launch.find import find
from migrate.agents.launch.launched import Launched
from migrate.agents.launch.site import Site
from migrate.splice.edit import Edit
from migrate.splice.systemd_words import GAP, inside, quote, read_words
from migrate.splice.text import BOM, MAX_CHARS, NotEditable
from migrate.splice.view import View
from migrate.splice.words import OPAQUE, Style, Word

DROP_IN = "50-migrate.conf"
RELOAD = "systemctl daemon-reload makes systemd read it, before the unit is restarted"

_MARK = "# Written by migrate: the agent connects by WebSocket. Remove this file to undo.\n"

_STYLE = Style(render=quote, gap=GAP)
_SECTION = re.compile(r"^\ufeff?[ \t]*\[([^\]\r\n]+)\]", re.MULTILINE)
_ENTRY = re.compile(
    r"^[ \t]*(ExecStart|Environment|EnvironmentFile)[ \t]*=[ \t]*"
    r"((?:[^\r\n\\]|\\(?!\r?\n)[^\r\n]?|\\\r?\n(?:[ \t]*[#;][^\n]*\n)*)*)",
    re.MULTILINE,
)
_UNIT_FOLDER = re.compile(r"(/.*?)(?:(?:usr/)?(?:local/)?lib|run|etc)/systemd/(?:system|user)/")
_PREFIX = re.compile(r"[-@:+!|]*")
_UNIT = re.compile(r"([^/]+\.service)(?:\.d(?:/[^/]+)?)?$")


@dataclass(frozen=True)
class _Unit:
    launched: tuple[Launched, ...]
    span: tuple[int, int]
    """The ExecStart value: ``text[start:end]``, prefixes included."""
    several: bool
    """More than one ExecStart counts (Type=oneshot)."""
    prefix: str


def unit_of(wanted_unit: str, path: str) -> str:
    """The unit's name, as asked for, else from the path of the unit or its drop-in."""
    found = _UNIT.search(path)
    return wanted_unit or (found[1] if found else "")


def _instance(unit: str) -> str | None:
    match = re.fullmatch(r"[^@]+@(.+)\.service", unit)
    return match[1] if match else None


def _read(text: str, unit: str, path: str, *, follow: bool = True) -> _Unit:
    """``follow``: words of a variable may change where ``Environment=`` sets it."""
    if len(text) > MAX_CHARS:
        raise NotEditable(f"it has {len(text)} characters, more than any unit", path)
    sections = [(m.start(), m[1]) for m in _SECTION.finditer(text)]
    environment: dict[str, str] = {}
    held: dict[str, tuple[Word, ...]] = {}
    starts: list[tuple[int, int]] = []
    files: list[str] = []
    for entry in _ENTRY.finditer(text):
        before = [name for start, name in sections if start < entry.start()]
        if not before or before[-1] != "Service":
            continue
        start, end = entry.span(2)
        end = start + len(text[start:end].rstrip(" \t"))
        if entry[1] == "ExecStart":
            # An empty value takes back what was said before.
            starts = [*starts, (start, end)] if end > start else []
        elif entry[1] == "Environment":
            for word in read_words(text, start, end, {}, _instance(unit)):
                name, equals, value = word.value.partition("=")
                if equals:
                    environment[name] = value
                    held[name] = () if name in held else _held(text, word, value)
        else:
            files.append(text[start:end].lstrip("-"))
    if not starts:
        return _Unit((), (0, 0), False, "")
    # A file of variables wins over Environment=.
    known = {} if files else environment
    found: tuple[Launched, ...] = ()
    for start, end in starts:
        prefix = _PREFIX.match(text, start, end)
        first = prefix.end() if prefix else start
        words = read_words(text, first, end, known, _instance(unit))
        words = tuple(w for word in words for w in _followed(word, held, files, text, follow))
        where = f"ExecStart in line {text.count(chr(10), 0, start) + 1}"
        found += find(words, Site(View(text), _STYLE, inside), where)
    return _Unit(found, (start, end), len(starts) > 1, text[start:first])


def _held(text: str, word: Word, value: str) -> tuple[Word, ...]:
    """The words of a variable, where they stand; empty where that is not plain to see."""
    raw = text[word.start : word.end]
    mark = raw[:1] if raw[:1] in "\"'" else ""
    if raw.strip(mark or None) != word.value or not value:
        return ()
    start = word.end - len(mark) - len(value)
    return tuple(
        Word(m[0], start + m.start(), start + m.end(), bare=True)
        for m in re.finditer(r"\S+", value)
    )


def _followed(
    word: Word, held: dict[str, tuple[Word, ...]], files: list[str], text: str, follow: bool
) -> tuple[Word, ...]:
    """``$NAME`` as the words that ``Environment=`` gives it, or why it is not known."""
    name = re.fullmatch(r"\$([A-Za-z_]\w*)", word.value.removeprefix(OPAQUE))
    if name is None or not word.value.startswith(OPAQUE):
        return (word,)
    if files:
        told = " or ".join(files)
        return (replace(word, why=f"which {told} (EnvironmentFile=) may set"),)
    words = held.get(name[1], ())
    once = len(re.findall(rf"\${{?{name[1]}\b", text)) == 1
    return words if follow and once and words else (word,)


class SystemdEditor:
    """Units and drop-ins."""

    name = "systemd"

    def detect(self, text: str, path: str) -> bool:
        """An ExecStart of a [Service], or the name of a unit or drop-in."""
        named = path.endswith(".service") or ".service.d/" in path
        return named or bool(
            re.search(r"^\ufeff?\[Service\]", text, re.MULTILINE)
            and re.search(r"^[ \t]*ExecStart[ \t]*=", text, re.MULTILINE)
        )

    def launches(self, text: str, path: str = "") -> tuple[FoundLaunch, ...]:
        """The agents of its ExecStart; empty for a unit that starts something else."""
        return tuple(one.found() for one in _read(text, unit_of("", path), path).launched)

    def read(self, text: str, path: str) -> tuple[Launched, ...]:
        """The same with their words."""
        return _read(text, unit_of("", path), path).launched

    def to_websocket(self, text: str, wanted: Wanted) -> Edit:
        """The unit, or the drop-in that overrides it."""
        name = unit_of(wanted.unit, wanted.path)
        here = _in_place(wanted.path, name)
        unit = _read(text, name, wanted.path, follow=here)
        if "@" in unit.prefix:
            raise NotEditable("its ExecStart gives the process another name (@)", wanted.path)
        if not unit.launched:
            raise NotEditable("its ExecStart runs no agent.jar (a script has it)", wanted.path)
        if unit.several:
            raise NotEditable("it has several ExecStart", wanted.path)
        if text.startswith(_MARK) and unit.launched[0].found().websocket:
            # Variables that it uses may stand in the unit itself: it was judged with them.
            choose([one.found() for one in unit.launched], wanted)
            return make_edit(wanted, text, text, hide=unit.launched[0].secrets())
        done = changed(text, wanted, lambda t: _read(t, name, wanted.path, follow=here).launched)
        if here or done.text == text:
            return _edit(wanted, text, done.text, done)
        if not name:
            raise NotEditable("the name of its unit is not known", wanted.path)
        if "@.service" in name:
            raise NotEditable(f"{name} starts several agents; name one of its units", wanted.path)
        path = drop_in_of(name, wanted.path)
        return _edit(wanted, None, _drop_in(done.text, unit), done, path=path)


def drop_in_of(unit: str, path: str) -> str:
    """The drop-in that is written in place of the unit's file at ``path``."""
    return posixpath.join(_drop_in_folder(path), unit + ".d", DROP_IN)


def _edit(wanted: Wanted, old: str | None, new: str, done: Changed, *, path: str = "") -> Edit:
    notes = done.made.notes
    return make_edit(
        wanted,
        old,
        new,
        path=path,
        notes=(*notes, RELOAD) if new != old else notes,
        secret=done.made.secret,
        hide=done.secrets,
        reason=done.made.reason,
    )


def _in_place(path: str, unit: str) -> bool:
    """Whether the file is the host's own and starts nothing but this unit."""
    template = re.search(r"@\.service(?:$|\.d/)", path) is not None
    own = path.startswith(f"{_root(path)}etc/") or "/.config/systemd/" in path or not path
    return own and not (template and unit)


def _drop_in_folder(path: str) -> str:
    """Where a drop-in wins over this unit: in a home beside it, else in the host's own place."""
    home, found, _ = path.partition("/.config/systemd/user/")
    if found:
        return f"{home}{found}"
    place = "etc/systemd/user" if "/systemd/user/" in path else "etc/systemd/system"
    return posixpath.join(_root(path), place)


def _root(path: str) -> str:
    """The file system that the unit belongs to: ``/``, or a folder that holds a whole one."""
    found = _UNIT_FOLDER.match(path)
    return found[1] if found else "/"


def _drop_in(new: str, unit: _Unit) -> str:
    """The changed ExecStart alone. Its length changed, its start did not."""
    start = unit.span[0]
    entry = _ENTRY.search(new, new.rfind("\n", 0, start) + 1)
    value = entry[2].rstrip(" \t") if entry else ""
    return (f"{_MARK}[Service]\nExecStart=\nExecStart={value.removeprefix(BOM)}\n").replace(
        "\r\n", "\n"
    )
