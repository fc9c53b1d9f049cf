"""``migrate purge``: backups go when a plan is over, and whoever comes after is told."""

from pathlib import Path

import pytest
from engine_lab import Lab, installed

from migrate.engine.back.purge import backups_of, purge
from migrate.engine.clock import RealClock, StopSignal
from migrate.engine.locks.file_lock import me
from migrate.engine.record.folder import RunFolder, last_run
from migrate.engine.record.journal import read_journal
from migrate.engine.record.state import purged
from migrate.model.errors import Blocked, UsageProblem


def newest(lab: Lab) -> RunFolder:
    found = last_run(lab.folder / lab.plan)
    assert found is not None
    return found


def kept(lab: Lab) -> list[str]:
    return sorted(path.name for path in newest(lab).backups.iterdir())


def test_backups_go_when_the_plan_is_over_and_not_before(tmp_path: Path) -> None:
    with installed(tmp_path) as lab:
        assert lab.apply("--stage", "nodes")[0] == 0
        before = kept(lab)
        assert before
        code, output = lab.run("purge", lab.plan, "--yes")
        assert code == 3 and "nothing was removed" in output and "--resume" in output
        assert kept(lab) == before

        code, output = lab.apply("--resume", "--confirm", "localhost")
        assert code == 0, output
        before = kept(lab)
        journal = newest(lab).journal_path.read_text()
        code, output = lab.run("purge", lab.plan)
        assert code == 2 and "the same command with --yes" in output
        assert kept(lab) == before and newest(lab).journal_path.read_text() == journal

        code, output = lab.run("purge", lab.plan, "--yes")
        assert code == 0, output
        assert all(name in output for name in before)
        assert kept(lab) == []
        text = newest(lab).journal_path.read_text()
        assert text.startswith(journal) and text[len(journal) :].count("\n") == 1
        code, output = lab.run("purge", lab.plan, "--yes")
        assert (code, newest(lab).journal_path.read_text()) == (0, text)

        for words in (("--yes",), ("--dry-run",), ("--node", "a-1")):
            code, output = lab.run("rollback", lab.plan, *words)
            assert code == 3
            assert "can't be put back" in output and "removed by" in output
            assert f"next: migrate report {lab.plan}" in output
        code, output = lab.run("report", lab.plan)
        assert code == 0 and "backup(s) removed by" in output
        code, output = lab.apply("--resume", "--confirm", "localhost")
        assert code == 0, output


def test_a_run_that_was_put_back_needs_its_backups_no_more(tmp_path: Path) -> None:
    with installed(tmp_path) as lab:
        assert lab.apply("--stage", "nodes")[0] == 0
        assert lab.run("rollback", lab.plan, "--node", "a-1", "--yes", "--poll", "0.05")[0] == 0
        assert lab.run("purge", lab.plan, "--yes")[0] == 3
        assert lab.run("rollback", lab.plan, "--yes", "--poll", "0.05")[0] == 0
        run, clock = newest(lab), RealClock(StopSignal())
        elsewhere = tmp_path / "elsewhere"
        (elsewhere / "inner").mkdir(parents=True)
        (elsewhere / "mine").write_text("mine")
        (run.backups / "link").symlink_to(elsewhere / "mine")
        (run.backups / "folder").symlink_to(elsewhere)
        assert {"link", "folder"} < backups_of(run).keys()
        before = kept(lab)
        assert purge(run, clock, me(clock.now(), "test")) == len(before)
        assert kept(lab) == []
        assert (elsewhere / "mine").read_text() == "mine"
        assert "removed by" in purged(read_journal(run.journal_path))
        run.backups.rmdir()
        run.backups.symlink_to(elsewhere)
        with pytest.raises((UsageProblem, Blocked), match="is a link"):
            purge(run, clock, me(clock.now(), "test"))
        assert (elsewhere / "mine").exists()
