"""Podman quadlets (``*.container``). Source: podman-systemd.unit(5), "Container units".

``Environment=`` as in systemd.exec(5), several words a line; ``Exec=`` are the arguments of the
image's entry point.
"""

import re
from dataclasses import dataclass

from migrate.agents.container import URL, Container
from migrate.agents.launch.base import FoundLaunch, Wanted, choose, make_edit
from migrate.agents.launch.container import Described, change
from migrate.splice.edit import Edit
from migrate.splice.systemd_words import GAP, quote, read_words
from migrate.splice.text import MAX_CHARS, NotEditable
from migrate.splice.view import Splice, applied
from migrate.splice.words import OPAQUE, Style, Word, splices

RESTART = (
    "systemctl daemon-reload makes podman write the unit anew; then systemctl restart the unit of "
    "the file's name"
)
_STYLE = Style(render=quote, gap=GAP)
_ENTRY = re.compile(
    r"^(?P<key>Image|Environment|EnvironmentFile|EnvironmentHost|Exec|Secret|Entrypoint)"
    r"[ \t]*=[ \t]*"
    r"(?P<value>(?:[^\r\n\\]|\\\r?\n|\\.)*)(?P<end>\r?\n|\Z)",
    re.MULTILINE,
)
_SECTION = re.compile(r"^\ufeff?\[(?P<name>[^\]]+)\]", re.MULTILINE)
_TARGET = re.compile(r"(?:^|,)target=([^,]+)")


@dataclass(frozen=True)
class _Variables:
    """One ``Environment=`` line."""

    start: int
    end: int
    """After its line end."""
    words: tuple[Word, ...]
    newline: str


@dataclass(frozen=True)
class _Quadlet:
    described: Described
    lines: tuple[_Variables, ...]
    arguments: tuple[Word, ...]
    several: bool
    """More than one ``Exec=``."""
    image_end: int


def _read(text: str, path: str) -> _Quadlet | None:
    if len(text) > MAX_CHARS:
        raise NotEditable(f"it has {len(text)} characters, more than any unit", path)
    sections = [(match.start(), match["name"]) for match in _SECTION.finditer(text)]
    env: dict[str, str | None] = {}
    lines: list[_Variables] = []
    arguments: list[tuple[Word, ...]] = []
    image, image_end, command, files = "", 0, "", False
    for entry in _ENTRY.finditer(text):
        inside = [name for start, name in sections if start < entry.start()][-1:]
        if inside != ["Container"]:
            continue
        start, end = entry.span("value")
        key, value = entry["key"], entry["value"].strip()
        if key == "Image":
            image, image_end = value, entry.end()
        elif key == "Environment":
            words = read_words(text, start, end, {}, None)
            lines.append(_Variables(entry.start(), entry.end(), words, entry["end"]))
            for word in words:
                name, equals, told = _told(word).partition("=")
                opaque = OPAQUE if word.value.startswith(OPAQUE) else ""
                env[name] = opaque + told if equals else None
        elif key == "Exec":
            arguments.append(read_words(text, start, end, {}, None))
        elif key == "Secret":
            target = _TARGET.search(value)
            if "type=env" in value:
                env.setdefault(target[1] if target else value.partition(",")[0], None)
        elif key == "Entrypoint":
            command = value
        else:
            files = files or key == "EnvironmentFile"
    words = arguments[-1] if arguments else ()
    own = (command,) if command else ()
    container = Container(image, env, tuple(word.value for word in words), own, files=files)
    if not container.is_agent():
        return None
    described = Described("[Container]", container)
    return _Quadlet(described, tuple(lines), words, len(arguments) > 1, image_end)


def _told(word: Word) -> str:
    """``NAME=value`` without its quotes, also where a specifier is in it."""
    if not word.value.startswith(OPAQUE):
        return word.value
    return re.sub(r"[\"']", "", word.value.removeprefix(OPAQUE))


class QuadletEditor:
    """Container units of podman."""

    name = "quadlet"

    def detect(self, text: str, path: str) -> bool:
        """Its name, or a [Container] with an image."""
        told = re.search(r"^\ufeff?\[Container\](?s:.*)^Image[ \t]*=", text, re.M)
        return path.endswith(".container") or told is not None

    def launches(self, text: str, path: str = "") -> tuple[FoundLaunch, ...]:
        """The agent of its container."""
        found = _read(text, path)
        return (found.described.found(),) if found else ()

    def to_websocket(self, text: str, wanted: Wanted) -> Edit:
        """The variables and arguments that must change."""
        found = _read(text, wanted.path)
        if found is None:
            raise NotEditable("its container is no inbound agent", wanted.path)
        choose([found.described.found()], wanted)
        if found.several:
            raise NotEditable("it has several Exec", wanted.path)
        container = found.described.container
        made = change(container, wanted)
        edits = [*_variables(found, made.remove, dict(made.put))]
        if made.args != container.args:
            edits += splices(text, found.arguments, made.args, _STYLE)
        new = applied(text, edits)
        again = _read(new, wanted.path)
        env = {k: v for k, v in container.env.items() if k not in made.remove} | dict(made.put)
        if again is None or (again.described.container.env, again.described.container.args) != (
            env,
            made.args,
        ):
            raise NotEditable("its container could not be changed safely", wanted.path)
        notes = made.notes
        return make_edit(
            wanted,
            text,
            new,
            notes=(*notes, RESTART) if new != text else notes,
            hide=container.secrets(),
        )


def _variables(found: _Quadlet, remove: tuple[str, ...], put: dict[str, str]) -> list[Splice]:
    """The changes of the Environment lines; a line that holds nothing else goes as a whole."""
    edits: list[Splice] = []
    near: list[_Variables] = []
    for line in found.lines:
        names = [_told(word).partition("=")[0] for word in line.words]
        if names and not set(names) - set(remove):
            edits.append((line.start, line.end, ""))
            continue
        near = [line, *near] if URL in names else [*near, line]
        edits += _line(line, remove, put)
    place = near[0].end if near else found.image_end
    newline = (near[0].newline if near else "") or "\n"
    rows = [f"Environment={quote(f'{name}={value}')}{newline}" for name, value in put.items()]
    return [*edits, (place, place, "".join(rows))] if rows else edits


def _line(line: _Variables, remove: tuple[str, ...], put: dict[str, str]) -> list[Splice]:
    edits: list[Splice] = []
    for number, word in enumerate(line.words):
        name = _told(word).partition("=")[0]
        if name in remove:
            before = line.words[number - 1].end if number else word.start
            after = line.words[number + 1].start if not number else word.end
            edits.append((before if number else word.start, after, ""))
        elif name in put:
            edits.append((word.start, word.end, quote(f"{name}={put.pop(name)}")))
    return edits
