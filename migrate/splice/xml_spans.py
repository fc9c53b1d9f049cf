"""Where the elements of an XML text stand, in bytes, without changing or losing any.

expat reports byte offsets but knows XML 1.0 only: Jenkins writes XML 1.1 with references to
control characters (``&#x1b;``), which 1.0 forbids. So it parses a copy in which those
references are blanked, byte for byte as long as before; offsets stay true.
"""

import re
from dataclasses import dataclass, field
from xml.parsers import expat

MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 200
"""Elements within elements; a node's configuration has about ten."""
MAX_ELEMENTS = 20_000
"""Each takes about 1 KiB here; a node's configuration has about a hundred."""

_REFERENCE = re.compile(rb"&#(?:x([0-9a-fA-F]{1,8})|([0-9]{1,10}));")
_TAG = re.compile(rb"<(?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+>")
_DECLARATION = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<\?xml[^>]*\?>")
_ENCODING = re.compile(rb"encoding\s*=\s*[\"']([^\"']*)[\"']")


class XmlRefused(Exception):
    """XML that can't be read so surely that it could be changed; says why."""


@dataclass(frozen=True)
class Element:
    """An element with its place in the body: ``body[start:end]`` is all of it."""

    name: str
    attrs: dict[str, str]
    start: int
    open_end: int
    """Just after the start tag."""
    close_start: int
    """Where the end tag begins; equals ``open_end`` when self-closed."""
    end: int
    text: str
    """Character data directly inside, references resolved."""
    children: tuple["Element", ...]

    @property
    def self_closed(self) -> bool:
        """``<x/>``: there is no end tag."""
        return self.open_end == self.end

    def named(self, name: str) -> tuple["Element", ...]:
        """Direct children with this name."""
        return tuple(child for child in self.children if child.name == name)


@dataclass
class _Open:
    name: str
    attrs: dict[str, str]
    start: int
    text: list[str] = field(default_factory=list)
    children: list[Element] = field(default_factory=list)


def _legal_in_xml10(code: int) -> bool:
    if code < 0x20:
        return code in (0x9, 0xA, 0xD)
    return code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF


def _blank(match: re.Match[bytes]) -> bytes:
    code = int(match[1], 16) if match[1] else int(match[2])
    return match[0] if _legal_in_xml10(code) else b"?" * len(match[0])


class _Builder:
    """Collects expat's events into one tree of elements."""

    def __init__(self, body: bytes, *, doctype: bool) -> None:
        self.body = body
        self.stack: list[_Open] = []
        self.root: Element | None = None
        self.count = 0
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        if not doctype:
            self.parser.StartDoctypeDeclHandler = self._refuse_doctype
        self.parser.EntityDeclHandler = self._refuse_doctype

    def _start(self, name: str, attrs: dict[str, str]) -> None:
        self.count += 1
        if self.count > MAX_ELEMENTS:
            raise XmlRefused(f"it has more than {MAX_ELEMENTS} elements")
        if len(self.stack) >= MAX_DEPTH:
            raise XmlRefused(f"its elements are nested more than {MAX_DEPTH} deep")
        self.stack.append(_Open(name, dict(attrs), self.parser.CurrentByteIndex))

    def _text(self, text: str) -> None:
        if self.stack:
            self.stack[-1].text.append(text)

    def _refuse_doctype(self, *_: object) -> None:
        raise XmlRefused("it declares a document type or an entity")

    def _end(self, _name: str) -> None:
        found = self.stack.pop()
        tag = _TAG.match(self.body, found.start)
        if tag is None:
            raise XmlRefused(f"the start tag of {found.name!r} could not be located")
        if tag[0].endswith(b"/>"):
            close_start = end = tag.end()
        else:
            close_start = self.parser.CurrentByteIndex
            end = self.body.index(b">", close_start) + 1
        element = Element(
            found.name,
            found.attrs,
            found.start,
            tag.end(),
            close_start,
            end,
            "".join(found.text),
            tuple(found.children),
        )
        if self.stack:
            self.stack[-1].children.append(element)
        else:
            self.root = element


def parse(body: bytes, *, doctype: bool = False) -> Element:
    """The root element of ``body``; ``XmlRefused`` for anything but plain UTF-8 XML.

    ``doctype`` allows the name of a document type (which is not fetched), but no entity.
    """
    if len(body) > MAX_BYTES:
        raise XmlRefused(f"it has {len(body)} bytes, too many")
    declaration = _DECLARATION.match(body)
    encoding = _ENCODING.search(declaration[0]) if declaration else None
    if encoding and encoding[1].lower() not in (b"utf-8", b"us-ascii"):
        raise XmlRefused(f"its encoding is {encoding[1].decode('ascii', 'replace')}, not UTF-8")
    builder = _Builder(body, doctype=doctype)
    try:
        builder.parser.Parse(_REFERENCE.sub(_blank, body), True)
    except expat.ExpatError as error:
        raise XmlRefused(f"it is not well-formed XML ({error})") from None
    if builder.root is None:
        raise XmlRefused("it has no root element")
    return builder.root
