"""Each rule on what it is for, and silent on a healthy installation."""

from dataclasses import replace
from typing import Any

import pytest
from rules_samples import (
    JAR,
    SHA,
    cluster,
    controller,
    entry,
    inventory,
    launch,
    node,
    probe,
    proxied,
    route,
    tcp_services,
)

from migrate.model.cluster_facts import (
    AgentWorkload,
    EdgeController,
    Exposure,
    ExposureKind,
    LeadsTo,
    Owner,
)
from migrate.model.finding import Finding, Severity
from migrate.model.inventory import (
    AgentPort,
    Inventory,
    LauncherKind,
    LaunchKind,
    OfflineMark,
    Skip,
    Transport,
    Verdict,
)
from migrate.model.plan import Choices
from migrate.rules.registry import ALL, judge

B, W, I = Severity.BLOCKER, Severity.WARNING, Severity.INFO  # noqa: E741
FAIL, UNSURE, PASS = Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS
NONE = "-"
INC = "nginx.org/ingress-controller"
UP = "nginx.ingress.kubernetes.io/"


def with_controller(**more: Any) -> Inventory:
    return inventory(controller=controller(**more))


def with_route(**more: Any) -> Inventory:
    return inventory(cluster=cluster(ingresses=(route(**more),)))


def with_probe(code: str, verdict: Verdict = FAIL, **more: Any) -> Inventory:
    return inventory(probes=(probe(code, verdict, **more),))


def with_owner(says: Transport, kind: str = "jcasc") -> Inventory:
    return inventory(node(owner=Owner(kind, "x", "a file sets it"), owner_says=says))


def with_entry(**more: Any) -> Inventory:
    return inventory(cluster=cluster(tcp_services=(tcp_services(entry(**more)),)))


def proven(code: str, id: str) -> Inventory:
    """The code on one probe, and a real handshake that went through."""
    return inventory(
        probes=(
            probe(code, UNSURE, id=id),
            probe("ok", PASS, id="probe-node"),
            probe("ok", PASS, id="hold"),
        )
    )


def old(version: str, **more: Any) -> Inventory:
    return inventory(node(remoting_version=version, **more))


EXPOSURE = Exposure(
    ExposureKind.AGENT_SERVICE, "Service", "jenkins", "agent", "", 50000,
    owner=Owner("helm", "jenkins", "label"),
)  # fmt: skip
BY_HAND = Exposure(
    ExposureKind.TCP_ROUTE, "TCPRoute", "jenkins", "r", "", 50000,
    value="port 50000 to jenkins/agent:50000", obstacle="not edited", by_hand="kubectl delete",
)  # fmt: skip


def with_agents(**more: Any) -> Inventory:
    values: dict[str, Any] = {
        "kind": "DeploymentConfig",
        "namespace": "ci",
        "name": "agent",
        "container": "a",
        "image": "jenkins/inbound-agent",
        "nodes": ("n1",),
        "obstacle": "OpenShift rolls it out",
        "by_hand": "oc set env dc/agent",
    }
    return inventory(node(), cluster=cluster(agents=(AgentWorkload(**{**values, **more}),)))


DONE = node(transport=Transport.WEBSOCKET, web_socket=True, protocol="WebSocket")
ACCEPT_HTTP = Choices("x", accept_http=True)
NO_UPGRADE = Choices("x", upgrade=False)
ASSERTED = Choices("x", launches=(("n*", "jnlp-url"),))

TRUST = "java -Djavax.net.ssl.trustStorePassword=**** -jar agent.jar -jnlpUrl U"


def proxies(*, direct: bool | None = False, **settings: Any) -> Inventory:
    return inventory(node(launch=proxied(direct=direct, **settings)))


def above(version: str, minimum: str | None, remoting: str, **more: Any) -> Inventory:
    return inventory(
        node(remoting_version=remoting, **more),
        controller=controller(version=version, minimum_remoting=minimum),
    )


