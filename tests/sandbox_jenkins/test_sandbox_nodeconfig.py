"""What XStream leaves of a posted config.xml."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate.sandbox.jenkins.nodeconfig import HEADER, BadConfig, BadName, NodeConfig

LAUNCHER = b'<launcher class="hudson.slaves.JNLPLauncher">%s</launcher>'


def _slave(*parts: bytes, name: bytes = b"n", header: bytes = HEADER) -> bytes:
    return header + b"<slave><name>" + name + b"</name>" + b"".join(parts) + b"</slave>"


def _read(body: bytes) -> str:
    return NodeConfig.parse(body).to_bytes().decode()


def test_defaults_of_absent_elements() -> None:
    text = _read(_slave(LAUNCHER % b""))
    assert "<disabled>true</disabled>" in text, "JNLPLauncher.readResolve"
    assert "<webSocket>false</webSocket>" in text
    assert "<tunnel>" not in text
    assert "  <label></label>\n  <nodeProperties/>\n</slave>" in text


def test_order_comments_and_line_ends() -> None:
    body = _slave(
        b"<label>x</label>\r\n<!-- why -->",
        LAUNCHER % b"<webSocket>true</webSocket>\r\n<tunnel>h:1</tunnel><nonsense/>",
        b"<numExecutors>3</numExecutors>",
    )
    text = _read(body)
    assert text.index("numExecutors") < text.index("launcher") < text.index("label")
    assert text.index("tunnel") < text.index("workDirSettings") < text.index("webSocket")
    assert "why" not in text
    assert "nonsense" not in text
    assert "\r" not in text


def test_wrapped_launcher_and_plugin_attribute() -> None:
    wrapper = (
        b'<launcher class="org.example.Wrapper" plugin="wrapper@1.0"><delay>3</delay>%s</launcher>'
    )
    config = NodeConfig.parse(_slave(wrapper % (LAUNCHER % b"<webSocket>true</webSocket><x/>")))
    assert config.wrapped
    assert config.inbound
    assert config.web_socket
    text = config.to_bytes().decode()
    assert '<launcher class="org.example.Wrapper" plugin="wrapper@1.0">' in text
    assert "<delay>3</delay>" in text
    assert "<x/>" not in text


def test_unknown_launcher_class_is_lost() -> None:
    assert "launcher" not in _read(_slave(b'<launcher class="no.such.Launcher"/>'))


def test_control_characters_need_xml_11() -> None:
    part = b"<description>a&#x1b;b&#13;&quot;</description>"
    assert "<description>a&#x1b;b&#xd;&quot;</description>" in _read(_slave(part))
    old = b'<?xml version="1.0" encoding="UTF-8"?>'
    for header in (old, b""):
        with pytest.raises(BadConfig):
            NodeConfig.parse(_slave(part, header=header))
        NodeConfig.parse(_slave(b"<description>a</description>", header=header))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<foo/>",
        b"<slave><name>n</name",
        b"name=n",
        _slave(b"<description>&#0;</description>"),
    ],
)
def test_refused_bodies(body: bytes) -> None:
    with pytest.raises(BadConfig):
        NodeConfig.parse(body)


def test_entities_are_refused() -> None:
    with pytest.raises(BadConfig):
        NodeConfig.parse(b'<!DOCTYPE s [<!ENTITY e "x">]>' + _slave(header=b""))


@pytest.mark.parametrize("name", [b"", b"a/b", b"a:b", b"a?b", b".."])
def test_bad_names(name: bytes) -> None:
    with pytest.raises(BadName):
        NodeConfig.parse(_slave(name=name))


_TEXT = st.text(st.characters(exclude_categories=("Cs", "Cn"), max_codepoint=0x10FDFF), max_size=30)


@given(_TEXT.filter(lambda t: "\0" not in t and "\ufffe" not in t and "\uffff" not in t))
def test_what_it_writes_it_reads_the_same(text: str) -> None:
    """Serving, posting back and serving again gives the same bytes, whatever stands in them."""
    config = NodeConfig.parse(_slave(LAUNCHER % b""))
    element = config.root.find("name")
    assert element is not None
    from xml.etree.ElementTree import Element

    description = Element("description")
    description.text = "".join(_sandboxed(c) for c in text)
    config.root.insert(1, description)
    written = config.to_bytes()
    assert NodeConfig.parse(written).to_bytes() == written


def _sandboxed(char: str) -> str:
    code = ord(char)
    return chr(0x10FE00 + code) if code < 0x20 and char not in "\t\n\r" else char
