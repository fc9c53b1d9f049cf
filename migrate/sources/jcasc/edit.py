"""The edits of configuration as code: clouds and nodes to WebSocket, the TCP agent port off.

A cloud: ``webSocket: true``, without ``jenkinsTunnel`` (JENKINS_TUNNEL is set also with webSocket)
and without ``directConnection`` (with which webSocket is ignored). Source: kubernetes-plugin,
PodTemplateBuilder.java agentEnvVars; the shape of ``jenkins: clouds:`` is that of its
src/test/resources/.../casc/configuration-as-code.yaml.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from migrate.sources.jcasc.nodes import LAUNCHER, WEB_SOCKET, node_of, nodes_in, switch_node
from migrate.sources.jcasc.nodes import TUNNEL as NODE_TUNNEL
from migrate.sources.jcasc.places import CLOUDS, JENKINS, PORT, Casc, Held, read_held
from migrate.sources.jcasc.shown import shown_diff
from migrate.splice.edit import Edit
from migrate.splice.text import NotEditable
from migrate.splice.yaml_text import Splice, added, removed, spliced, told_end, value_set
from migrate.splice.yaml_tree import MERGE, Node

TUNNEL, DIRECT = "jenkinsTunnel", "directConnection"
_SETTINGS = (WEB_SOCKET, TUNNEL, DIRECT)
_NEAR = ("jenkinsUrl", "name")
"""New settings are put after the first of these that a cloud has."""
_OFF = "-1"
_ROUNDS = 2
"""Of reading: one that changes, one that finds nothing left."""
_Data = tuple[object, ...]


@dataclass(frozen=True)
class FoundCloud:
    """A kubernetes cloud that a file sets."""

    name: str
    casc: Casc
    node: Node


@dataclass(frozen=True)
class FoundPort:
    """A ``slaveAgentPort`` that a file sets."""

    casc: Casc
    jenkins: Node


def clouds_in(held: Held) -> tuple[FoundCloud, ...]:
    """Every kubernetes cloud with a name."""
    found: list[FoundCloud] = []
    for casc in held.casc:
        jenkins = casc.root.get(JENKINS) if casc.root else None
        # Of a key that stands there twice each one counts: which of them Jenkins takes is open.
        for key, clouds in jenkins.pairs if jenkins else ():
            for item in clouds.items if key.value == CLOUDS else ():
                for kind, node in item.pairs:
                    name = node.get("name")
                    if kind.value == "kubernetes" and name is not None and name.kind == "scalar":
                        found.append(FoundCloud(name.value, casc, node))
    return tuple(found)


def ports_in(held: Held) -> tuple[FoundPort, ...]:
    """Every ``slaveAgentPort``."""
    found: list[FoundPort] = []
    for casc in held.casc:
        jenkins = casc.root.get(JENKINS) if casc.root else None
        for key, _ in jenkins.pairs if jenkins else ():
            if key.value == PORT and jenkins is not None:
                found.append(FoundPort(casc, jenkins))
    return tuple(found)


def says_so(cloud: FoundCloud) -> bool:
    """Whether nothing is left to change in it."""
    try:
        return not _switch(cloud)
    except NotEditable:
        return False


def edit(
    text: str,
    clouds: Sequence[str],
    *,
    nodes: Sequence[str] = (),
    port: bool = False,
    path: str = "",
) -> Edit:
    """The file with these clouds and nodes on WebSocket, or the port off; every other byte stays.

    Doing it twice changes nothing more. ``NotEditable`` with the reason when the file does not set
    them exactly once, or the change could not be made safely.
    """
    if re.search(r"\r(?!\n)|[\x85\u2028\u2029]", text):
        raise NotEditable("it has line ends that editors and YAML count differently", path)
    held, new = read_held(text, path), text
    before = held
    for _ in range(_ROUNDS):
        targets = [_cloud(held, name, path) for name in clouds]
        splices = [s for target in targets for s in _in_file(target.casc, _switch(target))]
        for one in (node_of(held, name, path) for name in nodes):
            splices += _in_file(one.casc, switch_node(one))
        if port:
            place = _port(held, path)
            splices += _in_file(place.casc, _off(place))
        if not splices:
            break
        new = spliced(new, splices)
        held = read_held(new, path)
    else:
        raise NotEditable("it could not be changed safely", path)
    if _rest(before, clouds, nodes, port) != _rest(held, clouds, nodes, port):
        raise NotEditable("it could not be changed safely", path)
    changed = new != text
    return Edit(
        path=path,
        original=text,
        text=new,
        diff=shown_diff(text, new, path) if changed else "",
        reason="" if changed else "it says so already",
    )


def _cloud(held: Held, name: str, path: str) -> FoundCloud:
    found = [cloud for cloud in clouds_in(held) if cloud.name == name]
    if len(found) != 1:
        raise NotEditable(_unread(held) or f"it sets {len(found)} clouds of this name", path)
    casc, node = found[0].casc, found[0].node
    _usable(casc, path)
    if node.shared:
        raise NotEditable("its cloud is shared by an alias", path)
    if "{{" in casc.text[node.start : node.end]:
        raise NotEditable("its cloud is a template ({{ }})", path)
    keys = [key.value for key, _ in node.pairs]
    twice = next((key for key in (*_SETTINGS, "name") if keys.count(key) > 1), "")
    if twice:
        raise NotEditable(f"its cloud has {twice} twice", path)
    merged = next((key for one in node.merged() for key in _SETTINGS if one.get(key)), "")
    if merged:
        raise NotEditable(f"{merged} comes from another mapping by {MERGE}", path)
    return found[0]


def _port(held: Held, path: str) -> FoundPort:
    found = ports_in(held)
    if len(found) != 1:
        raise NotEditable(_unread(held) or f"it sets {PORT} {len(found)} times", path)
    _usable(found[0].casc, path)
    if found[0].jenkins.shared:
        raise NotEditable(f"what sets {PORT} is shared by an alias", path)
    return found[0]


def _unread(held: Held) -> str:
    return next((f"{one.where}: {one.problem}" for one in held.casc if one.root is None), "")


def _usable(casc: Casc, path: str) -> None:
    if casc.problem:
        raise NotEditable(casc.problem, path)


def _in_file(casc: Casc, splices: Sequence[Splice]) -> Iterator[Splice]:
    for splice in splices:
        yield splice if casc.block is None else casc.block.in_file(splice)


def _switch(cloud: FoundCloud) -> list[Splice]:
    """What is left to change in this cloud."""
    text, node = cloud.casc.text, cloud.node
    pairs = {key.value: (key, value) for key, value in node.pairs}
    splices: list[Splice] = []
    if WEB_SOCKET not in pairs:
        near = next((k for k in _NEAR if k in pairs and _one_line(text, pairs[k][1])), "")
        if not near:
            raise NotEditable("its cloud's name spans lines")
        splices.append(added(text, node, [f"{WEB_SOCKET}: true"], *pairs[near]))
    elif pairs[WEB_SOCKET][1].value.lower() != "true":
        key, value = pairs[WEB_SOCKET]
        splices.append(value_set(text, key, _plain(text, value), "true"))
    gone = []
    for setting, idle in ((TUNNEL, ("",)), (DIRECT, ("", "false"))):
        if setting in pairs and pairs[setting][1].value.lower() not in idle:
            _plain(text, pairs[setting][1])
            gone.append(setting)
    entries = [(key.value, None, key, value) for key, value in node.pairs]
    return splices + removed(text, node, entries, gone)


def _off(port: FoundPort) -> list[Splice]:
    key, value = next(pair for pair in port.jenkins.pairs if pair[0].value == PORT)
    if value.value == _OFF:
        return []
    return [value_set(port.casc.text, key, _plain(port.casc.text, value), _OFF)]


def _one_line(text: str, node: Node) -> bool:
    return node.kind == "scalar" and "\n" not in text[node.start : told_end(text, node)]


def _plain(text: str, node: Node) -> Node:
    """The value, if it is one word or quoted text on one line, with no anchor or tag."""
    if not _one_line(text, node) or node.shared or text[node.start : node.start + 1] in ("&", "!"):
        raise NotEditable("a value to be changed spans lines, or has an anchor or a tag")
    return node


def _rest(held: Held, clouds: Sequence[str], nodes: Sequence[str], port: bool) -> _Data:
    """All that an edit must leave as it is: everything but the settings it is about."""
    edited: dict[int, tuple[str, ...]] = {
        id(one.node): _SETTINGS for one in clouds_in(held) if one.name in clouds
    }
    if port:
        edited |= {id(one.jenkins): (PORT,) for one in ports_in(held)}
    inside = {id(one.holder) for one in held.casc if one.holder is not None}
    switched = [one for one in nodes_in(held) if one.name in nodes]
    edited |= {id(one.node): (LAUNCHER,) for one in switched}
    own = [_data(one.root, edited, set()) for one in held.casc if one.root and one.holder]
    # Of a launcher that is edited: what it sets besides, and its other parts.
    kept = [_launcher_rest(one.settings) for one in switched]
    return (*[_data(root, edited, inside) for root in held.roots], *own, *kept)


def _launcher_rest(settings: Node | None) -> _Data:
    pairs = settings.pairs if settings is not None else ()
    return tuple(
        (key.value, _data(value, {}, set()))
        for key, value in pairs
        if key.value not in (WEB_SOCKET, NODE_TUNNEL)
    )


def _data(node: Node, edited: dict[int, tuple[str, ...]], inside: set[int]) -> _Data:
    if id(node) in inside:
        return ("block",)
    if node.kind == "scalar":
        return (node.value, node.null, node.style)
    left_out = edited.get(id(node), ())
    pairs = tuple(
        (_data(key, edited, inside), _data(value, edited, inside))
        for key, value in node.pairs
        if key.value not in left_out
    )
    items = tuple(_data(item, edited, inside) for item in node.items)
    return (node.kind, pairs, items, node.style)
