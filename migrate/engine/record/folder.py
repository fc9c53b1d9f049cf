"""A run's folder: journal, backups, control files."""

import hashlib
import os
import shlex
from pathlib import Path

from migrate.engine.record.backups import own_folder, plain_name, read_backup, same_content
from migrate.engine.record.journal import Journal, sync_folder
from migrate.model.errors import MigrateError, UsageProblem
from migrate.model.journal.base import BackupRef, Entry
from migrate.model.records import Record
from migrate.plan_store.private import is_shareable, not_linked
from migrate.plan_store.private import own_folder as make_own
from migrate.plan_store.shown import shown_path


class RunFolder:
    """``plans/NAME/runs/ID``."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def run_id(self) -> str:
        """The folder's name."""
        return self.path.name

    @property
    def plan_folder(self) -> Path:
        """``plans/NAME``."""
        return self.path.parent.parent

    @property
    def plan_word(self) -> str:
        """``plan_folder`` as a word of a command that a person types here."""
        return shlex.quote(shown_path(self.plan_folder))

    @property
    def journal_path(self) -> Path:
        """``journal.jsonl``."""
        return self.path / "journal.jsonl"

    @property
    def backups(self) -> Path:
        """``backup/`` (0700): raw configurations, which may hold secrets."""
        return self.path / "backup"

    @property
    def pause_file(self) -> Path:
        """While it exists, no further node starts."""
        return self.path / "PAUSE"

    def create(self) -> None:
        """Make the folder, as open as its plan's is; existing is fine.

        ``UsageProblem`` when it can't be made, or a link is in its place.
        """
        try:
            shared = self.plan_folder.exists() and is_shareable(self.plan_folder)
            for folder in (self.path.parent, self.path):
                make_own(folder, shareable=shared)
            make_own(self.backups)
            # A journal is on disk only when the entries of its folders are, too.
            for folder in (self.path, self.path.parent, self.plan_folder):
                sync_folder(folder)
        except OSError as error:
            raise UsageProblem(
                f"cannot make the run's folder {self.path}: {error.strerror}; nothing was changed",
                next_command="free the disk, or copy the plan to where it can be written",
            ) from None

    def save(self, name: str, body: bytes) -> BackupRef:
        """Keep ``body`` under ``name``, or a numbered name where other content is there."""
        digest = hashlib.sha256(body).hexdigest()
        stem, number = plain_name(name), 1
        try:
            own_folder(self.backups)
            while os.path.lexists(self.backups / name):
                if same_content(self.backups / name, digest):
                    return BackupRef(name, digest)
                number += 1
                name = f"{stem}.{number}"
            temporary = self.backups / f".{name}.tmp"
            temporary.unlink(missing_ok=True)
            fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            with os.fdopen(fd, "wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.backups / name)
            sync_folder(self.backups)
        except OSError as error:
            raise MigrateError(
                f"cannot keep a backup in {self.backups}: {error.strerror}; nothing was changed",
                next_command="migrate apply PLAN --resume    # after freeing the disk",
            ) from error
        return BackupRef(name, digest)

    def load(self, ref: BackupRef) -> bytes:
        """Read a backup and check it. ``UnsafeBackup`` for one outside of ``backup/``."""
        try:
            body = read_backup(self.backups, ref.file)
        except OSError as error:
            raise MigrateError(
                f"the backup {ref.file} cannot be read: {error.strerror}",
                next_command=f"look in {self.backups}",
            ) from None
        if hashlib.sha256(body).hexdigest() != ref.sha256:
            raise MigrateError(
                f"the backup {ref.file} is not what the journal recorded (SHA-256 differs)",
                next_command=f"restore {self.backups / ref.file}, then run the command again",
            )
        return body


class StepJournal:
    """The journal and backups as one step sees them (``steps.base.StepLog``)."""

    def __init__(self, folder: RunFolder, journal: Journal, step_id: str) -> None:
        self._folder, self._journal, self._step = folder, journal, step_id

    def write(self, entry: Entry) -> None:
        """Append a record for this step."""
        self._journal.write(entry, step=self._step)

    def records(self) -> tuple[Record, ...]:
        """This step's records."""
        return self._journal.of_step(self._step)

    def of_run(self) -> tuple[Record, ...]:
        """The run's records."""
        return self._journal.records()

    def save(self, name: str, body: bytes) -> BackupRef:
        """Keep a backup."""
        return self._folder.save(name, body)

    def load(self, ref: BackupRef) -> bytes:
        """Read a backup."""
        return self._folder.load(ref)


def run_folders(plan_folder: Path) -> tuple[RunFolder, ...]:
    """All runs of a plan, oldest first (ids begin with their UTC start).

    One that died before its first record was whole has done nothing, and counts as none.
    ``LinkedAway`` when a link is among them.
    """
    runs = plan_folder / "runs"
    not_linked(runs)
    found = sorted(runs.glob("*/journal.jsonl"))
    not_linked(*(path.parent for path in found), *found)
    return tuple(RunFolder(path.parent) for path in found if _began(path))


def _began(journal: Path) -> bool:
    try:
        with journal.open("rb") as file:
            return file.readline().endswith(b"\n")
    except OSError:
        # Not readable is no reason to begin another one: whoever reads it says why.
        return True


def last_run(plan_folder: Path) -> RunFolder | None:
    """The newest run, if any."""
    found = run_folders(plan_folder)
    return found[-1] if found else None


def find_run(text: str) -> RunFolder:
    """A run by its folder, by its plan's folder (its newest run), or by its id below plans/."""
    path = Path(text)
    if (path / "journal.jsonl").is_file():
        return RunFolder(path.resolve())
    if path.is_file() and path.name == "journal.jsonl":
        return RunFolder(path.parent.resolve())
    plans = [path / name for name in ("plan.json", "plan.yaml")]
    if any(plan.is_file() for plan in plans) or (path / "runs").is_dir():
        newest = last_run(path.resolve())
        if newest is not None:
            return newest
        raise UsageProblem(
            f"the plan {path} was never applied", next_command=f"migrate apply {path} --dry-run"
        )
    found = sorted(Path("plans").glob(f"*/runs/{text}*/journal.jsonl")) if "/" not in text else []
    if len(found) == 1:
        return RunFolder(found[0].parent.resolve())
    why = "there is no run" if not found else "several runs begin with"
    raise UsageProblem(f"{why} {text!r}", next_command="migrate status plans/NAME")


def new_run_folder(plan_folder: Path, now: str) -> RunFolder:
    """A folder whose name begins with the UTC time, so that names sort by age."""
    stamp = now[:19].replace("-", "").replace(":", "").replace("T", "-")
    folder = RunFolder(plan_folder / "runs" / stamp)
    number = 1
    while folder.path.exists():
        number += 1
        folder = RunFolder(plan_folder / "runs" / f"{stamp}-{number}")
    folder.create()
    return folder
