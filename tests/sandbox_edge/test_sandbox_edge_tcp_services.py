"""The grammar of tcp-services, and that no configuration can be smuggled into nginx."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate.sandbox.edge import config
from migrate.sandbox.edge.backends import Backend
from migrate.sandbox.edge.entry import Entry
from migrate.sandbox.edge.routes import Location, Route
from migrate.sandbox.edge.streams import RESERVED, Stream, config_map_of, parse
from migrate.sandbox.kube.controllers import Controllers
from migrate.sandbox.kube.objects import Ports, usual_installation
from migrate.sandbox.kube.server import KubeServer
from migrate.sandbox.kube.store import Store

AGENT = "jenkins/jenkins-agent:50001"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    server = KubeServer(tmp_path_factory.mktemp("kube"))
    for body in usual_installation(Ports(50000, 5432, 8081, 50001, 5433)):
        server.add(body)
    Controllers(server.registry).sync()
    yield server.store


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("50000", AGENT, (50000, "127.0.0.1:50001", False, False)),
        ("+50000", AGENT, (50000, "127.0.0.1:50001", False, False)),
        ("50000", "jenkins/jenkins-agent:agent-listener", (50000, "127.0.0.1:50001", False, False)),
        ("50000", f"{AGENT}:PROXY", (50000, "127.0.0.1:50001", True, False)),
        ("50000", f"{AGENT}:proxy", (50000, "127.0.0.1:50001", True, False)),
        ("50000", f"{AGENT}::PROXY", (50000, "127.0.0.1:50001", False, True)),
        ("50000", f"{AGENT}:PROXY:PROXY", (50000, "127.0.0.1:50001", True, True)),
        ("50000", f"{AGENT}:PROXY:PROXY:x", (50000, "127.0.0.1:50001", True, False)),
        ("50000", f"{AGENT}:nonsense", (50000, "127.0.0.1:50001", False, False)),
        ("50000 ", AGENT, None),
        ("agents", AGENT, None),
        ("0", AGENT, None),
        ("70000", AGENT, None),
        ("443", AGENT, None),
        ("10254", AGENT, None),
        ("50000", "jenkins/jenkins-agent", None),
        ("50000", "jenkins-agent:50001", None),
        ("50000", "a/jenkins/jenkins-agent:50001", None),
        ("50000", "jenkins/jenkins-agent: 50001", None),
        ("50000", "jenkins/jenkins-agent:agent", None),
        ("50000", "jenkins/jenkins-agent:1", None),
        ("50000", "jenkins/nobody:50001", None),
        ("50000", "nowhere/jenkins-agent:50001", None),
    ],
)
def test_the_grammar(
    store: Store, key: str, value: str, expected: tuple[int, str, bool, bool] | None
) -> None:
    entry = parse(store, key, value)
    found = entry and (entry.port, entry.backend.addresses[0], entry.decode, entry.encode)
    assert found == expected


@given(st.text(max_size=8), st.text(alphabet="jenkis/:-agt50PROXY 1", max_size=30))
def test_what_is_parsed_is_a_port_that_may_be_listened_on(
    store: Store, key: str, value: str
) -> None:
    entry = parse(store, key, value)
    if entry is not None:
        assert 0 < entry.port < 65536
        assert entry.port not in RESERVED
        assert entry.backend.addresses


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--tcp-services-configmap=$(POD_NAMESPACE)/tcp"], ("edge", "tcp")),
        (["--tcp-services-configmap", "$(POD_NAMESPACE)/tcp"], ("edge", "tcp")),
        (["--tcp-services-configmap=other/tcp"], ("other", "tcp")),
        (["--tcp-services-configmap"], None),
        (["--udp-services-configmap=a/b"], None),
    ],
)
def test_the_config_map_that_the_flag_names(
    arguments: list[str], expected: tuple[str, str] | None
) -> None:
    reference = {"fieldRef": {"fieldPath": "metadata.namespace"}}
    container = {"args": arguments, "env": [{"name": "POD_NAMESPACE", "valueFrom": reference}]}
    pod = {"metadata": {"name": "x", "namespace": "edge"}, "spec": {"containers": [container]}}
    assert config_map_of(pod) == expected


def test_the_configuration_of_two_hosts_and_a_port(tmp_path: Path) -> None:
    backend = Backend("jenkins", "jenkins", 8080, ("127.0.0.1:1", "127.0.0.1:2"))
    routes = (Route("a.example", (Location("/", False, backend),)), Route("_", ()))
    text = config.render(8000, routes, (Stream(50000, Entry(50000, backend)),))
    assert text.http.count("upstream jenkins-jenkins-8080") == 1
    assert text.http.count("default_server") == 1
    assert "listen 127.0.0.1:50000;" in text.stream
    clash = config.render(8000, routes, (Stream(8000, Entry(8000, backend)),))
    assert "8000" not in clash.stream
