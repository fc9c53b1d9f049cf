"""The journal: append-only JSON lines, each synced to disk and chained by a checksum.

A line is a record with ``sum``, the first 16 hex digits of SHA-256 over the sum before it
and the record. A torn last line (a crash in the middle of a write) is recognised and
dropped; damage anywhere else is refused by line number.
"""

import fcntl
import hashlib
import json
import os
import threading
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from migrate.model.errors import ExitCode, MigrateError, UsageProblem
from migrate.model.journal.base import Entry, RecordKind
from migrate.model.known_secrets import known
from migrate.model.plan_steps import refuse_unknown
from migrate.model.records import Record, UnknownEntry, from_line, to_line
from migrate.model.serialize import SCHEMA_VERSION
from migrate.model.text import json_visible, visible
from migrate.plan_store.private import not_linked, read_own

_CHANGES = (RecordKind.INTENT, RecordKind.UNDO)


class JournalDamaged(UsageProblem):
    """A journal that cannot be trusted."""


class JournalLost(MigrateError):
    """A record could not be put on disk: nothing may be changed any more."""


def _sum(previous: str, body: str) -> str:
    return hashlib.sha256(f"{previous}{body}".encode()).hexdigest()[:16]


def _encode(record: Record, previous: str) -> tuple[str, str]:
    body = json.dumps(to_line(record), ensure_ascii=False, separators=(",", ":"))
    digest = _sum(previous, body)
    # What nobody sees is escaped: the same data, so the same sum.
    return json_visible(f'{body[:-1]},"sum":"{digest}"}}'), digest


def _whole(line: str, previous: str) -> tuple[object, str]:
    """A record as plain data, and its sum; ``ValueError`` where it is not as it was written."""
    data = json.loads(line)
    if not isinstance(data, dict):
        raise ValueError("no record")
    digest = data.pop("sum", "")
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    if digest != _sum(previous, body):
        raise ValueError("checksum differs")
    return data, digest


def _parse(text: bytes, path: Path) -> tuple[tuple[Record, ...], str, int]:
    """Records, the last sum, and how many bytes of the file are good."""
    records: list[Record] = []
    previous, good = "", 0
    # What follows the last line break was never finished: its write had not returned.
    lines = text.split(b"\n")[:-1]
    # Before anything else: records of another schema need not even look like ours.
    by = _check_version(lines[0] if lines else b"", path)
    for number, line in enumerate(lines, 1):
        is_last = number == len(lines)
        try:
            data, previous = _whole(line.decode("utf-8"), previous)
        except ValueError as error:
            if is_last:
                break
            raise JournalDamaged(
                f"{path.name} line {number} is damaged ({error})",
                next_command="restore the file from a backup; nothing was changed",
            ) from None
        records.append(_read(data, number, by, path))
        good += len(line) + 1
    return tuple(records), previous, good


def _read(data: object, number: int, by: str, path: Path) -> Record:
    """The record, with types; ``JournalDamaged`` for one that is whole, and yet none of ours.
    ``by`` is the version that wrote it, for a person."""
    use = f"use the version of migrate that wrote it{by}"
    try:
        return from_line(data)
    except UnknownEntry as error:
        told = f"{path.name} line {number} has {error}, which this version of migrate does not know"
        raise JournalDamaged(told, next_command=use) from None
    except ValueError as error:
        refuse_unknown(error)
        why = visible(str(error))
        if "`$.steps[" in why:
            told = f"the journal has a step that this version cannot read: {why}"
            raise JournalDamaged(told, next_command=use) from None
        raise JournalDamaged(
            f"{path.name} line {number} does not say what such a record says: {why}; nothing was "
            "changed",
            next_command="do not run it: look who wrote the journal in the run's folder",
        ) from None


