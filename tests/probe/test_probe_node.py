"""The probe node: made, tried, and always gone again."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("aiohttp")

from probe_sandbox import TOKEN, Client, Journal

from migrate.model.errors import MigrateError
from migrate.model.inventory import ProbeAnswer, Verdict
from migrate.model.journal.base import Action
from migrate.model.journal.controller import (
    CreateProbeNodeIntent,
    DeleteProbeNodeIntent,
    DeleteProbeNodeOutcome,
)
from migrate.probe.node import (
    PREFIX,
    NoJournal,
    description,
    leftovers,
    node_name,
    probe_with_own_node,
    remove_leftovers,
    this_host,
)
from migrate.probe.prober import Prober
from migrate.probe.summary import summarise
from migrate.sandbox.jenkins.server import JenkinsServer

NOW = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
GOOD = ProbeAnswer("probe-node", "GET", "101", Verdict.PASS, "jenkins", "works")


def probe_nodes(client: Client) -> list[str]:
    return [name for name in client.node_names() if name.startswith(PREFIX)]


def dead_pid() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def made(pid: int, host: str, until: datetime = NOW + timedelta(hours=1)) -> str:
    """A description as another process would have written it."""
    text = description("migrate demo r1", host, 35, until - timedelta(minutes=10, seconds=35))
    return text.replace(f"pid {os.getpid()},", f"pid {pid},")


class Memory:
    """Nodes in memory, with failures on request."""

    url = "http://ci.example.org/"

    def __init__(self, **fails: Exception) -> None:
        self.nodes: dict[str, str] = {"linux-1": "a real node"}
        self.fails = fails

    def _maybe(self, what: str) -> None:
        if what in self.fails:
            raise self.fails[what]

    def node_names(self) -> tuple[str, ...]:
        self._maybe("names")
        return tuple(sorted(self.nodes))

    def read_node_config(self, name: str) -> bytes:
        self._maybe("config")
        return f"<slave><description>{self.nodes[name]}</description></slave>".encode()

    def create_inbound_node(self, name: str, description: str) -> None:
        if "lost" in self.fails:
            self.nodes[name] = description
            raise self.fails["lost"]
        self._maybe("create")
        self.nodes[name] = description

    def delete_node(self, name: str) -> None:
        self._maybe("delete")
        self.nodes.pop(name, None)


class Probe:
    """A prober that answers, or fails."""

    def __init__(self, fails: BaseException | None = None) -> None:
        self.fails = fails
        self.asked: list[str] = []

    def with_probe_node(self, controller: Any, node: str, hold: float) -> tuple[ProbeAnswer, ...]:
        self.asked.append(node)
        assert node in controller.nodes
        if self.fails is not None:
            raise self.fails
        return (GOOD,)


def run(controller: Memory, probe: Probe, journal: Any = None) -> tuple[ProbeAnswer, ...]:
    return probe_with_own_node(
        controller,  # type: ignore[arg-type]
        probe,  # type: ignore[arg-type]
        35,
        journal or NoJournal(),
        "migrate demo r1",
        clock=lambda: NOW,
    )


def test_on_the_sandbox_the_node_says_what_it_is_and_goes(controller: JenkinsServer) -> None:
    client, seen = Client(controller), []

    class Looking(Prober):
        def with_probe_node(self, c: Any, node: str, hold: float) -> tuple[ProbeAnswer, ...]:
            seen.append((node, c.read_node_config(node).decode()))
            return super().with_probe_node(c, node, hold)

    answers = probe_with_own_node(
        client,  # type: ignore[arg-type]
        Looking(controller.url),
        0.3,
        NoJournal(),
        "migrate <demo> run-1",
    )
    assert summarise(answers).proven
    node, config = seen[0]
    assert node.startswith(f"migrate-probe-{this_host()}-")
    assert "migrate demo run-1" in config and "may be deleted at any time" in config
    assert probe_nodes(client) == []
    assert controller.secret(node) not in repr(answers)


def test_without_agent_create_it_is_not_done_and_says_what_apply_wants(
    controller: JenkinsServer,
) -> None:
    controller.add_user("reader", TOKEN[::-1], frozenset({"Overall/Read"}))
    reader = Client(controller, "reader", TOKEN[::-1])
    (answer,) = probe_with_own_node(
        reader,  # type: ignore[arg-type]
        Prober(controller.url),
        1,
        NoJournal(),
        "tests",
    )
    assert (answer.id, answer.verdict, answer.code) == (
        "probe-node",
        Verdict.INCONCLUSIVE,
        "not-done",
    )
    assert "--accept-unproven-upgrade" in answer.fix
    assert "Computer.Create" in answer.cause
    assert probe_nodes(Client(controller)) == []


def test_killed_process_leaves_a_node_that_the_next_run_removes(controller: JenkinsServer) -> None:
    client = Client(controller)
    name = node_name(this_host())
    client.create_inbound_node(name, made(dead_pid(), this_host(), datetime.now(UTC)))
    assert leftovers(client) == (name,)  # type: ignore[arg-type]
    answers = probe_with_own_node(
        client,  # type: ignore[arg-type]
        Prober(controller.url),
        0.1,
        NoJournal(),
        "tests",
    )
    assert answers[0].code == "ok"
    assert probe_nodes(client) == []


def test_real_crash_between_create_and_delete(controller: JenkinsServer) -> None:
    script = (
        f"import os, sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from types import SimpleNamespace as N\n"
        "from probe_sandbox import Client\n"
        "from migrate.probe.node import *\n"
        f"c = Client(N(url={controller.url!r}))\n"
        "p = N(with_probe_node=lambda *a: os._exit(9))\n"
        "probe_with_own_node(c, p, 35, NoJournal(), 'killed')\n"
    )
    killed = subprocess.run([sys.executable, "-c", script], timeout=60)
    assert killed.returncode == 9
    client = Client(controller)
    (left,) = probe_nodes(client)
    journal = Journal()
    assert remove_leftovers(client, journal) == (left,)  # type: ignore[arg-type]
    assert probe_nodes(client) == []
    assert journal.entries == [
        DeleteProbeNodeIntent(node=left),
        DeleteProbeNodeOutcome(ok=True, node=left, deleted=True),
    ]


@pytest.mark.parametrize(
    ("name", "text", "left"),
    [
        ("migrate-probe-h-1", made(1, "other-host"), False),
        ("migrate-probe-h-1", made(1, "other-host", NOW - timedelta(seconds=1)), True),
        ("migrate-probe-h-1", made(dead_pid(), this_host()), True),
        ("migrate-probe-h-1", made(os.getppid(), this_host()), False),
        ("migrate-probe-h-1", made(os.getpid(), this_host()), True),
        ("migrate-probe-h-1", "somebody's own node of that name", False),
        ("build-1", made(dead_pid(), this_host()), False),
    ],
)
def test_what_counts_as_a_leftover(name: str, text: str, left: bool) -> None:
    controller = Memory()
    controller.nodes[name] = text
    found = leftovers(controller, now=NOW)  # type: ignore[arg-type]
    assert found == ((name,) if left else ())


def test_node_whose_description_cannot_be_read_is_left_alone() -> None:
    controller = Memory(config=MigrateError("no Agent/ExtendedRead"))
    controller.nodes["migrate-probe-h-1"] = made(dead_pid(), this_host())
    assert leftovers(controller, now=NOW) == ()  # type: ignore[arg-type]


def test_journal_knows_what_a_killed_run_made_on_another_host() -> None:
    controller, journal = Memory(), Journal()
    controller.nodes["migrate-probe-far-1"] = made(1, "far")
    controller.nodes["migrate-probe-far-2"] = made(1, "far")
    journal.write(CreateProbeNodeIntent(node="migrate-probe-far-1"))
    journal.write(CreateProbeNodeIntent(node="linux-1"))
    removed = remove_leftovers(controller, journal, now=NOW)  # type: ignore[arg-type]
    assert removed == ("migrate-probe-far-1",)
    assert set(controller.nodes) == {"linux-1", "migrate-probe-far-2"}
    assert remove_leftovers(controller, journal, now=NOW) == ()  # type: ignore[arg-type]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("bug"), MigrateError("gone")])
def test_node_goes_on_every_way_out(error: BaseException) -> None:
    controller, journal = Memory(), Journal()
    with pytest.raises(type(error)):
        run(controller, Probe(error), journal)
    assert set(controller.nodes) == {"linux-1"}
    made = journal.entries[0]
    assert isinstance(made, CreateProbeNodeIntent)
    assert journal.entries[-1] == DeleteProbeNodeOutcome(ok=True, node=made.node, deleted=True)


def test_intent_is_written_before_each_change() -> None:
    controller, order = Memory(), []

    class Watching(Journal):
        def write(self, entry: Any) -> None:
            order.append((entry.kind, entry.action, entry.node in controller.nodes))

    run(controller, Probe(), Watching())
    assert order == [
        ("intent", Action.CREATE_PROBE_NODE, False),
        ("outcome", Action.CREATE_PROBE_NODE, True),
        ("intent", Action.DELETE_PROBE_NODE, True),
        ("outcome", Action.DELETE_PROBE_NODE, False),
    ]


@pytest.mark.parametrize("what", ["create", "names"])
def test_node_that_cannot_be_made_is_not_done(what: str) -> None:
    controller, probe = Memory(**{what: MigrateError("the user lacks Agent/Create")}), Probe()
    (answer,) = run(controller, probe)
    assert (answer.verdict, answer.code) == (Verdict.INCONCLUSIVE, "not-done")
    assert "lacks Agent/Create" in answer.cause
    assert probe.asked == []


def test_node_made_although_the_answer_was_lost_is_removed() -> None:
    controller, journal = Memory(lost=MigrateError("no answer in time")), Journal()
    (answer,) = run(controller, Probe(), journal)
    assert answer.code == "not-done"
    assert set(controller.nodes) == {"linux-1"}
    last = journal.entries[-1]
    assert isinstance(last, DeleteProbeNodeOutcome) and last.deleted


def test_node_that_cannot_be_removed_is_named_loudly() -> None:
    controller, journal = Memory(delete=MigrateError("the user lacks Agent/Delete")), Journal()
    (answer,) = run(controller, Probe(), journal)
    (left,) = set(controller.nodes) - {"linux-1"}
    assert answer == replace(GOOD, fix=answer.fix)
    assert left in answer.fix and "lacks Agent/Delete" in answer.fix
    why = "the user lacks Agent/Delete"
    assert journal.entries[-1] == DeleteProbeNodeOutcome(ok=False, node=left, reason=why)
    # And the next run, which may, removes it.
    controller.fails.clear()
    assert remove_leftovers(controller, journal, now=NOW) == (left,)  # type: ignore[arg-type]


def test_with_the_tools_own_client(controller: JenkinsServer) -> None:
    client_module = pytest.importorskip("migrate.jenkins.client")
    client = client_module.JenkinsController(controller.url, "admin", TOKEN)
    answers = probe_with_own_node(client, Prober(controller.url), 0.3, NoJournal(), "tests")
    assert [answer.code for answer in answers] == ["ok", "ok"]
    assert not [name for name in client.node_names() if name.startswith(PREFIX)]
    assert leftovers(client) == ()
