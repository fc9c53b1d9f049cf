"""JSON patches of Kustomize: which object each changes, and what holds it. Pure."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from migrate.sources.kept import Kept
from migrate.sources.nested import Doc, Spot


@dataclass(frozen=True)
class JsonPatch:
    """A list of operations, in a scalar of a kustomization or in a file of its own."""

    doc: Doc
    ops: tuple[Spot, ...]
    target: Spot | None
    entry: tuple[Doc, Spot] | None = None
    """Of the kustomization that names the file; None: it stands in the kustomization itself."""

    @property
    def name(self) -> str:
        """Of the object; empty when not told."""
        return self.target.value("name") if self.target else ""


def json_patches(kept: Kept) -> Iterator[JsonPatch]:
    """Every one of the files."""
    named = dict(_named(kept))
    for doc in kept.docs:
        if doc.root.node.kind != "seq" or not doc.root.node.items:
            continue
        ops = tuple(s for s in doc.root.children() if s.value("op") and s.value("path"))
        if not ops:
            continue
        holder = doc.root.up.up if doc.root.up else None
        entry = named.get(doc.file.path) if doc.level == 0 else None
        holder = entry[1] if entry else holder
        yield JsonPatch(doc, ops, holder.get("target") if holder else None, entry)


def _named(kept: Kept) -> Iterator[tuple[str, tuple[Doc, Spot]]]:
    """Patch files by path, each with the entry of the kustomization that names it."""
    for doc in kept.docs:
        folder = posixpath.dirname(doc.file.path)
        for key in ("patches", "patchesJson6902"):
            listed = doc.root.get(key)
            for item in listed.children() if listed else ():
                path = item.value("path")
                if path:
                    yield posixpath.normpath(posixpath.join(folder, path)), (doc, item)
