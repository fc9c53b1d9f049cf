"""One agent.jar for several nodes: replaced once, put back with the last of them."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from journal_entries import run_started

from migrate.drivers.base import Driver
from migrate.engine.record.folder import RunFolder, StepJournal
from migrate.engine.record.journal import Journal
from migrate.model.host_work import JarDone
from migrate.model.journal.node import UpgradeIntent
from migrate.model.names import DriverName
from migrate.model.plan import Choices
from migrate.model.plan_steps import JarUpgrade, MoveNode
from migrate.steps.base import Change, Context, RunSettings, change_of
from migrate.steps.node.jar import bring_jar, jar_back

NAMES = ("a", "b", "c")


class OneFile:
    """A driver as the ssh one: it keeps the old file once, and names it only when it replaced."""

    def __init__(self) -> None:
        self.jar, self.kept = "old", dict[str, str]()
        self.inside = self.most = self.replaced = 0
        self.dies_after = False
        self._count = threading.Lock()

    def upgrade(self, jenkins: object, node: str, upgrade: JarUpgrade) -> JarDone:
        with self._count:
            self.inside += 1
            self.most = max(self.most, self.inside)
        time.sleep(0.05)
        before = self.jar
        backup = None
        if before != "new":
            backup = f"{upgrade.jar}.migrate-{before}"
            self.kept[backup], self.jar = before, "new"
            self.replaced += 1
        with self._count:
            self.inside -= 1
        if self.dies_after:
            raise KeyboardInterrupt
        return JarDone(jar="/a.jar", before_sha256=before, after_sha256="new", backup=backup)

    def restore_jar(self, jenkins: object, node: str, done: JarDone) -> None:
        if self.jar != done.before_sha256:
            self.jar = self.kept[done.backup or ""]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    folder = RunFolder(tmp_path / "plans/t/runs/1")
    folder.create()
    made = Journal(folder.journal_path, lambda: "2026-01-01T00:00:00.000Z")
    made.write(run_started())
    yield made
    made.close()


@pytest.fixture
def log(journal: Journal) -> Callable[[str], StepJournal]:
    folder = RunFolder(journal.path.parent)
    return lambda node: StepJournal(folder, journal, f"node/{node}")


@pytest.fixture
def ctx() -> Context:
    anything = cast(Any, SimpleNamespace(jar=lambda: ("2", "new"), sleep=time.sleep))
    return Context(
        jenkins=anything, cluster=None, prober=anything, inventory=None,
        choices=Choices(name="t"), settings=RunSettings(), clock=anything,
        emit=lambda event: None,
    )  # fmt: skip


def step(node: str, **more: Any) -> MoveNode:
    upgrade: dict[str, Any] = {
        "from_version": "1", "from_sha256": "old", "to": "2", "sha256": "new", "jar": "/a.jar",
        "url": "",
        "host": "h", "shared_with": tuple(n for n in NAMES if n != node), **more,
    }  # fmt: skip
    return MoveNode(
        id=f"node/{node}",
        subject=node,
        title=node,
        node=node,
        driver=DriverName.INBAND,
        upgrade=JarUpgrade(**upgrade),
    )


def brought(log: StepJournal) -> Change[UpgradeIntent]:
    found = change_of(log.records(), UpgradeIntent)
    assert found is not None
    return found


def test_side_by_side_one_replaces_it_and_the_last_one_back_restores_it(
    ctx: Context, log: Callable[[str], StepJournal]
) -> None:
    disk = OneFile()
    driver = cast(Driver, disk)
    threads = [
        threading.Thread(target=bring_jar, args=(ctx, log(n), step(n), driver)) for n in NAMES
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (disk.most, disk.replaced, disk.jar) == (1, 1, "new")

    def back(node: str) -> str:
        return jar_back(ctx, log(node), step(node), driver, brought(log(node))).told

    assert "stays 2: a, c on the same host" in back("b")
    assert "stays 2: c on the same host" in back("a")
    assert disk.jar == "new"
    assert back("c") == "agent.jar is back"
    assert disk.jar == "old"
    assert all(brought(log(node)).undone for node in NAMES)


def test_what_a_crash_hid_is_put_back_all_the_same(
    ctx: Context, log: Callable[[str], StepJournal]
) -> None:
    disk = OneFile()
    driver = cast(Driver, disk)
    alone = step("a", shared_with=())
    disk.dies_after = True
    with pytest.raises(KeyboardInterrupt):
        bring_jar(ctx, log("a"), alone, driver)
    disk.dies_after = False
    # Resumed: there is nothing to replace any more, so this answer names no kept jar.
    bring_jar(ctx, log("a"), alone, driver)
    assert jar_back(ctx, log("a"), alone, driver, brought(log("a"))).restored
    assert disk.jar == "old"


def test_a_jar_that_was_new_before_the_run_stays(
    ctx: Context, log: Callable[[str], StepJournal]
) -> None:
    disk = OneFile()
    disk.jar = "new"
    alone = step("a", shared_with=())
    bring_jar(ctx, log("a"), alone, cast(Driver, disk))
    known = brought(log("a"))
    assert not jar_back(ctx, log("a"), alone, cast(Driver, disk), known).restored
    assert disk.jar == "new"
    assert brought(log("a")).undone
