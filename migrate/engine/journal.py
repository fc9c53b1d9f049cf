"""The journal: append-only JSON lines, each synced to disk and chained by a checksum.

A line is a record with ``sum``, the first 16 hex digits of SHA-256 over the sum before it
and the record. A torn last line (a crash in the middle of a write) is recognised and
dropped; damage anywhere else is refused by line number.
"""

import hashlib
import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from migrate.model.errors import ExitCode, MigrateError, UsageProblem
from migrate.model.records import Record
from migrate.model.serialize import SCHEMA_VERSION, from_data, to_data


class JournalDamaged(UsageProblem):
    """A journal that cannot be trusted."""


class JournalLost(MigrateError):
    """A record could not be put on disk: nothing may be changed any more."""


def _sum(previous: str, body: str) -> str:
    return hashlib.sha256(f"{previous}{body}".encode()).hexdigest()[:16]


def _encode(record: Record, previous: str) -> tuple[str, str]:
    body = json.dumps(to_data(record), ensure_ascii=False, separators=(",", ":"))
    digest = _sum(previous, body)
    return f'{body[:-1]},"sum":"{digest}"}}', digest


def _decode(line: str, previous: str) -> tuple[Record, str]:
    data: dict[str, Any] = json.loads(line)
    digest = data.pop("sum", "")
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    if digest != _sum(previous, body):
        raise ValueError("checksum differs")
    return from_data(data, Record), digest


def _parse(text: bytes, path: Path) -> tuple[tuple[Record, ...], str, int]:
    """Records, the last sum, and how many bytes of the file are good."""
    records: list[Record] = []
    previous, good = "", 0
    # What follows the last line break was never finished: its write had not returned.
    lines = text.split(b"\n")[:-1]
    for number, line in enumerate(lines, 1):
        is_last = number == len(lines)
        try:
            record, previous = _decode(line.decode("utf-8"), previous)
        except ValueError as error:
            if is_last:
                break
            raise JournalDamaged(
                f"{path.name} line {number} is damaged ({error})",
                next_command="restore the file from a backup; nothing was changed",
            ) from None
        records.append(record)
        good += len(line) + 1
    _check_version(records, path)
    return tuple(records), previous, good


def _check_version(records: list[Record], path: Path) -> None:
    if not records:
        return
    version = records[0].data.get("schema_version")
    if records[0].kind != "run-started" or version != SCHEMA_VERSION:
        raise JournalDamaged(
            f"{path.name} has schema {version!r}; this version of migrate reads {SCHEMA_VERSION}",
            next_command="use the version of migrate that wrote it (first record, tool_version)",
        )


def read_journal(path: Path) -> tuple[Record, ...]:
    """All whole records, oldest first; ``UsageProblem`` when missing or damaged."""
    try:
        text = path.read_bytes()
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
        """Called before each ``intent``; raises when this run may not change anything any more."""
        try:
            text = path.read_bytes() if path.exists() else b""
            records, self._sum, good = _parse(text, path)
            self._records = list(records)
            self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            if good < len(text):
                os.ftruncate(self._fd, good)
                os.fsync(self._fd)
            _sync_folder(path.parent)
        except OSError as error:
            raise JournalLost(
                f"cannot write the journal {path}: {error.strerror}; nothing was changed",
                next_command="free the disk, or copy the plan's folder to where it can be written",
                exit_code=ExitCode.USAGE,
            ) from error

    def write(
        self, kind: str, *, step: str = "", action: str = "", data: dict[str, Any] | None = None
    ) -> Record:
        """Append one record; on disk when this returns. ``JournalLost`` when that failed."""
        if kind == "intent":
            self.guard()
        with self._lock:
            if self._lost:
                raise JournalLost(self._lost, next_command="migrate status")
            record = Record(len(self._records) + 1, self._now(), kind, step, action, data or {})
            line, digest = _encode(record, self._sum)
            try:
                _write_all(self._fd, line.encode() + b"\n")
                os.fsync(self._fd)
            except OSError as error:
                self._lost = f"cannot write the journal {self.path}: {error.strerror}"
                raise JournalLost(
                    self._lost, next_command="free the disk, then migrate apply PLAN --resume"
                ) from error
            self._records.append(record)
            self._sum = digest
            return record

    def records(self) -> tuple[Record, ...]:
        """Everything so far."""
        with self._lock:
            return tuple(self._records)

    def close(self) -> None:
        """Close the file."""
        os.close(self._fd)


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
