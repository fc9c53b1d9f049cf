"""Locks that two machines see, against the sandbox's own servers; heartbeats and their loss."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from engine_time import TestClock

from migrate.cluster.client import ClusterClient
from migrate.engine.locks.controller_mark import ControllerMark
from migrate.engine.locks.file_lock import Held, Holder, died_here, heir, holder, locked, me
from migrate.engine.locks.heartbeat import Keeper, keeping
from migrate.engine.locks.lease import LeaseLock, lease_name
from migrate.engine.locks.remote_lock import (
    FRESH,
    TTL,
    LockGone,
    LockLost,
    LockTaken,
    RemoteLock,
    Seen,
    with_token,
)
from migrate.jenkins.client import JenkinsController
from migrate.model.errors import MigrateError
from migrate.model.serialize import to_json
from migrate.sandbox.jenkins.server import JenkinsServer
from migrate.sandbox.kube.server import KubeServer

ANN = Holder("ann", "laptop", 1, "2026-01-31T20:00:00Z", "apply t", "token-ann")
BEN = Holder("ben", "bastion", 2, "2026-01-31T20:00:00Z", "apply t", "token-ben")


@pytest.fixture(scope="module")
def kube(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KubeServer]:
    with KubeServer(tmp_path_factory.mktemp("kube")) as server:
        server.add({"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": "ci"}})
        yield server


@pytest.fixture(scope="module")
def jenkins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JenkinsServer]:
    server = JenkinsServer(tmp_path_factory.mktemp("jenkins"))
    server.start()
    server.add_user("admin", "t" * 34, frozenset({"Overall/Administer"}))
    yield server
    server.stop()


class Both:
    """The same questions to both kinds of lock: two handles, as on two machines."""

    def __init__(self, one: RemoteLock, two: RemoteLock, clock: TestClock) -> None:
        self.one, self.two, self.clock = one, two, clock


@pytest.fixture(params=["lease", "mark"])
def both(
    request: pytest.FixtureRequest, kube: KubeServer, jenkins: JenkinsServer
) -> Iterator[Both]:
    clock = TestClock()
    if request.param == "lease":
        client = ClusterClient(kube.kubeconfig("admin"))
        name = lease_name("http://jenkins/")
        yield Both(
            LeaseLock(client, "ci", name, clock), LeaseLock(client, "ci", name, clock), clock
        )
        if client_has(client, name):
            uid = client.get("Lease", "ci", name)["metadata"]["uid"]
            client.delete("Lease", "ci", name, uid=uid)
        return
    controller = JenkinsController(jenkins.url, "admin", "t" * 34)
    yield Both(ControllerMark(controller), ControllerMark(controller), clock)
    jenkins.state.properties.clear()


def client_has(client: ClusterClient, name: str) -> bool:
    try:
        client.get("Lease", "ci", name)
    except MigrateError:
        return False
    return True


def test_one_has_it_and_the_other_is_told_whose_it_is(both: Both) -> None:
    assert both.one.look() is None
    both.one.take(ANN)
    with pytest.raises(LockTaken, match="ann@laptop"):
        both.two.take(BEN)
    seen = both.two.look()
    assert seen is not None
    assert seen.holder == ANN
    assert "expires in" in seen.told()
    both.one.renew(ANN)
    both.one.release(ANN.token)
    both.two.take(BEN)
    assert both.two.look() is not None


def test_a_release_by_another_does_nothing(both: Both) -> None:
    both.one.take(ANN)
    both.two.release(BEN.token)
    both.one.renew(ANN)


def test_the_heir_of_a_run_that_died_here_has_its_locks_at_once(both: Both) -> None:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    dead = replace(me("then", "apply t"), pid=done.pid, token="token-of-the-dead")
    both.one.take(dead)
    now = heir(me("now", "apply t"), dead)
    assert now.pid == os.getpid()
    both.two.take(now)
    seen = both.two.look()
    assert seen is not None and seen.holder == now


def test_a_lock_that_was_cleared_is_gone(both: Both) -> None:
    both.one.take(ANN)
    both.two.release(ANN.token)
    if isinstance(both.one, ControllerMark):
        both.one.renew(ANN)  # as after a restart of the controller: nobody else has it
    else:
        with pytest.raises(LockGone, match="cleared"):
            both.one.renew(ANN)


def test_a_lease_is_taken_over_after_its_expiry_only(kube: KubeServer) -> None:
    client, clock = ClusterClient(kube.kubeconfig("admin")), TestClock()
    lock = LeaseLock(client, "ci", "expiry", clock)
    lock.take(ANN)
    clock.pass_(TTL - 1)
    with pytest.raises(LockTaken):
        lock.take(BEN)
    clock.pass_(2)
    lock.take(BEN)
    body = client.get("Lease", "ci", "expiry")
    assert body["spec"]["holderIdentity"] == BEN.token
    assert body["spec"]["leaseTransitions"] == 1


def test_an_expired_lease_whose_owner_still_beats_stays_its_own(kube: KubeServer) -> None:
    """Two machines whose clocks are ten minutes apart."""
    client, ahead = ClusterClient(kube.kubeconfig("admin")), TestClock("2026-01-31T20:10:00Z")
    behind = TestClock("2026-01-31T20:00:00Z")
    owner = LeaseLock(client, "ci", "apart", behind)
    owner.take(ANN)

    class Beating(TestClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            behind.pass_(seconds)
            owner.renew(ANN)

    other = LeaseLock(client, "ci", "apart", Beating("2026-01-31T20:10:00Z"))
    with pytest.raises(LockTaken):
        other.take(BEN)
    assert ahead.wall > behind.wall


AHEAD = "2026-01-31T23:00:00Z"


def test_a_lease_whose_dead_holder_was_ahead_is_watched_and_taken_over(kube: KubeServer) -> None:
    client, ours = ClusterClient(kube.kubeconfig("admin")), TestClock("2026-01-31T20:00:00Z")
    LeaseLock(client, "ci", "ahead", TestClock(AHEAD)).take(ANN)
    lock = LeaseLock(client, "ci", "ahead", ours)
    seen = lock.look()
    assert seen is not None and "ahead of this machine's clock" in seen.told()
    assert not lock.lives(seen)
    began = ours.monotonic()
    lock.take(BEN)
    assert FRESH <= ours.monotonic() - began < 2 * FRESH
    lock.renew(BEN)


def test_a_lease_whose_living_holder_is_ahead_stays_its_own(kube: KubeServer) -> None:
    client, ahead = ClusterClient(kube.kubeconfig("admin")), TestClock(AHEAD)
    owner = LeaseLock(client, "ci", "ahead-alive", ahead)
    owner.take(ANN)

    class Beating(TestClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            ahead.pass_(seconds)
            if ahead.monotonic() % 30 == 0:
                owner.renew(ANN)

    lock = LeaseLock(client, "ci", "ahead-alive", Beating("2026-01-31T20:00:00Z"))
    seen = lock.look()
    assert seen is not None and lock.lives(seen)
    with pytest.raises(LockTaken, match="ann@laptop"):
        lock.take(BEN)
    owner.renew(ANN)


def test_a_mark_is_set_again_after_a_restart_of_the_controller(jenkins: JenkinsServer) -> None:
    mark = ControllerMark(JenkinsController(jenkins.url, "admin", "t" * 34))
    mark.take(ANN)
    jenkins.restart(0.0)
    assert mark.look() is None
    mark.renew(ANN)
    seen = mark.look()
    assert seen is not None and seen.token == ANN.token
    mark.release(ANN.token)


def test_without_the_permission_there_is_a_note_and_no_failure(kube: KubeServer) -> None:
    lock = LeaseLock(ClusterClient(kube.kubeconfig("readonly")), "ci", "denied", TestClock())
    notes: list[str] = []
    with keeping((lock,), Held(ANN), TestClock(), note=notes.append) as keeper:
        keeper.check()
        assert keeper.names == ()
    assert len(notes) == 1
    assert "may not create leases" in notes[0]


class Fake:
    """A lock that answers as told."""

    name = "fake"

    def __init__(self) -> None:
        self.trouble: Exception | None = None
        self.renewed = self.released = 0

    def look(self) -> Seen | None:
        return None

    def lives(self, seen: Seen) -> bool:
        return True

    def take(self, mine: Holder) -> None:
        pass

    def renew(self, mine: Holder) -> None:
        self.renewed += 1
        if self.trouble is not None:
            raise self.trouble

    def release(self, token: str) -> None:
        self.released += 1


def kept(clock: TestClock) -> tuple[Keeper, Fake]:
    keeper, lock = Keeper(ANN, clock), Fake()
    keeper.take(lock)
    return keeper, lock


def test_a_fresh_lock_is_not_asked_for_at_each_change() -> None:
    keeper, lock = kept(TestClock())
    keeper.check()
    assert lock.renewed == 0


def test_after_a_sleep_of_the_machine_the_lock_is_asked_for_before_a_change() -> None:
    clock = TestClock()
    keeper, lock = kept(clock)
    clock.jump(3600)
    keeper.check()
    assert lock.renewed == 1
    clock.jump(3600)
    lock.trouble = LockGone("the fake was taken over by ben@bastion")
    with pytest.raises(LockLost, match="ben@bastion"):
        keeper.check()
    with pytest.raises(LockLost):
        keeper.check()


def test_a_lock_is_asked_for_before_somebody_may_have_cleared_it() -> None:
    clock = TestClock()
    keeper, lock = kept(clock)
    # `migrate unlock` clears what had no heartbeat for a minute, and another run may begin then.
    clock.pass_(FRESH - 1)
    keeper.check()
    assert lock.renewed == 1


def test_an_answer_that_nobody_foresaw_does_not_end_the_heartbeats() -> None:
    keeper, lock = Keeper(ANN, TestClock(), heartbeat=0.01), Fake()
    keeper.take(lock)
    lock.trouble = KeyError("spec")
    keeper.start()
    try:
        until = time.monotonic() + 10
        while lock.renewed < 3 and time.monotonic() < until:
            time.sleep(0.01)
        assert lock.renewed >= 3
    finally:
        keeper.stop()


def test_a_lock_that_cannot_be_confirmed_is_lost_after_a_while() -> None:
    clock = TestClock()
    keeper, lock = kept(clock)
    clock.pass_(TTL)
    lock.trouble = MigrateError("no answer")
    with pytest.raises(LockLost, match="no answer"):
        keeper.check()
    assert lock.renewed > 10


def test_a_short_absence_is_waited_out() -> None:
    clock = TestClock()
    keeper, lock = kept(clock)
    clock.pass_(TTL)

    lock.trouble = MigrateError("no answer")
    before = clock.sleep

    def sleep(seconds: float) -> None:
        before(seconds)
        if lock.renewed > 3:
            lock.trouble = None

    clock.sleep = sleep  # type: ignore[method-assign]
    keeper.check()
    keeper.stop()
    assert lock.released == 1


def test_only_a_process_that_is_gone_on_this_host_died_here() -> None:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    mine = me("now", "apply t")
    dead = Holder(mine.user, mine.host, done.pid, "", "", "left")
    assert died_here(dead) == "left"
    assert died_here(Holder(mine.user, "elsewhere", done.pid, "", "", "left")) == ""
    assert died_here(Holder(mine.user, mine.host, os.getppid(), "", "", "alive")) == ""
    assert died_here(None) == ""


def test_the_lease_has_the_same_name_on_every_machine() -> None:
    assert lease_name("http://jenkins/") == lease_name("http://jenkins")
    assert lease_name("http://jenkins/") != lease_name("http://other/")
    assert Path(lease_name("http://jenkins/")).name == lease_name("http://jenkins/")


def test_the_token_of_a_dead_run_is_kept_until_its_locks_are_released(tmp_path: Path) -> None:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    dead = replace(me("then", "apply t"), pid=done.pid, token="token-of-the-dead")
    (tmp_path / ".lock.json").write_text(to_json(dead))
    with locked(tmp_path, me("now", "mark")) as held:
        assert held.mine.token == dead.token
    left = holder(tmp_path)
    assert left is not None and left.token == dead.token
    lock = Fake()
    (tmp_path / ".lock.json").write_text(to_json(dead))
    with (
        locked(tmp_path, with_token(me("now", "apply t"))) as held,
        keeping((lock,), held, TestClock(), note=lambda text: None),
    ):
        assert held.mine.token == dead.token
    assert lock.released == 1
    assert holder(tmp_path) is None
