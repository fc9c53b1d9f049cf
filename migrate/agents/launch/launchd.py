"""launchd property lists: ProgramArguments. Source: launchd.plist(5).

An argument list that hands a line to a shell (``sh -c``) is edited inside that line.
"""

import re

from migrate.agents.launch.find import find, in_script
from migrate.agents.launch.launched import Launched
from migrate.agents.launch.line_editor import LineEditor
from migrate.agents.launch.site import Site
from migrate.splice.text import NotEditable
from migrate.splice.view import View
from migrate.splice.words import Style, Word
from migrate.splice.xml_spans import Element
from migrate.splice.xml_text import Decoded, Xml, decoded, escaped, read_xml

_LIST = Style(
    render=lambda value: f"<string>{escaped(value)}</string>",
    gap=re.compile(r"\s+"),
    joint="",
    pairs=None,
)


class LaunchdEditor(LineEditor):
    """XML property lists of launch agents and daemons."""

    name = "launchd"
    restart = "launchctl bootout and bootstrap make launchd read the file again"

    def detect(self, text: str, path: str) -> bool:
        """A property list by its name or its first bytes, with ProgramArguments."""
        binary = text.startswith("bplist")
        return binary or (
            "<plist" in text and (path.endswith(".plist") or "ProgramArguments" in text)
        )

    def nothing(self) -> str:
        """Its arguments are no agent's."""
        return "its ProgramArguments run no agent.jar"

    def read(self, text: str, path: str) -> tuple[Launched, ...]:
        """The agent of its ProgramArguments."""
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
            return ()
        where = f"ProgramArguments in line {xml.line(value)}"
        if value.name != "array":
            return in_script(_inside(xml, value, decoded(xml, value, path)), where=where)
        if any(element.name != "string" for element in value.children):
            raise NotEditable("its ProgramArguments are no list of strings", path)
        contents = [decoded(xml, element, path) for element in value.children]
        places = [xml.outer(element) for element in value.children]
        words = [Word(c.text, *place) for c, place in zip(contents, places, strict=True)]
        views = {
            word.start: _inside(xml, element, content)
            for word, element, content in zip(words, value.children, contents, strict=True)
        }
        site = Site(View(text), _LIST, lambda _, word: views.get(word.start))
        found = find(words, site, where)
        if len(found) > 1:
            raise NotEditable("its shell line starts several agents", path)
        return found


def _inside(xml: Xml, element: Element, content: Decoded) -> View:
    """What an element says, as a text of its own."""
    return View(content.text, content.places, xml.inner(element)[0], escaped, View(xml.text))


def _entry(xml: Xml, top: Element, name: str, path: str) -> Element | None:
    found = [
        value
        for key, value in zip(top.children, top.children[1:], strict=False)
        if key.name == "key" and decoded(xml, key, path).text.strip() == name
    ]
    if len(found) > 1:
        raise NotEditable(f"it has {name} twice", path)
    return found[0] if found else None