def _check_version(first: bytes, path: Path) -> str:
    """The version that wrote it, for a person. ``JournalDamaged`` for another schema, by name. A
    first line that can't be read at all is the checksum's to judge."""
    try:
        head = json.loads(first)
    except ValueError:
        return ""
    data = head.get("data") if isinstance(head, dict) else None
    known = data if isinstance(data, dict) else {}
    version, tool = known.get("schema_version"), known.get("tool_version")
    by = f" (migrate {visible(str(tool))})" if tool else ""
    if version != SCHEMA_VERSION:
        raise JournalDamaged(
            f"{path.name} has schema {version!r}{by}; this version of migrate reads "
            f"{SCHEMA_VERSION}",
            next_command="use the version of migrate that wrote it (first record, tool_version)",
        )
    return by


def read_journal(path: Path) -> tuple[Record, ...]:
    """All whole records, oldest first; ``UsageProblem`` when missing or damaged."""
    try:
        text = read_own(path)
    except OSError as error:
        raise UsageProblem(
            f"cannot read {path}: {error.strerror}", next_command="migrate status"
        ) from None
    return _parse(text, path)[0]


class Journal:
    """The one writer of a run's journal. Safe to use from several threads."""

    def __init__(self, path: Path, now: Callable[[], str]) -> None:
        self.path = path
        self._now = now
        self._lock = threading.Lock()
        self._lost = ""
        self.guard: Callable[[], None] = lambda: None
        """Called before each ``intent`` and ``undo``; raises when this run may not change anything
        any more."""
        try:
            not_linked(path)
            self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
            try:
                # One writer, also when somebody removed the lock file beside the plan.
                fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                text = path.read_bytes()
                records, self._sum, good = _parse(text, path)
                self._records = list(records)
                self._of_step: defaultdict[str, list[Record]] = defaultdict(list)
                for record in records:
                    self._of_step[record.step].append(record)
                self.torn = good < len(text)
                """Whether the last record was torn by a crash, and dropped."""
                if self.torn:
                    os.ftruncate(self._fd, good)
                    os.fsync(self._fd)
                sync_folder(path.parent)
            except BaseException:
                os.close(self._fd)
                raise
        except BlockingIOError:
            raise JournalLost(
                f"another process writes the journal {path}; nothing was changed",
                next_command="migrate status PLAN",
                exit_code=ExitCode.LOCKED,
            ) from None
        except OSError as error:
            raise JournalLost(
                f"cannot write the journal {path}: {error.strerror}; nothing was changed",
                next_command="free the disk, or copy the plan's folder to where it can be written",
                exit_code=ExitCode.USAGE,
            ) from error

    def write(self, entry: Entry, *, step: str = "") -> Record:
        """Append one record; on disk when this returns. ``JournalLost`` when that failed."""
        if entry.kind in _CHANGES:
            self.guard()
        with self._lock:
            if self._lost:
                raise JournalLost(self._lost, next_command="migrate status")
            record = _without_secrets(Record(len(self._records) + 1, self._now(), entry, step))
            line, digest = _encode(record, self._sum)
            try:
                _write_all(self._fd, line.encode() + b"\n")
                os.fsync(self._fd)
            except OSError as error:
                self._lost = f"cannot write the journal {self.path}: {error.strerror}"
                raise JournalLost(
                    self._lost,
                    next_command="migrate apply PLAN --resume    # after freeing the disk",
                ) from error
            self._records.append(record)
            self._of_step[step].append(record)
            self._sum = digest
            return record

    def records(self) -> tuple[Record, ...]:
        """Everything so far."""
        with self._lock:
            return tuple(self._records)

    def of_step(self, step: str) -> tuple[Record, ...]:
        """Those of one step: each looks at its own some 30 times, and there are thousands."""
        with self._lock:
            return tuple(self._of_step[step])

    def close(self) -> None:
        """Close the file."""
        os.close(self._fd)


def _without_secrets(record: Record) -> Record:
    """What may be kept of it. ``JournalLost`` where nothing that can be read again is left."""
    line = to_line(record)
    hidden = known().hide_in(line["data"])
    if hidden == line["data"]:
        return record
    try:
        return from_line({**line, "data": hidden})
    except ValueError as error:
        raise JournalLost(
            f"what is a secret stands where the journal needs it: {visible(str(error))}",
            next_command="give it another name than the secret",
        ) from None


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def sync_folder(folder: Path) -> None:
    """Put a folder's own entries on disk: a new file is not there before they are."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
