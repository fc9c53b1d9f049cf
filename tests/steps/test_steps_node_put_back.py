"""What a person is told whose agent could not be brought back."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from journal_entries import entry

from migrate.model.access import NO_ACCESS
from migrate.model.inventory import Launch, LaunchKind
from migrate.model.journal.base import Action, Intent
from migrate.model.names import DriverName
from migrate.model.plan_steps import JarUpgrade, MoveNode
from migrate.steps.base import Change
from migrate.steps.node.put_back import PutBack

COMMAND = "java -jar agent.jar -jnlpUrl http://j/"
LINUX = Launch(LaunchKind.JNLP_URL, COMMAND, os="Linux", host="vm-7", pid=4321, supervisor="none")
WINDOWS = Launch(
    LaunchKind.JNLP_URL, COMMAND, os="Windows Server 2019", host="win-7", pid=77, supervisor="none"
)
UNIT = Launch(
    LaunchKind.JNLP_URL, COMMAND, os="Linux", host="vm-7", pid=4321, supervisor="systemd",
    supervisor_detail="agent.service",
)  # fmt: skip


def intent(action: str) -> Intent:
    return cast(Intent, entry("intent", action))


def needs(
    launch: Launch | None, remoting: str | None, upgrade: str = "", done: tuple[str, ...] = ()
) -> str:
    step = MoveNode(
        id="node/a",
        subject="node a",
        title="a",
        node="a",
        driver=DriverName.REREAD,
        remoting=remoting,
        upgrade=JarUpgrade(
            from_version=remoting, to=upgrade, from_sha256=None, sha256=None, jar=None, url=""
        )
        if upgrade
        else None,
    )
    node = SimpleNamespace(launch=launch, address=None)
    ctx = SimpleNamespace(node=lambda name: node, access=NO_ACCESS)
    log = SimpleNamespace(records=tuple)
    known = {Action(name): Change(intent(name), None, undone=False) for name in done}
    return PutBack(step, cast(Any, ctx), cast(Any, log), known)._needs()


@pytest.mark.parametrize(
    ("launch", "end"),
    [
        (LINUX, "kill 4321 (its pid when it was scanned; look: ps -o args= -p 4321)"),
        (WINDOWS, "Stop-Process -Id 77 (its pid when it was scanned; look: Get-Process -Id 77)"),
        (None, "kill PID (its pid; look: pgrep -fl agent.jar)"),
    ],
)
def test_one_that_still_tries_is_ended_before_another_is_started(
    launch: Launch | None, end: str
) -> None:
    told = needs(launch, "3352.v17a_fb_4b_2773f")
    assert f"end its old process first, which still tries to connect: {end}, then start" in told


def test_one_that_has_ended_by_itself_is_only_started() -> None:
    assert needs(LINUX, "3206.vb_15dcf73f6a_9").startswith(
        "on host vm-7 start the agent of node a again: java -jar"
    )


def test_the_version_that_it_was_last_started_from_counts() -> None:
    new, old = "3352.v17a_fb_4b_2773f", "3206.vb_15dcf73f6a_9"
    assert "kill 4321" in needs(LINUX, old, new, ("upgrade", "restart"))
    assert "kill" not in needs(LINUX, old, new, ("switch",))


def test_of_an_unknown_version_it_is_looked_for() -> None:
    assert "first, if it still runs: kill 4321" in needs(LINUX, None)


def test_a_supervisor_ends_what_it_starts_anew() -> None:
    told = needs(UNIT, "3352.v17a_fb_4b_2773f")
    assert "kill" not in told
    assert "systemctl restart agent.service" in told
