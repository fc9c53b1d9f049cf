"""The journal: order, checksums, torn ends."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrate.engine.journal import Journal, JournalDamaged, JournalLost, read_journal
from migrate.engine.remote_lock import LockLost
from migrate.model.errors import UsageProblem
from migrate.model.serialize import SCHEMA_VERSION

NOW = "2026-01-02T03:04:05.678Z"


def journal_with(path: Path, count: int) -> None:
    journal = Journal(path, lambda: NOW)
    journal.write("run-started", data={"schema_version": SCHEMA_VERSION, "steps": []})
    for number in range(count - 1):
        journal.write("note", step=f"step é {number}", action="x", data={"n": number})
    journal.close()


def test_records_come_back_in_order(tmp_path: Path) -> None:
    journal_with(tmp_path / "j", 4)
    records = read_journal(tmp_path / "j")
    assert [r.seq for r in records] == [1, 2, 3, 4]
    assert records[2].step == "step é 1"
    assert records[2].data == {"n": 1}


def test_every_line_is_json(tmp_path: Path) -> None:
    journal_with(tmp_path / "j", 3)
    for line in (tmp_path / "j").read_text().splitlines():
        assert json.loads(line)["sum"]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_torn_end_is_dropped_and_writing_goes_on(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("torn") / "j"
    journal_with(path, 4)
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    keep = len(b"".join(lines[:3]))
    cut = data.draw(st.integers(keep, len(whole) - 1))
    path.write_bytes(whole[:cut])
    # Also where only the line break is missing: the next record must not be glued to it.
    assert len(read_journal(path)) == 3
    journal = Journal(path, lambda: NOW)
    journal.write("note", action="after the crash")
    journal.close()
    records = read_journal(path)
    assert records[-1].action == "after the crash"
    assert [r.seq for r in records] == [1, 2, 3, 4]


def test_damage_in_the_middle_is_refused_by_line(tmp_path: Path) -> None:
    path = tmp_path / "j"
    journal_with(path, 4)
    lines = path.read_text().splitlines()
    lines[1] = lines[1].replace('"n":0', '"n":9')
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(JournalDamaged, match="line 2"):
        read_journal(path)


def test_a_removed_record_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "j"
    journal_with(path, 5)
    lines = path.read_text().splitlines()
    del lines[2]
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(JournalDamaged):
        read_journal(path)


def test_another_schema_is_refused_by_name(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j", lambda: NOW)
    journal.write("run-started", data={"schema_version": 99})
    journal.close()
    with pytest.raises(JournalDamaged, match="99"):
        read_journal(tmp_path / "j")


def test_a_missing_journal_is_a_usage_problem(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem):
        read_journal(tmp_path / "nothing")


def test_after_a_lost_record_nothing_more_is_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j", lambda: NOW)
    journal.write("run-started", data={"schema_version": SCHEMA_VERSION})
    journal.close()  # the descriptor is gone, as on a file system that failed
    for _ in range(2):
        with pytest.raises(JournalLost):
            journal.write("intent", action="switch")


def test_no_change_is_recorded_once_the_run_may_not_make_it(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j", lambda: NOW)
    journal.write("run-started", data={"schema_version": SCHEMA_VERSION})

    def lost() -> None:
        raise LockLost("the lock is ben's")

    journal.guard = lost
    with pytest.raises(LockLost):
        journal.write("intent", action="switch")
    journal.write("note", action="run")
    journal.close()
    assert [r.kind for r in read_journal(tmp_path / "j")] == ["run-started", "note"]


def test_a_journal_that_cannot_be_opened_says_that_nothing_was_changed(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(JournalLost, match="nothing was changed"):
        Journal(tmp_path / "file" / "j", lambda: NOW)
