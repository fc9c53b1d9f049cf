"""The permanent nodes of configuration as code, and the edit that takes one to WebSocket.

A node's ``launcher`` is a map with the launcher's symbol as its key, that symbol alone, or absent,
which is an inbound one, too. Symbols: JNLPLauncher.java (``jnlp``, ``inbound`` since 2.376),
DumbSlave.java (``permanent``, ``dumb``, ``slave``). A load writes the node anew from its file
(configuration-as-code-plugin, demos/build_agents/README.md), so that the live flag stays only
where the file says the same.
"""

from dataclasses import dataclass

from migrate.sources.jcasc.places import JENKINS, NODES, Casc, Held
from migrate.splice.text import NotEditable
from migrate.splice.yaml_text import Splice, removed, told_end, value_set
from migrate.splice.yaml_tree import MERGE, Node

LAUNCHER, WEB_SOCKET, TUNNEL = "launcher", "webSocket", "tunnel"
_PERMANENT = ("permanent", "dumb", "slave")
_INBOUND = ("inbound", "jnlp")
_NEW = "inbound"
"""Written where no launcher was: the plugin's word for it today."""


@dataclass(frozen=True)
class FoundNode:
    """An inbound permanent node that a file sets."""

    name: str
    casc: Casc
    node: Node
    """The map with its ``name``."""
    symbol: str
    """``inbound`` or ``jnlp``, as written; empty where it has no launcher."""
    key: Node | None
    """The launcher's symbol as a key; None for a symbol alone, or none."""
    settings: Node | None
    """Of the launcher; None where it has none."""

    @property
    def on_websocket(self) -> bool:
        """Whether a load of the file leaves the node on WebSocket, and without a tunnel."""
        settings = self.settings
        if settings is None or settings.kind != "map":
            return False
        flag, tunnel = settings.get(WEB_SOCKET), settings.get(TUNNEL)
        idle = tunnel is None or tunnel.null or not tunnel.value
        return flag is not None and flag.value.lower() == "true" and idle


def nodes_in(held: Held) -> tuple[FoundNode, ...]:
    """Every permanent node with a name whose agent dials in."""
    found: list[FoundNode] = []
    for casc in held.casc:
        jenkins = casc.root.get(JENKINS) if casc.root else None
        for key, nodes in jenkins.pairs if jenkins else ():
            for item in nodes.items if key.value == NODES else ():
                for kind, node in item.pairs:
                    if kind.value in _PERMANENT:
                        found += _inbound(casc, node)
    return tuple(found)


def _inbound(casc: Casc, node: Node) -> list[FoundNode]:
    name, launcher = _own_or_merged(node, "name"), _own_or_merged(node, LAUNCHER)
    if name is None or name.kind != "scalar":
        return []
    if launcher is None or launcher.null:
        return [FoundNode(name.value, casc, node, "", None, None)]
    if launcher.kind == "scalar":
        if launcher.value in _INBOUND:
            return [FoundNode(name.value, casc, node, launcher.value, None, None)]
        return []
    return [
        FoundNode(name.value, casc, node, symbol.value, symbol, settings)
        for symbol, settings in launcher.pairs
        if symbol.value in _INBOUND
    ]


def _own_or_merged(node: Node, key: str) -> Node | None:
    own = node.get(key)
    return own or next((one.get(key) for one in node.merged() if one.get(key)), None)


def node_of(held: Held, name: str, path: str) -> FoundNode:
    """The one node of this name; ``NotEditable`` where there is another number, or it must stay."""
    found = [one for one in nodes_in(held) if one.name == name]
    if len(found) != 1:
        raise NotEditable(f"it sets {len(found)} inbound nodes of this name", path)
    one = found[0]
    if one.casc.problem:
        raise NotEditable(one.casc.problem, path)
    launcher = one.node.get(LAUNCHER)
    for part in (one.node, launcher, one.settings):
        if part is not None and part.shared:
            raise NotEditable("its node or launcher is shared by an alias", path)
    if "{{" in one.casc.text[one.node.start : one.node.end]:
        raise NotEditable("its node is a template ({{ }})", path)
    for part, keys in (
        (one.node, ("name", LAUNCHER)),
        (launcher, _INBOUND),
        (one.settings, (WEB_SOCKET, TUNNEL)),
    ):
        _each_once(part, keys, path)
    return one


def _each_once(part: Node | None, keys: tuple[str, ...], path: str) -> None:
    if part is None:
        return
    own = [key.value for key, _ in part.pairs]
    twice = next((key for key in keys if own.count(key) > 1), "")
    if twice:
        raise NotEditable(f"its node has {twice} twice", path)
    merged = next((key for one in part.merged() for key in keys if one.get(key)), "")
    if merged:
        raise NotEditable(f"{merged} of its node comes from another mapping by {MERGE}", path)


