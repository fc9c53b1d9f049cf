"""nginx' text inside of YAML, as in ConfigMaps and ``stream-snippets``, and in heredocs. Pure.

Everything around the text is stood in for by blanks, so that each offset is one of the file's own.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from migrate.sources.base import FileEdit, Found, LookOptions, SourceText
from migrate.sources.cuts import take_out
from migrate.sources.kept import Kept
from migrate.sources.nested import Doc, Spot, body_of
from migrate.sources.nginx.conf import looks_like_nginx
from migrate.sources.nginx.finder import KIND, NginxFinder
from migrate.sources.nginx.templates import heredocs, template
from migrate.sources.text_notes import TextNotes
from migrate.splice.nginx_text import parse
from migrate.splice.text import NotEditable
from migrate.splice.yaml_text import spliced

_MAX_TEXTS = 500
"""Texts of nginx in one checkout."""


def look(kept: Kept) -> Found:
    """Block scalars that hold nginx' configuration: judged and edited as files are."""
    inside: dict[str, tuple[SourceText, Doc, Spot]] = {}
    for doc in kept.docs:
        for spot in doc.root.all():
            text = _text_of(doc, spot)
            if text is not None and len(inside) < _MAX_TEXTS:
                path = f"{doc.file.path}/{len(inside)}/{spot.path[-1].replace('/', '_')}"
                inside[path] = (SourceText(path, text), doc, spot)
    found = Found()
    by_file: dict[str, list[SourceText]] = {}
    for file, doc, _ in inside.values():
        by_file.setdefault(doc.file.path, []).append(file)
    for path, files in by_file.items():
        made = NginxFinder().look(files, LookOptions())
        found += _back(made, inside, path)
    return found


def _text_of(doc: Doc, spot: Spot) -> str | None:
    if spot.node.kind != "scalar" or spot.node.style != "|" or not spot.path:
        return None
    value = spot.node.value
    if "proxy_pass" not in value or not looks_like_nginx(value):
        return None
    span = body_of(doc.file.text, spot.node)
    return None if span is None else _alone(doc.file.text, span[0], span[1])


def _alone(text: str, start: int, end: int) -> str:
    blank = re.compile(r"[^\r\n]")
    return blank.sub(" ", text[:start]) + text[start:end] + blank.sub(" ", text[end:])


def _back(made: Found, inside: dict[str, tuple[SourceText, Doc, Spot]], path: str) -> Found:
    """With the paths of the real files; a text of which nothing is left goes with its key."""
    edits: list[FileEdit] = []
    for name, (file, doc, spot) in inside.items():
        mine = [edit for edit in made.edits if edit.path == name]
        if not mine:
            continue
        rest = spliced(file.text, [(e.start, e.end, e.new) for e in mine])
        if not rest.strip():
            try:
                edits += take_out(doc, [spot], mine[0].stage, mine[0].why)
                continue
            except NotEditable:
                pass
        edits += [replace(edit, path=path) for edit in mine]
    return Found(
        tuple(edits),
        tuple(replace(note, path=_real(note.path, inside, path)) for note in made.by_hand),
        tuple(
            replace(one, subject=path, evidence=f"read in {path}") for one in made.findings
        ),
    )  # fmt: skip


def _real(path: str, inside: dict[str, tuple[SourceText, Doc, Spot]], outer: str) -> str:
    return outer if path in inside else path


class Heredocs:
    """nginx' text in heredocs of shell and Terraform: told, never edited."""

    name = KIND

    def look(self, files: Sequence[SourceText], options: LookOptions) -> Found:
        """What the text lacks, as of a template."""
        del options
        notes = TextNotes(KIND)
        for file in files:
            if "proxy_pass" in file.text and "<<" in file.text and not _is_nginx(file.text):
                for start, end in heredocs(file.text):
                    template(notes, replace(file, text=_alone(file.text, start, end)))
        return notes.found()


def _is_nginx(text: str) -> bool:
    try:
        return bool(parse(text))
    except NotEditable:
        return False