def lifted(version: str, remoting: str) -> Inventory:
    """As a controller with allowUnsupportedRemotingVersions, whose minimum its console tells."""
    return with_minimum_lifted(above(version, "3107", remoting, launch=None))


def with_minimum_lifted(held: Inventory) -> Inventory:
    return replace(held, controller=replace(held.controller, minimum_lifted=True))


CASES: list[tuple[str, Inventory, Choices | None, list[tuple[Severity, str]]]] = [
    ("M001", with_controller(version="2.222.3"), None, [(B, "controller")]),
    ("M001", with_controller(version="2.228"), None, [(B, "controller")]),
    ("M001", with_controller(version="2.222.4"), None, []),
    ("M001", with_controller(version="2.229"), None, []),
    ("M001", with_controller(version="?"), None, [(W, "controller")]),
    ("M002", with_probe("websocket-unsupported", layer="jenkins"), None, [(B, "controller")]),
    ("M003", with_probe("upgrade-stripped"), None, [(B, "edge")]),
    ("M003", with_probe("upgrade-stripped", UNSURE, id="cli-ws"), None, [(W, "edge")]),
    ("M003", proven("upgrade-stripped", "cli-ws"), None, []),
    ("M003", with_probe("upgrade-stripped", FAIL, id="tcp-listener"), None, []),
    (
        # A handshake that went through and a socket that did not hold prove nothing.
        "M003",
        inventory(
            probes=(
                probe("upgrade-stripped", UNSURE, id="cli-ws"),
                probe("ok", PASS, id="probe-node"),
                probe("idle-timeout", FAIL, id="hold"),
            )
        ),
        None,
        [(W, "edge")],
    ),
    ("M004", with_probe("auth-in-front", id="login", layer="auth"), None, [(B, "edge")]),
    ("M005", with_controller(root_url="http://j.example.com/"), None, [(B, "controller")]),
    ("M005", with_controller(root_url="http://j.example.com/"), ACCEPT_HTTP, [(W, "controller")]),
    ("M005", with_controller(root_url="HTTP://LOCALHOST:8080/"), None, [(I, "controller")]),
    ("M005", with_controller(root_url="http://[::1]:8080/"), None, [(I, "controller")]),
    ("M005", with_controller(root_url="http://127.0.0.1.example.com/"), None, [(B, "controller")]),
    ("M005", with_controller(inbound_url="http://10.0.0.1/"), None, [(B, "controller")]),
    ("M006", inventory(node(tunnel="h:1")), None, [(I, "node n1")]),
    ("M006", inventory(node(tunnel="h:1", web_socket=True)), None, [(W, "node n1")]),
    (
        "M006",
        inventory(node(tunnel="h:1", web_socket=True, launch=launch(LaunchKind.URL_NAME))),
        None,
        [(I, "node n1")],
    ),
    ("M007", old("3.40"), None, [(I, "node n1")]),
    ("M007", old("4.12", launch=None), None, [(B, "node n1")]),
    ("M007", old("4.12", launch=launch(jar_writable=False)), None, [(B, "node n1")]),
    ("M007", old("4.12", launch=launch(jar_writable=None)), None, [(B, "node n1")]),
    (
        # Two digests that nobody knows are not the same jar.
        "M007",
        inventory(
            node(remoting_version="4.12", launch=launch(jar_sha256=None)),
            controller=controller(jar_sha256=None),
        ),
        None,
        [(I, "node n1")],
    ),
    ("M007", old("4.12", launch=launch(java_version="11.0.2")), None, [(B, "node n1")]),
    ("M007", old("4.12", launch=launch(options=("-slaveLog",))), None, [(B, "node n1")]),
    ("M007", old("4.12"), NO_UPGRADE, [(B, "node n1")]),
    ("M007", old("4.13", launch=None), None, [(W, "node n1")]),
    ("M007", old("4.2", launch=launch(LaunchKind.URL_NAME)), None, [(W, "node n1")]),
    ("M007", old("3107.v665000b_51092", launch=None), None, []),
    ("M007", old("3077.vd69cf116da_6f", transport=Transport.WEBSOCKET), None, [(W, "node n1")]),
    ("M008", old("3206", launch=launch(java_version="11.0.2")), None, [(W, "node n1")]),
    ("M008", old("4.12", launch=launch(java_version="1.8.0_392")), None, [(B, "node n1")]),
    ("M008", old("3206", launch=launch(java_version="11.0.2")), NO_UPGRADE, []),
    (
        "M009",
        inventory(node(launch=launch(options=("-jnlpUrl", "-tunnel")))),
        None,
        [(B, "node n1")],
    ),
    ("M009", inventory(node(launch=launch(options=("-jnlpCredentials",)))), None, [(B, "node n1")]),
    ("M009", inventory(node(launch=launch(options=("-url", "-url")))), None, [(B, "node n1")]),
    ("M009", inventory(node(launch=launch(options=("-cert",)))), None, []),
    ("M009", old("3160", launch=launch(options=("-cert",), jar=None)), None, [(B, "node n1")]),
    (
        "M009",
        inventory(node(launch=launch(LaunchKind.URL_NAME, options=("-url", "-tunnel")))),
        None,
        [(W, "node n1")],
    ),
    ("M009", old("3160", launch=launch(options=("-jnlpUrl", "-cp"))), None, [(W, "node n1")]),
    ("M009", old("3160", launch=launch(options=("-jnlpUrl", "-cp"))), NO_UPGRADE, []),
    (
        "M009",
        old("3160", launch=launch(options=("-jnlpUrl", "-cp"))),
        Choices("t"),
        [(W, "node n1")],
    ),
    (
        # The controller's older jar lies on the disk already: the next start meets -url.
        "M009",
        inventory(
            node(
                remoting_version="3206.vb_15dcf73f6a_9",
                launch=launch(LaunchKind.URL_NAME, options=("-url", "-name"), jar_sha256=SHA),
            ),
            controller=controller(jar_version="3160.vd76b_9ddd10cc"),
        ),
        None,
        [(B, "node n1")],
    ),
    ("M010", inventory(node(online=False, offline_reason="x")), None, [(W, "node n1")]),
    ("M010", inventory(node(offline_mark=OfflineMark("ann", "x"))), None, [(I, "node n1")]),
    ("M010", inventory(node(online=False, ever_connected=False)), None, []),
    ("M011", inventory(node(online=False, ever_connected=False)), None, [(W, "node n1")]),
    ("M011", inventory(node(online=False, ever_connected=None)), None, []),
    ("M012", with_controller(agent_port=AgentPort(0, 40123)), None, [(W, "controller")]),
    ("M013", with_controller(agent_port=AgentPort(1, enforced=True)), None, [(W, "controller")]),
    ("M013", with_controller(agent_port=AgentPort(1, enforced=None)), None, []),
    ("M014", with_controller(port_owner=Owner("jcasc", "", "e")), None, [(W, "controller")]),
    (
        "M014",
        inventory(cluster=cluster(exposures=(EXPOSURE,))),
        Choices("x", allow_live_edit=True),
        [(W, "Service jenkins/agent")],
    ),
    ("M015", with_entry(leads_to=LeadsTo.NOWHERE), None, [(W, "ConfigMap ingress/tcp[50000]")]),
    ("M015", with_entry(problem="bad port"), None, [(W, "ConfigMap ingress/tcp[50000]")]),
    (
        "M015",
        inventory(cluster=cluster(tcp_services=(tcp_services(exists=False),))),
        None,
        [(W, "ConfigMap ingress/tcp")],
    ),
    ("M016", with_entry(leads_to=LeadsTo.OTHER), None, [(I, "ConfigMap ingress/tcp[50000]")]),
    ("M017", with_route(api_version="extensions/v1beta1"), None, [(W, "Ingress jenkins/web")]),
    ("M017", with_route(applied_as="extensions/v1beta1"), None, [(W, "Ingress jenkins/web")]),
    ("M017", with_route(applied_as="networking.k8s.io/v1"), None, []),
    (
        "M037",
        with_route(class_controller="x", annotations={f"{UP}proxy-read-timeout": "5"}),
        None,
        [],
    ),
    ("M057", inventory(cluster=cluster(exposures=(BY_HAND,))), None, [(W, "TCPRoute jenkins/r")]),
    ("M057", inventory(cluster=cluster(exposures=(EXPOSURE,))), None, []),
    ("M058", with_agents(), None, [(W, "DeploymentConfig ci/agent")]),
    ("M058", with_agents(nodes=()), None, [(W, "DeploymentConfig ci/agent")]),
    (
        "M058",
        with_agents(nodes=(), url="https://other.example/"),
        None,
        [(I, "DeploymentConfig ci/agent")],
    ),
    ("M058", with_agents(nodes=("of-another",)), None, [(I, "DeploymentConfig ci/agent")]),
    ("M058", with_agents(obstacle=""), None, []),
    ("M058", with_agents(web_socket=True), None, []),
    (
        "M059",
        with_route(class_controller="haproxy", annotations={"haproxy.org/timeout-tunnel": "9s"}),
        None,
        [(W, "Ingress jenkins/web")],
    ),
    ("M059", with_route(class_controller="x"), None, [(I, "Ingress jenkins/web")]),
    (
        "M059",
        with_route(class_controller=None, annotations={"konghq.com/read-timeout": "9"}),
        None,
        [(W, "Ingress jenkins/web")],
    ),
    ("M059", with_route(class_controller=None), None, []),
    (
        "M018",
        inventory(
            skips=(
                Skip("node a", "launch", "no", "Administer"),
                Skip("node b", "log", "no", "Administer"),
            )
        ),
        None,
        [(W, "scan")],
    ),
    ("M018", inventory(skips=(Skip("node a", "launch", "it is off"),)), None, [(I, "node a")]),
    ("M019", with_route(class_controller=None), None, [(W, "Ingress jenkins/web")]),
    (
        "M019",
        with_route(annotations={"nginx.org/proxy-read-timeout": "1h"}),
        None,
        [(W, "Ingress jenkins/web")],
    ),
    ("M019", with_route(class_controller=INC), None, [(B, "edge")]),
    ("M019", with_route(class_controller=INC, backend=None), None, [(B, "edge")]),
    (
        "M019",
        with_route(
            class_controller=INC, annotations={"nginx.org/websocket-services": "a, jenkins"}
        ),
        None,
        [],
    ),
    (
        "M019",
        with_route(
            class_controller=INC,
            annotations={"nginx.org/websocket-services": "jenkins", UP + "proxy-read-timeout": "9"},
        ),
        None,
        [(W, "Ingress jenkins/web")],
    ),
    ("M020", inventory(DONE), None, [(I, "controller")]),
    (
        "M020",
        inventory(DONE, node("c", launcher=LauncherKind.CLOUD, transport=Transport.UNKNOWN)),
        None,
        [],
    ),
    ("M021", inventory(node(launch=None)), None, [(W, "node n1")]),
    ("M021", inventory(node(launch=None)), ASSERTED, []),
    ("M021", inventory(node(launch=launch(LaunchKind.UNKNOWN))), None, [(W, "node n1")]),
    ("M022", with_probe("headers-dropped"), None, [(B, "edge")]),
    ("M023", with_probe("idle-timeout", id="hold"), None, [(B, "edge")]),
    ("M024", with_probe("backend-down"), None, [(B, "edge")]),
    ("M025", with_probe("redirect", id="login"), None, [(B, "edge")]),
    ("M026", with_probe("wrong-path"), None, [(B, "edge")]),
    ("M026", with_probe("not-jenkins"), None, [(B, "edge")]),
    ("M027", with_probe("tls", layer="tls"), None, [(B, "edge")]),
    ("M028", with_probe("unreachable", layer="network"), None, [(B, "edge")]),
    ("M029", with_controller(root_url=None), None, []),
    ("M029", with_controller(root_url="https://other.example.com/"), None, [(W, "controller")]),
    ("M029", with_controller(root_url="https://J.example.com:443"), None, []),
    ("M029", with_controller(inbound_url="https://j.example.com:8443/"), None, [(W, "controller")]),
    ("M030", with_controller(version="2.387.3"), None, [(W, "controller")]),
    ("M030", with_controller(version="2.401.1"), None, []),
    ("M031", with_controller(agent_port=AgentPort(-1)), None, [(I, "controller")]),
    ("M032", inventory(node(web_socket=True)), None, [(W, "node n1")]),
    ("M033", inventory(node(launcher=LauncherKind.CLOUD)), None, [(W, "node n1")]),
    ("M033", inventory(node(launcher=LauncherKind.OTHER)), None, [(W, "node n1")]),
    ("M033", inventory(node(launcher=LauncherKind.UNKNOWN)), None, [(W, "node n1")]),
    ("M033", inventory(node(launcher=LauncherKind.SSH, transport=Transport.UNKNOWN)), None, []),
    ("M034", with_probe("not-done", UNSURE, id="probe-node"), None, [(W, "edge")]),
    ("M035", with_entry(leads_to=LeadsTo.UNKNOWN), None, [(W, "ConfigMap ingress/tcp[50000]")]),
    (
        "M036",
        with_route(annotations={UP + "connection-proxy-header": "keep-alive"}),
        None,
        [(B, "edge")],
    ),
    ("M036", with_route(annotations={UP + "connection-proxy-header": "Upgrade"}), None, []),
    ("M037", with_route(annotations={UP + "proxy-read-timeout": "30"}), None, [(B, "edge")]),
    (
        "M037",
        with_route(annotations={UP + "proxy-read-timeout": "31"}),
        None,
        [(W, "Ingress jenkins/web")],
    ),
    (
        "M037",
        with_route(annotations={UP + "proxy-send-timeout": "60"}),
        None,
        [(W, "Ingress jenkins/web")],
    ),
    ("M037", with_route(annotations={UP + "proxy-send-timeout": "61"}), None, []),
    (
        "M037",
        with_route(annotations={UP + "proxy-read-timeout": "1h"}),
        None,
        [(W, "Ingress jenkins/web")],
    ),
    ("M038", inventory(node(launch=launch(options=("-noreconnect",)))), None, [(W, "node n1")]),
    (
        "M038",
        inventory(node(launch=launch(options=("-noReconnect",), supervisor="none"))),
        None,
        [(B, "node n1")],
    ),
    ("M039", inventory(node(launch=launch(restarter=False))), None, [(B, "node n1")]),
    ("M039", inventory(node(launch=launch(restarter=None))), None, []),
    (
        "M039",
        inventory(
            node(
                launch=launch(
                    restarter=False,
                    supervisor="systemd",
                    supervisor_detail="a.service",
                    restart="user-unit",
                )
            )
        ),
        None,
        [(W, "node n1")],
    ),
    ("M040", old("3206", launch=launch(jar=None)), None, [(I, "agents")]),
    ("M040", old("3206"), None, []),
    ("M041", old("3206", launch=launch(options=("-cert",), jar=None)), None, [(W, "node n1")]),
    ("M041", old("3206", launch=launch(options=("-cert",))), None, []),
    ("M041", old("3184", launch=launch(options=("-cert",), jar=None)), None, [(W, "node n1")]),
    ("M041", old("3183", launch=launch(options=("-cert",), jar=None)), None, []),
    ("M041", old("3298", launch=launch(options=("-cert",), jar=None)), None, [(W, "node n1")]),
    ("M041", old("3299", launch=launch(options=("-cert",), jar=None)), None, []),
    ("M041", old("?", launch=launch(options=("-cert",), jar=None)), None, []),
    ("M041", old("3206", launch=launch(options=("-url",), jar=None)), None, []),
    (
        "M041",
        old("3206", launch=launch(options=("-noCertificateCheck",), jar=None)),
        None,
        [(W, "node n1")],
    ),
    ("M042", inventory(node(launch=launch(command="java -secret ****"))), None, [(I, "node n1")]),
    ("M043", inventory(node(launch=launch(LaunchKind.JNLP_MAIN))), None, [(W, "node n1")]),
    (
        "M043",
        inventory(node(launch=None)),
        Choices("x", launches=(("n1", "swarm"),)),
        [(W, "node n1")],
    ),
    ("M044", inventory(node(transport=Transport.UNKNOWN)), None, [(W, "node n1")]),
    ("M045", with_controller(agent_port=AgentPort(-1)), None, [(B, "node n1")]),
    (
        "M046",
        inventory(
            cluster=cluster(edge_controllers=(EdgeController("D", "n", "c", "ingress-nginx"),))
        ),
        None,
        [(I, "cluster")],
    ),
    ("M047", with_probe("unexpected"), None, [(B, "edge")]),
    ("M052", with_controller(root_url=None), None, [(W, "controller")]),
    ("M052", with_controller(root_url=None, version="2.541.3"), None, [(W, "controller")]),
    ("M052", with_probe("root-url-missing", UNSURE), None, [(W, "controller")]),
    ("M052", with_controller(), None, []),
    ("M053", with_probe("origin-rejected", UNSURE), None, [(W, "edge")]),
    ("M053", with_probe("cli-off", UNSURE), None, [(W, "edge")]),
    ("M054", with_probe("front-differs", UNSURE), None, [(W, "edge")]),
    ("M055", with_probe("sockets-capped"), None, [(B, "edge")]),
    (
        "M060",
        inventory(
            node("a"),
            node("b", launch=launch(options=("-url", "-webSocketHeader"))),
            probes=(probe("front-wants-more", UNSURE),),
        ),
        None,
        [(W, "edge"), (W, "node a")],
    ),
    ("M060", with_probe("ok", PASS), None, []),
    ("M047", with_probe("a-code-of-tomorrow", UNSURE), None, [(W, "edge")]),
    (
        "M048",
        with_route(class_name="gce", class_controller="x"),
        None,
        [(W, "Ingress jenkins/web")],
    ),
    ("M049", inventory(node("漢字")), None, [(B, "node 漢字")]),
    ("M049", inventory(node("Łódź"), node("élan", launch=None)), None, [(B, "node Łódź")]),
    ("M049", inventory(node("build ")), None, [(B, "node build ")]),
    ("M049", inventory(node("漢字", launcher=LauncherKind.SSH)), None, []),
    ("M050", proxies(http_proxy="http://p:3128/"), None, [(B, "node n1")]),
    ("M050", proxies(http_proxy="http://p:3128/", direct=None), None, [(B, "node n1")]),
    ("M050", proxies(http_proxy="http://p:3128/", direct=True), None, [(I, "node n1")]),
    ("M050", proxies(http_proxy="http://p:3128/", no_proxy="example.com"), None, []),
    ("M050", proxies(HTTP_PROXY="http://p:3128/", https_proxy="http://p:3128/"), None, []),
    ("M050", proxies(http_proxy="http://p:3128/", https__proxyHost="p"), None, []),
    ("M050", proxies(socksProxyHost="p"), None, [(B, "node n1")]),
    # Its channel goes through that proxy before and after, and its plain GET through none.
    ("M050", proxies(http__proxyHost="p", direct=True), None, []),
    ("M050", proxies(http__proxyHost="p", direct=None), None, []),
    ("M050", proxies(http__proxyHost="p", direct=False), None, [(B, "node n1")]),
    (
        "M050",
        proxies(http_proxy="http://p:3128/", java__net__useSystemProxies="true"),
        None,
        [(W, "node n1")],
    ),
    ("M051", with_controller(version="2.440.1"), None, [(I, "agents")]),
    ("M051", with_controller(version="2.437"), None, [(I, "agents")]),
    ("M051", with_controller(version="2.436"), None, []),
    ("M007", above("2.541.3", "3107", "3063"), None, [(I, "node n1")]),
    ("M007", above("2.555.1", "3176", "3160", launch=None), None, [(B, "node n1")]),
    ("M007", above("2.555.1", None, "3160", launch=None), None, [(W, "node n1")]),
    ("M007", lifted("2.541.3", "3063"), None, [(W, "node n1")]),
    ("M007", lifted("2.555.1", "3160"), None, []),
    # Before 2.469 agents were told the minimum whatever that property said.
    ("M007", lifted("2.467", "3063"), None, [(B, "node n1")]),
    ("M007", above("2.555.1", None, "3176", launch=None), None, []),
    (
        "M008",
        above("2.541.3", "3107", JAR, launch=launch(java_version="11.0.2")),
        None,
        [(W, "node n1")],
    ),
    ("M008", above("2.555.1", "3176", JAR), None, [(W, "node n1")]),
    ("M008", above("2.541.3", "3107", JAR), None, []),
    (
        "M008",
        above("2.541.3", "3107", "3063", launch=launch(java_version="11.0.2")),
        None,
        [(B, "node n1")],
    ),
    ("M042", inventory(node(launch=launch(command=TRUST + " -secret @s"))), None, [(I, "node n1")]),
    ("M056", with_owner(Transport.TCP), None, [(W, "node n1")]),
    ("M056", with_owner(Transport.UNKNOWN, "init.groovy.d"), None, [(W, "node n1")]),
    ("M056", with_owner(Transport.WEBSOCKET), None, []),
]


