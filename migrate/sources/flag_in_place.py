"""``-webSocket`` in the place of ``-tunnel``: the smallest change that a reviewer can see. Pure."""

import re
from collections.abc import Iterator

from migrate.agents.launch.base import Editor, FoundLaunch, Wanted
from migrate.splice.text import NotEditable

_VALUE = r"(?:\"[^\"\r\n]*\"|'[^'\r\n]*'|[^\s\"'<,\]]+)"
_FORMS = (
    (re.compile(rf"-tunnel(?:[ \t]+|=|[ \t]*[\\^]\r?\n[ \t]*){_VALUE}"), "-webSocket"),
    (re.compile(r"(<(\w+)>)-tunnel</\2>\s*<\2>[^<]*</\2>"), r"\1-webSocket</\2>"),
    (re.compile(rf"([\"']?)-tunnel\1\s*,\s*{_VALUE}"), r"\1-webSocket\1"),
    (re.compile(rf"- ([\"']?)-tunnel\1[ \t]*\r?\n[ \t]*- {_VALUE}"), r"- \1-webSocket\1"),
    (re.compile(rf"JENKINS_TUNNEL:[ \t]+{_VALUE}"), 'JENKINS_WEB_SOCKET: "true"'),
    (re.compile(r"JENKINS_TUNNEL=[^\s\"']+"), "JENKINS_WEB_SOCKET=true"),
    (re.compile(r"(?m)^(-tunnel)\r?\n[^\r\n]+"), "-webSocket"),
)
"""How the option and its value are written, and what stands there instead."""


def in_place_of_tunnel(editor: Editor, old: str, new: str, wanted: Wanted) -> str:
    """``new``, or the same with the flag where the tunnel stood, when the editor agrees.

    It agrees when it finds the same agents in both, and has nothing more to change.
    """
    if old == new:
        return new
    target = _told(editor, new, wanted)
    for candidate in _candidates(old):
        if _told(editor, candidate, wanted) != target:
            continue
        try:
            if not editor.to_websocket(candidate, wanted).changed:
                return candidate
        except NotEditable:
            continue
    return new


def _candidates(old: str) -> Iterator[str]:
    for form, instead in _FORMS:
        for match in form.finditer(old):
            yield old[: match.start()] + match.expand(instead) + old[match.end() :]


def _told(editor: Editor, text: str, wanted: Wanted) -> list[tuple[object, ...]]:
    try:
        found: tuple[FoundLaunch, ...] = editor.launches(text, wanted.path)
    except NotEditable:
        return []
    return [(one.node, one.kind, one.websocket, set(one.options)) for one in found]
