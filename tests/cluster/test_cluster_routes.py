"""Which Ingress serves a URL; and where a Service leads, by what could be read."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate.cluster.backends import Backends, Target, Targets
from migrate.cluster.routes import Address, Routes, find_routes
from migrate.cluster.selectors import matches, selects
from migrate.cluster.snapshot import Snapshot

NGINX = "nginx.ingress.kubernetes.io"


def path(value: str, service: str, kind: str = "Prefix", port: int = 80) -> dict[str, Any]:
    backend = {"service": {"name": service, "port": {"number": port}}}
    return {"path": value, "pathType": kind, "backend": backend}


def ingress(
    name: str,
    *rules: tuple[str | None, list[dict[str, Any]]],
    annotations: dict[str, str] | None = None,
    api: str = "networking.k8s.io/v1",
    **spec: Any,
) -> dict[str, Any]:
    meta = {"namespace": "ci", "name": name, "annotations": annotations or {}}
    full = {"rules": [{"host": h, "http": {"paths": p}} for h, p in rules], **spec}
    return {"apiVersion": api, "kind": "Ingress", "metadata": meta, "spec": full}


def routes(url: str, *ingresses: dict[str, Any], classes: Sequence[dict[str, Any]] = ()) -> Routes:
    return find_routes(Snapshot({"Ingress": list(ingresses), "IngressClass": list(classes)}), url)


def services(found: Routes) -> list[str]:
    return [b.service for b in found.backends]


@pytest.mark.parametrize(
    ("url", "host", "where"),
    [
        ("https://CI.example.com", "ci.example.com", "/"),
        ("https://ci.example.com:8443/jenkins/", "ci.example.com", "/jenkins/"),
        ("http://[::1]:8080/a//b", "::1", "/a//b/"),
    ],
)
def test_addresses(url: str, host: str, where: str) -> None:
    assert Address.of(url) == Address(host, where)


def test_the_exact_host_goes_before_wildcards_and_any_host() -> None:
    exact = ingress("exact", ("ci.example.com", [path("/", "exact")]))
    wild = ingress("wild", ("*.example.com", [path("/", "wild")]))
    anyone = ingress("any", (None, [path("/", "any")]))
    default = ingress("default", defaultBackend={"service": {"name": "d", "port": {"name": "h"}}})
    url = "https://ci.example.com/"
    assert services(routes(url, anyone, wild, exact, default)) == ["exact"]
    assert services(routes(url, anyone, wild, default)) == ["wild"]
    assert services(routes(url, anyone, default)) == ["any"]
    assert services(routes(url, default)) == ["d"]
    # One label only.
    assert services(routes("https://a.ci.example.com/", wild)) == []
    assert services(routes("https://example.com/", wild)) == []
    assert routes(url, anyone).ingresses[0].hosts == ("*",)


def test_the_longest_path_wins_element_by_element() -> None:
    shared = ingress(
        "shared",
        (
            "ci.example.com",
            [path("/", "portal"), path("/jenkins", "jenkins"), path("/jenkins2", "other")],
        ),
    )
    assert services(routes("https://ci.example.com/jenkins/", shared)) == ["jenkins"]
    assert services(routes("https://ci.example.com/jenkins2", shared)) == ["other"]
    assert services(routes("https://ci.example.com/", shared)) == ["portal"]


def test_an_exact_path_and_a_regex() -> None:
    exact = ingress("e", ("h.x", [path("/login", "sso", "Exact"), path("/", "jenkins")]))
    assert services(routes("http://h.x/", exact)) == ["jenkins", "sso"]
    regex = ingress(
        "r",
        ("h.x", [path("/ci(/|$)(.*)", "jenkins"), path("/(", "broken")]),
        annotations={f"{NGINX}/rewrite-target": "/$2"},
    )
    assert services(routes("http://h.x/ci/", regex)) == ["jenkins"]
    assert services(routes("http://h.x/cinema/", regex)) == []


def test_two_edges_for_one_host() -> None:
    outside = ingress("outside", ("h.x", [path("/", "a")]), ingressClassName="public")
    inside = ingress(
        "inside", ("h.x", [path("/", "b")]), annotations={"kubernetes.io/ingress.class": "int"}
    )
    found = routes("http://h.x/", outside, inside)
    assert services(found) == ["a", "b"]
    assert [(r.name, r.class_name) for r in found.ingresses] == [
        ("inside", "int"),
        ("outside", "public"),
    ]


def test_other_hosts_and_paths_are_left_out() -> None:
    other = ingress("other", ("h.y", [path("/", "x")]), ("h.x", [path("/apps", "y")]))
    mine = ingress("mine", ("h.x", [path("/ci", "jenkins")]))
    below = ingress("below", ("h.x", [path("/ci/wsagents", "jenkins")]))
    found = routes("http://h.x/ci", other, mine, below)
    assert [r.name for r in found.ingresses] == ["below", "mine"]


def test_classes_and_annotations() -> None:
    item = {
        "metadata": {
            "name": "main",
            "annotations": {"ingressclass.kubernetes.io/is-default-class": "true"},
        },
        "spec": {"controller": "k8s.io/ingress-nginx"},
    }
    notes = {
        f"{NGINX}/proxy-read-timeout": "30",
        "kubectl.kubernetes.io/last-applied-configuration": "{}",
    }
    one = ingress("one", ("h.x", [path("/", "j")]), annotations=notes, tls=[{"hosts": ["h.x"]}])
    (route,) = routes("http://h.x/", one, classes=[item]).ingresses
    assert (route.class_name, route.class_controller) == ("main", "k8s.io/ingress-nginx")
    assert route.annotations == {f"{NGINX}/proxy-read-timeout": "30"}
    assert route.tls
    assert route.api_version == "networking.k8s.io/v1"


@pytest.mark.parametrize("api", ["extensions/v1beta1", "networking.k8s.io/v1beta1"])
def test_old_apis(api: str) -> None:
    backend = {"serviceName": "jenkins", "servicePort": "http"}
    old = ingress("old", ("h.x", [{"path": "/", "backend": backend}]), api=api)
    found = routes("http://h.x/", old)
    assert [str(b) for b in found.backends] == ["jenkins:http"]
    assert found.ingresses[0].api_version == api
    # Served as v1 today, and its manifest can't be applied any more.
    applied = json.dumps({"apiVersion": api, "kind": "Ingress"})
    notes = {"kubectl.kubernetes.io/last-applied-configuration": applied}
    now = ingress("now", ("h.x", [path("/", "j")]), annotations=notes)
    (route,) = routes("http://h.x/", now).ingresses
    assert (route.api_version, route.applied_as) == ("networking.k8s.io/v1", api)


@given(st.text(max_size=20), st.text(alphabet="/ab.*()[", max_size=12))
def test_strange_hosts_and_paths_do_no_harm(host: str, where: str) -> None:
    strange = ingress("s", (host, [path(where, "x")]), annotations={f"{NGINX}/use-regex": "true"})
    routes("http://h.x/ci", strange)


def pod(name: str, labels: dict[str, str], ready: bool = True, port: int = 50001) -> dict[str, Any]:
    ports = [{"name": "agents", "containerPort": port}]
    return {
        "metadata": {"namespace": "ci", "name": name, "labels": labels},
        "spec": {"containers": [{"ports": ports}]},
        "status": {"podIPs": [f"10.0.0.{port % 250}"], "ready": ready},
    }


SERVICE: dict[str, Any] = {
    "metadata": {"namespace": "ci", "name": "agent"},
    "spec": {
        "selector": {"app": "j"},
        "ports": [{"name": "agents", "port": 50000, "targetPort": "agents"}],
    },
}
PORT = SERVICE["spec"]["ports"][0]


def targets(objects: dict[str, Any], *known: str) -> Targets:
    found = backends(objects, *known).targets(SERVICE, PORT)
    assert found is not None
    return found


def backends(objects: dict[str, Any], *known: str) -> Backends:
    return Backends(Snapshot({"Service": [SERVICE], **objects}, everywhere=set(known)))


def test_endpoint_slices_first() -> None:
    label = {"kubernetes.io/service-name": "agent"}
    slices = [
        {
            "metadata": {"namespace": "ci", "labels": label},
            "ports": [{"name": "agents", "port": 50001}, {"name": "http", "port": 8080}],
            "endpoints": [
                {"addresses": ["10.0.0.1"], "targetRef": {"kind": "Pod", "name": "j-0"}},
                {"addresses": ["10.0.0.2"], "conditions": {"ready": None}},
                {"addresses": ["10.0.0.3"], "conditions": {"ready": False}},
            ],
        },
        {"metadata": {"namespace": "other", "labels": label}, "ports": [], "endpoints": []},
    ]
    found = targets({"EndpointSlice": slices}, "EndpointSlice")
    assert found.source == "EndpointSlices"
    assert found.ready == (Target("10.0.0.1", 50001, "ci/j-0"), Target("10.0.0.2", 50001, None))


def test_endpoints_next() -> None:
    endpoints = {
        "metadata": {"namespace": "ci", "name": "agent"},
        "subsets": [
            {
                "addresses": [{"ip": "10.0.0.1", "targetRef": {"kind": "Pod", "name": "j-0"}}],
                "notReadyAddresses": [{"ip": "10.0.0.9"}],
                "ports": [{"name": "agents", "port": 50001}],
            }
        ],
    }
    found = targets({"Endpoints": [endpoints]}, "Endpoints")
    assert (found.source, found.ready) == ("Endpoints", (Target("10.0.0.1", 50001, "ci/j-0"),))


def test_selector_and_pods_last() -> None:
    pods = [pod("j-0", {"app": "j"}), pod("x", {"app": "x"}), pod("j-1", {"app": "j"}, ready=False)]
    found = targets({"Pod": pods}, "Pod")
    assert found.source == "selector and pods"
    assert [t.pod for t in found.ready] == ["ci/j-0"]
    assert backends({"Pod": pods}).targets(SERVICE, PORT) is None


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"key": "a", "operator": "In", "values": ["1", "2"]}, True),
        ({"key": "a", "operator": "NotIn", "values": ["1"]}, False),
        ({"key": "b", "operator": "NotIn", "values": ["1"]}, True),
        ({"key": "a", "operator": "Exists"}, True),
        ({"key": "a", "operator": "DoesNotExist"}, False),
        ({"key": "a", "operator": "Guess"}, False),
    ],
)
def test_label_selectors(rule: dict[str, Any], expected: bool) -> None:
    assert matches({"matchExpressions": [rule]}, {"a": "1"}) is expected
    assert not matches({"matchLabels": {"a": "2"}, "matchExpressions": [rule]}, {"a": "1"})


def test_empty_selectors() -> None:
    assert matches({}, {"a": "1"})
    assert not selects({}, {"a": "1"})
    assert not selects(None, {"a": "1"})
