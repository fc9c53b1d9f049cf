"""The probe node: made for one handshake, and always removed again, also after a crash.

It takes no agent's seat and no real agent's secret is used. Its name and description say
what it is; by them, and by the journal, the next run finds what a killed one left behind.
"""

import os
import re
import secrets
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from migrate import __version__
from migrate.model.errors import MigrateError
from migrate.model.inventory import ProbeAnswer
from migrate.model.journal.base import Entry
from migrate.model.journal.controller import (
    CreateProbeNodeIntent,
    CreateProbeNodeOutcome,
    DeleteProbeNodeIntent,
    DeleteProbeNodeOutcome,
)
from migrate.model.ports import ControllerPort, ProbePort
from migrate.model.records import Record
from migrate.model.text import file_name, visible
from migrate.probe.asked import Asked
from migrate.probe.prober import not_done

PREFIX = "migrate-probe-"

_MARGIN = timedelta(minutes=10)
"""How long after its hold a node of another host counts as in use: clocks differ."""
_MADE = re.compile(
    rb"Made by migrate [^\r\n]*? on (?P<host>[A-Za-z0-9.-]+), pid (?P<pid>\d+), "
    rb"until (?P<until>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"
)
_TIME = "%Y-%m-%dT%H:%M:%SZ"


class ProbeJournal(Protocol):
    """The part of a run's journal that is written and read here."""

    def write(self, entry: Entry) -> None:
        """Append an ``Intent`` before a change, or its ``Outcome``; on disk on return."""

    def records(self) -> tuple[Record, ...]:
        """What was written so far, oldest first."""


class NoJournal:
    """For a probe outside of any run."""

    def write(self, entry: Entry) -> None:
        """Forget it."""

    def records(self) -> tuple[Record, ...]:
        """Nothing."""
        return ()


def now_utc() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


def this_host() -> str:
    """This machine's name, in the letters that a node's name may have."""
    return file_name(socket.gethostname())[:40].strip(".-") or "host"


def node_name(host: str) -> str:
    """``migrate-probe-HOST-1a2b3c``: new each time."""
    return f"{PREFIX}{host}-{secrets.token_hex(3)}"


def description(made_by: str, host: str, hold: float, now: datetime) -> str:
    """What an administrator reads who meets the node; ``leftovers`` reads it too."""
    until = (now + timedelta(seconds=hold) + _MARGIN).strftime(_TIME)
    who = re.sub(r"[<>&\"']", "", visible(made_by))[:120]
    return (
        "Probe of jenkins-agent-migrate: tries one WebSocket handshake and is deleted right "
        f"after; never runs anything, and may be deleted at any time. Made by migrate {__version__}"
        f" ({who}) at {now.strftime(_TIME)} on {host}, pid {os.getpid()}, until {until}"
    )


def leftovers(
    controller: ControllerPort, *, now: datetime | None = None, host: str | None = None
) -> tuple[str, ...]:
    """Probe nodes that nobody uses any more: their process is gone, or their time is over.

    A node counts only when both its name and its description say so; one whose
    description this user cannot read is left alone.
    """
    now, host = now or now_utc(), host or this_host()
    found = []
    for name in controller.node_names():
        if not name.startswith(PREFIX):
            continue
        try:
            made = _MADE.search(controller.read_node_config(name))
        except MigrateError:
            continue
        if made is None:
            continue
        until = datetime.strptime(made["until"].decode(), _TIME).replace(tzinfo=UTC)
        same_host = made["host"].decode() == host
        if now > until or (same_host and not _other_process_lives(int(made["pid"]))):
            found.append(name)
    return tuple(found)


def _other_process_lives(pid: int) -> bool:
    """Whether another process than this one has the id. (This one starts without any node.)"""
    if pid == os.getpid():
        return False
    if os.name == "nt":
        # Signal 0 is Ctrl-C there: wait until its time is over.
        return True
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        # It is there and somebody else's.
        return True
    return True


