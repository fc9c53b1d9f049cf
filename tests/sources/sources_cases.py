"""What all finders make of a few files, as texts."""

from migrate.sources.base import Found, LookOptions, SourceText
from migrate.sources.patch import apart
from migrate.sources.registry import look
from migrate.splice.yaml_text import spliced


def found_in(files: dict[str, str], *, services: tuple[str, ...] = ()) -> Found:
    """All that is said of these files."""
    texts = [SourceText(path, text) for path, text in files.items()]
    return look(texts, LookOptions(services))


def edited(files: dict[str, str], *, services: tuple[str, ...] = ()) -> dict[str, str]:
    """The files after all edits; a second look must find nothing more to edit."""
    found = found_in(files, services=services)
    assert apart(found.edits)[1] == ()
    after = _after(files, found)
    assert found_in(after, services=services).edits == ()
    return after


def _after(files: dict[str, str], found: Found) -> dict[str, str]:
    return {
        path: spliced(text, [(e.start, e.end, e.new) for e in found.edits if e.path == path])
        for path, text in files.items()
    }


def told(files: dict[str, str], *, services: tuple[str, ...] = ()) -> list[str]:
    """By-hand notes: ``PATH:LINE: REASON``."""
    notes = found_in(files, services=services).by_hand
    return [f"{n.path}:{n.line}: {n.reason}" for n in sorted(notes, key=lambda n: (n.path, n.line))]


def stages(files: dict[str, str]) -> set[str]:
    """The stages that the edits belong to."""
    return {e.stage for e in found_in(files).edits}
