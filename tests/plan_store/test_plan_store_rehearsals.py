"""The folders of dry runs."""

import hashlib
from pathlib import Path

import pytest

from migrate.model.errors import UsageProblem
from migrate.model.rehearsal import REHEARSAL_SCHEMA, Rehearsal, RehearsedStep
from migrate.plan_store.plan_folder import read_inventory
from migrate.plan_store.rehearsals import (
    read_rehearsal,
    rehearsal_folder,
    sha256_of,
    write_rehearsal,
)

SEEN = read_inventory(Path(__file__).parents[2] / "plans" / "example")
STEP = RehearsedStep("nodes", "w", "node/a", "move-node", "node a", "t\x1b", "blocked", "d", "+x")
RECORD = Rehearsal(
    REHEARSAL_SCHEMA, "0", "t", "id", "https://a/", "2026-11-21T20:00:00.123Z", "u", "h",
    sha256_of(SEEN), (STEP,), 3,
)  # fmt: skip


def test_a_record_is_read_back_with_what_it_knew(tmp_path: Path) -> None:
    first, second = (write_rehearsal(tmp_path, RECORD, SEEN) for _ in range(2))
    assert first.name == "20261121-200000"
    assert first != second
    assert read_rehearsal(first) == RECORD
    body = (first / "inventory.json").read_bytes()
    assert hashlib.sha256(body).hexdigest() == RECORD.inventory_sha256
    assert read_inventory(first) == SEEN
    assert "\x1b" not in (first / "rehearsal.json").read_text()


def test_it_is_found_by_folder_file_and_as_the_newest(tmp_path: Path) -> None:
    assert rehearsal_folder(tmp_path) is None
    assert rehearsal_folder(tmp_path / "rehearsals") is None
    first, second = (write_rehearsal(tmp_path, RECORD, None) for _ in range(2))
    assert rehearsal_folder(first) == first
    assert rehearsal_folder(first / "rehearsal.json") == first
    assert rehearsal_folder(tmp_path / "rehearsals") == second


@pytest.mark.parametrize("text", ["{", "[]", '{"schema_version": 1}'])
def test_what_is_no_record_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "rehearsal.json").write_text(text)
    with pytest.raises(UsageProblem, match="can't be read"):
        read_rehearsal(tmp_path)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    plan = tmp_path / "plan"
    plan.mkdir()
    (plan / "rehearsals").symlink_to(elsewhere)
    with pytest.raises(UsageProblem, match="is a link"):
        write_rehearsal(plan, RECORD, SEEN)
    assert list(elsewhere.iterdir()) == []
