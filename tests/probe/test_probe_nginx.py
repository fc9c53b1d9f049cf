"""Every recorded configuration, against a real nginx in front of the sandbox's controller."""

import pytest
from probe_configs import EXPECTED

pytest.importorskip("aiohttp")

from probe_sandbox import Client, Journal, edge, edge_port
from probe_standin import StandIn, jenkins_over_http10

from migrate.model.inventory import Verdict
from migrate.probe.node import PREFIX, probe_with_own_node
from migrate.probe.prober import Prober
from migrate.probe.summary import summarise
from migrate.sandbox.jenkins.server import JenkinsServer
from migrate.sandbox.spec import CONTROLLER_VERSION

HOLD = {"read-timeout-5s": 5.0}
"""Seconds. The read timeout is shortened to 1 s below, so the hold ends long before."""
FASTER = ("proxy_read_timeout 5s", "proxy_read_timeout 1s")


@pytest.mark.parametrize("name", EXPECTED)
def test_configuration_is_judged_right(controller: JenkinsServer, name: str) -> None:
    expected, port = EXPECTED[name], edge_port(controller)
    # aiohttp upgrades over HTTP/1.0 too, which Jetty does not: the sandbox can't show that one.
    with (
        StandIn(jenkins_over_http10) as old,
        edge(name, old.port if name == "http10-to-backend" else controller.http_port, port, FASTER),
    ):
        prober = Prober(f"http://127.0.0.1:{port}/", timeout=5)
        answers = prober.without_secret()
        assert tuple(answer.code for answer in answers[:4]) == expected.codes
        if expected.layer:
            assert {answer.layer for answer in answers[:4]} == {expected.layer}
        first = summarise(answers)
        assert (first.verdict, first.code) == expected.without_node
        assert not first.proven

        client, journal = Client(controller), Journal()
        tried = probe_with_own_node(
            client,  # type: ignore[arg-type]
            prober,
            HOLD.get(name, 0.7),
            journal,
            "tests",
        )
        assert next(answer.id for answer in tried) == "probe-node"
        both = summarise(answers + tried)
        assert (both.verdict, both.code) == expected.with_node
        assert both.proven is (expected.with_node[0] is Verdict.PASS)
    assert not [node for node in client.node_names() if node.startswith(PREFIX)]
    assert [(record.kind, record.action) for record in journal.records()] == [
        ("intent", "create-probe-node"),
        ("outcome", "create-probe-node"),
        ("intent", "delete-probe-node"),
        ("outcome", "delete-probe-node"),
    ]


def test_no_upgrade_is_told_in_one_line(controller: JenkinsServer) -> None:
    port = edge_port(controller)
    with edge("no-upgrade-headers", controller.http_port, port):
        said = summarise(Prober(f"http://127.0.0.1:{port}").without_secret())
    assert said.sentence == (
        "the proxy drops Upgrade on /cli/ws (400 only WS connections accepted here); unless it "
        "opens /wsagents/ alone, agents can't come back: only a handshake of a probe node there "
        "decides"
    )
    assert "proxy_set_header Upgrade" in said.fix


def test_idle_timeout_names_the_seconds_and_the_layer(controller: JenkinsServer) -> None:
    port = edge_port(controller)
    with edge("read-timeout-5s", controller.http_port, port, FASTER):
        prober = Prober(f"http://127.0.0.1:{port}/")
        shaken, held = prober.hold_cli(5)
    assert shaken.code == "ok"
    assert (held.verdict, held.code, held.layer) == (Verdict.FAIL, "idle-timeout", "proxy")
    seconds = float(held.answer.rsplit(" ", 2)[1])
    assert 0.9 <= seconds < 5
    assert held.cause.startswith("nginx cuts")
    assert "proxy_read_timeout" in held.fix


def test_context_path_is_part_of_every_request(controller: JenkinsServer) -> None:
    port = edge_port(controller)
    strip = (
        f"http://127.0.0.1:{controller.http_port};",
        f"http://127.0.0.1:{controller.http_port}/;",
    )
    with edge("wrong-prefix", controller.http_port, port, strip):
        answers = Prober(f"http://127.0.0.1:{port}/jenkins").without_secret()
    assert {answer.verdict for answer in answers} == {Verdict.PASS}


def test_raw_port_through_the_edge(controller: JenkinsServer) -> None:
    answer = Prober(controller.url).tcp_port("127.0.0.1", controller.agent_port)
    assert (answer.verdict, answer.code, answer.layer) == (Verdict.PASS, "ok", "jenkins")
    assert CONTROLLER_VERSION in answer.cause
