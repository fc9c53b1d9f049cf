"""The folders that owners get."""

import hashlib
from pathlib import Path

import pytest

from migrate.model.errors import UsageProblem
from migrate.plan_store.handover import runbook, write_share


def test_only_a_runbook_as_the_plan_made_it_is_given(tmp_path: Path) -> None:
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks" / "a.sh").write_text("x")
    digest = hashlib.sha256(b"x").hexdigest()
    assert runbook(tmp_path, "runbooks/a.sh", digest) == "x"
    (tmp_path / "runbooks" / "a.sh").write_text("changed")
    assert runbook(tmp_path, "runbooks/a.sh", digest) is None
    assert runbook(tmp_path, "runbooks/gone.sh", digest) is None
    (tmp_path / "b.sh").write_text("x")
    assert runbook(tmp_path, "runbooks/../b.sh", digest) is None
    assert runbook(tmp_path, "b.sh", digest) is None
    (tmp_path / "runbooks" / "l.sh").symlink_to(tmp_path / "b.sh")
    assert runbook(tmp_path, "runbooks/l.sh", digest) is None


def test_what_is_not_handed_over_any_more_goes(tmp_path: Path) -> None:
    folder = tmp_path / "handover" / "x"
    write_share(folder, {"runbooks/a.sh": "a", "page.html": "p"})
    write_share(folder, {"page.html": "q"})
    assert [p.name for p in folder.iterdir()] == ["page.html"]
    assert (folder / "page.html").read_text() == "q"


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "handover").write_text("")
    with pytest.raises(UsageProblem, match="cannot write"):
        write_share(tmp_path / "handover" / "x", {})
