"""``edit-file``: a file of a checkout that sets what the controller is told.

It changes the file and nothing else. Whether the controller knows of it is for the manual step
behind it, which reads the controller; so no text of this one says that anything moved.
"""

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from migrate.model import plan_steps
from migrate.model.errors import MigrateError
from migrate.model.inventory import Verdict
from migrate.model.journal.controller import FileIntent, FileOutcome, FileUndo, FileUndone
from migrate.model.text import file_name, visible
from migrate.plan_store.replace import replace_file, temporary_of
from migrate.planner.sources import switched
from migrate.sources.jcasc.edit import edit
from migrate.splice.edit import Edit
from migrate.splice.text import MAX_CHARS, NotEditable, decode, encode
from migrate.steps.base import (
    Check,
    CheckState,
    Context,
    Description,
    NeedsSource,
    NotPutBack,
    StepBlocked,
    StepFailed,
    StepLog,
    Verification,
    journalled,
    standing,
)
from migrate.steps.controller.close_controller_port import port_off
from migrate.steps.controller.switch_cloud import cloud_switched
from migrate.steps.node.owned_nodes import owned_nodes_read

YAML = (".yaml", ".yml")


@dataclass(frozen=True)
class _File:
    """The file as it is now."""

    path: Path
    body: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.body).hexdigest()


class EditFile:
    """Edits the file, provided that it is as planned; keeps it whole for the way back."""

    kind = "edit-file"

    def describe(self, step: plan_steps.EditFile) -> Description:
        """One line."""
        return Description(
            visible(step.title),
            downtime="none: it changes a file, and the controller only when that is deployed",
            reversible=True,
        )

    def describe_back(self, step: plan_steps.EditFile) -> str:
        """One line."""
        return f"{visible(step.subject)}: as it was before the edit"

    def diff(self, step: plan_steps.EditFile, ctx: Context) -> str:
        """The lines that change, every value masked that the edit is not about."""
        return _edited(step, _read(step, ctx)).diff

    def check(self, step: plan_steps.EditFile, ctx: Context, log: StepLog | None = None) -> Check:
        """Read the file again: as wanted, as planned, or changed by somebody."""
        try:
            file = _read(step, ctx)
        except StepBlocked as error:
            return _elsewhere(step, ctx, log) or Check(
                CheckState.BLOCKED, f"{error.cause} (next: {error.next_command})"
            )
        try:
            made = _edited(step, file)
        except NotEditable as error:
            return Check(CheckState.DRIFTED, error.cause)
        if not made.changed:
            return Check(CheckState.DONE, _says(step))
        if not _planned(step, file):
            return Check(CheckState.DRIFTED, _drifted(step))
        return Check(CheckState.READY)

    def dry_run(self, step: plan_steps.EditFile, ctx: Context) -> str:
        """Makes the edit in memory, and looks whether the file may be replaced."""
        file = _read(step, ctx)
        if not _edited(step, file).changed:
            return f"no change: {_says(step)}"
        _writable(file)
        return f"would change: {visible(step.path)}, and nothing on the controller"

    def apply(self, step: plan_steps.EditFile, ctx: Context, log: StepLog) -> str:
        """Edit it and read it back."""
        file = _read(step, ctx)
        made = _edited(step, file)
        if made.changed:
            if not _planned(step, file):
                raise StepFailed(_drifted(step), next_command="migrate plan --name NEW-NAME")
            _writable(file)
            self._write(step, file, encode(made.text), log)
        seen = self.verify(step, ctx)
        if seen.verdict is not Verdict.PASS:
            raise StepFailed(seen.detail)
        return seen.detail

    def _write(self, step: plan_steps.EditFile, file: _File, body: bytes, log: StepLog) -> None:
        ref = log.save(f"{file_name(step.path)}.before", file.body)
        after = hashlib.sha256(body).hexdigest()
        intent = FileIntent(
            path=step.path,
            sha256=file.sha256,
            after_sha256=after,
            backup=ref.file,
            backup_sha256=ref.sha256,
        )
        with journalled(log, intent, FileOutcome(ok=True)) as end:
            # Somebody may have saved it in an editor since it was read.
            if file.path.read_bytes() != file.body:
                raise StepFailed(_drifted(step))
            _replace(file.path, body)
            now = hashlib.sha256(file.path.read_bytes()).hexdigest()
            if now != after:
                raise StepFailed(f"{visible(str(file.path))} was written, but reads otherwise")
            end.outcome = FileOutcome(ok=True, sha256=now)

    def verify(self, step: plan_steps.EditFile, ctx: Context) -> Verification:
        """What the file says now; nothing about the controller."""
        try:
            made = _edited(step, _read(step, ctx))
        except MigrateError as error:
            return Verification(Verdict.INCONCLUSIVE, error.cause)
        if made.changed:
            return Verification(Verdict.FAIL, f"{visible(step.path)} is not edited")
        return Verification(Verdict.PASS, _says(step))

    def rollback(self, step: plan_steps.EditFile, ctx: Context, log: StepLog) -> str:
        """The old bytes, unless somebody changed the file since."""
        known = standing(log, FileIntent)
        if known is None:
            return ""
        name, intent = visible(step.path), known.intent
        kept = f"backup/{intent.backup} of the run's folder is the file from before"
        if not (ctx.settings.sources or ctx.settings.planned_sources):
            raise NeedsSource(
                f"{name}: give --source DIR, the folder in which it lies",
                needs="run the rollback again with --source DIR",
            )
        try:
            file = _read(step, ctx)
        except StepBlocked as error:
            raise NotPutBack(
                error.cause,
                needs=f"run the rollback again with --source DIR, where {name} is; or by hand: "
                f"{kept}",
            ) from error
        if file.sha256 not in (intent.sha256, intent.after_sha256):
            raise NotPutBack(
                f"{name} was changed by somebody else since",
                needs=f"take the edit back by hand in {visible(str(file.path))}; {kept}",
            )
        with suppress(OSError):
            temporary_of(file.path).unlink(missing_ok=True)
        if file.sha256 != intent.sha256:
            log.write(FileUndo(path=step.path))
            _replace(file.path, log.load(intent.kept))
        if _read(step, ctx).sha256 != intent.sha256:
            raise NotPutBack(f"{name} was written back, but reads otherwise", needs=kept)
        told = f"{name} is as it was, byte for byte; what was deployed of it stays until a deploy"
        log.write(FileUndone(text=told))
        return told


