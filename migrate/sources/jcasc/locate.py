"""Which file of a checkout sets what, and the edit that it gets. What is ambiguous is left."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from migrate.model.inventory import Skip
from migrate.model.sources import Located, SourceEdit, SourceFile, SourcesWanted
from migrate.model.text import first_of, visible
from migrate.sources.jcasc.edit import clouds_in, edit, ports_in, says_so
from migrate.sources.jcasc.nodes import nodes_in
from migrate.sources.jcasc.places import PORT, Held, read_held
from migrate.sources.jcasc.shown import shown_diff
from migrate.splice.edit import Edit
from migrate.splice.text import NotEditable, encode

WHAT = "edit-file"
_NAMED = 5
"""Nodes that a reason names."""
_Place = tuple[SourceFile, str]
"""A file, and where in it."""


class _Target(NamedTuple):
    """What is looked for in the files: a ``cloud`` or a ``node``, by its name."""

    what: str
    name: str

    @property
    def subject(self) -> str:
        return f"{self.what} {visible(self.name)}"


def sha256(text: str) -> str:
    """Of a file's bytes, of which ``text`` is what ``decode`` made."""
    return hashlib.sha256(encode(text)).hexdigest()


def locate(files: Iterable[SourceFile], wanted: SourcesWanted) -> Located:
    """The edits of these files, and a skip with its reason for all that gets none."""
    skips: list[Skip] = []
    places: dict[_Target, list[_Place]] = {
        **{_Target("cloud", name): [] for name in wanted.clouds},
        **{_Target("node", name): [] for name in wanted.nodes},
    }
    read: list[tuple[SourceFile, Held]] = []
    ports: list[_Place] = []
    for file in files:
        try:
            held = read_held(file.text, file.path)
        except NotEditable as error:
            skips.append(Skip(_shown(file), "source", error.reason, "a look at it by hand"))
            continue
        read.append((file, held))
        for casc in held.casc:
            if casc.root is None:
                told = f"{casc.where}: {casc.problem}"
                skips.append(Skip(_shown(file), "source", told, "a look at it by hand"))
        for target, where in _targets_in(held):
            if target in places:
                places[target].append((file, where))
        if wanted.port:
            ports += [(file, port.casc.where) for port in ports_in(held)]
    edits = _switches(places, skips)
    if wanted.port:
        edits += _port_edit(ports, edits, _still_tcp(read, edits, ports, wanted), skips)
    return Located(tuple(made for made, _ in edits), tuple(skips))


def _targets_in(held: Held) -> Iterator[tuple[_Target, str]]:
    for cloud in clouds_in(held):
        yield _Target("cloud", cloud.name), cloud.casc.where
    for node in nodes_in(held):
        yield _Target("node", node.name), node.casc.where


_Edits = list[tuple[SourceEdit, str]]
"""Each with the text that it leaves."""


def _still_tcp(
    read: list[tuple[SourceFile, Held]],
    edits: _Edits,
    ports: list[_Place],
    wanted: SourcesWanted,
) -> str:
    """Which node a deploy of these files would leave on TCP, beside the port; empty: none.

    Any of the file that sets the port; of other files, which may be those of other controllers,
    a node of this one.
    """
    after = {(made.source, made.path): text for made, text in edits}
    with_port = {(file.source, file.path) for file, _ in ports}
    told: list[str] = []
    for file, held in read:
        key = (file.source, file.path)
        now = read_held(after[key], file.path) if key in after else held
        told += [
            f"{visible(node.name)} ({_shown(file)})"
            for node in nodes_in(now)
            if not node.on_websocket and (key in with_port or node.name in wanted.known_nodes)
        ]
    return first_of(told, _NAMED)


def _switches(places: dict[_Target, list[_Place]], skips: list[Skip]) -> _Edits:
    by_file: dict[tuple[str, str], list[tuple[_Target, _Place]]] = {}
    for target, found in places.items():
        if _only(target.subject, found, skips, f"jenkins: {target.what}s: with its name"):
            file = found[0][0]
            by_file.setdefault((file.source, file.path), []).append((target, found[0]))
    edits: _Edits = []
    for (_, path), named in by_file.items():
        if any(made.path == path for made, _ in edits):
            told = f"another source has a {visible(path)}, too"
            one = "one plan for each, with one --source"
            skips += [Skip(target.subject, WHAT, told, one) for target, _ in named]
            continue
        file = named[0][1][0]
        text, done = _all_or_each(file, [target for target, _ in named], skips)
        if done:
            places_in = dict.fromkeys(where for target, (_, where) in named if target in done)
            edits.append((_edit(file, file.text, text, done, tuple(places_in)), text))
    return edits


