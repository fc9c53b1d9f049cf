"""systemd units and drop-ins that start an agent.

A unit of the host's own (below /etc, or in a home) is edited in place. A vendor's unit, and a
template unit that starts several agents, stay as they are: a drop-in beside them wins.
"""

import posixpath
import re
from dataclasses import dataclass

from migrate.files.launch.base import (
    BOM,
    MAX_CHARS,
    Edit,
    FoundLaunch,
    NotEditable,
    Wanted,
    choose,
    make_edit,
)
from migrate.files.launch.command import Command, Rewrite, find_command, rewrite
from migrate.files.launch.systemd_words import GAP, quote, read_words
from migrate.files.launch.words import Style, splice

DROP_IN = "50-migrate.conf"
RELOAD = "systemctl daemon-reload makes systemd read it, before the unit is restarted"

_MARK = "# Written by migrate: the agent connects by WebSocket. Remove this file to undo.\n"

_STYLE = Style(render=quote, gap=GAP)
_SECTION = re.compile(r"^[ \t]*\[([^\]\r\n]+)\]", re.MULTILINE)
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
    command: Command | None
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


def _read(text: str, unit: str, path: str) -> _Unit:
    if len(text) > MAX_CHARS:
        raise NotEditable(f"it has {len(text)} characters, more than any unit", path)
    sections = [(m.start(), m[1]) for m in _SECTION.finditer(text)]
    environment: dict[str, str] = {}
    starts: list[tuple[int, int]] = []
    outside = False
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
        else:
            outside = True
    if not starts:
        return _Unit(None, (0, 0), False, "")
    start, end = starts[-1]
    prefix = _PREFIX.match(text, start, end)
    first = prefix.end() if prefix else start
    # A file of variables wins over Environment=.
    known = {} if outside else environment
    words = read_words(text, first, end, known, _instance(unit))
    where = f"ExecStart in line {text.count(chr(10), 0, start) + 1}"
    return _Unit(find_command(words, where), (start, end), len(starts) > 1, text[start:first])


class SystemdEditor:
    """Units and drop-ins."""

    name = "systemd"

    def detect(self, text: str, path: str) -> bool:
        """An ExecStart of a [Service], or the name of a unit or drop-in."""
        named = path.endswith(".service") or ".service.d/" in path
        return named or bool(
            re.search(r"^\[Service\]", text, re.MULTILINE)
            and re.search(r"^[ \t]*ExecStart[ \t]*=", text, re.MULTILINE)
        )

    def launches(self, text: str, path: str = "") -> tuple[FoundLaunch, ...]:
        """The agent of its ExecStart; empty for a unit that starts something else."""
        unit = _read(text, unit_of("", path), path)
        return (unit.command.found(),) if unit.command else ()

    def to_websocket(self, text: str, wanted: Wanted) -> Edit:
        """The unit, or the drop-in that overrides it."""
        name = unit_of(wanted.unit, wanted.path)
        unit = _read(text, name, wanted.path)
        if unit.command is None and "@" in unit.prefix:
            raise NotEditable("its ExecStart gives the process another name (@)", wanted.path)
        if unit.command is None:
            raise NotEditable(
                "its ExecStart runs no agent.jar (a script has it, or a shell)", wanted.path
            )
        choose([unit.command.found()], wanted)
        if unit.several:
            raise NotEditable("it has several ExecStart", wanted.path)
        if "@" in unit.prefix:
            raise NotEditable("its ExecStart gives the process another name (@)", wanted.path)
        if text.startswith(_MARK) and unit.command.found().websocket:
            # Variables that it uses may stand in the unit itself: it was judged with them.
            return make_edit(wanted, text, text, hide=[unit.command.secret() or ""])
        made = rewrite(unit.command, wanted)
        new = splice(text, unit.command.words, made.values, _STYLE)
        again = _read(new, name, wanted.path).command
        if again is None or tuple(word.value for word in again.words) != made.values:
            raise NotEditable(f"{unit.command.where} could not be changed safely", wanted.path)
        if _in_place(wanted.path, name) or new == text:
            return _edit(wanted, text, new, made, unit.command)
        if not name:
            raise NotEditable("the name of its unit is not known", wanted.path)
        if "@.service" in name:
            raise NotEditable(f"{name} starts several agents; name one of its units", wanted.path)
        path = posixpath.join(_drop_in_folder(wanted.path), name + ".d", DROP_IN)
        return _edit(wanted, None, _drop_in(new, unit), made, unit.command, path=path)


def _edit(
    wanted: Wanted, old: str | None, new: str, made: Rewrite, command: Command, *, path: str = ""
) -> Edit:
    return make_edit(
        wanted,
        old,
        new,
        path=path,
        notes=(*made.notes, RELOAD) if new != old else made.notes,
        secret=made.secret,
        hide=[command.secret() or ""],
        reason=made.reason,
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
