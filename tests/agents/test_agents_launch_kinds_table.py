"""The registry of kinds of start, its table in the docs, and the editors that belong to it."""

from pathlib import Path

from migrate.agents.launch.registry import EDITORS
from migrate.agents.launch_kinds import KINDS, kind_named, table

DOCS = Path(__file__).parents[2] / "docs" / "agents.md"


def test_the_table_of_the_docs_is_made_of_the_registry() -> None:
    assert table() in DOCS.read_text(encoding="utf-8"), (
        "put migrate.agents.launch_kinds.table() there"
    )


def test_every_editor_has_its_kind_and_every_kind_an_editor_or_a_runbook() -> None:
    names = [kind.name for kind in KINDS]
    assert len(names) == len(set(names))
    assert {editor.name for editor in EDITORS} <= set(names)
    for kind in KINDS:
        assert kind.edited or (kind.where and kind.restart), kind.name
        assert bool(kind.where) == bool(kind.restart), kind.name


def test_a_kind_by_its_name() -> None:
    assert kind_named("supervisord") is not None and kind_named("nothing") is None
