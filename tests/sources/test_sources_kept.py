"""Files that are read once for all finders, and what a finder collects."""

from migrate.sources.base import FileEdit, LookOptions, SourceText
from migrate.sources.kept import Notes, read
from migrate.splice.text import NotEditable


def test_documents_kinds_and_what_is_no_yaml() -> None:
    files = [
        SourceText("a.yaml", "apiVersion: v1\nkind: Service\n---\nx: 1\n"),
        SourceText("b.yml", "a: [\n"),
        SourceText("c.conf", "a: 1\n"),
    ]
    kept = read(files, LookOptions(("ci/x",)))
    assert [doc.kind for doc in kept.docs] == ["Service", ""]
    assert [one.file.path for one in kept.unread] == ["b.yml"]
    assert (kept.services, len(kept.files)) == (("ci/x",), 3)


def test_an_edit_that_is_refused_is_a_note() -> None:
    doc = read([SourceText("a.yaml", "\nx: 1\n")], LookOptions()).docs[0]
    spot = doc.root.get("x")
    assert spot is not None

    def refused() -> list[FileEdit]:
        raise NotEditable("it is shared")

    notes = Notes("kind")
    notes.edit(doc, spot, "x is 1", "2", refused)
    notes.edit(doc, spot, "x", "2", lambda: [FileEdit("a.yaml", 4, 5, "2", "close", "")])
    found = notes.found()
    assert [(n.line, n.reason) for n in found.by_hand] == [(2, "x is 1; not edited: it is shared")]
    assert len(found.edits) == 1
    assert [one.id for one in found.findings] == ["source.kind"] * 2
    assert set(found.seen) == {("a.yaml", 2, 2)}
