"""The elements of a config.xml with their places, in the adapter's own words on failure."""

from migrate.jenkins.errors import NotEditable
from migrate.model import xml_spans
from migrate.model.xml_spans import Element

__all__ = ["Element", "parse"]


def parse(body: bytes) -> Element:
    """The root element of ``body``; ``NotEditable`` for anything but plain UTF-8 XML."""
    try:
        return xml_spans.parse(body)
    except xml_spans.XmlRefused as error:
        raise NotEditable(str(error)) from None