@pytest.mark.parametrize(
    ("rule", "inventory_", "choices", "expected"),
    CASES,
    ids=[f"{rule}-{number}" for number, (rule, *_) in enumerate(CASES)],
)
def test_rule(
    rule: str,
    inventory_: Inventory,
    choices: Choices | None,
    expected: list[tuple[Severity, str]],
) -> None:
    found = [f for f in judge(inventory_, choices) if f.id == rule]
    assert [(f.severity, f.subject) for f in found] == expected
    for finding in found:
        complete(finding)


def complete(finding: Finding) -> None:
    """A finding tells what, from where, why, and what to do."""
    for text in (finding.summary, finding.evidence, finding.cause, finding.fix):
        assert text.strip()
        assert "None" not in text
    assert "\n" not in finding.summary
    first = finding.cause.split()[0]
    assert first[0].isupper() or "." in first or "-" in first


@pytest.mark.parametrize(
    ("version", "why"),
    [
        ("3.40", "Remoting below 4.0 cannot do WebSocket"),
        ("4.0", "a wire format"),
        ("4.2", "a wire format"),
        ("4.2.1", "does not reconnect over WebSocket on Java 11"),
        ("4.12", "does not reconnect over WebSocket on Java 11"),
        ("4.13", "has no write timeout"),
        ("3106", "has no write timeout"),
    ],
)
def test_why_a_remoting_is_too_old(version: str, why: str) -> None:
    (found,) = (f for f in judge(lifted("2.541.3", version)) if f.id == "M007")
    assert why in found.cause


