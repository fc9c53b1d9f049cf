"""Launch files of agents in a checkout, through the editors of ``agents.launch``. Pure.

A file of one agent's own options is edited; a wrapper that several agents share is not: then the
files that it reads are, each for its own agent (``sourced``).
"""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from migrate.agents.launch.base import Editor, FoundLaunch, Wanted
from migrate.agents.launch.registry import editor_for
from migrate.model.inventory import LaunchKind
from migrate.sources import shared_env, sourced
from migrate.sources.base import ByHand, FileEdit, Found, LookOptions, SourceText, finding
from migrate.sources.flag_in_place import in_place_of_tunnel
from migrate.sources.nested import is_yaml
from migrate.splice.text import NotEditable

KIND = "agent-launch"
_WRITE = "-webSocket before -url, and no -tunnel with its value"
_NAMED_ONLY = {
    "supervisord": "; then supervisorctl reread and supervisorctl update",
    "crontab": "; an @reboot line counts at the next boot: start it once by hand, too",
    "upstart": "; then stop the job and start it",
    "powershell": "",
}
"""Kinds that nobody reads again by himself once the file is rolled out: they are told."""
_MODERN = "3206"
"""Remoting of a controller that is ready for this; jars that know ``-url`` with ``-jar``."""
_NO_URL = "https://no-url.invalid/"
_TEMPLATE = re.compile(
    r"\{\{-?\s*(?!json|range|\.(?!Values|Release|Chart))|\{%|<%|\$\{[a-z]\w*\.[\w.]+\}"
)
_MAYBE = re.compile(r"agent|jnlp|remoting|swarm|slave|JENKINS_|-jar|-tunnel")
_SUFFIXES = (".j2", ".erb", ".tpl", ".tmpl", ".template", ".jinja", ".jinja2", ".tftpl", ".epp")
_CONTAINER = ("JENKINS_TUNNEL", "JENKINS_DIRECT_CONNECTION")


class Launches:
    """The finder."""

    name = KIND

    def look(self, files: Sequence[SourceText], options: LookOptions) -> Found:
        """Edits of launches on TCP; those that no editor changes are told."""
        del options
        found, handled = sourced.look(files)
        for file in files:
            if not file.nginx and file.path not in handled and _MAYBE.search(file.text):
                found += _file(file)
        return found


@dataclass(frozen=True)
class _Left:
    launch: FoundLaunch
    reason: str


def _editor(file: SourceText) -> Editor | None:
    try:
        editor = editor_for(file.text, f"/{file.path}")
    except NotEditable:
        return None
    if is_yaml(file) and editor.name != "compose":
        return None
    return editor


def _file(file: SourceText) -> Found:
    editor = _editor(file)
    if editor is None:
        return Found()
    path = f"/{file.path}" if editor.name in ("crontab", "env", "upstart") else ""
    try:
        launches = editor.launches(file.text, path)
    except NotEditable as error:
        return _told(file, 1, f"it could not be read: {error.reason}", _WRITE)
    if not launches:
        return Found()
    if file.path.lower().endswith(_SUFFIXES) or _TEMPLATE.search(file.text):
        waiting = [one for one in launches if _on_tcp(one)]
        reason = "it starts an agent on TCP, and is a template"
        return _told(file, _line(file, waiting[0]), reason, _WRITE) if waiting else Found()
    if editor.name in _NAMED_ONLY:
        return _named(file, editor, launches)
    text, left = _edited(file, editor, launches, path)
    found = Found()
    for one in left:
        found += _told(file, _line(file, one.launch), one.reason, _WRITE)
    edits = tuple(_changes(file, text))
    if edits:
        who = ", ".join(dict.fromkeys(one.node or "an agent" for one in launches if _on_tcp(one)))
        summary = f"{who} ({editor.name}) starts on TCP"
        line = file.line(edits[0].start)
        found += Found(edits, (), (finding(KIND, file.path, summary, fix=_WRITE, line=line),))
    return found


def _named(file: SourceText, editor: Editor, launches: Sequence[FoundLaunch]) -> Found:
    found = Found()
    for one in launches:
        if _on_tcp(one):
            who = one.node or "an agent"
            reason = f"{who} starts on TCP ({editor.name}: not edited in files)"
            write = _WRITE + _NAMED_ONLY[editor.name]
            found += _told(file, _line(file, one), reason, write)
    return found


def _on_tcp(one: FoundLaunch) -> bool:
    """Whether the file itself has to change: ``-jnlpUrl`` takes the node's own setting."""
    tunnel = {"-tunnel", "-direct", "-directConnection", *_CONTAINER} & set(one.options)
    if one.kind is LaunchKind.JNLP_URL:
        return bool(tunnel)
    return not one.websocket or bool(tunnel)


def _edited(
    file: SourceText, editor: Editor, launches: Sequence[FoundLaunch], path: str
) -> tuple[str, list[_Left]]:
    text = shared_env.shared_first(file.text) if editor.name == "compose" else file.text
    left: list[_Left] = []
    for one in launches:
        try:
            text = _moved(editor, text, one, path, file.path)
        except NotEditable as error:
            left.append(_Left(one, error.reason))
    return text, left


def _moved(editor: Editor, text: str, one: FoundLaunch, path: str, file_path: str) -> str:
    wanted = Wanted(one.node or "an agent", _NO_URL, _MODERN, path=path)
    if editor.name == "systemd" and "@.service" in file_path:
        raise NotEditable(
            "every instance of this template unit starts by it: a drop-in for each, "
            "[Service] with ExecStart= and ExecStart=COMMAND, moves one agent at a time"
        )
    made = editor.to_websocket(text, wanted)
    if made.original is None or _NO_URL in made.text:
        reason = "it names no URL" if _NO_URL in made.text else "it would need a drop-in"
        raise NotEditable(reason)
    return in_place_of_tunnel(editor, text, made.text, wanted)


def _changes(file: SourceText, new: str) -> Iterator[FileEdit]:
    """The difference by lines, each run of lines as one edit without what both sides share."""
    old_lines, new_lines = file.text.splitlines(True), new.splitlines(True)
    starts = [0]
    for line in old_lines:
        starts.append(starts[-1] + len(line))
    matcher = difflib.SequenceMatcher(None, old_lines, new_lines, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag != "equal":
            why = "agent to WebSocket"
            yield FileEdit(file.path, starts[a], starts[b], "".join(new_lines[c:d]), "nodes", why)


def _line(file: SourceText, one: FoundLaunch) -> int:
    said = re.search(r"line (\d+)", one.where)
    if said:
        return int(said[1])
    name = one.where.rpartition(" ")[2]
    return file.line(max(file.text.find(name), 0))


def _told(file: SourceText, line: int, reason: str, write: str) -> Found:
    note = ByHand(file.path, line, reason, write)
    told = finding(KIND, file.path, reason, fix=write, line=line)
    return Found((), (note,), (told,))
