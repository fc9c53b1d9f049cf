"""Reading and editing a node's config.xml, byte for byte. Pure.

Only the inbound launcher's ``webSocket`` and ``tunnel`` ever change; every other byte stays
as the controller served it (XML 1.1 header, references to control characters, CRLF, comments,
attributes), since Jenkins refuses or silently drops what it does not expect (facts A5, A8).
"""

import hashlib
import re
from dataclasses import dataclass
from xml.sax.saxutils import escape

from migrate.jenkins.errors import NotEditable
from migrate.jenkins.node_mark import mark_in, without_mark
from migrate.jenkins.xml_spans import Element, line_start, parse
from migrate.model.inventory import LauncherKind, OfflineMark, WorkDir

INBOUND_CLASS = "hudson.slaves.JNLPLauncher"
REDACTED = b">********<"
"""What jenkins.security.ExtendedReadSecretRedaction leaves of a secret (2.500 onward)."""

_WRAPPED = ("launcher", "core", "delegate")
"""Fields that hold the real launcher: DelegatingComputerLauncher, ComputerLauncherFilter."""
_KINDS = {
    INBOUND_CLASS: LauncherKind.INBOUND,
    "hudson.plugins.sshslaves.SSHLauncher": LauncherKind.SSH,
    "hudson.slaves.CommandLauncher": LauncherKind.COMMAND,
}
_CLOUD_WORDS = (
    "kubernetes",
    "openshift",
    "ec2",
    "azure",
    "computeengine",
    "jclouds",
    "openstack",
    "nomad",
    "mesos",
    "vsphere",
    "dockertransientnode",
    "dockerslave",
)
_LABEL = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')


@dataclass(frozen=True)
class LauncherFacts:
    """What config.xml says about a node, its launcher above all."""

    launcher_class: str | None
    """The innermost launcher's class; None: there is no launcher (23-config-after-badlauncher)."""
    wrappers: tuple[str, ...]
    """Classes of the launchers around it, outermost first."""
    kind: LauncherKind
    web_socket: bool
    tunnel: str | None
    """None when absent; an empty element is ``""``, which older cores still hand out."""
    work_dir: WorkDir | None
    """None unless the launcher is inbound."""
    node_class: str
    """Root element; ``slave`` for a permanent agent."""
    name: str
    remote_fs: str
    labels: tuple[str, ...]
    description: str
    executors: int
    mark: OfflineMark | None
    """From ``<temporaryOfflineCause>``."""


@dataclass(frozen=True)
class Edit:
    """``body[start:end]`` becomes ``text``."""

    start: int
    end: int
    text: bytes


def digest(body: bytes) -> str:
    """SHA-256 of the configuration without ``<temporaryOfflineCause>``, as hex.

    The offline mark is the state of a node, not its configuration: marking a node must not
    look like drift. Without a mark this is the digest of the body itself.
    """
    return hashlib.sha256(without_mark(body)).hexdigest()


def is_redacted(body: bytes) -> bool:
    """Whether Jenkins blanked secrets in it; such a body must never be posted back."""
    return REDACTED in body


def read_launcher(body: bytes) -> LauncherFacts:
    """What ``body`` says; ``NotEditable`` when it is not XML that can be understood."""
    root = parse(body)
    launcher, wrappers = _launcher(root)
    launcher_class = launcher.attrs.get("class") if launcher else None
    inbound = launcher if launcher is not None and launcher_class == INBOUND_CLASS else None
    return LauncherFacts(
        launcher_class=launcher_class,
        wrappers=wrappers,
        kind=_kind(root.name, launcher_class),
        web_socket=inbound is not None and _is_true(_child_text(inbound, "webSocket")),
        tunnel=_child_text(inbound, "tunnel") if inbound else None,
        work_dir=_work_dir(inbound) if inbound else None,
        node_class=root.name,
        name=_child_text(root, "name") or "",
        remote_fs=_child_text(root, "remoteFS") or "",
        labels=parse_labels(_child_text(root, "label") or ""),
        description=_child_text(root, "description") or "",
        executors=_number(_child_text(root, "numExecutors"), 1),
        mark=mark_in(root),
    )


def to_websocket(body: bytes) -> bytes:
    """``body`` with ``webSocket`` true and no ``tunnel``, all else identical.

    Both in one body: a tunnel beside webSocket stops the agent at its next start (facts 0.8).
    """
    return set_launcher(body, web_socket=True, tunnel=None)


def set_launcher(body: bytes, web_socket: bool, tunnel: str | None) -> bytes:
    """``body`` with these two values in its inbound launcher, all other bytes identical.

    Values that say so already are left as they are written. ``NotEditable`` when the node is
    not a permanent agent (root ``slave``) with exactly one inbound launcher.
    """
    changed = _applied(body, plan_edits(body, web_socket=web_socket, tunnel=tunnel))
    if changed != body:
        facts = read_launcher(changed)
        if facts.web_socket != web_socket or facts.tunnel != tunnel:
            raise NotEditable("the edited text does not read back as wanted")
    return changed


def plan_edits(body: bytes, web_socket: bool, tunnel: str | None) -> tuple[Edit, ...]:
    """The edits of ``set_launcher``, in order and without overlap."""
    if is_redacted(body):
        raise NotEditable("Jenkins blanked the secrets in it for this user (Agent/Configure)")
    launcher = _editable(parse(body))
    edits: list[Edit] = []
    missing: list[bytes] = []
    for name, wanted, same in (
        ("tunnel", tunnel, lambda text: text == tunnel),
        ("webSocket", "true" if web_socket else "false", lambda t: _is_true(t) == web_socket),
    ):
        found = _only(launcher, name)
        text = _child_text(launcher, name)
        if found is not None and wanted is None:
            edits.append(Edit(line_start(body, found.start), found.end, b""))
        elif same(text):
            continue
        elif found is not None:
            edits.append(_set_text(found, wanted or "", body))
        else:
            missing.append(_element(name, wanted or ""))
    if missing:
        edits.append(_insert(body, launcher, missing))
    return tuple(sorted(edits, key=lambda edit: (edit.start, edit.end)))


