"""launchd property lists: ProgramArguments. Source: launchd.plist(5).

An argument list that hands a line to a shell (``sh -c``) is edited inside that line.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from migrate.files.launch import shell
from migrate.files.launch.base import Edit, FoundLaunch, NotEditable, Wanted, choose, make_edit
from migrate.files.launch.command import Command, find_command, rewrite
from migrate.files.launch.sh_words import GAP, quote
from migrate.files.launch.words import Style, Word, splice
from migrate.files.launch.xml_text import Decoded, Xml, decoded, escaped, read_xml, replaced
from migrate.model.xml_spans import Element

RELOAD = "launchctl bootout and bootstrap make launchd read the file again"

_LIST = Style(
    render=lambda value: f"<string>{escaped(value)}</string>",
    gap=re.compile(r"\s+"),
    joint="",
    pairs=None,
)
_SHELL = Style(render=quote, gap=GAP)
_SHELLS = re.compile(r"(?:^|/)(?:ba|da|k|z)?sh$")


@dataclass(frozen=True)
class _Job:
    command: Command | None
    line: Decoded | None
    """The line for a shell; None: the command is the list itself."""
    place: int


def _read(text: str, path: str) -> _Job:
    if text.startswith("bplist"):
        raise NotEditable(
            "it is a binary property list; plutil -convert xml1 makes it readable", path
        )
    xml = read_xml(text, path, doctype=True)
    tops = xml.root.named("dict")
    if xml.root.name != "plist" or len(tops) != 1:
        raise NotEditable("it is no property list with one <dict>", path)
    value = _entry(xml, tops[0], "ProgramArguments", path)
    if value is None:
        return _Job(None, None, 0)
    where = f"ProgramArguments in line {xml.line(value)}"
    elements = value.children if value.name == "array" else (value,)
    if any(element.name != "string" for element in elements):
        raise NotEditable("its ProgramArguments are no list of strings", path)
    contents = [decoded(xml, element, path) for element in elements]
    values = [content.text for content in contents]
    line = _shell_line(values, listed=value.name == "array")
    if line is not None:
        found = shell.commands(values[line], path)
        if len(found) > 1:
            raise NotEditable("its shell line starts several agents", path)
        command = replace(found[0], where=where) if found else None
        return _Job(command, contents[line], xml.inner(elements[line])[0])
    words = [Word(v, *xml.outer(e)) for v, e in zip(values, elements, strict=True)]
    return _Job(find_command(words, where), None, 0)


def _entry(xml: Xml, top: Element, name: str, path: str) -> Element | None:
    found = [
        value
        for key, value in zip(top.children, top.children[1:], strict=False)
        if key.name == "key" and decoded(xml, key, path).text.strip() == name
    ]
    if len(found) > 1:
        raise NotEditable(f"it has {name} twice", path)
    return found[0] if found else None


def _shell_line(values: Sequence[str], *, listed: bool) -> int | None:
    """Which of the arguments is a command line for a shell."""
    if not listed:
        return 0
    if len(values) >= 3 and _SHELLS.search(values[0]):
        for number, value in enumerate(values[1:-1], 1):
            if re.fullmatch(r"-[a-z]*c", value):
                return number + 1
    return None


class LaunchdEditor:
    """XML property lists of launch agents and daemons."""

    name = "launchd"

    def detect(self, text: str, path: str) -> bool:
        """A property list by its name or its first bytes, with ProgramArguments."""
        binary = text.startswith("bplist")
        return binary or (
            "<plist" in text and (path.endswith(".plist") or "ProgramArguments" in text)
        )

    def launches(self, text: str, path: str = "") -> tuple[FoundLaunch, ...]:
        """The agent of its ProgramArguments."""
        command = _read(text, path).command
        return (command.found(),) if command else ()

    def to_websocket(self, text: str, wanted: Wanted) -> Edit:
        """The arguments that must change; everything else keeps its bytes."""
        job = _read(text, wanted.path)
        command = job.command
        if command is None:
            raise NotEditable("its ProgramArguments run no agent.jar", wanted.path)
        choose([command.found()], wanted)
        made = rewrite(command, wanted)
        if job.line is not None:
            line = splice(job.line.text, command.words, made.values, _SHELL)
            new = replaced(text, job.line, line, job.place)
        else:
            new = splice(text, command.words, made.values, _LIST)
        again = _read(new, wanted.path).command
        if again is None or tuple(word.value for word in again.words) != made.values:
            raise NotEditable(f"{command.where} could not be changed safely", wanted.path)
        secret = command.secret()
        return make_edit(
            wanted,
            text,
            new,
            notes=(*made.notes, RELOAD) if new != text else made.notes,
            secret=made.secret,
            hide=(secret, escaped(secret)) if secret else (),
            reason=made.reason,
        )
