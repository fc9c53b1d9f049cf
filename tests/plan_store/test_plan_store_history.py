"""The folder of dated scans."""

from pathlib import Path

import pytest

from migrate.model.errors import UsageProblem
from migrate.model.history import HISTORY_SCHEMA, NodeThen, ScanSummary
from migrate.model.inventory import Transport
from migrate.plan_store.history import keep, kept


def summary(at: str, url: str = "https://jenkins.example.com/") -> ScanSummary:
    return ScanSummary(HISTORY_SCHEMA, "0", at, url, (NodeThen("a\x1b", Transport.TCP),))


def test_what_is_kept_is_read_back_in_order(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "history"
    later, sooner = summary("2026-11-02T00:00:00Z"), summary("2026-11-01T00:00:00Z")
    names = [keep(folder, one).name for one in (later, sooner, later)]
    assert len(set(names)) == 3
    assert kept(folder) == ((sooner, later, later), ())
    assert {p.name for p in folder.iterdir()} == set(names), "nothing half written is left"


def test_another_file_is_named_and_left_out(tmp_path: Path) -> None:
    keep(tmp_path, summary("2026-11-01T00:00:00Z"))
    (tmp_path / "bad.scan.json").write_text("{")
    (tmp_path / "new.scan.json").write_text(
        '{"schema_version": 9, "tool_version": "", "scanned_at": "", "controller_url": "", '
        '"nodes": []}'
    )
    (tmp_path / "link.scan.json").symlink_to(tmp_path / "bad.scan.json")
    (tmp_path / "notes.txt").write_text("mine")
    found, refused = kept(tmp_path)
    assert len(found) == 1
    assert [told.split(" ")[0] for told in refused] == [
        "bad.scan.json", "link.scan.json", "new.scan.json",
    ]  # fmt: skip


def test_an_empty_folder_and_one_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="no scan was kept"):
        kept(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageProblem, match="cannot keep the scan"):
        keep(tmp_path / "file", summary("2026-11-01T00:00:00Z"))
