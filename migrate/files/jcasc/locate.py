"""Which file of a checkout sets what, and the edit that it gets. What is ambiguous is left."""

import hashlib
from collections.abc import Iterable

from migrate.files.jcasc.edit import clouds_in, edit, ports_in, says_so
from migrate.files.jcasc.places import PORT, read_held
from migrate.files.launch.base import NotEditable, encode
from migrate.model.inventory import Skip
from migrate.model.sources import Located, SourceEdit, SourceFile, SourcesWanted
from migrate.model.text import visible

WHAT = "edit-file"
_Place = tuple[SourceFile, str]
"""A file, and where in it."""


def sha256(text: str) -> str:
    """Of a file's bytes, of which ``text`` is what ``decode`` made."""
    return hashlib.sha256(encode(text)).hexdigest()


def locate(files: Iterable[SourceFile], wanted: SourcesWanted) -> Located:
    """The edits of these files, and a skip with its reason for all that gets none."""
    skips: list[Skip] = []
    clouds: dict[str, list[_Place]] = {name: [] for name in wanted.clouds}
    ports: list[_Place] = []
    for file in files:
        try:
            held = read_held(file.text, file.path)
        except NotEditable as error:
            skips.append(Skip(_shown(file), "source", error.reason, "a look at it by hand"))
            continue
        for casc in held.casc:
            if casc.root is None:
                told = f"{casc.where}: {casc.problem}"
                skips.append(Skip(_shown(file), "source", told, "a look at it by hand"))
        for cloud in clouds_in(held):
            if cloud.name in clouds:
                clouds[cloud.name].append((file, cloud.casc.where))
        if wanted.port:
            ports += [(file, port.casc.where) for port in ports_in(held)]
    edits = _cloud_edits(clouds, skips)
    if wanted.port:
        edits += _port_edit(ports, edits, skips)
    return Located(tuple(made for made, _ in edits), tuple(skips))


_Edits = list[tuple[SourceEdit, str]]
"""Each with the text that it leaves."""


def _cloud_edits(places: dict[str, list[_Place]], skips: list[Skip]) -> _Edits:
    by_file: dict[tuple[str, str], list[tuple[str, _Place]]] = {}
    for name, found in places.items():
        if _only(f"cloud {visible(name)}", found, skips, "jenkins: clouds: with its name"):
            file = found[0][0]
            by_file.setdefault((file.source, file.path), []).append((name, found[0]))
    edits: _Edits = []
    for (_, path), named in by_file.items():
        if any(made.path == path for made, _ in edits):
            told = f"another source has a {visible(path)}, too"
            one = "one plan for each, with one --source"
            skips += [Skip(f"cloud {visible(name)}", WHAT, told, one) for name, _ in named]
            continue
        file = named[0][1][0]
        text, done = _all_or_each(file, [name for name, _ in named], skips)
        if done:
            places_in = dict.fromkeys(where for name, (_, where) in named if name in done)
            made = _edit(file, file.text, text, tuple(done), tuple(places_in))
            edits.append((made, text))
    return edits


def _all_or_each(file: SourceFile, names: list[str], skips: list[Skip]) -> tuple[str, list[str]]:
    """The text with as many of the clouds switched as can be, and which those are."""
    held = read_held(file.text, file.path)
    open_names = [c.name for c in clouds_in(held) if c.name in names and not says_so(c)]
    try:
        # At once, since reading a long file takes its time.
        if len(open_names) == len(names) > 1:
            return edit(file.text, names, path=file.path).text, names
    except NotEditable:
        pass
    text, done = file.text, []
    for name in names:
        new = _edited(f"cloud {visible(name)}", file, text, (name,), skips)
        if new is not None:
            text = new
            done.append(name)
    return text, done


def _port_edit(found: list[_Place], before: _Edits, skips: list[Skip]) -> _Edits:
    subject = "controller's agent port"
    if not _only(subject, found, skips, f"jenkins: {PORT}:"):
        return []
    file, where = found[0]
    same = [text for made, text in before if (made.source, made.path) == (file.source, file.path)]
    old = same[0] if same else file.text
    new = _edited(subject, file, old, (), skips)
    return [] if new is None else [(_edit(file, old, new, (), (where,)), new)]


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


def _edited(
    subject: str, file: SourceFile, text: str, clouds: tuple[str, ...], skips: list[Skip]
) -> str | None:
    """The new text; None with a skip when there is none."""
    needed = "a change by hand"
    try:
        made = edit(text, clouds, port=not clouds, path=file.path)
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
    file: SourceFile, old: str, new: str, clouds: tuple[str, ...], places: tuple[str, ...]
) -> SourceEdit:
    from migrate.files.jcasc.shown import shown_diff

    return SourceEdit(
        source=file.source,
        path=file.path,
        clouds=clouds,
        port=not clouds,
        places=tuple(visible(place) for place in places if place),
        sha256=sha256(old),
        scanned_sha256=sha256(file.text),
        after_sha256=sha256(new),
        diff=shown_diff(old, new, file.path),
    )


def _shown(file: SourceFile) -> str:
    return visible(file.path)
