"""The cluster side on the sandbox's API, and on a real API server where there is one."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from e2e_kube import Api, SandboxApi

from migrate.cluster import edits
from migrate.cluster.client import FIELD_MANAGER, ClusterClient
from migrate.cluster.errors import Conflict, ForbiddenHere, Invalid, ObjectGone
from migrate.cluster.owner import data_field, owner_of
from migrate.engine.clock import RealClock, StopSignal
from migrate.engine.locks.file_lock import me
from migrate.engine.locks.lease import LeaseLock
from migrate.engine.locks.remote_lock import LockGone, LockTaken

ENTRY = "jenkins/jenkins-agent:50000"


@pytest.fixture(scope="module", params=["sandbox", "real"])
def api(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    if request.param == "real":
        yield request.getfixturevalue("real_api")
        return
    started = SandboxApi(tmp_path_factory.mktemp("kube"))
    try:
        yield started
    finally:
        started.stop()


@dataclass(frozen=True)
class Place:
    """A namespace of its own for one test."""

    api: Api
    namespace: str

    def as_user(self, user: str = "admin") -> ClusterClient:
        """This tool's client."""
        return ClusterClient(self.api.kubeconfig(user))

    def core(self) -> Any:
        """Somebody else's client, whose import takes seconds: no collection waits for it."""
        from kubernetes import client
        from official_client import official_client

        return client.CoreV1Api(official_client(str(self.api.kubeconfig("admin"))))

    def server_side_apply(self, manager: str, data: dict[str, str], **more: Any) -> Any:
        """What Helm 4 and GitOps controllers do."""
        body = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "tcp", "namespace": self.namespace},
            "data": data,
        }
        return self.core().patch_namespaced_config_map(
            "tcp",
            self.namespace,
            body,
            field_manager=manager,
            _content_type="application/apply-patch+yaml",
            **more,
        )


@pytest.fixture
def place(api: Api) -> Place:
    found = Place(api, f"t-{uuid.uuid4().hex[:8]}")
    found.core().create_namespace({"metadata": {"name": found.namespace}})
    return found


def config_map(data: dict[str, str]) -> dict[str, Any]:
    return {"metadata": {"name": "tcp"}, "data": data}


def service(*ports: int) -> dict[str, Any]:
    return {
        "metadata": {"name": "edge"},
        "spec": {
            "type": "NodePort",
            "selector": {"app": "edge"},
            "ports": [{"name": f"p{p}", "port": p, "protocol": "TCP"} for p in ports],
        },
    }


def test_a_change_is_guarded_by_what_was_read(place: Place) -> None:
    ours, ns = place.as_user(), place.namespace
    read = ours.create("ConfigMap", ns, config_map({"50000": ENTRY, "5432": "db/pg:5432"}))
    place.core().patch_namespaced_config_map("tcp", ns, {"data": {"9000": "x/y:9000"}})
    patch = edits.remove_tcp_key(read, "50000", ENTRY)
    for dry_run in (True, False):
        with pytest.raises(Conflict):
            ours.json_patch("ConfigMap", ns, "tcp", patch, dry_run=dry_run)
    now = ours.get("ConfigMap", ns, "tcp")
    after = ours.json_patch("ConfigMap", ns, "tcp", edits.remove_tcp_key(now, "50000", ENTRY))
    assert after["data"] == {"5432": "db/pg:5432", "9000": "x/y:9000"}
    back = ours.json_patch("ConfigMap", ns, "tcp", edits.restore_tcp_key(after, "50000", ENTRY))
    assert back["data"]["50000"] == ENTRY


def test_the_last_key_and_its_return(place: Place) -> None:
    ours, ns = place.as_user(), place.namespace
    read = ours.create("ConfigMap", ns, config_map({"50000": ENTRY}))
    after = ours.json_patch("ConfigMap", ns, "tcp", edits.remove_tcp_key(read, "50000", ENTRY))
    assert not after.get("data")
    back = ours.json_patch("ConfigMap", ns, "tcp", edits.restore_tcp_key(after, "50000", ENTRY))
    assert back["data"] == {"50000": ENTRY}


def test_a_dry_run_changes_nothing(place: Place) -> None:
    ours, ns = place.as_user(), place.namespace
    ours.create("ConfigMap", ns, config_map({"50000": ENTRY}))
    before = ours.get("ConfigMap", ns, "tcp")
    patch = edits.remove_tcp_key(before, "50000", ENTRY)
    assert not ours.json_patch("ConfigMap", ns, "tcp", patch, dry_run=True).get("data")
    ours.delete("ConfigMap", ns, "tcp", uid=before["metadata"]["uid"], dry_run=True)
    ours.create("Service", ns, service(50000), dry_run=True)
    assert ours.get("ConfigMap", ns, "tcp") == before
    with pytest.raises(ObjectGone):
        ours.get("Service", ns, "edge")


