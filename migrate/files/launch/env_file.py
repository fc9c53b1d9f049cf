"""Files of variables: KEY=VALUE lines for a container, a unit's EnvironmentFile, /etc/default.

Docker takes a value as it stands, quotes and all; systemd, compose and sh take quotes off. So
a value that is written is never quoted unless it was.
"""

import re
from dataclasses import dataclass

from migrate.files.launch import container as containers
from migrate.files.launch.base import (
    MAX_CHARS,
    Edit,
    FoundLaunch,
    NotEditable,
    SecretFile,
    Wanted,
    choose,
    make_edit,
)
from migrate.files.launch.container import Container, change, option_text
from migrate.files.launch.words import OPAQUE
from migrate.model.inventory import LaunchKind
from migrate.model.launch_command import read_options

RESTART = "the variables count from the next start of the container or service"

_LINE = re.compile(
    r"^(?P<lead>\ufeff?[ \t]*(?:export[ \t]+)?)(?P<key>[A-Za-z_][\w.-]*)=(?P<value>[^\r\n]*)"
    r"(?P<end>\r?\n|\Z)",
    re.MULTILINE,
)
_QUOTED = re.compile(r"([\"'])(.*?)\1[ \t]*(?:#.*)?$")
_ONE_WORD = re.compile(r"[A-Za-z0-9_/.:+-]+")
"""Characters that neither systemd nor a shell takes for anything else."""
_COMMENT = re.compile(r"[ \t]+#.*$")
_PATHS = re.compile(r"(?:^|/)(?:[^/]*\.env|\.env[^/]*|env)$|/etc/(?:default|sysconfig)/")
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
        if match["key"] == containers.WEB_SOCKET:
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


def _container(entries: tuple[_Entry, ...]) -> Container | None:
    env = {entry.key: entry.value for entry in entries}
    found = Container("its variables", "", env, ())
    return found if found.is_agent() else None


def _option_entries(entries: tuple[_Entry, ...]) -> tuple[_Entry, ...]:
    """Variables that hold an agent's options."""
    return tuple(
        entry
        for entry in entries
        if entry.key != containers.OPTIONS
        and {"-url", "-jnlpUrl", "-direct", "-directConnection"}
        & {name for name, _ in read_options(entry.value.split())[0]}
    )


def _launch(entry: _Entry) -> FoundLaunch:
    options, positional = read_options(entry.value.split())
    names = tuple(name for name, _ in options)
    one = Container(f"variable {entry.key}", "", {}, tuple(entry.value.split()))
    kind = LaunchKind.JNLP_URL if "-jnlpUrl" in names else LaunchKind.URL_NAME
    kind = LaunchKind.JNLP_MAIN if positional and kind is LaunchKind.URL_NAME else kind
    found = one.found()
    return FoundLaunch(
        node=None if found.node and OPAQUE in found.node else found.node,
        kind=kind,
        command=found.command,
        options=names,
        websocket="-webSocket" in names,
        secret_in_clear=found.secret_in_clear,
        where=one.where,
    )


class EnvFileEditor:
    """Variables of a container or of a start script."""

    name = "env"

    def detect(self, text: str, path: str) -> bool:
        """A usual path, or nothing but KEY=VALUE, with a variable of an agent."""
        told = re.search(r"^\s*(?:export\s+)?JENKINS_\w+=|-jnlpUrl\b|-url\b", text, re.MULTILINE)
        return told is not None and bool(_PATHS.search(path) or not _OTHER.search(text))

    def launches(self, text: str, path: str = "") -> tuple[FoundLaunch, ...]:
        """The container that its JENKINS_ variables describe, and each variable of options."""
        entries = _entries(text, path)
        one = _container(entries)
        first = (one.found(),) if one else ()
        return (*first, *(_launch(entry) for entry in _option_entries(entries)))

    def to_websocket(self, text: str, wanted: Wanted) -> Edit:
        """The variables that must change; other lines, comments and quotes stay."""
        entries = _entries(text, wanted.path)
        one = _container(entries)
        holders = _option_entries(entries)
        number = choose(self.launches(text, wanted.path), wanted)
        secrets = [one.secret() or ""] if one else []
        secrets += [Container("", "", {}, tuple(e.value.split())).secret() or "" for e in holders]
        put: dict[str, str] = {}
        remove: tuple[str, ...] = ()
        reason = ""
        secret: SecretFile | None = None
        if one is not None and number == 0:
            made = change(one, wanted)
            put, remove, notes = dict(made.put), made.remove, list(made.notes)
        else:
            holder = holders[number - (1 if one else 0)]
            value, notes = _options(holder, wanted)
            value, secret = _without_secret(value, wanted)
            notes += [f"the secret moves to {secret.path}"] if secret else []
            put = {holder.key: value} if value != holder.value else {}
            if "-jnlpUrl" in value.split():
                reason = "it is started with -jnlpUrl: the node's webSocket setting moves it"
        new = _write(text, entries, put, remove)
        return make_edit(
            wanted,
            text,
            new,
            notes=(*notes, RESTART) if new != text else notes,
            secret=secret,
            hide=secrets,
            reason=reason,
        )


def _options(entry: _Entry, wanted: Wanted) -> tuple[str, list[str]]:
    if "-jnlpUrl" in entry.value.split() and wanted.rewrite_jnlp_url:
        raise NotEditable(
            f"{entry.key} holds -jnlpUrl, and the command that uses it stands elsewhere",
            wanted.path,
        )
    return option_text(entry.value, wanted)


def _without_secret(value: str, wanted: Wanted) -> tuple[str, SecretFile | None]:
    """The options of a variable with their secret as ``@FILE``: for an agent of the host, since a
    container has ``JENKINS_SECRET``. A path that would not stay one word leaves it where it is."""
    path = wanted.secret_file
    secret = Container("", "", {}, tuple(value.split())).secret()
    if not path or not secret or not _ONE_WORD.fullmatch(path):
        return value, None
    word = re.compile(rf"(?<!\S){re.escape(secret)}(?!\S)")
    if len(word.findall(value)) != 1:
        return value, None
    return word.sub(lambda _: f"@{path}", value), SecretFile(path, secret + "\n")


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