def _all_or_each(
    file: SourceFile, targets: list[_Target], skips: list[Skip]
) -> tuple[str, list[_Target]]:
    """The text with as many of the targets switched as can be, and which those are."""
    held = read_held(file.text, file.path)
    left = {_Target("cloud", c.name) for c in clouds_in(held) if not says_so(c)}
    left |= {_Target("node", n.name) for n in nodes_in(held) if not n.on_websocket}
    # What says so already needs no edit; with what cannot be edited the reason is to be told.
    targets = [t for t in targets if t in left or t.what == "cloud"]
    try:
        # At once, since reading a long file takes its time.
        if len(targets) > 1 and left.issuperset(targets):
            return _switched(file, file.text, targets), targets
    except NotEditable:
        pass
    text, done = file.text, []
    for target in targets:
        new = _edited(file, text, target, skips)
        if new is not None:
            text = new
            done.append(target)
    return text, done


def _port_edit(found: list[_Place], before: _Edits, tcp: str, skips: list[Skip]) -> _Edits:
    subject = "controller's agent port"
    if not _only(subject, found, skips, f"jenkins: {PORT}:"):
        return []
    file, where = found[0]
    if tcp:
        told = f"{_shown(file)}: the same deploy would leave nodes on TCP without a port: {tcp}"
        needed = "webSocket: true and no tunnel for each of them in its file, then a new plan"
        skips.append(Skip(subject, WHAT, told, needed))
        return []
    same = [text for made, text in before if (made.source, made.path) == (file.source, file.path)]
    old = same[0] if same else file.text
    new = _edited(file, old, None, skips)
    return [] if new is None else [(_edit(file, old, new, [], (where,)), new)]


def _only(subject: str, found: list[_Place], skips: list[Skip], what: str) -> bool:
    if len(found) == 1:
        return True
    if not found:
        reason = f"no file of the sources sets {what}"
        needed = "--source with the folder that holds it, or a change by hand"
    else:
        told = sorted({_shown(file) for file, _ in found})
        reason = f"it is set {len(found)} times, in {', '.join(told)}: which of them counts is open"
        needed = "a change by hand, or --source with the one folder that is deployed"
    skips.append(Skip(subject, WHAT, reason, needed))
    return False


def _switched(file: SourceFile, text: str, targets: Iterable[_Target]) -> str:
    return _made(file, text, targets).text


def _made(file: SourceFile, text: str, targets: Iterable[_Target]) -> Edit:
    """These switched; of no targets at all: the port turned off."""
    listed = list(targets)
    clouds, nodes = ([t.name for t in listed if t.what == what] for what in ("cloud", "node"))
    return edit(text, clouds, nodes=nodes, port=not listed, path=file.path)


def _edited(file: SourceFile, text: str, target: _Target | None, skips: list[Skip]) -> str | None:
    """The new text, with the port off for no target; None with a skip when there is none."""
    subject = target.subject if target else "controller's agent port"
    needed = "a change by hand"
    try:
        made = _made(file, text, [target] if target else [])
        reason = made.reason
        needed = "" if made.changed else "its deploy: the controller does not read so yet"
    except NotEditable as error:
        reason = error.reason
    else:
        if made.changed:
            return made.text
    skips.append(Skip(subject, WHAT, f"{_shown(file)}: {reason}", needed))
    return None


def _edit(
    file: SourceFile, old: str, new: str, targets: list[_Target], places: tuple[str, ...]
) -> SourceEdit:
    return SourceEdit(
        source=file.source,
        path=file.path,
        clouds=tuple(t.name for t in targets if t.what == "cloud"),
        nodes=tuple(t.name for t in targets if t.what == "node"),
        port=not targets,
        places=tuple(visible(place) for place in places if place),
        sha256=sha256(old),
        scanned_sha256=sha256(file.text),
        after_sha256=sha256(new),
        diff=shown_diff(old, new, file.path),
    )


def _shown(file: SourceFile) -> str:
    return visible(file.path)
