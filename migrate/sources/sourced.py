"""Options of agents in files that a wrapper or unit reads: each agent's own place. Pure.

A wrapper that starts many agents stays as it is; a file that it reads for one agent is edited.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from migrate.agents.command import read_options
from migrate.agents.launch.command import Command
from migrate.agents.launch.launched import Launched
from migrate.agents.launch.shell import ShellEditor
from migrate.agents.launch.systemd import SystemdEditor
from migrate.agents.options import FORBIDDEN_WITH_WEBSOCKET
from migrate.sources.base import ByHand, FileEdit, Found, SourceText, finding
from migrate.splice.text import NotEditable
from migrate.splice.words import OPAQUE

KIND = "agent-launch"
_READS = re.compile(
    r"""^[ \t]*(?:(?:\[[^\n]*\][ \t]*&&[ \t]*|if[^\n]*then[ \t]+)?
    (?:\.|source)[ \t]+"?(?P<sh>[^\s;"]+)|EnvironmentFile=-?(?P<unit>\S+))""",
    re.MULTILINE | re.VERBOSE,
)
_STANDS_FOR = re.compile(r"\$\([^)]*\)|\$\{[^}]*\}|\$\w+|%[iIjnNH]")
_NAME = re.compile(r"\"?\$\{?([A-Za-z_]\w*)(?::?-[^}]*)?\}?\"?")
_OPTIONS = ("-url", "-jnlpUrl", "-direct", "-directConnection")


@dataclass(frozen=True)
class _Wrapper:
    """A file that starts agents with options from elsewhere."""

    file: SourceText
    names: tuple[str, ...]
    """Variables among the agent's words."""
    websocket: bool
    by_node: bool
    """``-jnlpUrl``: the node's own setting moves it."""


def patterns(text: str) -> tuple[re.Pattern[str], ...]:
    """What the paths look like of the files that a script or unit reads."""
    if "-jar" not in text:
        return ()
    return tuple(_pattern(m["sh"] or m["unit"]) for m in _READS.finditer(text))


def _pattern(path: str) -> re.Pattern[str]:
    parts = _STANDS_FOR.split(path.strip("'\""))
    body = "[^/]+".join(re.escape(part) for part in parts)
    return re.compile(rf"(?:.*/)?{body.lstrip('/')}" if parts[0] else rf"(?:.*/)?{body}")


def look(files: Sequence[SourceText]) -> tuple[Found, frozenset[str]]:
    """(edits of the files that wrappers read, paths of which nothing more is to be said)."""
    found, handled = Found(), set()
    for file in files:
        wrapper = _wrapper(file) if not file.nginx and "-jar" in file.text else None
        if wrapper is None:
            continue
        told = patterns(file.text)
        read = [f for f in files if any(one.fullmatch(f.path) for one in told) and f is not file]
        if not read:
            continue
        handled.add(file.path)
        for one in read:
            part = _read_file(one, wrapper)
            if part is not None:
                handled.add(one.path)
                found += part
    return found, frozenset(handled)


def _wrapper(file: SourceText) -> _Wrapper | None:
    path = f"/{file.path}"
    shell, unit = ShellEditor(), SystemdEditor()
    editor: ShellEditor | SystemdEditor
    if unit.detect(file.text, path):
        editor = unit
    elif shell.detect(file.text, path):
        editor = shell
    else:
        return None
    try:
        launched = editor.read(file.text, path)
    except NotEditable:
        return None
    names = tuple(name for one in launched for name in _names(one))
    if not names:
        return None
    options = {name for one in launched for name in one.found().options}
    return _Wrapper(file, names, "-webSocket" in options, "-jnlpUrl" in options)


def _names(one: Launched) -> Iterator[str]:
    """Variables that may bring options: whole words, where an option could stand."""
    if not isinstance(one, Command):
        return
    words = [word.value for word in one.words[one.options_at :]]
    _, positional, strange = read_options(words)
    for word in (*positional, *strange):
        name = _NAME.fullmatch(word.removeprefix(OPAQUE)) if word.startswith(OPAQUE) else None
        if name:
            yield name[1]


def _read_file(file: SourceText, wrapper: _Wrapper) -> Found | None:
    """What one agent's file needs; None where it holds whole launches or nothing of this."""
    settings = [
        found
        for name in wrapper.names
        for found in re.finditer(
            rf"^[ \t]*(?:export[ \t]+)?{name}=(?P<quote>[\"']?)(?P<value>[^\r\n]*?)(?P=quote)"
            r"(?P<rest>[ \t]*(?:#[^\r\n]*)?)\r?$",
            file.text,
            re.MULTILINE,
        )
    ]
    if any(option in s["value"].split() for s in settings for option in _OPTIONS):
        return None
    path = wrapper.file.path
    if len(settings) != 1:
        if wrapper.websocket or wrapper.by_node:
            return Found()
        name = wrapper.names[0]
        where = file.line(settings[-1].start()) if settings else 1
        many = f"sets {name} {len(settings)} times" if settings else f"sets no {name}"
        return _told(file, where, f"{path} starts its agent on TCP, and it {many}",
                     f'{name}="-webSocket"')  # fmt: skip
    setting = settings[0]
    old = setting["value"]
    try:
        new = _options(old, add=not (wrapper.websocket or wrapper.by_node))
        if " " in new and not setting["quote"] and new != old and " " not in old:
            raise NotEditable("its value has no quotes")
    except NotEditable as error:
        reason = f"{path} starts its agent on TCP: {error.reason}"
        return _told(file, file.line(setting.start()), reason, "-webSocket, and no -tunnel")
    if new == old:
        return Found()
    start, end = setting.span("value")
    why = f"the agent that {path} starts to WebSocket"
    edit = FileEdit(file.path, start, end, new, "nodes", why)
    summary = f"{path} starts the agent of this file on TCP"
    told = finding(KIND, file.path, summary, fix="-webSocket, no -tunnel", line=file.line(start))
    return Found((edit,), (), (told,))


def _options(value: str, *, add: bool) -> str:
    """These options for WebSocket: the flag takes the place of the first that goes."""
    options, positional, strange = read_options(value.split())
    if positional or strange or re.search(r"[\"'\\`$]", value):
        raise NotEditable("its options are not plain words")
    words: list[str] = []
    want = add and all(option.name != "-webSocket" for option in options)
    gone = {*FORBIDDEN_WITH_WEBSOCKET, "-directConnection", "-jnlpCredentials"}
    for option in options:
        if option.name not in gone:
            words += option.words()
        elif want:
            words.append("-webSocket")
            want = False
    if want:
        words.insert(0, "-webSocket")
    return value if words == value.split() else " ".join(words)


def _told(file: SourceText, line: int, reason: str, write: str) -> Found:
    note = ByHand(file.path, line, reason, write)
    return Found((), (note,), (finding(KIND, file.path, reason, fix=write, line=line),))
