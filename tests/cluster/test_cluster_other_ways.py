"""Ways to the agent port beside tcp-services, on the sandbox's API."""

from typing import Any

import pytest
from test_cluster_reader import (
    JENKINS,
    Cluster,
    config_map,
    empty,  # noqa: F401
    service,
    usual,  # noqa: F401
    workload,
)

from migrate.cluster.products import gateway, looks_like_a_proxy
from migrate.model.cluster_facts import EdgeReading, ExposureKind, WayKind

AGENT_SERVICE = {"name": "jenkins-agent", "port": 50001}


def custom(
    cluster: Cluster,
    group: str,
    version: str,
    kind: str,
    plural: str,
    name: str = "route",
    namespace: str = "jenkins",
    **spec: Any,
) -> None:
    cluster.server.catalog.install(group, version, kind, plural)
    cluster.add(
        {
            "apiVersion": f"{group}/{version}",
            "kind": kind,
            "metadata": {"namespace": namespace, "name": name},
            **spec,
        }
    )


GATEWAY: dict[str, Any] = {
    "spec": {
        "listeners": [
            {"name": "web", "port": 443, "protocol": "HTTPS"},
            {"name": "agents", "port": 6001, "protocol": "TCP"},
        ]
    },
    "status": {"addresses": [{"value": "192.0.2.7"}]},
}


def tcp_route(cluster: Cluster) -> None:
    group = "gateway.networking.k8s.io"
    custom(cluster, group, "v1", "Gateway", "gateways", "gw", **GATEWAY)
    parents = [{"name": "gw", "sectionName": "agents"}]
    spec = {"parentRefs": parents, "rules": [{"backendRefs": [AGENT_SERVICE]}]}
    custom(cluster, group, "v1alpha2", "TCPRoute", "tcproutes", spec=spec)


def istio(cluster: Cluster) -> None:
    group = "networking.istio.io"
    server = {"port": {"number": 6001, "name": "tcp", "protocol": "TCP"}, "hosts": ["*"]}
    custom(cluster, group, "v1", "Gateway", "gateways", "gw", spec={"servers": [server]})
    destination = {"host": "jenkins-agent.jenkins.svc.cluster.local", "port": {"number": 50001}}
    spec = {"gateways": ["gw"], "tcp": [{"route": [{"destination": destination}]}]}
    custom(cluster, group, "v1", "VirtualService", "virtualservices", spec=spec)


def traefik(cluster: Cluster) -> None:
    container = {
        "name": "t",
        "image": "reg.example.test/mirrored-library-traefik:2.10",
        "args": ["--entrypoints.jnlp.address=:6001/tcp", "--providers.kubernetescrd"],
    }
    cluster.add(workload("Deployment", "kube-system", "traefik", container))
    routes = [{"match": "HostSNI(`*`)", "services": [AGENT_SERVICE]}]
    spec = {"entryPoints": ["jnlp"], "routes": routes}
    custom(cluster, "traefik.io", "v1alpha1", "IngressRouteTCP", "ingressroutetcps", spec=spec)


def nginx_inc(cluster: Cluster) -> None:
    group = "k8s.nginx.org"
    listeners = [{"name": "agents", "port": 6001, "protocol": "TCP"}]
    custom(
        cluster, group, "v1", "GlobalConfiguration", "globalconfigurations", "gc",
        spec={"listeners": listeners},
    )  # fmt: skip
    spec = {
        "listener": {"name": "agents", "protocol": "TCP"},
        "upstreams": [{"name": "up", "service": "jenkins-agent", "port": 50001}],
        "action": {"pass": "up"},
    }
    custom(cluster, group, "v1", "TransportServer", "transportservers", spec=spec)


def kong(cluster: Cluster) -> None:
    backend = {"serviceName": "jenkins-agent", "servicePort": 50001}
    spec = {"rules": [{"port": 6001, "backend": backend}]}
    custom(cluster, "configuration.konghq.com", "v1beta1", "TCPIngress", "tcpingresses", spec=spec)


