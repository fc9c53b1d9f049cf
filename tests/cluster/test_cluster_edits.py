"""Patches and their inverses, applied by the sandbox's API and by a small one of our own."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate.cluster import edits
from migrate.cluster.edits import Drift
from migrate.model.errors import Blocked, ExitCode


def apply(obj: dict[str, Any], patch: list[dict[str, Any]]) -> dict[str, Any]:
    """RFC 6902 ``add``, ``remove`` and ``replace``, on a copy."""
    out = copy.deepcopy(obj)
    for op in patch:
        *path, last = [p.replace("~1", "/").replace("~0", "~") for p in op["path"].split("/")[1:]]
        at = out
        for part in path:
            at = at[int(part)] if isinstance(at, list) else at[part]
        if isinstance(at, list):
            index = int(last)
            if op["op"] == "add":
                at.insert(index, op["value"])
            else:
                assert op["op"] == "remove"
                del at[index]
        elif op["op"] == "remove":
            del at[last]
        else:
            assert op["op"] == "add" or last in at
            at[last] = op["value"]
    # The server leaves empty maps and lists out (omitempty).
    if out.get("data") == {}:
        del out["data"]
    for container in out.get("spec", {}).get("template", {}).get("spec", {}).get("containers", []):
        if container.get("ports") == []:
            del container["ports"]
    return out


def config_map(data: dict[str, str] | None, **more: Any) -> dict[str, Any]:
    meta = {"namespace": "edge", "name": "tcp", "resourceVersion": "7", "uid": "u"}
    return {"kind": "ConfigMap", "metadata": meta, **({"data": data} if data else {}), **more}


PORTS = [
    {"name": "http", "port": 80, "protocol": "TCP", "targetPort": "http", "nodePort": 31000},
    {"name": "dns", "port": 50000, "protocol": "UDP", "targetPort": 53, "nodePort": 31003},
    {"name": "50000-tcp", "port": 50000, "protocol": "TCP", "targetPort": 1, "nodePort": 31001},
    {"name": "https", "port": 443, "protocol": "TCP", "targetPort": "https", "nodePort": 31002},
]


def service(ports: list[dict[str, Any]] = PORTS, kind: str = "LoadBalancer") -> dict[str, Any]:
    meta = {"namespace": "edge", "name": "front", "resourceVersion": "9"}
    return {"kind": "Service", "metadata": meta, "spec": {"type": kind, "ports": ports}}


def workload(ports: list[dict[str, Any]] | None) -> dict[str, Any]:
    containers = [{"name": "side"}, {"name": "main", **({"ports": ports} if ports else {})}]
    meta = {"namespace": "edge", "name": "edge", "resourceVersion": "3"}
    spec = {"template": {"spec": {"containers": containers}}}
    return {"kind": "Deployment", "metadata": meta, "spec": spec}


KEY = st.from_regex(r"[-._a-zA-Z0-9]{1,20}", fullmatch=True)


@given(st.dictionaries(KEY, st.text(max_size=20), min_size=1, max_size=5), st.data())
def test_a_key_goes_and_comes_back(data: dict[str, str], draw: st.DataObject) -> None:
    key = draw.draw(st.sampled_from(sorted(data)))
    before = config_map(data)
    gone = apply(before, edits.remove_tcp_key(before, key, data[key]))
    assert gone.get("data", {}) == {k: v for k, v in data.items() if k != key}
    back = apply(gone, edits.restore_tcp_key(gone, key, data[key]))
    assert edits.same(before, back)
    assert edits.restore_tcp_key(back, key, data[key]) == []


def test_a_patch_is_guarded_by_the_version_that_was_read() -> None:
    before = config_map({"50000": "a/b:1"})
    guard = {"op": "replace", "path": "/metadata/resourceVersion", "value": "7"}
    assert edits.remove_tcp_key(before, "50000", "a/b:1")[0] == guard
    del before["metadata"]["resourceVersion"]
    with pytest.raises(Drift):
        edits.remove_tcp_key(before, "50000", "a/b:1")


@pytest.mark.parametrize("data", [{}, {"50000": "somebody/else:1"}, {"50001": "a/b:1"}])
def test_a_changed_key_is_left_alone(data: dict[str, Any]) -> None:
    with pytest.raises(Drift) as caught:
        edits.remove_tcp_key(config_map(data), "50000", "a/b:1")
    assert caught.value.exit_code is ExitCode.DRIFT
    assert "edge/tcp" in caught.value.cause
    assert caught.value.next_command


def test_a_taken_key_is_not_overwritten() -> None:
    with pytest.raises(Drift):
        edits.restore_tcp_key(config_map({"50000": "somebody/else:1"}), "50000", "a/b:1")


def test_an_immutable_config_map_is_said_to_be_one() -> None:
    with pytest.raises(Blocked, match="immutable"):
        edits.remove_tcp_key(config_map({"1": "x"}, immutable=True), "1", "x")


def test_pointers_escape() -> None:
    assert edits.pointer("data", "a/b~c", 0) == "/data/a~1b~0c/0"


@pytest.mark.parametrize("wanted", ["50000-tcp", "50000"])
def test_a_service_port_keeps_its_place_and_node_port(wanted: str) -> None:
    before = service()
    patch, removed, index = edits.remove_service_port(before, wanted, port=50000)
    assert index == 2
    assert removed["nodePort"] == 31001
    gone = apply(before, patch)
    # The UDP port of the same number is somebody else's.
    assert [p["name"] for p in gone["spec"]["ports"]] == ["http", "dns", "https"]
    back = apply(gone, edits.restore_service_port(gone, removed, index))
    assert edits.same(before, back)
    assert edits.restore_service_port(back, removed, index) == []


@given(st.permutations(PORTS), st.integers(min_value=0, max_value=3))
def test_every_port_goes_and_comes_back(ports: list[dict[str, Any]], which: int) -> None:
    before = service(ports)
    wanted = ports[which]
    if wanted["protocol"] == "UDP":
        with pytest.raises(Drift):
            edits.remove_service_port(before, wanted["name"])
        return
    patch, removed, index = edits.remove_service_port(before, wanted["name"])
    gone = apply(before, patch)
    assert edits.same(before, apply(gone, edits.restore_service_port(gone, removed, index)))


def test_a_port_comes_back_at_the_end_when_others_went_too() -> None:
    removed = PORTS[2]
    now = service(PORTS[:1])
    assert apply(now, edits.restore_service_port(now, removed, 2))["spec"]["ports"][-1] == removed


@pytest.mark.parametrize(
    ("ports", "wanted"),
    [(PORTS[:1], "50000-tcp"), ([PORTS[0], {**PORTS[2], "port": 50001}], "50000-tcp")],
)
def test_a_changed_service_port_is_left_alone(ports: list[dict[str, Any]], wanted: str) -> None:
    with pytest.raises(Drift):
        edits.remove_service_port(service(ports), wanted, port=50000)


def test_the_only_port_is_not_removed() -> None:
    with pytest.raises(Blocked):
        edits.remove_service_port(service([PORTS[2]]), "50000-tcp")


@pytest.mark.parametrize(
    "port",
    [
        {"name": "mine", "port": 50000, "protocol": "TCP"},
        {"name": "50000-tcp", "port": 9, "protocol": "TCP"},
    ],
)
def test_a_taken_service_port_is_not_overwritten(port: dict[str, Any]) -> None:
    with pytest.raises(Drift):
        edits.restore_service_port(service([port]), PORTS[2], 0)


def test_a_node_port_needs_a_type_that_has_one() -> None:
    with pytest.raises(Drift, match="ClusterIP"):
        edits.restore_service_port(service(PORTS[:1], "ClusterIP"), PORTS[2], 1)


@pytest.mark.parametrize("others", [[], [{"name": "http", "containerPort": 80, "protocol": "TCP"}]])
@pytest.mark.parametrize("first", [True, False])
def test_a_container_port_goes_and_comes_back(others: list[Any], first: bool) -> None:
    port = {"name": "50000-tcp", "containerPort": 50000, "hostPort": 50000, "protocol": "TCP"}
    before = workload([port, *others] if first else [*others, port])
    patch, removed, index = edits.remove_container_port(before, "main", "50000-tcp", port=50000)
    gone = apply(before, patch)
    assert gone["spec"]["template"]["spec"]["containers"][1].get("ports", []) == others
    restore = edits.restore_container_port(gone, "main", removed, index)
    back = apply(gone, restore)
    assert edits.same(before, back)
    assert edits.restore_container_port(back, "main", removed, index) == []


def test_a_changed_container_is_left_alone() -> None:
    port = {"name": "x", "containerPort": 5, "protocol": "TCP"}
    with pytest.raises(Drift):
        edits.remove_container_port(workload([port]), "gone", "x")
    with pytest.raises(Drift):
        edits.remove_container_port(workload([port]), "main", "y")
    with pytest.raises(Drift):
        edits.remove_container_port(workload([port]), "main", "x", port=6)
    with pytest.raises(Drift):
        edits.restore_container_port(workload([{**port, "hostPort": 1}]), "main", port, 0)
    with pytest.raises(Drift):
        edits.restore_container_port(workload([]), "gone", port, 0)


@pytest.mark.parametrize(
    ("there", "taken"),
    [
        # Another port of that name, or another one of that number.
        ({"name": "agents", "containerPort": 9, "protocol": "TCP"}, True),
        ({"name": "mine", "containerPort": 5, "protocol": "TCP"}, True),
        ({"name": "mine", "containerPort": 5}, True),  # TCP is what is meant without a word
        ({"containerPort": 5}, True),
        ({"name": "mine", "containerPort": 5, "protocol": "UDP"}, False),
        ({"name": "mine", "containerPort": 9, "protocol": "TCP"}, False),
        ({"containerPort": 9}, False),
    ],
)
@pytest.mark.parametrize("name", ["agents", None])
def test_a_taken_container_port_is_not_overwritten(
    there: dict[str, Any], taken: bool, name: str | None
) -> None:
    removed = {"containerPort": 5, "protocol": "TCP", **({"name": name} if name else {})}
    now = workload([there])
    if taken and (name or there["containerPort"] == 5):
        with pytest.raises(Drift, match="has another port"):
            edits.restore_container_port(now, "main", removed, 0)
        return
    back = apply(now, edits.restore_container_port(now, "main", removed, 0))
    assert back["spec"]["template"]["spec"]["containers"][1]["ports"] == [removed, there]


def test_a_port_is_found_by_its_name_alone_and_is_tcp_without_a_word() -> None:
    port = {"name": "x", "containerPort": 5}
    _, removed, _ = edits.remove_container_port(workload([port]), "main", "x")
    assert removed == port
    bare = {"port": 50000, "nodePort": 31001}
    _, removed, index = edits.remove_service_port(service([PORTS[0], bare]), "50000")
    assert (removed, index) == (bare, 1)


def test_a_port_without_a_name_comes_back_beside_others_without_one() -> None:
    now = service([{"port": 80, "protocol": "TCP"}])
    removed = {"port": 50000, "protocol": "TCP"}
    back = apply(now, edits.restore_service_port(now, removed, 1))
    assert back["spec"]["ports"][1] == removed


def test_what_the_server_sets_is_dropped_for_a_new_creation() -> None:
    before = service()
    before["metadata"] |= {"uid": "u", "creationTimestamp": "t", "managedFields": [], "labels": {}}
    before["spec"] |= {"clusterIP": "10.0.0.7", "healthCheckNodePort": 32000}
    before["status"] = {"loadBalancer": {}}
    out = edits.strip_for_creation(before)
    assert out["metadata"] == {"namespace": "edge", "name": "front", "labels": {}}
    assert "status" not in out
    assert out["spec"] == before["spec"]
    assert before["metadata"]["uid"] == "u"


NAMES = st.sampled_from(["a.example/x", "b~c", "d"])
VALUES = st.none() | st.sampled_from(["", "1", "2"])


@given(
    now=st.dictionaries(NAMES, st.sampled_from(["", "1", "2"])),
    after=st.dictionaries(NAMES, VALUES, min_size=1),
    more=st.booleans(),
)
def test_annotations_are_set_and_go_back(
    now: dict[str, str], after: dict[str, str | None], more: bool
) -> None:
    meta: dict[str, Any] = {"namespace": "n", "name": "i", "resourceVersion": "3"}
    if now or more:
        meta["annotations"] = now
    obj = {"kind": "Ingress", "metadata": meta}
    before = {name: now.get(name) for name in after}
    set_now = apply(obj, edits.set_annotations(obj, before, after))
    seen = set_now["metadata"].get("annotations", {})
    assert {name: seen.get(name) for name in after} == after
    assert {k: v for k, v in seen.items() if k not in after} == {
        k: v for k, v in now.items() if k not in after
    }
    assert edits.set_annotations(set_now, before, after) == []
    back = apply(set_now, edits.set_annotations(set_now, after, before))
    assert back["metadata"].get("annotations", {}) == now


def test_an_annotation_that_somebody_changed_is_left_alone() -> None:
    meta = {"namespace": "n", "name": "i", "resourceVersion": "3", "annotations": {"a": "9"}}
    obj = {"kind": "Ingress", "metadata": meta}
    with pytest.raises(Drift, match=r"Ingress n/i has '9' as a, not '1'"):
        edits.set_annotations(obj, {"a": "1"}, {"a": "2"})
    with pytest.raises(Drift, match="not None"):
        edits.set_annotations(obj, {"a": None}, {"a": "2"})