def parse_labels(text: str) -> tuple[str, ...]:
    """The labels of ``<label>``, in order; a quoted one may hold blanks (Label.parse)."""
    found = (quoted or plain for quoted, plain in _LABEL.findall(text))
    return tuple(dict.fromkeys(label for label in found if label))


def _applied(body: bytes, edits: "tuple[Edit, ...] | list[Edit]") -> bytes:
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end), reverse=True):
        body = body[: edit.start] + edit.text + body[edit.end :]
    return body


def _editable(root: Element) -> Element:
    if root.name != "slave":
        raise NotEditable(
            f"its root is {root.name!r}, not 'slave': such a node belongs to a cloud or a plugin"
        )
    if len(root.named("launcher")) > 1:
        raise NotEditable("it has more than one launcher")
    launcher, _ = _launcher(root)
    if launcher is None:
        raise NotEditable("it has no launcher")
    launcher_class = launcher.attrs.get("class")
    if launcher_class != INBOUND_CLASS:
        raise NotEditable(f"its launcher is {launcher_class!r}, not an inbound one")
    return launcher


def _launcher(root: Element) -> tuple[Element | None, tuple[str, ...]]:
    """The innermost launcher and the classes around it, outermost first."""
    found = root.named("launcher")
    if not found:
        return None, ()
    launcher, wrappers = found[0], []
    while launcher.attrs.get("class") != INBOUND_CLASS:
        inner = [c for c in launcher.children if c.name in _WRAPPED and "class" in c.attrs]
        if len(inner) != 1:
            # A wrapper with a field of another name: only an inbound launcher is followed.
            inner = [c for c in launcher.children if c.attrs.get("class") == INBOUND_CLASS]
        if len(inner) != 1:
            break
        wrappers.append(launcher.attrs.get("class", ""))
        launcher = inner[0]
    return launcher, tuple(wrappers)


def _kind(node_class: str, launcher_class: str | None) -> LauncherKind:
    lowered = f"{node_class} {launcher_class or ''}".lower()
    if node_class != "slave" and any(word in lowered for word in _CLOUD_WORDS):
        return LauncherKind.CLOUD
    if launcher_class is None:
        return LauncherKind.OTHER
    return _KINDS.get(launcher_class, LauncherKind.OTHER)


def _only(parent: Element, name: str) -> Element | None:
    found = parent.named(name)
    if len(found) > 1:
        raise NotEditable(f"its launcher has {len(found)} elements {name!r}")
    return found[0] if found else None


def _child_text(parent: Element, name: str) -> str | None:
    found = parent.named(name)
    return found[0].text if found else None


def _is_true(text: str | None) -> bool:
    # XStream's BooleanConverter ignores case, and does not trim.
    return text is not None and text.lower() == "true"


def _number(text: str | None, default: int) -> int:
    text = (text or "").strip()
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else default


def _work_dir(launcher: Element) -> WorkDir:
    found = launcher.named("workDirSettings")
    if not found:
        # JNLPLauncher.readResolve: absent means disabled.
        return WorkDir(disabled=True, path=None, internal_dir="remoting", fail_if_missing=False)
    settings = found[0]
    return WorkDir(
        disabled=_is_true(_child_text(settings, "disabled")),
        path=_child_text(settings, "workDirPath") or None,
        internal_dir=_child_text(settings, "internalDir") or "remoting",
        fail_if_missing=_is_true(_child_text(settings, "failIfWorkDirIsMissing")),
    )


def _element(name: str, text: str) -> bytes:
    return f"<{name}>".encode() + _escaped(text) + f"</{name}>".encode()


def _escaped(text: str) -> bytes:
    if re.search("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", text):
        raise NotEditable("the wanted value holds a control character")
    return escape(text).encode()


def _set_text(element: Element, text: str, body: bytes) -> Edit:
    if not element.self_closed:
        return Edit(element.open_end, element.close_start, _escaped(text))
    slash = body.rindex(b"/", element.start, element.open_end)
    closing = f"</{element.name}>".encode()
    return Edit(slash, element.end, b">" + _escaped(text) + closing)


def _indent(body: bytes, start: int) -> bytes:
    """The line break and indentation before ``start``; empty when it is not on its own line."""
    indent = body[line_start(body, start) : start]
    return indent if indent.startswith((b"\n", b"\r\n")) else b""


def _insert(body: bytes, launcher: Element, elements: list[bytes]) -> Edit:
    """Put elements into the launcher, indented as its other children are."""
    if launcher.children:
        indent = _indent(body, launcher.children[-1].start)
        at = launcher.children[-1].end
        return Edit(at, at, b"".join(indent + element for element in elements))
    outer = _indent(body, launcher.start)
    inner = outer + b"  " if outer else b""
    text = b"".join(inner + element for element in elements)
    if launcher.self_closed:
        slash = body.rindex(b"/", launcher.start, launcher.open_end)
        closing = f"</{launcher.name}>".encode()
        return Edit(slash, launcher.end, b">" + text + outer + closing)
    if launcher.open_end == launcher.close_start:
        text += outer
    return Edit(launcher.open_end, launcher.open_end, text)
