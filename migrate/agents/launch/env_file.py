"""Files of variables: KEY=VALUE lines for a container, a unit's EnvironmentFile, /etc/default.

Docker takes a value as it stands, quotes and all; systemd, compose and sh take quotes off. So
a value that is written is never quoted unless it was.
"""

import re
from dataclasses import dataclass, replace

from migrate.agents.container import OPTIONS, WEB_SOCKET, Container
from migrate.agents.launch.base import FoundLaunch, Wanted, choose, make_edit
from migrate.agents.launch.change import changed
from migrate.agents.launch.command import find_options
from migrate.agents.launch.container import Described, change
from migrate.agents.launch.find import find, not_read
from migrate.agents.launch.launched import Launched, Unclear
from migrate.agents.launch.site import Site
from migrate.splice.edit import Edit
from migrate.splice.text import MAX_CHARS, NotEditable
from migrate.splice.view import View
from migrate.splice.words import OPAQUE, Style, Word, bare

RESTART = "the variables count from the next start of the container or service"

_LINE = re.compile(
    r"^(?P<lead>\ufeff?[ \t]*(?:export[ \t]+)?)(?P<key>[A-Za-z_][\w.-]*)=(?P<value>[^\r\n]*)"
    r"(?P<end>\r?\n|\Z)",
    re.MULTILINE,
)
_QUOTED = re.compile(r"([\"'])(.*?)\1[ \t]*(?:#.*)?$")
_ONE_WORD = re.compile(r"@?[A-Za-z0-9_/.:+-]+")
"""Characters that neither systemd nor a shell takes for anything else."""
_COMMENT = re.compile(r"[ \t]+#.*$")
_PATHS = re.compile(r"(?:^|/)(?:[^/]*\.env|\.env[^/]*|env)$|/etc/(?:default|sysconfig|conf\.d)/")
_TRANSPORT = {"-tunnel", "-direct", "-directConnection"}
_ENGINE_OR_SHELL = re.compile(r"\b(?:docker|podman|nerdctl)\b.*\brun\b|\bsh -\w*c ")
_OTHER = re.compile(
    r"^(?!\s*(?:#|;|$))(?!\s*(?:export\s+)?[A-Za-z_][\w.-]*(?:=|\s*$))", re.MULTILINE
)


@dataclass(frozen=True)
class _Entry:
    key: str
    value: str
    lead: str
    start: int
    """Of its line."""
    end: int
    """After its line end."""
    value_at: tuple[int, int]
    newline: str


def _entries(text: str, path: str) -> tuple[_Entry, ...]:
    if len(text) > MAX_CHARS:
        raise NotEditable(f"it has {len(text)} characters, more than any such file", path)
    found = []
    for match in _LINE.finditer(text):
        raw, at = match["value"], match.start("value")
        quoted = _QUOTED.match(raw)
        if match["key"] == WEB_SOCKET:
            # Exactly true: Docker would hand quotes on, and the entry point compares with them.
            value, start = _COMMENT.sub("", raw).rstrip(), at
        elif quoted:
            value, start = quoted[2], at + quoted.start(2)
        else:
            value, start = _COMMENT.sub("", raw).rstrip(), at
            if value[:1] in ("'", '"') or value.endswith("\\"):
                raise NotEditable(f"{match['key']} goes on after its line", path)
        span = (start, start + len(value))
        found.append(
            _Entry(
                match["key"], value, match["lead"], match.start(), match.end(), span, match["end"]
            )
        )
    return tuple(found)


def _described(entries: tuple[_Entry, ...]) -> Described | None:
    env = {entry.key: entry.value for entry in entries}
    found = Container("", env)
    return Described("its variables", found) if found.is_agent() else None


