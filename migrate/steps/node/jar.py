"""A node's agent.jar: brought, and put back once no node of its host runs the new one any more.

Several nodes on one host may be started from one file. Whoever comes first replaces it, the
others find it replaced; whoever goes back last puts the old one back. So what the other nodes of
the file came to in this run counts too, and only one node at a time touches a file.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from msgspec.structs import replace

from migrate.drivers.base import Driver
from migrate.model.errors import MigrateError
from migrate.model.host_work import JarDone
from migrate.model.journal.base import Acted, Action
from migrate.model.journal.node import UpgradeIntent, UpgradeOutcome, UpgradeUndo, UpgradeUndone
from migrate.model.plan_steps import JarUpgrade, MoveNode
from migrate.model.records import Record
from migrate.model.text import visible
from migrate.steps.base import (
    Change,
    Context,
    StepFailed,
    StepLog,
    change_of,
    journalled,
    standing,
)
from migrate.steps.patience import patiently


@dataclass(frozen=True)
class JarBack:
    """What became of the jar when a node went back."""

    restored: bool
    told: str


def bring_jar(ctx: Context, log: StepLog, step: MoveNode, driver: Driver) -> None:
    """Replace agent.jar by the one that was planned; nothing when this run did so already."""
    known, upgrade = standing(log, UpgradeIntent), step.upgrade
    if upgrade is None or (known and known.outcome):
        return
    node = step.node
    version, jar_sha = ctx.jenkins.jar()
    if jar_sha != upgrade.sha256:
        raise StepFailed(
            f"the controller now serves agent.jar {version}, the plan says {upgrade.to}",
            next_command="migrate plan --name NEW-NAME",
        )
    # Two that download, keep and rename side by side would keep the new jar as the old one.
    intent = UpgradeIntent.of(upgrade)
    with ctx.jars.of(_file(upgrade)), journalled(log, intent, UpgradeOutcome(ok=True)) as end:
        done = patiently(ctx, lambda: driver.upgrade(ctx.jenkins, node, upgrade))
        end.outcome = UpgradeOutcome(ok=True, done=done)


def jar_back(
    ctx: Context, log: StepLog, step: MoveNode, driver: Driver, known: Change[UpgradeIntent]
) -> JarBack:
    """Put the old jar back, unless another node of the same file is on the new one."""
    upgrade = known.intent.upgrade
    if step.upgrade is not None:
        # Where it lies is the step's to say, and not an outcome's.
        upgrade = replace(upgrade, jar=step.upgrade.jar)
    with ctx.jars.of(_file(upgrade)):
        users = _users(log, upgrade)
        if users:
            names = ", ".join(visible(name) for name in users)
            told = (
                f"agent.jar stays {upgrade.to}: {names} on the same host "
                "was moved with that file (it goes back with the last of them)"
            )
            log.write(UpgradeUndone(text=told, kept_for=users))
            return JarBack(False, told)
        done, before = _replaced(log, known), upgrade.from_sha256
        if done is None:
            log.write(UpgradeUndo(asks=upgrade.jar))
            done = _asked(ctx, step.node, driver, upgrade)
        if before and not done.backup and _uncertain(log, upgrade):
            # Replaced right before a crash: whoever looked later found nothing to replace.
            done = replace(done, backup=f"{done.jar}.migrate-{before[:12]}")
        if not done.backup:
            log.write(UpgradeUndone(text="agent.jar was the new one before this run"))
            return JarBack(False, "")
        done = replace(done, jar=upgrade.jar, before_sha256=before or done.before_sha256)
        log.write(UpgradeUndo(jar=done.jar))
        driver.restore_jar(ctx.jenkins, step.node, done)
        log.write(UpgradeUndone(jar=done.jar))
    return JarBack(True, "agent.jar is back")


def awaits_old_jar(step_id: str, records: Iterable[Record]) -> bool:
    """Whether this node went back on the new jar, for the sake of others that are back by now.

    ``records``: of the whole run. The file is the old one again, and it has not read it yet.
    """
    by_step: dict[str, list[Record]] = {}
    for record in records:
        if _is_of_jar(record):
            by_step.setdefault(record.step, []).append(record)
    own = by_step.get(step_id, [])
    last = own[-1].entry if own else None
    if not isinstance(last, UpgradeUndone) or not last.kept_for:
        return False
    intents = [r.entry for r in own if isinstance(r.entry, UpgradeIntent)]
    others = (by_step.get(f"node/{name}", []) for name in intents[-1].shared_with)
    return not any(_is_open(theirs) for theirs in others)


def jar_read_again(log: StepLog) -> None:
    """Note that the node was started from the old file again."""
    log.write(UpgradeUndone(text="started from the old agent.jar again"))


def _asked(ctx: Context, node: str, driver: Driver, upgrade: JarUpgrade) -> JarDone:
    """The intent stands alone: it failed, or a crash came in the middle.

    To ask for the upgrade again tells where the old jar is; it is idempotent. It may fail as it
    did before (the disk is full), and then the file is the old one still, or its copy has the
    usual name: both are the driver's to see when the old one is put back.
    """
    try:
        return driver.upgrade(ctx.jenkins, node, upgrade)
    except MigrateError:
        if not upgrade.from_sha256:
            raise
        return JarDone(jar=upgrade.jar)


def _file(upgrade: JarUpgrade) -> str:
    return f"{upgrade.host or ''}\n{upgrade.jar}"


def _is_of_jar(record: Record) -> bool:
    return isinstance(record.entry, Acted) and record.entry.action is Action.UPGRADE


def _others(log: StepLog, shared_with: Iterable[str]) -> Iterable[tuple[str, list[Record]]]:
    """The records of each other node of the file, of this run."""
    everything = log.of_run()
    for name in shared_with:
        yield name, [r for r in everything if r.step == f"node/{name}"]


def _users(log: StepLog, upgrade: JarUpgrade) -> tuple[str, ...]:
    others = _others(log, upgrade.shared_with)
    return tuple(name for name, records in others if _is_open(records))


def _is_open(records: Iterable[Record]) -> bool:
    change = change_of(records, UpgradeIntent)
    return change is not None and not change.undone


def _done(change: Change[UpgradeIntent] | None) -> JarDone | None:
    """What the driver said."""
    outcome = change.outcome if change else None
    return outcome.done if isinstance(outcome, UpgradeOutcome) else None


def kept_jar(change: Change[UpgradeIntent] | None) -> str:
    """Where the old jar is kept on the agent's host; empty: it is not known, or was not kept."""
    done = _done(change)
    return (done.backup if done else None) or ""


def _replaced(log: StepLog, known: Change[UpgradeIntent]) -> JarDone | None:
    """What the driver said where the file was really replaced: for this node or another one.

    None: for nobody, as far as the journal knows.
    """
    others = _others(log, known.intent.shared_with)
    told = [_done(known), *(_done(change_of(records, UpgradeIntent)) for _, records in others)]
    found = [done for done in told if done is not None]
    kept = [done for done in found if done.backup]
    replaced = [done for done in kept if done.before_sha256 != done.after_sha256]
    return next(iter([*replaced, *kept, *found]), None)


def _uncertain(log: StepLog, upgrade: JarUpgrade) -> bool:
    """Whether an attempt of this run, for any node of the file, has no certain outcome."""
    others = _others(log, upgrade.shared_with)
    for records in (log.records(), *(records for _, records in others)):
        entries = [record.entry for record in records]
        sure = sum(isinstance(e, UpgradeOutcome) and e.ok for e in entries)
        if sum(isinstance(e, UpgradeIntent) for e in entries) > sure:
            return True
    return False