def emissary(cluster: Cluster) -> None:
    spec = {"port": 6001, "service": "jenkins-agent.jenkins:50001"}
    custom(cluster, "getambassador.io", "v3alpha1", "TCPMapping", "tcpmappings", spec=spec)


@pytest.mark.parametrize("install", [tcp_route, istio, traefik, nginx_inc, kong, emissary])
def test_a_route_of_another_kind_is_a_way_in_that_a_person_closes(
    usual: Cluster,  # noqa: F811
    install: Any,
) -> None:
    install(usual)
    cluster, _ = usual.read()
    (route,) = [e for e in cluster.exposures if e.kind is ExposureKind.TCP_ROUTE]
    assert (route.namespace, route.name, route.port) == ("jenkins", "route", 6001)
    assert "jenkins/jenkins-agent:50001" in route.value
    assert "still accepts connections" in route.obstacle
    assert "kubectl delete" in route.by_hand
    (way,) = [w for w in cluster.ways if w.kind is WayKind.ROUTE]
    assert way.port == 6001
    assert way.hosts == (("192.0.2.7",) if install is tcp_route else ())


def test_a_listener_of_nginx_inc_is_reached_by_the_service_in_front_of_it(
    usual: Cluster,  # noqa: F811
) -> None:
    nginx_inc(usual)
    labels = {"app": "nginx-ingress"}
    container = {
        "name": "nginx-ingress",
        "image": "mirror.example.com/nginx/nginx-ingress:5",
        "args": ["-global-configuration=jenkins/route"],
        "ports": [{"name": "agents", "containerPort": 6001}],
    }
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    workload = {"selector": {"matchLabels": labels}, "template": template}
    usual.server.add(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "inc", "namespace": "jenkins"},
            "spec": workload,
        }
    )
    ports = [{"name": "a", "port": 7001, "targetPort": "agents", "protocol": "TCP"}]
    usual.server.add(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "inc", "namespace": "jenkins"},
            "spec": {"type": "LoadBalancer", "selector": labels, "ports": ports},
            "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.9"}]}},
        }
    )
    cluster, skips = usual.read()
    found = {(w.kind, w.hosts, w.port) for w in cluster.ways if w.through == "Service jenkins/inc"}
    assert (WayKind.LOAD_BALANCER, ("192.0.2.9",), 7001) in found
    assert not [w for w in cluster.ways if w.kind is WayKind.ROUTE], "the Service tells where"
    assert not [s for s in skips if "TransportServer" in s.reason], "they were read to their end"


def test_a_route_to_somebody_else_is_none_of_ours(usual: Cluster) -> None:  # noqa: F811
    backend = {"serviceName": "postgres", "servicePort": 5432}
    spec = {"rules": [{"port": 6001, "backend": backend}]}
    custom(
        usual, "configuration.konghq.com", "v1beta1", "TCPIngress", "tcpingresses",
        namespace="db", spec=spec,
    )  # fmt: skip
    cluster, _ = usual.read()
    assert [e for e in cluster.exposures if e.kind is ExposureKind.TCP_ROUTE] == []


def test_what_is_not_installed_costs_one_call_and_no_skip(
    usual: Cluster,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from migrate.cluster.client import ClusterClient

    asked: list[str] = []
    real = ClusterClient.plurals

    def noted(self: ClusterClient, group: str, version: str) -> Any:
        asked.append(group)
        return real(self, group, version)

    monkeypatch.setattr(ClusterClient, "plurals", noted)
    _, skips = usual.read()
    assert asked == []
    assert skips == ()
    kong(usual)
    usual.read()
    assert asked == ["configuration.konghq.com"]


def test_a_route_that_may_not_be_listed_is_a_skip_with_the_right(usual: Cluster) -> None:  # noqa: F811
    kong(usual)
    _, skips = usual.read("readonly")
    (skip,) = skips
    assert skip.what == "tcpingresses.configuration.konghq.com"
    assert skip.needed == (
        '{apiGroups: ["configuration.konghq.com"], resources: [tcpingresses], verbs: [list]} '
        "(ClusterRole)"
    )


@pytest.mark.parametrize(
    ("image", "flag"),
    [
        ("haproxytech/kubernetes-ingress:3", "--configmap-tcp-services=edge/tcp"),
        ("corp/haproxy-ingress:v0.14", "--tcp-services-configmap=edge/tcp"),
    ],
)
def test_the_config_map_of_haproxy_is_read(usual: Cluster, image: str, flag: str) -> None:  # noqa: F811
    usual.add(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "edge"}},
        config_map(
            "edge", "tcp", {"6001": "jenkins/jenkins-agent:50001:ssl", "6002": "db/postgres:5432"}
        ),
        workload("Deployment", "edge", "ha", {"name": "h", "image": image, "args": [flag]}),
    )
    cluster, _ = usual.read()
    (route,) = [e for e in cluster.exposures if e.kind is ExposureKind.TCP_ROUTE]
    assert (route.object_kind, route.name, route.key, route.port) == (
        "ConfigMap",
        "tcp",
        "6001",
        6001,
    )
    assert "kubectl edit configmap -n edge tcp: take the key 6001 out" in route.by_hand


