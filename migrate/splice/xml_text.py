"""Character data of XML elements: what it says, and where each character stands. Pure."""

import re
from dataclasses import dataclass
from xml.sax.saxutils import escape

from migrate.splice.text import MAX_CHARS, NotEditable
from migrate.splice.xml_spans import Element, XmlRefused, parse

_REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|(lt|gt|amp|quot|apos));")
_SAYS_UTF_16 = re.compile(
    r"(?P<head>\A\ufeff?\s*<\?xml[^>]*?)(?P<told>\sencoding\s*=\s*[\"']UTF-16[\"'])", re.IGNORECASE
)
_ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}


@dataclass(frozen=True)
class Xml:
    """An XML text, its elements placed by character."""

    text: str
    body: bytes
    root: Element

    def at(self, offset: int) -> int:
        """Character position of a byte offset."""
        return len(self.body[:offset].decode("utf-8"))

    def outer(self, element: Element) -> tuple[int, int]:
        """The whole element."""
        return self.at(element.start), self.at(element.end)

    def inner(self, element: Element) -> tuple[int, int]:
        """Between its tags."""
        return self.at(element.open_end), self.at(element.close_start)

    def line(self, element: Element) -> int:
        """Its line, counted from 1."""
        return self.body.count(b"\n", 0, element.start) + 1


def read_xml(text: str, path: str, *, doctype: bool = False) -> Xml:
    """``NotEditable`` for anything but plain, well-formed UTF-8."""
    if len(text) > MAX_CHARS:
        raise NotEditable(f"it has {len(text)} characters, more than any such file", path)
    try:
        # The text is decoded already, whatever its declaration says; each byte keeps its place.
        body = _SAYS_UTF_16.sub(_blank, text, count=1).encode("utf-8", "surrogateescape")
        root = parse(body, doctype=doctype)
    except XmlRefused as error:
        raise NotEditable(str(error), path) from None
    except UnicodeEncodeError:
        raise NotEditable("it is not UTF-8", path) from None
    return Xml(text, body, root)


def _blank(match: re.Match[str]) -> str:
    return match["head"] + " " * len(match["told"])


def escaped(value: str) -> str:
    """A value as character data."""
    return escape(value)


@dataclass(frozen=True)
class Decoded:
    """Character data with its references resolved."""

    text: str
    places: tuple[tuple[int, int], ...]
    """For each character, where it stands in the XML text."""


def decoded(xml: Xml, element: Element, path: str) -> Decoded:
    """What the element says. ``NotEditable`` where a comment, CDATA or element is inside."""
    start, end = xml.inner(element)
    raw = xml.text[start:end]
    if "<" in raw:
        raise NotEditable(f"<{element.name}> holds a comment, CDATA or elements", path)
    chars: list[str] = []
    places: list[tuple[int, int]] = []
    at = 0
    while at < len(raw):
        reference = _REFERENCE.match(raw, at)
        stop = reference.end() if reference else at + 1
        chars.append(_resolved(reference) if reference else raw[at])
        places.append((start + at, start + stop))
        at = stop
    return Decoded("".join(chars), tuple(places))


def _resolved(reference: re.Match[str]) -> str:
    if reference[3]:
        return _ENTITIES[reference[3]]
    return chr(int(reference[1], 16) if reference[1] else int(reference[2]))


def replaced(text: str, old: Decoded, new: str, place: int) -> str:
    """``text`` with what ``old`` says changed to ``new``; equal ends keep their bytes.

    ``place`` is where the element's content begins.
    """
    before = 0
    while before < min(len(old.text), len(new)) and old.text[before] == new[before]:
        before += 1
    after = 0
    limit = min(len(old.text), len(new)) - before
    while after < limit and old.text[-1 - after] == new[-1 - after]:
        after += 1
    start = old.places[before - 1][1] if before else place
    end = old.places[len(old.text) - after][0] if after else _end(old, place)
    return text[:start] + escaped(new[before : len(new) - after]) + text[end:]


def _end(old: Decoded, place: int) -> int:
    return old.places[-1][1] if old.places else place