def switch_node(found: FoundNode) -> list[Splice]:
    """What is left to change so that the node's next start is over WebSocket."""
    if found.on_websocket:
        return []
    text = found.casc.text
    if found.settings is not None and found.settings.kind == "map" and found.settings.pairs:
        return _set(text, found.settings)
    if found.key is not None and found.settings is not None:
        return [_below(text, found.key, found.settings, [f"{WEB_SOCKET}: true"])]
    pair = next((pair for pair in found.node.pairs if pair[0].value == LAUNCHER), None)
    rows = [f"{found.symbol or _NEW}:", f"  {WEB_SOCKET}: true"]
    if pair is not None:
        return [_below(text, *pair, rows)]
    first = found.node.pairs[0][0]
    return [_before(text, found.node, first, [f"{LAUNCHER}:", *(f"  {row}" for row in rows)])]


def _set(text: str, settings: Node) -> list[Splice]:
    """Among settings that are there: the flag set, or put where the tunnel stood, or before all."""
    pairs = {key.value: (key, value) for key, value in settings.pairs}
    tunnel = pairs.get(TUNNEL)
    idle = tunnel is None or tunnel[1].null or not tunnel[1].value
    splices: list[Splice] = []
    gone = [] if idle else [TUNNEL]
    if WEB_SOCKET in pairs:
        key, value = pairs[WEB_SOCKET]
        if value.value.lower() != "true":
            splices.append(value_set(text, key, _plain(text, value), "true"))
    elif tunnel is not None and not idle:
        value = _plain(text, tunnel[1])
        splices.append((tunnel[0].start, told_end(text, value), f"{WEB_SOCKET}: true"))
        gone = []
    else:
        splices.append(_before(text, settings, settings.pairs[0][0], [f"{WEB_SOCKET}: true"]))
    if gone and tunnel is not None:
        _plain(text, tunnel[1])
    entries = [(key.value, None, key, value) for key, value in settings.pairs]
    return splices + removed(text, settings, entries, gone)


def _plain(text: str, node: Node) -> Node:
    """The value, if it is one word or quoted text on one line, with no anchor or tag."""
    one_line = node.kind == "scalar" and "\n" not in text[node.start : told_end(text, node)]
    if not one_line or node.shared or text[node.start : node.start + 1] in ("&", "!"):
        raise NotEditable("a value to be changed spans lines, or has an anchor or a tag")
    return node


def _below(text: str, key: Node, value: Node, rows: list[str]) -> Splice:
    """``rows`` as the value of ``key``, in the place of a symbol, ``{}``, or nothing.

    Below its line in block style; on it, in braces, where that can't be: inside of braces, or
    behind a value that is more than a word.
    """
    line = text.rfind("\n", 0, key.start) + 1
    unwritten = value.start == value.end
    told = key.end if unwritten else told_end(text, value)
    colon = text.find(":", key.end) + 1
    stop = text.find("\n", max(told, colon))
    stop = len(text) if stop < 0 else stop
    rest = text[max(told, colon) : stop]
    lead = text[line : key.start]
    block = not lead.strip(" -") and (not rest.strip() or rest.lstrip().startswith("#"))
    if not unwritten:
        _plain(text, value) if value.kind == "scalar" else None
        block = block and "\n" not in text[key.start : told]
    if not block:
        return value_set(text, key, value, _in_braces(rows))
    newline = "\r\n" if "\r\n" in text else "\n"
    indent = " " * (key.start - line + 2)
    ended = rest.rstrip("\r")
    below = "".join(f"{newline}{indent}{row}" for row in rows)
    return colon, stop - (len(rest) - len(ended)), ended.rstrip(" ") + below


def _before(text: str, parent: Node, first: Node, rows: list[str]) -> Splice:
    """``rows`` as new entries before the first one of a map."""
    if parent.style == "flow":
        return first.start, first.start, f"{_in_braces(rows)[1:-1]}, "
    line = text.rfind("\n", 0, first.start) + 1
    newline = "\r\n" if "\r\n" in text else "\n"
    indent = " " * (first.start - line)
    return first.start, first.start, "".join(f"{row}{newline}{indent}" for row in rows)


def _in_braces(rows: list[str]) -> str:
    """``a:``, ``  b: true`` as ``{a: {b: true}}``."""
    inner = rows[-1].strip()
    for row in reversed(rows[:-1]):
        inner = f"{row.strip()} {{{inner}}}"
    return f"{{{inner}}}"
