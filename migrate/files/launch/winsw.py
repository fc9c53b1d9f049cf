"""WinSW's service XML: ``<arguments>`` or a list of ``<argument>``.

Source: winsw docs/xml-config-file.md; ``<argument>`` elements win over ``<arguments>``, and a
``<startargument(s)>`` stands before or instead of either.
"""

import re
from dataclasses import dataclass

from migrate.files.launch import windows_words
from migrate.files.launch.base import (
    Edit,
    FoundLaunch,
    NotEditable,
    Wanted,
    choose,
    make_edit,
)
from migrate.files.launch.command import Command, find_command, rewrite
from migrate.files.launch.words import Style, Word, splice
from migrate.files.launch.xml_text import Decoded, Xml, decoded, escaped, read_xml, replaced

RESTART = "WinSW reads the file again when the service is restarted"

_LINE = Style(render=windows_words.quote, gap=windows_words.GAP)
_JAVA = Word("java", 0, 0)
"""WinSW names the program in <executable>; the arguments begin after it."""


@dataclass(frozen=True)
class _Service:
    command: Command | None
    name: str
    """Name of the elements that hold the arguments."""
    line: Decoded | None
    """The single element's content; None for a list."""
    place: int


def _read(text: str, path: str) -> _Service:
    xml = read_xml(text, path)
    if xml.root.name != "service":
        raise NotEditable("its root element is not <service>", path)
    names = ("startargument", "startarguments", "argument", "arguments")
    present = [name for name in names if xml.root.named(name)]
    if not present:
        return _Service(None, "", None, 0)
    if len(present) > 1 and present != ["argument", "arguments"]:
        raise NotEditable(f"its arguments stand in <{'> and <'.join(present)}>", path)
    name = present[0]
    elements = xml.root.named(name)
    if name.endswith("s"):
        return _single(xml, name, path)
    words = [_JAVA]
    for element in elements:
        value = decoded(xml, element, path).text
        words.append(windows_words.word(value, *xml.outer(element)))
    where = f"<{name}> from line {xml.line(elements[0])} on"
    return _Service(find_command(words, where), name, None, 0)


def _single(xml: Xml, name: str, path: str) -> _Service:
    elements = xml.root.named(name)
    if len(elements) > 1:
        raise NotEditable(f"it has several <{name}>", path)
    content = decoded(xml, elements[0], path)
    words = (_JAVA, *windows_words.read_words(content.text))
    command = find_command(words, f"<{name}> in line {xml.line(elements[0])}")
    return _Service(command, name, content, xml.inner(elements[0])[0])


class WinswEditor:
    """The XML beside a WinSW executable. Its bytes outside of the changed words stay."""

    name = "winsw"

    def detect(self, text: str, path: str) -> bool:
        """A <service> with an <executable>."""
        found = re.search(r"<\s*([A-Za-z]\w*)", text)
        named = path.lower().endswith(".xml") or not path
        return named and found is not None and found[1] == "service" and "<executable" in text

    def launches(self, text: str, path: str = "") -> tuple[FoundLaunch, ...]:
        """The agent of its arguments."""
        command = _read(text, path).command
        return (command.found(),) if command else ()

    def to_websocket(self, text: str, wanted: Wanted) -> Edit:
        """The arguments that must change."""
        service = _read(text, wanted.path)
        command = service.command
        if command is None:
            raise NotEditable("its arguments run no agent.jar", wanted.path)
        choose([command.found()], wanted)
        made = rewrite(command, wanted)
        # java itself stands in <executable>.
        words, values = command.words[1:], made.values[1:]
        if service.line is not None:
            line = splice(service.line.text, words, values, _LINE)
            new = replaced(text, service.line, line, service.place)
        else:
            new = splice(text, words, values, _elements(service.name))
        again = _read(new, wanted.path).command
        if again is None or tuple(word.value for word in again.words) != made.values:
            raise NotEditable(f"{command.where} could not be changed safely", wanted.path)
        return make_edit(
            wanted,
            text,
            new,
            notes=(*made.notes, RESTART) if new != text else made.notes,
            secret=made.secret,
            hide=_spellings(command.secret()),
            reason=made.reason,
        )


def _elements(name: str) -> Style:
    return Style(
        render=lambda value: f"<{name}>{escaped(value)}</{name}>",
        gap=re.compile(r"\s+"),
        joint="",
        pairs=None,
    )


def _spellings(secret: str | None) -> tuple[str, ...]:
    return (secret, escaped(secret)) if secret else ()
