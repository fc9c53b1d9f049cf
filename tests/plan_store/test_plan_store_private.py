"""Plans and runs are for their owner alone, and no link leads out of them."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from journal_entries import run_started
from test_plan_store_folder import INVENTORY, plan

from migrate.engine.locks.file_lock import holder, locked, me
from migrate.engine.record.folder import RunFolder, find_run, last_run, new_run_folder
from migrate.engine.record.journal import Journal, read_journal
from migrate.engine.record.state import start_of
from migrate.model.errors import UsageProblem
from migrate.plan_store.plan_folder import read_inventory, read_plan, write_plan
from migrate.plan_store.private import LinkedAway, read_own, write_own

NOW = "2026-11-21T20:00:00.000Z"


@pytest.fixture(autouse=True)
def an_open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def write(root: Path, *, shareable: bool = False) -> Path:
    return write_plan(plan(), INVENTORY, "# t\n", {"a.sh": "x\n"}, root, shareable=shareable)


def modes(folder: Path) -> dict[str, int]:
    found = {folder.name: folder, **{str(p.relative_to(folder)): p for p in folder.rglob("*")}}
    return {name: stat.S_IMODE(path.stat().st_mode) for name, path in found.items()}


def begun(folder: Path) -> RunFolder:
    run = new_run_folder(folder, NOW)
    with locked(folder, me(NOW, "test")):
        journal = Journal(run.journal_path, lambda: NOW)
        journal.write(run_started(user="a\u202eb"))
        journal.close()
        run.save("x.xml", b"<a/>")
        write_own(run.pause_file, "held")
    return run


def test_a_plan_and_its_runs_are_for_their_owner_alone(tmp_path: Path) -> None:
    folder = write(tmp_path / "plans")
    begun(folder)
    found = modes(folder)
    assert {"t1", "plan.json", "runbooks/a.sh", ".lock"} < found.keys()
    assert {mode & 0o077 for mode in found.values()} == {0}


def test_a_shareable_plan_is_read_by_others_but_not_what_a_run_keeps(tmp_path: Path) -> None:
    folder = write(tmp_path / "plans", shareable=True)
    run = begun(folder)
    found = modes(folder)
    at = str(run.path.relative_to(folder))
    assert (found["t1"], found["runbooks"], found["runs"], found[at]) == (0o755,) * 4
    assert (found["plan.json"], found["plan.md"], found["runbooks/a.sh"]) == (0o644,) * 3
    assert (found[f"{at}/backup"], found[f"{at}/backup/x.xml"]) == (0o700, 0o600)
    assert found[f"{at}/journal.jsonl"] == 0o600


def test_a_plan_written_again_is_no_more_open_than_asked(tmp_path: Path) -> None:
    write(tmp_path, shareable=True)
    assert {mode & 0o077 for mode in modes(write(tmp_path)).values()} == {0}


def linked(path: Path, elsewhere: Path) -> None:
    """What lies at ``path`` goes to ``elsewhere``, and a link is in its place."""
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


@pytest.mark.parametrize("name", ["plan.json", "inventory.json"])
def test_no_linked_file_is_read_as_the_plans_own(tmp_path: Path, name: str) -> None:
    folder = write(tmp_path)
    linked(folder / name, tmp_path / "elsewhere")
    with pytest.raises(LinkedAway, match=rf"{name} is a link"):
        (read_plan if name == "plan.json" else read_inventory)(folder)


@pytest.mark.parametrize("name", ["plan.json", "plan.md", "inventory.json", "runbooks/a.sh"])
def test_a_link_is_replaced_and_what_it_names_is_not_written(tmp_path: Path, name: str) -> None:
    folder = write(tmp_path)
    mine = tmp_path / "mine"
    mine.write_text("mine")
    (folder / name).unlink()
    (folder / name).symlink_to(mine)
    write_plan(plan(), INVENTORY, "# t\n", {"a.sh": "x\n"}, tmp_path, overwrite=True)
    assert mine.read_text() == "mine"
    assert not (folder / name).is_symlink()


def test_no_script_of_a_linked_runbooks_folder_is_removed(tmp_path: Path) -> None:
    folder = write(tmp_path / "plans")
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "start.sh").write_text("mine")
    (folder / "runbooks" / "a.sh").unlink()
    (folder / "runbooks").rmdir()
    (folder / "runbooks").symlink_to(mine)
    with pytest.raises(LinkedAway):
        write(tmp_path / "plans")
    assert [path.name for path in mine.iterdir()] == ["start.sh"]


@pytest.mark.parametrize("name", ["runs", "runs/ID", "runs/ID/journal.jsonl", "runs/ID/backup"])
def test_no_run_goes_on_through_a_link(tmp_path: Path, name: str) -> None:
    folder = write(tmp_path / "plans")
    run = begun(folder)
    path = folder / name.replace("ID", run.run_id)
    linked(path, tmp_path / "elsewhere")
    if path.name == "backup":
        with pytest.raises(UsageProblem, match="is a link"):
            run.save("y.xml", b"<b/>")
        assert [p.name for p in (tmp_path / "elsewhere").iterdir()] == ["x.xml"]
        return
    with pytest.raises(LinkedAway):
        last_run(folder)
    with pytest.raises(LinkedAway):
        find_run(str(folder))
    if path.name == "journal.jsonl":
        with pytest.raises(LinkedAway):
            read_journal(path)
        with pytest.raises(LinkedAway):
            Journal(path, lambda: NOW)


def test_no_new_run_begins_behind_a_link(tmp_path: Path) -> None:
    folder = write(tmp_path / "plans")
    (tmp_path / "elsewhere").mkdir()
    (folder / "runs").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(LinkedAway):
        new_run_folder(folder, NOW)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_pause_and_a_lock_note_are_written_through_no_link(tmp_path: Path) -> None:
    folder = write(tmp_path / "plans")
    run = begun(folder)
    mine = tmp_path / "mine"
    mine.write_text("mine")
    for path in (run.pause_file, folder / ".lock.json", folder / ".lock.json.tmp"):
        path.unlink(missing_ok=True)
        path.symlink_to(mine)
    assert holder(folder) is None
    write_own(run.pause_file, "held")
    with locked(folder, me(NOW, "test")):
        assert mine.read_text() == "mine"
    assert mine.read_text() == "mine"


def test_a_link_in_place_of_the_lock_is_not_followed(tmp_path: Path) -> None:
    folder = write(tmp_path / "plans")
    (folder / ".lock").symlink_to(tmp_path / "made")
    with pytest.raises(UsageProblem, match="cannot be written"), locked(folder, me(NOW, "test")):
        pass
    assert not (tmp_path / "made").exists()


def test_what_is_read_is_a_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "plan.json")
    with pytest.raises(OSError, match="no regular file"):
        read_own(tmp_path / "plan.json")
    with pytest.raises(UsageProblem, match="no regular file"):
        read_plan(tmp_path)


def test_what_no_reader_sees_is_escaped_in_the_journal_too(tmp_path: Path) -> None:
    run = begun(write(tmp_path))
    assert "a\\u202eb" in run.journal_path.read_text()
    assert start_of(read_journal(run.journal_path)).user == "a\u202eb"
