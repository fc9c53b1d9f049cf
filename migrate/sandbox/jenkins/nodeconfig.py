"""A node's config.xml as XStream reads and writes it.

What a POST leaves behind is not what was posted: unknown elements are dropped, comments and
line endings go, absent fields get their default, and the rest is written again in field order
(recordings 11-*, 23-*, 24-create-config.txt; facts A1, A8).
"""

import re
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError, SubElement

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from migrate.sandbox.jenkins.causes import CLOSED_CHANNEL, Cause, from_xml
from migrate.sandbox.spec import KUBERNETES_NODE, SWARM_NODE

HEADER = b'<?xml version="1.1" encoding="UTF-8"?>\n'
FILE_HEADER = b"<?xml version='1.1' encoding='UTF-8'?>\n"
INBOUND = "hudson.slaves.JNLPLauncher"
SSH = "hudson.plugins.sshslaves.SSHLauncher"
KUBERNETES = "org.csanchez.jenkins.plugins.kubernetes.KubernetesLauncher"
"""Extends JNLPLauncher: its pods dial in."""

_CORE_LAUNCHERS = frozenset({INBOUND, "hudson.slaves.CommandLauncher"})
_PERMANENT = ("slave", "hudson.slaves.DumbSlave")
_NODES = (*_PERMANENT, SWARM_NODE, KUBERNETES_NODE)
_COMPUTERS = {KUBERNETES_NODE: "org.csanchez.jenkins.plugins.kubernetes.KubernetesComputer"}
_STRINGS = ("name", "description", "remoteFS", "numExecutors", "mode")
_KEPT_ATTRIBUTES = ("class", "plugin")
# Character references that XML 1.1 allows and expat refuses pass through here as plane 16
# private-use characters.
_SHIFT = 0x10FE00
_STOPS_AT = f'<cause class="{CLOSED_CHANNEL}"'.encode()
_REFERENCE = re.compile(rb"&#(?:x([0-9A-Fa-f]+)|([0-9]+));")
_VERSION_11 = re.compile(rb"""^\s*<\?xml[^>]*version\s*=\s*["']1\.1["']""")


class BadConfig(Exception):
    """Jenkins answers 500: not XML, or not a node."""


class BadName(Exception):
    """Jenkins answers 400: the name has a character that is not allowed."""


@dataclass
class NodeConfig:
    """A parsed and normalised config.xml; ``root`` is the ``<slave>`` element."""

    root: Element

    @classmethod
    def parse(cls, body: bytes) -> "NodeConfig":
        """Read a posted body; ``BadConfig`` or ``BadName`` as Jenkins would refuse it."""
        posted = _parse(body)
        if posted.tag not in _NODES:
            raise BadConfig(f"{posted.tag} is not a node")
        config = cls(_normalised(posted))
        check_good_name(config.name)
        return config

    def text(self, tag: str, default: str = "") -> str:
        """The text of a direct child."""
        return self.root.findtext(tag, default) or default

    @property
    def name(self) -> str:
        """The node's name."""
        return self.text("name")

    @property
    def executors(self) -> int:
        """Number of executors."""
        return int(self.text("numExecutors", "1"))

    @property
    def labels(self) -> list[str]:
        """Its labels, without the name."""
        return self.text("label").split()

    @property
    def launcher(self) -> Element | None:
        """The real launcher: the innermost one of a chain of wrappers."""
        launcher = self.root.find("launcher")
        while launcher is not None and (inner := launcher.find("launcher")) is not None:
            launcher = inner
        return launcher

    @property
    def wrapped(self) -> bool:
        """Whether another launcher wraps the real one."""
        outer = self.root.find("launcher")
        return outer is not None and outer.find("launcher") is not None

    @property
    def launcher_class(self) -> str | None:
        """Class of the real launcher."""
        return None if self.launcher is None else self.launcher.get("class")

    @property
    def inbound(self) -> bool:
        """Whether an agent may dial in."""
        return self.launcher_class in (INBOUND, KUBERNETES)

    @property
    def node_class(self) -> str:
        """The class of the node, as REST names it."""
        return "hudson.slaves.DumbSlave" if self.root.tag == "slave" else self.root.tag

    @property
    def computer_class(self) -> str:
        """The class of the node's computer, as REST names it."""
        return _COMPUTERS.get(self.root.tag, "hudson.slaves.SlaveComputer")

    @property
    def web_socket(self) -> bool:
        """The flag that only the JNLP file reads."""
        return self.launcher is not None and self.launcher.findtext("webSocket") == "true"

    @property
    def tunnel(self) -> str | None:
        """``<tunnel>``, None when absent."""
        return None if self.launcher is None else self.launcher.findtext("tunnel")

    @property
    def mark(self) -> Cause | None:
        """The offline mark that stands in it."""
        element = self.root.find("temporaryOfflineCause")
        return None if element is None else from_xml(element)

    def set_offline_cause(self, cause: Element | None) -> None:
        """Write ``<temporaryOfflineCause>``, a field of the superclass and so the first one."""
        for old in self.root.findall("temporaryOfflineCause"):
            self.root.remove(old)
        if cause is not None:
            self.root.insert(0, cause)

    @property
    def writable(self) -> bool:
        """Whether XStream gets to the end of it: on Java 17 it may not read the exception that a
        lost connection leaves in a marked node (a real 2.361.4 and its log)."""
        return self.root.find("temporaryOfflineCause/cause") is None

    def to_bytes(self, header: bytes = HEADER) -> bytes:
        """The bytes that GET config.xml serves; cut off, with status 200, at what can't be
        written."""
        body = header + "\n".join(_written(self.root, 0)).encode()
        return body if self.writable else body[: body.index(_STOPS_AT) + len(_STOPS_AT)]


