"""Forged journals: refused before anything is written, in one sentence."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from engine_lab import Lab, installed
from journal_entries import append_line, entry, run_started
from msgspec.structs import replace

from migrate.engine.record.folder import RunFolder, last_run
from migrate.engine.record.journal import Journal, read_journal
from migrate.engine.record.state import start_of
from migrate.engine.record.trust import check_journal, verified_plan
from migrate.model.errors import UsageProblem
from migrate.model.journal.base import BackupRef
from migrate.model.journal.controller import FileIntent, FileOutcome
from migrate.model.journal.run import PlannedStep
from migrate.model.names import DriverName, StageName
from migrate.model.plan_steps import EditFile, MoveNode
from migrate.model.records import Record

EVIL, MINE = b"attacker was here\n", b"mine: true\n"
NOW = "2026-01-01T00:00:00.000Z"


def sha(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with installed(tmp_path_factory.mktemp("lab")) as lab:
        lab.apply("--node", "a-1", "--stage", "nodes")
        yield lab


def forge(lab: Lab, victim: Path, backup: str) -> RunFolder:
    """A run in the plan's folder that says that it edited ``victim``."""
    genuine = last_run(lab.folder / lab.plan)
    assert genuine is not None
    head = start_of(read_journal(genuine.journal_path))
    step_id = "source/x"
    step = EditFile(
        id=step_id, subject="x", title="edit x", source=str(victim.parent), path=victim.name,
        port=True, fingerprint={"sha256": sha(EVIL)},
    )  # fmt: skip
    added = PlannedStep(stage=StageName.NODES, wave="src", step=step)
    run = RunFolder(genuine.path.parent / "99991231-000000")
    run.create()
    run.journal_path.unlink(missing_ok=True)
    journal = Journal(run.journal_path, lambda: NOW)
    journal.write(replace(head, steps=(*head.steps, added)))
    intent = FileIntent(
        path=victim.name, sha256=sha(EVIL), after_sha256=sha(MINE), backup=backup,
        backup_sha256=sha(EVIL),
    )  # fmt: skip
    journal.write(intent, step=step_id)
    journal.write(FileOutcome(ok=True, sha256=sha(MINE)), step=step_id)
    journal.close()
    return run


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    file = tmp_path / "victim.yaml"
    file.write_bytes(MINE)
    return file


def _absolute(run: RunFolder, outside: Path) -> str:
    return str(outside)


def _above(run: RunFolder, outside: Path) -> str:
    (run.path / "evil").write_bytes(EVIL)
    return "../evil"


def _link(run: RunFolder, outside: Path) -> str:
    (run.backups / "linked").unlink(missing_ok=True)
    (run.backups / "linked").symlink_to(outside)
    return "linked"


@pytest.mark.parametrize(
    ("make", "told"),
    [(_absolute, "no plain file name"), (_above, "no plain file name"), (_link, "symbolic link")],
)
def test_a_backup_outside_of_the_run_is_refused(
    lab: Lab, victim: Path, make: Callable[[RunFolder, Path], str], told: str
) -> None:
    outside = victim.with_name("outside")
    outside.write_bytes(EVIL)
    run = forge(lab, victim, "none")
    run = forge(lab, victim, make(run, outside))
    before = run.journal_path.read_bytes()
    code, output = lab.run("rollback", str(run.path), "--yes")
    assert code == 2 and told in output and "Traceback" not in output
    assert victim.read_bytes() == MINE and run.journal_path.read_bytes() == before
    with pytest.raises(UsageProblem, match=told):
        run.load(BackupRef(make(run, outside), sha(EVIL)))


def test_a_step_that_the_plan_does_not_have_is_refused(lab: Lab, victim: Path) -> None:
    run = forge(lab, victim, "kept")
    (run.backups / "kept").write_bytes(EVIL)
    code, output = lab.run("rollback", str(run.path), "--yes", "--source", str(victim.parent))
    assert code == 3 and "the journal names a step that the plan does not have" in output
    assert victim.read_bytes() == MINE


def test_from_a_journal_alone_a_file_is_written_only_below_a_source_given_now(
    lab: Lab, victim: Path
) -> None:
    run = forge(lab, victim, "kept")
    (run.backups / "kept").write_bytes(EVIL)
    plan = lab.folder / lab.plan / "plan.json"
    kept = plan.read_bytes()
    plan.unlink()
    try:
        code, output = lab.run("rollback", str(run.path), "--yes")
        assert code == 4 and "give --source DIR" in output
        assert "from the journal alone" in output and "file victim.yaml below" in output
        assert victim.read_bytes() == MINE
    finally:
        plan.write_bytes(kept)


def test_a_forged_launch_file_is_refused_before_anything_is_done(lab: Lab) -> None:
    genuine = last_run(lab.folder / lab.plan)
    assert genuine is not None
    run = RunFolder(genuine.path.parent / "99991231-000001")
    run.create()
    run.journal_path.write_bytes(genuine.journal_path.read_bytes())
    said = {"node": "a-1", "files": [{"path": "/etc/passwd"}]}
    append_line(run.journal_path, kind="intent", step="node/a-1", action="launch", data=said)
    try:
        for words in (
            ("rollback", str(run.path), "--yes"),
            ("mark", str(run.path), "a-1", "done", "--reason", "x"),
            ("apply", lab.plan, "--yes", "--resume"),
        ):
            code, output = lab.run(*words)
            assert code == 2, output
            assert "names the file '/etc/passwd' on the agent's host" in output
    finally:
        run.journal_path.unlink()


def test_the_run_of_the_plan_passes_and_goes_back_without_its_plan(lab: Lab) -> None:
    for forged in (lab.folder / lab.plan / "runs").glob("9999*"):
        (forged / "journal.jsonl").unlink(missing_ok=True)
    run = last_run(lab.folder / lab.plan)
    assert run is not None
    records = read_journal(run.journal_path)
    check_journal(run, records)
    assert verified_plan(run, records)[0] is not None
    assert lab.transport("a-1") == "WebSocket"
    (lab.folder / lab.plan / "plan.json").unlink()
    code, output = lab.run("rollback", str(run.path), "--yes", "--poll", "0.05")
    assert code == 0, output
    assert "node config of a-1" in output
    lab.wait_for(lambda: lab.transport("a-1") == "JNLP4-connect", "a-1 over TCP")


NODE = MoveNode(id="node/a", subject="node a", title="a", node="a", driver=DriverName.REREAD)
HEAD = Record(1, NOW, run_started(NODE))


@pytest.mark.parametrize(
    ("records", "told"),
    [
        ((), "does not begin"),
        ((Record(1, NOW, entry("note", "run")),), "does not begin"),
        ((Record(2, NOW, HEAD.entry),), "has the number 2"),
        ((HEAD, Record(2, NOW, entry("intent", "hold"), "no/step")), "no step of the run"),
        ((HEAD, Record(2, NOW, entry("intent", "hold"))), "a change of no step"),
        ((HEAD, Record(2, NOW, entry("intent", "hold", node="b"), "node/a")), "the node 'b'"),
        ((HEAD, Record(2, NOW, entry("outcome", "switch"), "node/a")), "never began"),
        ((HEAD, Record(2, NOW, entry("undo", "switch"), "node/a")), "never done"),
    ],
)
def test_records_that_do_not_fit_are_refused(
    tmp_path: Path, records: tuple[Record, ...], told: str
) -> None:
    with pytest.raises(UsageProblem, match=told):
        check_journal(RunFolder(tmp_path), records)