def _holders(text: str, entries: tuple[_Entry, ...]) -> tuple[Launched, ...]:
    """Variables that hold an agent's words: Java's, the jar and its options, or the last alone."""
    found: list[Launched] = []
    site = Site(View(text), _STYLE)
    for entry in entries:
        if entry.key == OPTIONS:
            continue
        words = tuple(
            Word(
                OPAQUE + m[0] if "$" in m[0] else m[0],
                entry.value_at[0] + m.start(),
                entry.value_at[0] + m.end(),
            )
            for m in re.finditer(r"\S+", entry.value)
        )
        where = f"variable {entry.key}"
        command = find_options(words, where)
        if command is not None:
            found.append(replace(command, site=site))
        elif _ENGINE_OR_SHELL.search(entry.value):
            found += find(words, site, where)
        elif unclear := not_read((Word("java", 0, 0), *words), where):
            found.append(unclear)
        elif names := _TRANSPORT & set(entry.value.replace("=", " ").split()):
            told = " and ".join(sorted(names))
            found.append(
                Unclear(
                    where, f"{where} holds {told}, and the command that uses it stands elsewhere"
                )
            )
    return tuple(found)


class EnvFileEditor:
    """Variables of a container or of a start script."""

    name = "env"

    def detect(self, text: str, path: str) -> bool:
        """A usual path, or nothing but KEY=VALUE, with a variable of an agent."""
        told = re.search(
            r"^\s*(?:export\s+)?JENKINS_\w+=|-(?:jnlpUrl|url|tunnel)\b", text, re.MULTILINE
        )
        return bool(_PATHS.search(path)) or (told is not None and not _OTHER.search(text))

    def launches(self, text: str, path: str = "") -> tuple[FoundLaunch, ...]:
        """The container that its JENKINS_ variables describe, and each variable of options."""
        entries = _entries(text, path)
        one = _described(entries)
        first = (one.found(),) if one else ()
        return (*first, *(command.found() for command in _holders(text, entries)))

    def to_websocket(self, text: str, wanted: Wanted) -> Edit:
        """The variables that must change; other lines, comments and quotes stay."""
        entries = _entries(text, wanted.path)
        one = _described(entries)
        holders = _holders(text, entries)
        number = choose(self.launches(text, wanted.path), wanted)
        secrets = list(one.container.secrets()) if one else []
        secrets += [secret for command in holders for secret in command.secrets()]
        if one is not None and number == 0:
            made = change(one.container, wanted)
            new = _write(text, entries, dict(made.put), made.remove)
            notes, secret, reason = made.notes, None, ""
        else:
            done = changed(
                text,
                _without_split(wanted),
                lambda now: _holders(now, _entries(now, wanted.path)),
            )
            new, made_words = done.text, done.made
            notes, secret, reason = made_words.notes, made_words.secret, made_words.reason
        return make_edit(
            wanted,
            text,
            new,
            notes=(*notes, RESTART) if new != text else notes,
            secret=secret,
            hide=secrets,
            reason=reason,
        )


def _without_split(wanted: Wanted) -> Wanted:
    """Whoever splits the variable would split a path with blanks: then the secret stays."""
    file = wanted.secret_file
    return wanted if not file or _ONE_WORD.fullmatch(file) else replace(wanted, secret_file=None)


_STYLE = Style(render=bare, gap=re.compile(r"[ \t]+"))


def _write(
    text: str, entries: tuple[_Entry, ...], put: dict[str, str], remove: tuple[str, ...]
) -> str:
    edits: list[tuple[int, int, str]] = []
    for entry in entries:
        if entry.key in remove:
            edits.append((entry.start, entry.end, ""))
        elif entry.key in put:
            edits.append((*entry.value_at, put[entry.key]))
    present = {entry.key for entry in entries}
    added = {key: value for key, value in put.items() if key not in present}
    if added:
        near = [e for e in entries if e.key == "JENKINS_URL"]
        near = near or [e for e in entries if e.key.startswith("JENKINS_")]
        after = near[-1]
        newline = after.newline or "\n"
        lead = after.lead.removeprefix("\ufeff")
        rows = "".join(f"{lead}{key}={value}{newline}" for key, value in added.items())
        if not after.newline:
            rows = newline + rows.removesuffix(newline)
        edits.append((after.end, after.end, rows))
    for start, end, replacement in sorted(edits, reverse=True):
        text = text[:start] + replacement + text[end:]
    return text
