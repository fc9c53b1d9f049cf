"""WinSW's service XML: ``<arguments>`` or a list of ``<argument>``.

Source: winsw docs/xml-config-file.md; ``<argument>`` elements win over ``<arguments>``, and a
``<startargument(s)>`` stands before or instead of either.
"""

import re

from migrate.agents.launch.batch import find_for, in_line
from migrate.agents.launch.find import find
from migrate.agents.launch.launched import Launched
from migrate.agents.launch.line_editor import LineEditor
from migrate.agents.launch.site import Site
from migrate.splice import windows_words
from migrate.splice.text import NotEditable
from migrate.splice.view import View
from migrate.splice.words import Style, Word
from migrate.splice.xml_text import Xml, decoded, escaped, read_xml

_LINE = Style(render=windows_words.quote, gap=windows_words.GAP)


class WinswEditor(LineEditor):
    """The XML beside a WinSW executable. Its bytes outside of the changed words stay."""

    name = "winsw"
    restart = "WinSW reads the file again when the service is restarted (Restart-Service NAME)"

    def detect(self, text: str, path: str) -> bool:
        """A <service> with an <executable>."""
        found = re.search(r"<\s*([A-Za-z]\w*)", text)
        named = path.lower().endswith(".xml") or not path
        return named and found is not None and found[1] == "service" and "<executable" in text

    def nothing(self) -> str:
        """Its arguments are no agent's."""
        return "its arguments run no agent.jar"

    def read(self, text: str, path: str) -> tuple[Launched, ...]:
        """The agent of its arguments."""
        xml = read_xml(text, path)
        if xml.root.name != "service":
            raise NotEditable("its root element is not <service>", path)
        names = ("startargument", "startarguments", "argument", "arguments")
        present = [name for name in names if xml.root.named(name)]
        if not present:
            return ()
        if len(present) > 1 and present != ["argument", "arguments"]:
            raise NotEditable(f"its arguments stand in <{'> and <'.join(present)}>", path)
        name = present[0]
        program = _program(xml, path)
        if name.endswith("s"):
            return _single(xml, name, program, path)
        elements = xml.root.named(name)
        words = tuple(
            windows_words.word(decoded(xml, element, path).text, *xml.outer(element))
            for element in elements
        )
        where = f"<{name}> from line {xml.line(elements[0])} on"
        return _find(program, words, Site(View(text), _elements(name)), where)


def _program(xml: Xml, path: str) -> Word:
    """What WinSW starts, as the first word; the arguments begin after it."""
    elements = xml.root.named("executable")
    told = decoded(xml, elements[0], path).text.strip() if len(elements) == 1 else ""
    return Word(told, 0, 0)


def _find(program: Word, words: tuple[Word, ...], site: Site, where: str) -> tuple[Launched, ...]:
    """The agent of these arguments; a program of any name that takes ``-jar`` is java."""
    return find((program, *words), site, where) or find((Word("java", 0, 0), *words), site, where)


def _single(xml: Xml, name: str, program: Word, path: str) -> tuple[Launched, ...]:
    elements = xml.root.named(name)
    if len(elements) > 1:
        raise NotEditable(f"it has several <{name}>", path)
    content = decoded(xml, elements[0], path)
    start = xml.inner(elements[0])[0]
    view = View(content.text, content.places, start, escaped, View(xml.text))
    where = f"<{name}> in line {xml.line(elements[0])}"
    return find_for(
        program.value, content.text, Site(view, _LINE, windows_words.inside, in_line), where
    )


def _elements(name: str) -> Style:
    return Style(
        render=lambda value: f"<{name}>{escaped(value)}</{name}>",
        gap=re.compile(r"\s+"),
        joint="",
        pairs=None,
    )
