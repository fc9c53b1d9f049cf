"""A node's agent.jar: brought, and put back once no node of its host runs the new one any more.

Several nodes on one host may be started from one file. Whoever comes first replaces it, the
others find it replaced; whoever goes back last puts the old one back. So what the other nodes of
the file came to in this run counts too, and only one node at a time touches a file.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from migrate.drivers.base import Driver
from migrate.model.errors import MigrateError
from migrate.model.plan_steps import MoveNode
from migrate.model.records import Record
from migrate.model.serialize import to_data
from migrate.model.text import visible
from migrate.steps.base import (
    Change,
    Context,
    StepFailed,
    StepLog,
    changes,
    changes_in,
    journalled,
)
from migrate.steps.patience import patiently

ACTION = "upgrade"


@dataclass(frozen=True)
class JarBack:
    """What became of the jar when a node went back."""

    restored: bool
    told: str


def bring_jar(ctx: Context, log: StepLog, step: MoveNode, driver: Driver) -> None:
    """Replace agent.jar by the one that was planned; nothing when this run did so already."""
    known = changes(log).get(ACTION)
    if step.upgrade is None or (known and known.outcome and not known.undone):
        return
    node, upgrade = step.node, to_data(step.upgrade)
    version, jar_sha = ctx.jenkins.jar()
    if jar_sha != upgrade["sha256"]:
        raise StepFailed(
            f"the controller now serves agent.jar {version}, the plan says {upgrade['to']}",
            next_command="migrate plan --name NEW-NAME",
        )
    # Two that download, keep and rename side by side would keep the new jar as the old one.
    with ctx.jars.of(_file(upgrade)), journalled(log, ACTION, upgrade) as result:
        result["done"] = patiently(ctx, lambda: driver.upgrade(ctx.jenkins, node, upgrade))


def jar_back(ctx: Context, log: StepLog, step: MoveNode, driver: Driver, known: Change) -> JarBack:
    """Put the old jar back, unless another node of the same file is on the new one."""
    # Where it lies is the step's to say, and not an outcome's.
    upgrade = {**known.intent, "jar": step.upgrade.jar if step.upgrade else known.intent["jar"]}
    with ctx.jars.of(_file(upgrade)):
        users = _users(log, upgrade)
        if users:
            names = ", ".join(visible(name) for name in users)
            told = (
                f"agent.jar stays {upgrade['to']}: {names} on the same host "
                "was moved with that file (it goes back with the last of them)"
            )
            log.write("undone", ACTION, {"text": told, "kept_for": users})
            return JarBack(False, told)
        done, before = _replaced(log, known), upgrade.get("from_sha256")
        if done is None:
            log.write("undo", ACTION, {"asks": upgrade["jar"]})
            done = _asked(ctx, step.node, driver, upgrade)
        if before and not done.get("backup") and _uncertain(log, upgrade):
            # Replaced right before a crash: whoever looked later found nothing to replace.
            done = {**done, "backup": f"{done['jar']}.migrate-{before[:12]}"}
        if not done.get("backup"):
            told = "agent.jar was the new one before this run"
            log.write("undone", ACTION, {"text": told})
            return JarBack(False, "")
        done = {**done, "jar": upgrade["jar"]}
        if before:
            done = {**done, "before_sha256": before}
        log.write("undo", ACTION, {"jar": done["jar"]})
        driver.restore_jar(ctx.jenkins, step.node, done)
        log.write("undone", ACTION, {"jar": done["jar"]})
    return JarBack(True, "agent.jar is back")


def awaits_old_jar(step_id: str, records: Iterable[Record]) -> bool:
    """Whether this node went back on the new jar, for the sake of others that are back by now.

    ``records``: of the whole run. The file is the old one again, and it has not read it yet.
    """
    by_step: dict[str, list[Record]] = {}
    for record in records:
        if record.action == ACTION:
            by_step.setdefault(record.step, []).append(record)
    own = by_step.get(step_id, [])
    if not own or own[-1].kind != "undone" or not own[-1].data.get("kept_for"):
        return False
    intent = next(r.data for r in reversed(own) if r.kind == "intent")
    others = (by_step.get(f"node/{name}", []) for name in intent.get("shared_with") or ())
    return not any(_is_open(theirs) for theirs in others)


def jar_read_again(log: StepLog) -> None:
    """Note that the node was started from the old file again."""
    log.write("undone", ACTION, {"text": "started from the old agent.jar again"})


def _asked(ctx: Context, node: str, driver: Driver, upgrade: dict[str, Any]) -> dict[str, Any]:
    """The intent stands alone: it failed, or a crash came in the middle.

    To ask for the upgrade again tells where the old jar is; it is idempotent. It may fail as it
    did before (the disk is full), and then the file is the old one still, or its copy has the
    usual name: both are the driver's to see when the old one is put back.
    """
    try:
        return driver.upgrade(ctx.jenkins, node, upgrade)
    except MigrateError:
        if not upgrade.get("from_sha256"):
            raise
        return {"jar": upgrade["jar"]}


def _file(upgrade: dict[str, Any]) -> str:
    return f"{upgrade.get('host') or ''}\n{upgrade['jar']}"


def _others(log: StepLog, upgrade: dict[str, Any]) -> Iterable[tuple[str, list[Record]]]:
    """The records of each other node of the file, of this run."""
    everything = log.of_run()
    for name in upgrade.get("shared_with") or ():
        yield str(name), [r for r in everything if r.step == f"node/{name}"]


def _users(log: StepLog, upgrade: dict[str, Any]) -> list[str]:
    return [name for name, records in _others(log, upgrade) if _is_open(records)]


def _is_open(records: Iterable[Record]) -> bool:
    change = changes_in(records).get(ACTION)
    return change is not None and not change.undone


def _replaced(log: StepLog, known: Change) -> dict[str, Any] | None:
    """What the driver said where the file was really replaced: for this node or another one.

    None: for nobody, as far as the journal knows.
    """
    own: dict[str, Any] | None = (known.outcome or {}).get("done")
    found = [own] if own else []
    for _, records in _others(log, known.intent):
        change = changes_in(records).get(ACTION)
        found += [change.outcome["done"]] if change and change.outcome else []
    kept = [done for done in found if done.get("backup")]
    replaced = [d for d in kept if d.get("before_sha256") != d.get("after_sha256")]
    return next(iter([*replaced, *kept, *found]), None)


def _uncertain(log: StepLog, upgrade: dict[str, Any]) -> bool:
    """Whether an attempt of this run, for any node of the file, has no certain outcome."""
    for records in (log.records(), *(records for _, records in _others(log, upgrade))):
        own = [r for r in records if r.action == ACTION]
        sure = sum(r.kind == "outcome" and bool(r.data.get("ok")) for r in own)
        if sum(r.kind == "intent" for r in own) > sure:
            return True
    return False