def check_good_name(name: str) -> None:
    """``BadName`` for what Jenkins.checkGoodName refuses."""
    if not name.strip() or name in (".", ".."):
        raise BadName("No name is specified")
    for char in name:
        if ord(char) < 0x20 or char in "?*/\\%!@#$^&|<>[]:;":
            raise BadName(f"‘{char}’ is an unsafe character")


def _parse(body: bytes) -> Element:
    if _VERSION_11.match(body):
        body = _REFERENCE.sub(_shifted, body)
    try:
        element: Element = fromstring(body)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise BadConfig(str(error)) from error
    return element


def _shifted(match: re.Match[bytes]) -> bytes:
    code = int(match[1], 16) if match[1] else int(match[2])
    if code == 0:
        raise BadConfig("NUL is not a character")
    if (code < 0x20 and code not in (9, 10, 13)) or 0x7F <= code <= 0x9F:
        return chr(_SHIFT + code).encode()
    return match[0]


def _kept(element: Element) -> dict[str, str]:
    return {k: element.attrib[k] for k in _KEPT_ATTRIBUTES if k in element.attrib}


def _copy(element: Element) -> Element:
    """A copy with only the attributes and the layout that XStream would write."""
    copy = Element(element.tag, _kept(element))
    children = [_copy(child) for child in element]
    if children:
        copy.extend(children)
    else:
        copy.text = element.text
    return copy


def _field(parent: Element, tag: str, text: str) -> None:
    SubElement(parent, tag).text = text


def _normalised(posted: Element) -> Element:
    plugin = posted.tag not in _PERMANENT
    root = Element(posted.tag, _kept(posted)) if plugin else Element("slave")
    cause = posted.find("temporaryOfflineCause")
    if cause is not None:
        root.append(_copy(cause))
    for tag in _STRINGS:
        element = posted.find(tag)
        if tag == "numExecutors":
            _field(root, tag, _integer(element))
        elif element is not None:
            _field(root, tag, element.text or "")
        elif tag == "mode":
            _field(root, tag, "NORMAL")
    strategy = posted.find("retentionStrategy")
    if strategy is not None:
        root.append(_copy(strategy))
    launcher = _launcher(posted.find("launcher"))
    if launcher is not None:
        root.append(launcher)
    _field(root, "label", posted.findtext("label") or "")
    properties = Element("nodeProperties")
    properties.extend(_copy(child) for child in posted.findall("nodeProperties/*"))
    root.append(properties)
    if (user := posted.findtext("userId")) is not None:
        _field(root, "userId", user)
    return root


def _integer(element: Element | None) -> str:
    text = "1" if element is None else (element.text or "").strip()
    try:
        return str(int(text))
    except ValueError as error:
        raise BadConfig(f"not a number: {text}") from error


def _launcher(posted: Element | None) -> Element | None:
    """The launcher as read; None for a class that nobody knows (23-config-after-badlauncher)."""
    if posted is None:
        return None
    class_name = posted.get("class", "")
    if class_name == INBOUND:
        return _inbound(posted)
    if class_name not in _CORE_LAUNCHERS and "plugin" not in posted.attrib:
        return None
    copy = Element("launcher", _kept(posted))
    for child in posted:
        inner = _launcher(child) if child.tag == "launcher" else _copy(child)
        if inner is not None:
            copy.append(inner)
    return copy


def _inbound(posted: Element) -> Element:
    launcher = Element("launcher", {"class": INBOUND})
    tunnel = posted.findtext("tunnel")
    if tunnel is not None:
        _field(launcher, "tunnel", tunnel)
    settings = posted.find("workDirSettings")
    work_dir = SubElement(launcher, "workDirSettings")
    # JNLPLauncher.readResolve: an absent element means disabled.
    disabled = settings is None or _boolean(settings, "disabled") == "true"
    _field(work_dir, "disabled", "true" if disabled else "false")
    path = None if settings is None else settings.findtext("workDirPath")
    if path is not None:
        _field(work_dir, "workDirPath", path)
    internal = None if settings is None else settings.findtext("internalDir")
    _field(work_dir, "internalDir", internal or "remoting")
    missing = "false" if settings is None else _boolean(settings, "failIfWorkDirIsMissing")
    _field(work_dir, "failIfWorkDirIsMissing", missing)
    _field(launcher, "webSocket", _boolean(posted, "webSocket"))
    return launcher


def _boolean(parent: Element, tag: str) -> str:
    return "true" if (parent.findtext(tag) or "").strip().lower() == "true" else "false"


_ALWAYS_TEXT = frozenset({"label", "description", "remoteFS", "tunnel", "name", "mode", "string"})


def _written(element: Element, depth: int) -> list[str]:
    indent = "  " * depth
    attributes = "".join(f' {key}="{_escape(value)}"' for key, value in element.attrib.items())
    start = f"{element.tag}{attributes}"
    children = list(element)
    if children:
        lines = [f"{indent}<{start}>"]
        for child in children:
            lines += _written(child, depth + 1)
        return [*lines, f"{indent}</{element.tag}>"]
    if element.text or element.tag in _ALWAYS_TEXT:
        return [f"{indent}<{start}>{_escape(element.text or '')}</{element.tag}>"]
    return [f"{indent}<{start}/>"]


_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;", "\r": "&#xd;"}


def _escape(text: str) -> str:
    return "".join(_escaped(char) for char in text)


def _escaped(char: str) -> str:
    if char in _NAMED:
        return _NAMED[char]
    code = ord(char)
    if _SHIFT < code < _SHIFT + 0xA0:
        return f"&#x{code - _SHIFT:x};"
    if 0x7F <= code <= 0x9F:
        return f"&#x{code:x};"
    return char
