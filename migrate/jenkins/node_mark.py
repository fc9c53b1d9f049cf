"""The offline mark in a node's config.xml: who set it, and the text with or without it. Pure.

Since 2.482 (Node.temporaryOfflineCause) the element is the mark itself: a config.xml posted
without it clears the mark, one posted with it sets it (2.541.3, recordings 22-mark-5-post-marked
and 23-marked-3-post-without-mark). Before, it was a copy of the running computer's mark, and a
POST left that as it was.
"""

from html import unescape

from migrate.jenkins.errors import NotEditable
from migrate.jenkins.xml_spans import Element, line_start, parse
from migrate.model.inventory import OfflineMark

ELEMENT = "temporaryOfflineCause"
_MOST_ESCAPES = 4


def mark_in(root: Element) -> OfflineMark | None:
    """Who marked the node offline: ``userId``, or the first argument of the message."""
    found = root.named(ELEMENT)
    if not found:
        return None
    arguments = [
        part.text
        for description in found[0].named("description")
        for args in description.named("args")
        for part in args.children
    ]

    def text(name: str) -> str:
        inner = found[0].named(name)
        return inner[0].text if inner else ""

    by = text("userId") or (arguments[0] if arguments else "")
    reason = arguments[1] if len(arguments) > 1 else text("message")
    return OfflineMark(plain(by), plain(reason.removeprefix(" : ")))


def mark_of(body: bytes) -> OfflineMark | None:
    """The mark that ``body`` holds; None where it holds none or can't be read."""
    try:
        return mark_in(parse(body))
    except NotEditable:
        return None


def without_mark(body: bytes) -> bytes:
    """``body`` without the element and the line break before it; itself where it has none or
    can't be read."""
    try:
        marks = parse(body).named(ELEMENT)
    except NotEditable:
        return body
    for mark in reversed(marks):
        body = body[: line_start(body, mark.start)] + body[mark.end :]
    return body


def with_mark_of(body: bytes, other: bytes) -> bytes:
    """``body`` with the mark that ``other`` holds, or with none where ``other`` has none.

    It stands where Jenkins writes it, as the root's first child (22-mark-2-config-marked).
    """
    bare = without_mark(body)
    marks = parse(other).named(ELEMENT)
    if not marks:
        return bare
    text = other[line_start(other, marks[0].start) : marks[0].end]
    at = parse(bare).open_end
    return bare[:at] + text + bare[at:]


def plain(text: str) -> str:
    """A mark's words as they were typed: HTML escapes, however often, are taken off.

    REST escapes them since 2.483 (IOfflineCause; 2.541.3: 22-change-cause-api), 2.551 to 2.567 in
    the cause itself, too (SECURITY-3669, SECURITY-3731). Two marks are compared, and shown, in
    this form.
    """
    for _ in range(_MOST_ESCAPES):
        bare = unescape(text)
        if bare == text:
            break
        text = bare
    return text