def test_an_owner_by_server_side_apply_is_seen_and_a_live_edit_breaks_its_next_apply(
    place: Place,
) -> None:
    from kubernetes.client.exceptions import ApiException

    ours, ns = place.as_user(), place.namespace
    place.server_side_apply("helm", {"50000": ENTRY})
    read = ours.get("ConfigMap", ns, "tcp")
    owner = owner_of(read, *data_field("50000"))
    assert owner is not None
    assert "helm" in (owner.name, owner.kind)
    taken = [{"op": "replace", "path": "/data/50000", "value": "x/y:1"}]
    ours.json_patch("ConfigMap", ns, "tcp", taken)
    managers = ours.get("ConfigMap", ns, "tcp")["metadata"]["managedFields"]
    assert FIELD_MANAGER in {entry["manager"] for entry in managers}
    with pytest.raises(ApiException) as caught:
        place.server_side_apply("helm", {"50000": ENTRY})
    assert caught.value.status == 409
    assert "FieldManagerConflict" in str(caught.value.body)
    place.server_side_apply("helm", {"50000": ENTRY}, force=True)
    assert ours.get("ConfigMap", ns, "tcp")["data"] == {"50000": ENTRY}


def test_users_with_less_rights(place: Place) -> None:
    ours, ns = place.as_user(), place.namespace
    read = ours.create("ConfigMap", ns, config_map({"50000": ENTRY}))
    patch = edits.remove_tcp_key(read, "50000", ENTRY)
    readonly = place.as_user("readonly")
    assert readonly.get("ConfigMap", ns, "tcp")["data"] == {"50000": ENTRY}
    assert not readonly.allowed("patch", "ConfigMap", ns)
    assert readonly.allowed("get", "ConfigMap", ns)
    for dry_run in (True, False):
        with pytest.raises(ForbiddenHere):
            readonly.json_patch("ConfigMap", ns, "tcp", patch, dry_run=dry_run)
    restricted, nobody = place.as_user("restricted"), place.as_user("nobody")
    assert list(restricted.objects("Service", ns)) == []
    for user in (restricted, nobody):
        with pytest.raises(ForbiddenHere):
            user.get("ConfigMap", ns, "tcp")
        assert not user.allowed("get", "ConfigMap", ns)
        # 403 comes before 404.
        with pytest.raises(ForbiddenHere):
            user.get("ConfigMap", ns, "no-such-map")
    assert nobody.server_version().startswith("v")
    assert ours.get("ConfigMap", ns, "tcp") == read


def test_a_service_port_goes_and_comes_back_with_its_node_port(place: Place) -> None:
    ours, ns = place.as_user(), place.namespace
    before = ours.create("Service", ns, service(80, 50000, 443))
    patch, removed, index = edits.remove_service_port(before, "p50000", port=50000)
    assert 30000 <= removed["nodePort"] <= 32767
    after = ours.json_patch("Service", ns, "edge", patch)
    assert [p["port"] for p in after["spec"]["ports"]] == [80, 443]
    restored = edits.restore_service_port(after, removed, index)
    back = ours.json_patch("Service", ns, "edge", restored)
    assert back["spec"] == before["spec"]


def test_a_service_is_deleted_by_uid_and_made_again(place: Place) -> None:
    ours, ns = place.as_user(), place.namespace
    before = ours.create("Service", ns, service(50000))
    with pytest.raises(Conflict):
        ours.delete("Service", ns, "edge", uid="00000000-0000-0000-0000-000000000000")
    ours.delete("Service", ns, "edge", uid=before["metadata"]["uid"])
    with pytest.raises(ObjectGone):
        ours.get("Service", ns, "edge")
    back = ours.create("Service", ns, edits.strip_for_creation(before))
    assert back["spec"]["ports"] == before["spec"]["ports"]
    assert back["metadata"]["uid"] != before["metadata"]["uid"]


def test_a_service_keeps_at_least_one_port(place: Place) -> None:
    ours, ns = place.as_user(), place.namespace
    ours.create("Service", ns, service(50000))
    with pytest.raises(Invalid):
        ours.json_patch("Service", ns, "edge", [{"op": "remove", "path": "/spec/ports/0"}])


def test_the_lease_lock(place: Place) -> None:
    clock = RealClock(StopSignal())
    mine = replace(me(clock.now(), "apply t"), token="a" * 32)
    other = replace(mine, token="b" * 32, host="another")
    lock = LeaseLock(place.as_user(), place.namespace, "lock", clock)
    second = LeaseLock(place.as_user(), place.namespace, "lock", clock)
    lock.take(mine)
    with pytest.raises(LockTaken):
        second.take(other)
    lock.renew(mine)
    seen = second.look()
    assert seen is not None
    assert seen.token == mine.token
    with pytest.raises(LockGone):
        second.renew(other)
    second.release(other.token)
    assert lock.look() is not None
    lock.release(mine.token)
    assert second.look() is None
    second.take(other)
    with pytest.raises(LockTaken):
        lock.take(mine)
