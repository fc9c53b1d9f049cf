"""Patches, field sets and selectors, by their laws."""

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from migrate.sandbox.kube import fields, ownership, patches
from migrate.sandbox.kube.failures import ApiFailure
from migrate.sandbox.kube.listing import matches_labels

NAMES = st.sampled_from(["a", "b", "c", "d.e", "f/g", "h~i"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(NAMES, VALUES, max_size=4)
PORTS = st.lists(
    st.fixed_dictionaries(
        {"port": st.integers(1, 9), "protocol": st.sampled_from(["TCP", "UDP"])},
        optional={"name": st.sampled_from(["x", "y"]), "nodePort": st.integers(30000, 30009)},
    ),
    max_size=4,
    unique_by=lambda port: (port["port"], port["protocol"]),
)


def has_null(value: Any) -> bool:
    if isinstance(value, dict):
        return any(item is None or has_null(item) for item in value.values())
    return False


@given(DOCUMENTS, DOCUMENTS)
def test_a_merge_patch_can_be_sent_twice(document: dict[str, Any], patch: dict[str, Any]) -> None:
    kept = copy.deepcopy(document)
    once = patches.merge_patch(document, patch)
    assert document == kept
    assert patches.merge_patch(once, patch) == once


@given(DOCUMENTS)
def test_a_merge_patch_of_nulls_empties(document: dict[str, Any]) -> None:
    assert patches.merge_patch(document, dict.fromkeys(document)) == {}


@given(PORTS)
def test_a_strategic_delete_takes_all_protocols_of_a_port(ports: list[dict[str, Any]]) -> None:
    for port in ports:
        patch = {"spec": {"ports": [{"port": port["port"], "$patch": "delete"}]}}
        result = patches.strategic_patch({"spec": {"ports": ports}}, patch, "Service")
        expected = [other for other in ports if other["port"] != port["port"]]
        assert result["spec"]["ports"] == expected


@given(DOCUMENTS, PORTS, st.booleans())
def test_fields_v1_can_be_read_back(
    data: dict[str, Any], ports: list[dict[str, Any]], leaves_only: bool
) -> None:
    body = {"kind": "Service", "data": data, "spec": {"ports": ports}}
    owned = set(fields.paths(body, leaves_only=leaves_only))
    assert fields.from_v1(fields.to_v1(owned)) == owned


@given(
    st.dictionaries(NAMES, st.text(max_size=3), min_size=1),
    st.dictionaries(NAMES, st.text(max_size=3)),
)
def test_applying_takes_over_nothing_that_differs_without_force(
    theirs: dict[str, str], ours: dict[str, str]
) -> None:
    base = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}
    body, managers = ownership.apply(None, {**base, "data": theirs}, "helm", force=False, now="1")
    body["metadata"]["managedFields"] = ownership.encode(managers)
    conflicting = {key for key in theirs.keys() & ours.keys() if theirs[key] != ours[key]}
    try:
        merged, _ = ownership.apply(body, {**base, "data": ours}, "me", force=False, now="2")
    except ApiFailure as failure:
        found = {cause["field"] for cause in (failure.details or {})["causes"]}
        assert found == {f".data.{key}" for key in conflicting}
        forced, after = ownership.apply(body, {**base, "data": ours}, "me", force=True, now="2")
        assert forced["data"] == {**theirs, **ours}
        owners = [m.name for m in after for path in m.owned if path[-1][1] in conflicting]
        assert set(owners) == {"me"}
    else:
        assert not conflicting
        assert merged["data"] == {**theirs, **ours}


def test_label_selectors() -> None:
    labels = {"app": "jenkins", "tier": "edge"}
    for selector, expected in {
        "": True,
        "app=jenkins": True,
        "app==jenkins,tier=edge": True,
        "app!=jenkins": False,
        "app": True,
        "!app": False,
        "!other": True,
        "app in (a, jenkins)": True,
        "app notin (a,b),tier in (edge)": True,
        "app notin (jenkins)": False,
    }.items():
        assert matches_labels(selector, labels) is expected, selector