def _roots(step: plan_steps.EditFile, ctx: Context) -> tuple[str, ...]:
    return ctx.settings.sources or (step.source,)


def _read(step: plan_steps.EditFile, ctx: Context) -> _File:
    """The planned file below the sources of this run; ``StepBlocked`` when it isn't there."""
    name, roots = step.path, _roots(step, ctx)
    if not name.lower().endswith(YAML):
        raise StepBlocked(
            f"{visible(name)} is no YAML file, and no other is edited",
            next_command="migrate plan --name NEW-NAME",
        )
    found: list[Path] = []
    for root in roots:
        path = Path(root) / name
        with suppress(OSError, RuntimeError):
            real = Path(root).resolve()
            # No link on the way: it may lead outside, and would be replaced by a file.
            inside = path.resolve() == real / name and (real / name).is_relative_to(real)
            if path.is_file() and inside:
                found.append(path)
    again = f"--source DIR, the folder in which {visible(name)} lies, beside the same command"
    if len(found) != 1:
        where = ", ".join(visible(root) for root in roots)
        count = f"{len(found)} of" if found else "not below"
        told = f"the file {visible(name)} is {count} {where} on this machine"
        raise StepBlocked(told, next_command=again)
    try:
        with found[0].open("rb") as file:
            return _File(found[0], file.read(MAX_CHARS + 1))
    except OSError as error:
        raise StepBlocked(
            f"{visible(str(found[0]))} can't be read: {error.strerror}", next_command=again
        ) from None


def _planned(step: plan_steps.EditFile, file: _File) -> bool:
    """Whether this is a text that the plan knows: as scanned, or as its earlier step leaves it."""
    return file.sha256 in (step.fingerprint["sha256"], step.fingerprint.get("scanned_sha256"))


def _edited(step: plan_steps.EditFile, file: _File) -> Edit:
    return edit(
        decode(file.body),
        step.clouds,
        nodes=step.nodes,
        port=step.port,
        path=step.path,
    )


def _writable(file: _File) -> None:
    if not os.access(file.path.parent, os.W_OK | os.X_OK):
        raise StepBlocked(
            f"the folder of {visible(str(file.path))} is not writable, so it can't be replaced",
            next_command="run the same command as a user who may write there",
        )


def _replace(path: Path, body: bytes) -> None:
    try:
        replace_file(path, body)
    except OSError as error:
        raise StepFailed(f"{visible(str(path))} can't be written: {error.strerror}") from error


def _elsewhere(step: plan_steps.EditFile, ctx: Context, log: StepLog | None) -> Check | None:
    """Done although the file is not here: this run edited it, or its deploy has arrived."""
    known = standing(log, FileIntent) if log else None
    name = visible(step.path)
    if known is not None and known.outcome is not None:
        return Check(CheckState.DONE, f"this run edited {name}, which is not on this machine now")
    try:
        seen = [port_off(ctx).verdict] if step.port else []
        seen += [cloud_switched(ctx, cloud).verdict for cloud in step.clouds]
        if step.nodes:
            seen.append(owned_nodes_read(ctx.jenkins, step.nodes).verdict)
    except MigrateError:
        return None
    if all(verdict is Verdict.PASS for verdict in seen):
        return Check(
            CheckState.DONE, f"{name} is not on this machine; the controller reads as wanted"
        )
    return None


def _says(step: plan_steps.EditFile) -> str:
    what = switched(step.clouds, step.nodes) if step.clouds or step.nodes else "slaveAgentPort -1"
    return f"{visible(step.path)} says {what}; the controller knows once it is deployed"


def _drifted(step: plan_steps.EditFile) -> str:
    return f"{visible(step.path)} was changed since the plan (its SHA-256 is another); plan again"
