"""The journal: order, checksums, torn ends."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journal_entries import append_line, entry, run_started

from examples import examples
from migrate.engine.locks.remote_lock import LockLost
from migrate.engine.record.folder import RunFolder
from migrate.engine.record.journal import Journal, JournalDamaged, JournalLost, read_journal
from migrate.model.errors import MigrateError, UsageProblem
from migrate.model.journal.node import LaunchNote, SwitchNote
from migrate.model.journal.run import RunNote
from migrate.model.known_secrets import known
from migrate.model.names import DriverName
from migrate.model.plan_steps import MoveNode
from migrate.model.reach import SshReach

NOW = "2026-01-02T03:04:05.678Z"
SECOND_WRITER = """
import sys
from pathlib import Path
from migrate.engine.record.journal import Journal, JournalLost
from migrate.model.journal.run import RunNote
try:
    Journal(Path(sys.argv[1]), lambda: "now").write(RunNote())
    print("wrote")
except JournalLost as lost:
    print(lost.cause)
"""


def journal_with(path: Path, count: int) -> None:
    journal = Journal(path, lambda: NOW)
    journal.write(run_started())
    for number in range(count - 1):
        journal.write(SwitchNote(text=f"n {number}"), step=f"step é {number}")
    journal.close()


def test_records_come_back_in_order(tmp_path: Path) -> None:
    journal_with(tmp_path / "j", 4)
    records = read_journal(tmp_path / "j")
    assert [r.seq for r in records] == [1, 2, 3, 4]
    assert records[2].step == "step é 1"
    assert records[2].entry == SwitchNote(text="n 1")


def test_each_step_has_its_own_records_also_when_the_run_goes_on(tmp_path: Path) -> None:
    journal_with(tmp_path / "j", 4)
    journal = Journal(tmp_path / "j", lambda: NOW)
    journal.write(LaunchNote(), step="step é 1")
    own = journal.of_step("step é 1")
    assert [(r.seq, r.action) for r in own] == [(3, "switch"), (5, "launch")]
    assert own == tuple(r for r in journal.records() if r.step == "step é 1")
    assert journal.of_step("none") == ()
    journal.close()


def test_every_line_is_json(tmp_path: Path) -> None:
    journal_with(tmp_path / "j", 3)
    for line in (tmp_path / "j").read_text().splitlines():
        assert json.loads(line)["sum"]


@settings(max_examples=examples(60))
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
    journal.write(RunNote(text="after the crash"))
    journal.close()
    records = read_journal(path)
    assert records[-1].entry == RunNote(text="after the crash")
    assert [r.seq for r in records] == [1, 2, 3, 4]


def test_damage_in_the_middle_is_refused_by_line(tmp_path: Path) -> None:
    path = tmp_path / "j"
    journal_with(path, 4)
    lines = path.read_text().splitlines()
    lines[1] = lines[1].replace("n 0", "n 9")
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
    journal.write(run_started(schema_version=99))
    journal.close()
    with pytest.raises(JournalDamaged, match="99"):
        read_journal(tmp_path / "j")


def test_an_older_form_of_records_is_refused_by_name_and_not_called_damaged(
    tmp_path: Path,
) -> None:
    # Another version may write records that do not even have our fields or our checksum.
    old = {"type": "begin", "data": {"schema_version": 0, "tool_version": "0.1"}}
    (tmp_path / "j").write_text(json.dumps(old) + "\n" + json.dumps({"type": "note"}) + "\n")
    with pytest.raises(JournalDamaged, match=r"schema 0 \(migrate 0\.1\)"):
        read_journal(tmp_path / "j")


def test_lines_that_are_json_and_no_record_are_damage(tmp_path: Path) -> None:
    path = tmp_path / "j"
    journal_with(path, 3)
    lines = path.read_text().splitlines()
    for other in ("5", "[]", "null"):
        path.write_text("\n".join([lines[0], other, lines[2]]) + "\n")
        with pytest.raises(JournalDamaged, match="line 2"):
            read_journal(path)


def test_there_is_one_writer(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j", lambda: NOW)
    journal.write(run_started())
    other = subprocess.run(
        [sys.executable, "-c", SECOND_WRITER, str(tmp_path / "j")], capture_output=True, text=True
    )
    assert "another process writes the journal" in other.stdout, other
    journal.close()
    other = subprocess.run(
        [sys.executable, "-c", SECOND_WRITER, str(tmp_path / "j")], capture_output=True, text=True
    )
    assert other.stdout == "wrote\n", other


def test_a_run_that_drops_a_torn_record_knows(tmp_path: Path) -> None:
    journal_with(tmp_path / "j", 3)
    journal = Journal(tmp_path / "j", lambda: NOW)
    assert not journal.torn
    journal.close()
    with (tmp_path / "j").open("ab") as file:
        file.write(b'{"seq":4,"at":"2026')
    journal = Journal(tmp_path / "j", lambda: NOW)
    assert journal.torn
    journal.close()


def test_the_entries_of_all_its_folders_are_on_disk_before_the_first_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    real = os.fsync

    def fsync(fd: int) -> None:
        synced.append(os.fstat(fd).st_ino)
        real(fd)

    monkeypatch.setattr(os, "fsync", fsync)
    (tmp_path / "plans/t").mkdir(parents=True)
    folder = RunFolder(tmp_path / "plans/t/runs/1")
    folder.create()
    journal_with(folder.journal_path, 1)
    assert {p.stat().st_ino for p in (folder.path, folder.path.parent, folder.plan_folder)} <= set(
        synced
    )
    record = synced.index(folder.journal_path.stat().st_ino)
    assert folder.path.stat().st_ino in synced[:record]
    # And a backup with its entry, before it is named anywhere.
    synced.clear()
    folder.save("a.config.xml", b"<slave/>")
    kept = (folder.backups / "a.config.xml").stat().st_ino
    assert synced == [kept, folder.backups.stat().st_ino]


def test_a_backup_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "plans/t/runs/1")
    folder.create()
    folder.backups.rmdir()
    with pytest.raises(MigrateError, match="cannot keep a backup"):
        folder.save("a.config.xml", b"<slave/>")


def test_a_missing_journal_is_a_usage_problem(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem):
        read_journal(tmp_path / "nothing")


def test_after_a_lost_record_nothing_more_is_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j", lambda: NOW)
    journal.write(run_started())
    journal.close()  # the descriptor is gone, as on a file system that failed
    for _ in range(2):
        with pytest.raises(JournalLost):
            journal.write(entry("intent", "switch"))


def test_no_change_is_recorded_once_the_run_may_not_make_it(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j", lambda: NOW)
    journal.write(run_started())

    def lost() -> None:
        raise LockLost("the lock is ben's")

    journal.guard = lost
    with pytest.raises(LockLost):
        journal.write(entry("intent", "switch"))
    journal.write(RunNote())
    journal.close()
    assert [r.kind for r in read_journal(tmp_path / "j")] == ["run-started", "note"]


def test_a_journal_that_cannot_be_opened_says_that_nothing_was_changed(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(JournalLost, match="nothing was changed"):
        Journal(tmp_path / "file" / "j", lambda: NOW)


SSH = MoveNode(
    id="node/a", subject="s", title="t", node="a", driver=DriverName.SSH,
    reach=SshReach("wonderland-7", "a.service"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "action", "data", "told"),
    [
        ("intent", "switch", {"node": 3}, "Expected `str`, got `int`"),
        ("intent", "launch", {"node": "a", "files": ["/etc/passwd"]}, "got `str` - at `$.files"),
        ("intent", "launch", {"node": "a", "files": [{"path": "/a", "sh": "x"}]}, "unknown field"),
        ("intent", "set-port", {"before": "50000", "after": -1}, "Expected `int | null`"),
        ("intent", "cloud", {"cloud": "k", "before": {}}, "missing required field"),
        ("intent", "remove", [], "Expected `object`"),
        ("step-finished", "", {"state": "splendid"}, "Invalid enum value 'splendid'"),
        ("intent", "teleport", {}, "a record 'intent teleport', which this version"),
        ("prophecy", "", {}, "a record 'prophecy', which this version"),
    ],
)
def test_a_record_of_other_types_is_refused_in_one_sentence(
    tmp_path: Path, kind: str, action: str, data: object, told: str
) -> None:
    path = tmp_path / "journal.jsonl"
    journal_with(path, 1)
    # The last line too: its checksum says that it is whole, so it is no crash's.
    append_line(path, kind=kind, step="node/a", action=action, data=data)
    for read in (read_journal, lambda found: Journal(found, lambda: NOW)):
        with pytest.raises(JournalDamaged) as caught:
            read(path)
        assert told in caught.value.cause and "line 2" in caught.value.cause


def test_a_head_of_other_types_is_refused(tmp_path: Path) -> None:
    journal_with(tmp_path / "j", 1)
    line = json.loads((tmp_path / "j").read_text())
    for changed in ({"plan_id": 3}, {"steps": 3}, {"choices": None}):
        (tmp_path / "j").unlink()
        append_line(tmp_path / "j", kind="run-started", data=line["data"] | changed)
        with pytest.raises(JournalDamaged, match="line 1 does not say what such a record says"):
            read_journal(tmp_path / "j")


def test_a_secret_is_not_kept_and_the_record_stays_one(tmp_path: Path) -> None:
    known().remember("wonderland-7")
    journal = Journal(tmp_path / "j", lambda: NOW)
    journal.write(run_started())
    journal.write(RunNote(text="it said wonderland-7"))
    assert journal.records()[1].entry == RunNote(text="it said ****")
    with pytest.raises(JournalLost, match="stands where the journal needs it"):
        journal.write(run_started(SSH))
    journal.close()
    assert [r.seq for r in read_journal(tmp_path / "j")] == [1, 2]