def test_every_rule_has_a_case_that_finds_something() -> None:
    assert {rule for rule, _, _, expected in CASES if expected} == {rule.id for rule in ALL}


def test_a_healthy_installation_has_no_finding() -> None:
    assert judge(inventory()) == ()


def test_a_stripped_upgrade_is_told_in_one_line() -> None:
    """Both what is certain and what only /cli/ws says name the proxy and the upgrade."""
    for verdict, probe_id in ((FAIL, "probe-node"), (UNSURE, "cli-ws")):
        (found,) = judge(with_probe("upgrade-stripped", verdict, id=probe_id))
        assert "proxy in front of Jenkins drops the WebSocket upgrade" in found.summary


def test_the_probes_own_cause_and_fix_win() -> None:

    answer = replace(probe("redirect"), cause="It sends you to https.", fix="Use that.")
    (found,) = judge(inventory(probes=(answer,)))
    assert (found.cause, found.fix) == ("It sends you to https.", "Use that.")


@pytest.mark.parametrize("choices", [None, Choices("x"), Choices("x", allow_live_edit=True)])
def test_what_is_edited_live_is_what_the_person_allowed(choices: Choices | None) -> None:
    (found,) = judge(inventory(cluster=cluster(exposures=(EXPOSURE,))), choices)
    if choices is not None and choices.allow_live_edit:
        assert found.summary.endswith("and is edited live (--allow-live-edit)")
        assert "as well, before the owner's next sync" in found.fix
    else:
        assert found.summary.endswith("helm jenkins: not edited live")
        assert "the plan has it as a manual step" in found.fix