def proxy(cluster: Cluster, name: str = "edge-proxy", **container: Any) -> None:
    given = {"name": "p", "image": "reg.example.test/team/relay:4", **container}
    cluster.add(
        workload("Deployment", "jenkins", name, given),
        service(
            "jenkins", name, {"app": name}, {"name": "agents", "port": 6500, "targetPort": 7000},
            type="LoadBalancer",
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    "container",
    [
        {"args": ["tcp-listen:7000,fork", "tcp-connect:jenkins-agent:50001"]},
        {"args": ["--to", "jenkins-agent.jenkins.svc.cluster.local"]},
        {"command": ["sh", "-c", "exec relay :7000 $JENKINS_AGENT_SERVICE_HOST"]},
        {"env": [{"name": "UPSTREAM", "value": "jenkins-agent.jenkins:50001"}]},
    ],
)
def test_an_own_proxy_that_names_the_agent_service(
    usual: Cluster,  # noqa: F811
    container: dict[str, Any],
) -> None:
    proxy(usual, **container)
    cluster, skips = usual.read()
    (seen,) = cluster.proxies
    assert seen.reading is EdgeReading.NOT_KNOWN
    assert "Service jenkins/jenkins-agent" in seen.carries
    (skip,) = skips
    assert (skip.subject, skip.leaves_open) == ("Deployment jenkins/edge-proxy", True)
    assert "still accepts connections" in skip.reason
    ways = {(w.kind, w.through, w.port, w.sure) for w in cluster.ways}
    assert (WayKind.LOAD_BALANCER, "Service jenkins/edge-proxy", 6500, False) in ways


def test_an_own_proxy_whose_config_map_names_the_agent_service(usual: Cluster) -> None:  # noqa: F811
    usual.add(config_map("jenkins", "cfg", {"haproxy.cfg": "server s jenkins-agent:50001 check"}))
    container = {"name": "p", "image": "haproxy:3"}
    volumes = [{"name": "v", "configMap": {"name": "cfg"}}]
    usual.add(workload("DaemonSet", "jenkins", "ha", container, volumes=volumes))
    usual.add(workload("Deployment", "jenkins", "web", {"name": "w", "image": "nginx:1.29"}))
    cluster, skips = usual.read()
    carries = {p.name: p.carries for p in cluster.proxies}
    assert carries == {"ha": "its ConfigMap cfg names Service jenkins/jenkins-agent", "web": ""}
    open_by_name = {s.subject: s.leaves_open for s in skips}
    assert open_by_name == {"DaemonSet jenkins/ha": True, "Deployment jenkins/web": False}


def test_a_proxy_behind_a_service_with_the_number_of_the_agent_port(usual: Cluster) -> None:  # noqa: F811
    usual.add(
        workload("Deployment", "jenkins", "ha", {"name": "p", "image": "corp/haproxy-own:1"}),
        service("jenkins", "ha", {"app": "ha"}, {"port": 50001, "targetPort": 7000}),
    )
    cluster, _ = usual.read()
    (seen,) = cluster.proxies
    assert "the agent port's number" in seen.carries


def test_agents_and_jenkins_itself_are_no_proxies(usual: Cluster) -> None:  # noqa: F811
    agent = {
        "name": "a",
        "image": "jenkins/inbound-agent:1",
        "env": [{"name": "JENKINS_TUNNEL", "value": "jenkins-agent.jenkins:50001"}],
    }
    usual.add(workload("Deployment", "jenkins", "agent", agent))
    cluster, _ = usual.read()
    assert cluster.proxies == ()


def test_services_that_look_like_the_agents_and_lead_nowhere_known(usual: Cluster) -> None:  # noqa: F811
    usual.add(
        service("jenkins", "old", {"app": "gone"}, {"name": "jnlp", "port": 50001},
                type="NodePort"),
        service("jenkins", "quiet", {"app": "gone"}, {"name": "web", "port": 80}),
    )  # fmt: skip
    _, skips = usual.read()
    (skip,) = skips
    assert (skip.subject, skip.what, skip.leaves_open) == (
        "Service jenkins/old",
        "TCP port",
        True,
    )
    assert "NodePort" in skip.reason


def test_every_way_from_outside_is_in_one_list(usual: Cluster) -> None:  # noqa: F811
    usual.add(
        service(
            "jenkins", "all-in-one", JENKINS,
            {"name": "http", "port": 80, "targetPort": "http"},
            {"name": "agents", "port": 6000, "targetPort": 50001},
            type="NodePort", externalIPs=["192.0.2.9"],
        ),
    )  # fmt: skip
    cluster, _ = usual.read()
    ways = [(w.kind, w.through, w.port) for w in cluster.ways]
    front = "Service ingress-nginx/ingress-nginx-controller"
    assert (WayKind.LOAD_BALANCER, front, 50000) in ways
    assert [k for k, t, _ in ways if t == front] == [WayKind.LOAD_BALANCER, WayKind.NODE_PORT]
    assert (WayKind.EXTERNAL_IP, "Service jenkins/all-in-one", 6000) in ways
    by_node = [w for w in cluster.ways if w.kind is WayKind.NODE_PORT and "all-in" in w.through]
    assert by_node[0].hosts
    assert all(w.sure for w in cluster.ways)
    assert 80 not in {w.port for w in cluster.ways}


@pytest.mark.parametrize(
    ("image", "labels", "product"),
    [
        ("rancher/mirrored-library-traefik:2.10", {}, "traefik"),
        ("corp.example/mirror/haproxytech-kubernetes-ingress:3", {}, "haproxy-ingress"),
        ("quay.io/jcmoraisjr/haproxy-ingress", {}, "haproxy-ingress"),
        ("kong/kong-gateway:3.4", {}, "kong"),
        ("ghcr.io/projectcontour/contour:v1.30", {}, "contour"),
        ("mirror/envoyproxy-gateway:v1", {}, "envoy-gateway"),
        ("auto", {"istio": "ingressgateway"}, "istio"),
        ("nginx:1", {}, ""),
    ],
)
def test_products_by_the_words_of_their_images(
    image: str, labels: dict[str, Any], product: str
) -> None:
    assert gateway({"image": image}, labels) == product


def test_images_that_look_like_a_proxy() -> None:
    assert all(
        looks_like_a_proxy(i)
        for i in (
            "nginx",
            "bitnami/nginx:1",
            "haproxy:3",
            "reg:5/x/envoy-distroless",
            "alpine/socat",
        )
    )
    assert not any(
        looks_like_a_proxy(i)
        for i in (
            "registry.k8s.io/kube-proxy:v1",
            "quay.io/brancz/kube-rbac-proxy",
            "jenkins/jenkins",
            "postgres",
            "corp/balbo",
        )
    )


def test_a_cluster_without_a_tie_is_no_reason_to_name_every_service(usual: Cluster) -> None:  # noqa: F811
    assert isinstance(usual, Cluster)
    usual.delete("Ingress", "jenkins", "jenkins")
    _, skips = usual.read()
    assert [s.what for s in skips] == ["this Jenkins"]
