"""The elements of a config.xml with their places, in the adapter's own words on failure."""

from migrate.jenkins.errors import NotEditable
from migrate.splice import xml_spans
from migrate.splice.xml_spans import Element

__all__ = ["Element", "line_start", "parse"]


CUT_OFF = (
    "Jenkins stops in the middle of it, at the lost connection that stands in its offline mark "
    "(which it may not read on Java 17): 'Update offline reason' on the node's page mends that"
)
"""What XStream makes of OfflineCause$ChannelTermination in a marked node: 200, and half of the
body (a real 2.361.4 on Java 17)."""


def is_cut_off(body: bytes) -> bool:
    """Whether a node's config.xml ends where Jenkins could not go on."""
    return b"OfflineCause$ChannelTermination" in body and not body.rstrip().endswith(b">")


def parse(body: bytes) -> Element:
    """The root element of ``body``; ``NotEditable`` for anything but plain UTF-8 XML."""
    try:
        return xml_spans.parse(body)
    except xml_spans.XmlRefused as error:
        raise NotEditable(CUT_OFF if is_cut_off(body) else str(error)) from None


def line_start(body: bytes, start: int) -> int:
    """Where the line break and the blanks right before ``start`` begin."""
    while start > 0 and body[start - 1 : start] in (b" ", b"\t"):
        start -= 1
    if body[max(start - 2, 0) : start] == b"\r\n":
        return start - 2
    return start - 1 if body[start - 1 : start] == b"\n" else start