def test_a_hostile_service_name_is_quoted_in_the_command() -> None:
    (found,) = judge(with_route(class_controller=INC, name="a; rm -rf /", backend="$(x):80"))
    assert "'a; rm -rf /'" in found.fix
    assert "'nginx.org/websocket-services=$(x)'" in found.fix


def test_a_node_that_cannot_move_has_no_advice_on_its_move() -> None:
    stuck = node("漢字", launch=launch(LaunchKind.URL_NAME), remoting_version="3206")
    assert [f.id for f in judge(inventory(stuck)) if "漢字" in f.subject + f.evidence] == ["M049"]


def test_another_secret_is_not_called_the_agents() -> None:
    (found,) = judge(inventory(node(launch=launch(command=TRUST + " -secret @s"))))
    assert "not the agent's: -Djavax.net.ssl.trustStorePassword" in found.summary
    (found,) = judge(inventory(node(launch=launch(command=TRUST + " -secret ****"))))
    assert "has its secret in clear" in found.summary


def test_the_options_to_add_name_the_proxy_that_carries_tcp() -> None:
    (found,) = judge(proxies(http_proxy="http://p.example:3128/"))
    assert "-Dhttps.proxyHost=p.example -Dhttps.proxyPort=3128" in found.fix
    assert "disabledSchemes" not in found.fix
    basic = proxied(http_proxy="http://p.example:3128/", credentials=True)
    plain = controller(root_url="http://j.example.com/", url="http://j.example.com/")
    (found,) = (f for f in judge(inventory(node(launch=basic), controller=plain)) if f.id == "M050")
    assert "-Dhttp.proxyHost=p.example -Dhttp.proxyPort=3128" in found.fix
    assert "disabledSchemes" in found.fix