def remove_leftovers(
    controller: ControllerPort,
    journal: ProbeJournal,
    *,
    now: datetime | None = None,
    host: str | None = None,
) -> tuple[str, ...]:
    """Delete what an earlier run left, by its journal and by ``leftovers``; names deleted.

    A node that cannot be deleted now stays for the next run; the journal has the reason.
    Raises ``MigrateError`` when the list of nodes cannot be read.
    """
    there = set(controller.node_names())
    journalled = [name for name in _unfinished(journal) if name in there]
    names = dict.fromkeys([*journalled, *leftovers(controller, now=now, host=host)])
    return tuple(name for name in names if _remove(controller, journal, name) is None)


def _unfinished(journal: ProbeJournal) -> tuple[str, ...]:
    """Nodes that this journal meant to create and has not seen deleted."""
    names: dict[str, None] = {}
    for record in journal.records():
        entry = record.entry
        if isinstance(entry, CreateProbeNodeIntent) and entry.node.startswith(PREFIX):
            names[entry.node] = None
        elif isinstance(entry, DeleteProbeNodeOutcome) and entry.deleted:
            names.pop(entry.node, None)
    return tuple(names)


def _remove(controller: ControllerPort, journal: ProbeJournal, name: str) -> str | None:
    """Delete a probe node under journal; the reason when it could not be."""
    journal.write(DeleteProbeNodeIntent(node=name))
    try:
        controller.delete_node(name)
    except MigrateError as error:
        journal.write(DeleteProbeNodeOutcome(ok=False, node=name, reason=error.cause))
        return error.cause
    journal.write(DeleteProbeNodeOutcome(ok=True, node=name, deleted=True))
    return None


def probe_with_own_node(
    controller: ControllerPort,
    prober: ProbePort,
    hold: float,
    journal: ProbeJournal,
    made_by: str,
    *,
    clock: Callable[[], datetime] = now_utc,
) -> tuple[ProbeAnswer, ...]:
    """Tier 2 from start to end: remove leftovers, create, handshake, hold, delete.

    ``hold`` is in seconds; ``made_by`` goes into the description (``migrate PLAN RUN``).
    Where it cannot be done, the answer is ``probe-node`` with the code ``not-done`` and the
    reason. The node is deleted on every way out, Ctrl-C included; when that fails, the last
    answer's fix says so and names the node.
    """
    host = this_host()
    name = node_name(host)
    asked = Asked(
        "probe-node", "GET /wsagents/ as a probe node of its own", controller.url, "wsagents/"
    )
    now = clock()
    try:
        remove_leftovers(controller, journal, now=now, host=host)
        journal.write(CreateProbeNodeIntent(node=name))
        try:
            controller.create_inbound_node(name, description(made_by, host, hold, now))
        except BaseException:
            # It may be there all the same: the answer was lost, or Ctrl-C came in between.
            _remove_if_there(controller, journal, name)
            raise
        journal.write(CreateProbeNodeOutcome(ok=True, node=name, created=True))
    except MigrateError as error:
        return (not_done(asked, f"no probe node could be made: {error.cause}"),)
    answers: tuple[ProbeAnswer, ...] = ()
    try:
        answers = prober.with_probe_node(controller, name, hold)
    finally:
        stuck = _remove(controller, journal, name)
    return answers if stuck is None else _with_stuck(answers, name, stuck)


def _remove_if_there(controller: ControllerPort, journal: ProbeJournal, name: str) -> None:
    try:
        there = name in controller.node_names()
    except MigrateError:
        # The next run finds it by the intent, or by its name.
        return
    if there:
        _remove(controller, journal, name)
    else:
        journal.write(DeleteProbeNodeIntent(node=name))
        gone = DeleteProbeNodeOutcome(ok=True, node=name, deleted=True, reason="not there")
        journal.write(gone)


def _with_stuck(
    answers: tuple[ProbeAnswer, ...], name: str, reason: str
) -> tuple[ProbeAnswer, ...]:
    note = (
        f"delete the probe node {name} (Manage Jenkins, Nodes): it could not be removed, {reason}"
    )
    last = answers[-1]
    return (*answers[:-1], replace(last, fix=f"{last.fix}; {note}" if last.fix else note))