def test_what_was_not_read_is_not_said_to_be_absent() -> None:
    """A class that may not be listed, and a cluster that was read in part."""
    lost = with_route(class_controller=None, class_name="web")
    assert lost.cluster is not None
    known = next(f for f in judge(lost) if f.id == "M019")
    assert "no such IngressClass is there" in known.evidence
    blind = replace(lost, cluster=replace(lost.cluster, unread=("IngressClass",)))
    unread = next(f for f in judge(blind) if f.id == "M019")
    assert "could not be read" in unread.summary
    assert "no ingress class" not in unread.summary + unread.evidence

    moved = inventory(DONE, controller=controller(agent_port=AgentPort(-1)))
    done = next(f for f in judge(moved) if f.id == "M020")
    assert done.summary.startswith("nothing to do")
    skip = Skip("cluster", "services", "no permission to list services", "a right")
    doubt = next(f for f in judge(replace(moved, skips=(skip,))) if f.id == "M020")
    assert "not read to its end" in doubt.summary


def test_an_old_manifest_is_not_said_to_be_an_old_cluster() -> None:
    found = next(f for f in judge(with_route(applied_as="extensions/v1beta1")) if f.id == "M017")
    text = found.summary + found.evidence + found.cause
    assert "is served as" not in text
    assert "older than" not in text
    assert "manifest" in found.summary


def test_what_a_person_applied_is_not_said_to_be_put_back() -> None:
    person = replace(EXPOSURE, owner=Owner("kubectl", "kubectl", "managedFields: kubectl (Apply)"))
    there = inventory(cluster=cluster(exposures=(person,)))
    (found,) = [f for f in judge(there) if f.id == "M014"]
    assert found.severity is I
    assert "repository" not in found.fix
    assert "edited in place" in found.summary
