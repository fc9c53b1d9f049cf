"""The whole reading, on the sandbox's API with the objects of a usual installation."""

import copy
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cluster_answers import AnswerServer, kubeconfig

from migrate.cluster.client import ClusterClient
from migrate.cluster.errors import ClusterUnreachable
from migrate.cluster.kinds import KINDS
from migrate.cluster.reader import READ_KINDS, read_cluster
from migrate.model import cluster_facts
from migrate.model.cluster_facts import Exposure, ExposureKind, LeadsTo, TcpEntry
from migrate.model.inventory import Skip
from migrate.model.serialize import from_json, to_json
from migrate.sandbox.kube.access import Rule, User, default_users
from migrate.sandbox.kube.checks import Target, Write
from migrate.sandbox.kube.controllers import Controllers
from migrate.sandbox.kube.objects import Ports, usual_installation
from migrate.sandbox.kube.resources import of_kind
from migrate.sandbox.kube.server import KubeServer

K = ExposureKind
AGENT, DATABASE = 50000, 5433
URL = "http://localhost:8080/"
PORTS = Ports(
    edge_agent=AGENT, edge_database=DATABASE, jenkins_http=8081, jenkins_agent=50001, database=5432
)
REVIEWS = Rule(("create",), ("authorization.k8s.io",), ("*",))


class Cluster:
    """A server, its objects, and the reading of it."""

    def __init__(self, server: KubeServer) -> None:
        self.server = server

    def add(self, *objects: dict[str, Any]) -> None:
        for item in objects:
            self.server.add(copy.deepcopy(item), manager="kubectl-client-side-apply")

    def change(
        self,
        kind: str,
        namespace: str,
        name: str,
        patch: dict[str, Any],
        manager: str = "kubectl-edit",
    ) -> None:
        self.server.registry.patch(
            Target(of_kind(kind), namespace, name),
            "application/merge-patch+json",
            patch,
            Write(manager=manager),
        )

    def delete(self, kind: str, namespace: str, name: str) -> None:
        self.server.registry.delete(Target(of_kind(kind), namespace, name), {}, Write(manager="x"))

    def read(
        self,
        user: str = "admin",
        url: Any = URL,
        agent_ports: tuple[int, ...] = (50001,),
        **more: Any,
    ) -> tuple[cluster_facts.Cluster, tuple[Skip, ...]]:
        Controllers(self.server.registry).sync()
        client = ClusterClient(self.server.kubeconfig(user))
        try:
            return read_cluster(client, controller_url=url, agent_ports=agent_ports, **more)
        finally:
            client.close()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Cluster]:
    namespaced = Rule(("get", "list"), ("*",), ("*",), namespaces=("jenkins", "ingress-nginx"))
    users = (*default_users(), User("team", "team-token", (namespaced, REVIEWS)))
    with KubeServer(tmp_path / "kube", users=users) as server:
        yield Cluster(server)


@pytest.fixture
def usual(empty: Cluster) -> Cluster:
    empty.add(*usual_installation(PORTS))
    return empty


def shown(exposures: Iterable[Exposure]) -> list[tuple[ExposureKind, str, str, int]]:
    return [(e.kind, f"{e.object_kind} {e.namespace}/{e.name}", e.key, e.port) for e in exposures]


def config_map(namespace: str, name: str, data: dict[str, str]) -> dict[str, Any]:
    meta = {"namespace": namespace, "name": name}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": data}


def service(
    namespace: str, name: str, selector: dict[str, str] | None, *ports: dict[str, Any], **spec: Any
) -> dict[str, Any]:
    meta = {"namespace": namespace, "name": name}
    full = {"selector": selector, "ports": list(ports), **spec}
    return {"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": full}


def workload(
    kind: str, namespace: str, name: str, container: dict[str, Any], **pod: Any
) -> dict[str, Any]:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container], **pod}}
    spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
    meta = {"namespace": namespace, "name": name}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": meta, "spec": spec}


def entries(cluster: cluster_facts.Cluster, name: str = "tcp-services") -> dict[str, TcpEntry]:
    (found,) = [t for t in cluster.tcp_services if t.name == name]
    return {e.key: e for e in found.entries}


JENKINS = {
    "app.kubernetes.io/name": "jenkins",
    "app.kubernetes.io/component": "jenkins-controller",
}
EDGE = {
    "app.kubernetes.io/name": "ingress-nginx",
    "app.kubernetes.io/instance": "ingress-nginx",
    "app.kubernetes.io/component": "controller",
}


def test_the_usual_installation(usual: Cluster) -> None:
    cluster, skips = usual.read()
    assert skips == ()
    assert cluster.server_version.startswith("v")
    (edge,) = cluster.edge_controllers
    assert (edge.kind, edge.namespace, edge.name) == (
        "Deployment",
        "ingress-nginx",
        "ingress-nginx-controller",
    )
    assert edge.implementation == "ingress-nginx"
    assert edge.tcp_services == "ingress-nginx/tcp-services"
    assert (edge.ingress_class, edge.controller_class) == ("nginx", "k8s.io/ingress-nginx")
    (route,) = cluster.ingresses
    assert (route.hosts, route.backend, route.class_controller) == (
        ("localhost",),
        "jenkins:8080",
        "k8s.io/ingress-nginx",
    )
    assert route.api_version == "networking.k8s.io/v1"
    judged = {k: e.leads_to for k, e in entries(cluster).items()}
    assert judged == {str(AGENT): LeadsTo.JENKINS, str(DATABASE): LeadsTo.OTHER}
    front = "Service ingress-nginx/ingress-nginx-controller"
    assert shown(cluster.exposures) == [
        (K.TCP_SERVICES_ENTRY, "ConfigMap ingress-nginx/tcp-services", "50000", 50000),
        (K.EDGE_SERVICE_PORT, front, "50000-tcp", 50000),
        (
            K.EDGE_CONTAINER_PORT,
            "Deployment ingress-nginx/ingress-nginx-controller",
            "controller/50000-tcp",
            50000,
        ),
        (K.AGENT_SERVICE, "Service jenkins/jenkins-agent", "", 50001),
        (
            K.CONTROLLER_CONTAINER_PORT,
            "StatefulSet jenkins/jenkins",
            "jenkins/agent-listener",
            50001,
        ),
    ]
    assert cluster.exposures[1].node_port
    assert all(e.uid and e.resource_version and e.owner is None for e in cluster.exposures)
    assert cluster.jenkins_namespace == "jenkins"
    assert from_json(to_json(cluster), type(cluster)) == cluster


def test_the_number_that_agents_are_told_may_be_another(usual: Cluster) -> None:
    """hudson.TcpSlaveAgentListener.port: the controller advertises the edge's port."""
    cluster, _ = usual.read(agent_ports=(AGENT,))
    assert entries(cluster)[str(AGENT)].leads_to is LeadsTo.JENKINS
    assert len(cluster.exposures) == 5


def test_the_port_is_off_already(usual: Cluster) -> None:
    cluster, _ = usual.read(agent_ports=(-1,))
    judged = {k: e.leads_to for k, e in entries(cluster).items()}
    assert judged == {str(AGENT): LeadsTo.JENKINS, str(DATABASE): LeadsTo.OTHER}


def test_every_key_that_leads_to_jenkins(usual: Cluster) -> None:
    usual.change(
        "ConfigMap",
        "ingress-nginx",
        "tcp-services",
        {
            "data": {
                "50443": "jenkins/jenkins-agent:agent-listener:PROXY",
                "9001": "jenkins/jenkins-agent:1",
                "9002": "jenkins/gone:50001",
                "9003": "jenkins/jenkins:8080",
                "443": "jenkins/jenkins-agent:50001",
                "bad": "jenkins/jenkins-agent:50001",
                "9004": "jenkins-agent:50001",
            }
        },
    )
    cluster, _ = usual.read()
    found = entries(cluster)
    assert found["50443"].leads_to is LeadsTo.JENKINS
    assert found["50443"].proxy_decode
    assert found["9003"].leads_to is LeadsTo.OTHER
    nowhere = {k for k, e in found.items() if e.leads_to is LeadsTo.NOWHERE}
    assert nowhere == {"9001", "9002", "443", "bad", "9004"}
    assert "does not have any active Endpoint" in str(found["9001"].problem)
    assert 'Error getting Service "jenkins/gone"' in str(found["9002"].problem)
    assert "reserved" in str(found["443"].problem)
    keys = [e.key for e in cluster.exposures if e.kind is K.TCP_SERVICES_ENTRY]
    assert keys == ["50000", "50443"]


def test_two_jenkinses_on_the_same_port(usual: Cluster) -> None:
    """Another team's controller on the same numbers is somebody else's."""
    other = workload(
        "StatefulSet",
        "team-b",
        "jenkins",
        {
            "name": "jenkins",
            "image": "jenkins/jenkins:lts",
            "ports": [{"name": "agent-listener", "containerPort": 50001}],
        },
    )
    usual.add(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team-b"}},
        other,
        service(
            "team-b", "jenkins-agent", {"app": "jenkins"}, {"port": 50000, "targetPort": 50001}
        ),
    )
    usual.change(
        "ConfigMap",
        "ingress-nginx",
        "tcp-services",
        {"data": {"50010": "team-b/jenkins-agent:50000"}},
    )
    cluster, _ = usual.read()
    assert entries(cluster)["50010"].leads_to is LeadsTo.OTHER
    assert not [e for e in cluster.exposures if e.namespace == "team-b"]
    # Without the Ingress nothing says which of the two the URL is: neither is touched.
    usual.delete("Ingress", "jenkins", "jenkins")
    cluster, skips = usual.read()
    judged = {k: e.leads_to for k, e in entries(cluster).items()}
    assert judged["50010"] is judged[str(AGENT)] is LeadsTo.UNKNOWN
    assert judged[str(DATABASE)] is LeadsTo.OTHER
    assert cluster.exposures == ()
    assert [s.what for s in skips] == ["this Jenkins"]
    # A person may say so.
    cluster, skips = usual.read(jenkins_service="jenkins/jenkins")
    assert len(cluster.exposures) == 5
    assert skips == ()


def test_a_pod_that_names_the_url(usual: Cluster) -> None:
    usual.delete("Ingress", "jenkins", "jenkins")
    container = usual.server.get("StatefulSet", "jenkins", "jenkins")
    assert container is not None
    containers = container["spec"]["template"]["spec"]["containers"]
    containers[0]["env"].append({"name": "JENKINS_URL", "value": "https://ci.example.com/"})
    patch = {"spec": {"template": {"spec": {"containers": containers}}}}
    usual.change("StatefulSet", "jenkins", "jenkins", patch)
    cluster, _ = usual.read(url="https://ci.example.com/")
    assert entries(cluster)[str(AGENT)].leads_to is LeadsTo.JENKINS
    cluster, _ = usual.read(url="https://example.com/")
    assert entries(cluster)[str(AGENT)].leads_to is LeadsTo.UNKNOWN


def test_a_service_name_as_the_url(usual: Cluster) -> None:
    usual.delete("Ingress", "jenkins", "jenkins")
    for url in ("http://jenkins.jenkins:8080/", "http://jenkins.jenkins.svc.cluster.local:8080"):
        cluster, _ = usual.read(url=url)
        assert entries(cluster)[str(AGENT)].leads_to is LeadsTo.JENKINS


def test_the_address_of_the_edge_is_not_jenkins(usual: Cluster) -> None:
    """The load balancer's address is the URL's host, and the edge is not the controller."""
    usual.delete("Ingress", "jenkins", "jenkins")
    cluster, _ = usual.read(url="http://127.0.0.1/")
    assert cluster.exposures == ()


def test_a_proxy_before_jenkins(usual: Cluster) -> None:
    """The Ingress leads to an auth proxy; the one Jenkins beside it is the one behind it."""
    proxy = {"name": "proxy", "image": "oauth2-proxy", "ports": [{"containerPort": 4180}]}
    usual.add(
        workload("Deployment", "jenkins", "proxy", proxy),
        service("jenkins", "proxy", {"app": "proxy"}, {"port": 80, "targetPort": 4180}),
    )
    backend = {"service": {"name": "proxy", "port": {"number": 80}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    rules = [{"host": "localhost", "http": {"paths": [path]}}]
    usual.change("Ingress", "jenkins", "jenkins", {"spec": {"rules": rules}})
    cluster, _ = usual.read()
    entry = entries(cluster)[str(AGENT)]
    assert entry.leads_to is LeadsTo.JENKINS
    assert "proxy" in entry.reason
    # With a second controller beside it that is a guess, and nothing is guessed.
    second = {"name": "jenkins", "image": "jenkins/jenkins:lts"}
    usual.add(workload("StatefulSet", "jenkins", "second", second))
    cluster, _ = usual.read()
    assert entries(cluster)[str(AGENT)].leads_to is LeadsTo.UNKNOWN


def test_agent_paths_of_their_own(usual: Cluster) -> None:
    """sign-on for people, /wsagents/ straight to Jenkins: that path shows where Jenkins is."""
    proxy = {"name": "proxy", "image": "oauth2-proxy", "ports": [{"containerPort": 4180}]}
    usual.add(
        workload("Deployment", "jenkins", "proxy", proxy),
        service("jenkins", "proxy", {"app": "proxy"}, {"port": 80, "targetPort": 4180}),
    )
    paths = [
        {
            "path": p,
            "pathType": "Prefix",
            "backend": {"service": {"name": s, "port": {"number": n}}},
        }
        for p, s, n in (("/", "proxy", 80), ("/wsagents", "jenkins", 8080))
    ]
    rules = [{"host": "localhost", "http": {"paths": paths}}]
    usual.change("Ingress", "jenkins", "jenkins", {"spec": {"rules": rules}})
    cluster, _ = usual.read()
    assert entries(cluster)[str(AGENT)].leads_to is LeadsTo.JENKINS
    assert cluster.ingresses[0].backend == "proxy:80"


def test_services_that_expose_the_port_without_tcp_services(usual: Cluster) -> None:
    usual.add(
        service(
            "jenkins",
            "agents-lb",
            JENKINS,
            {"name": "a", "port": 443, "targetPort": "agent-listener"},
            type="LoadBalancer",
        ),
        service(
            "jenkins",
            "all-in-one",
            JENKINS,
            {"name": "http", "port": 80, "targetPort": "http"},
            {"name": "agents", "port": 50000, "targetPort": 50001},
            {"name": "dns", "port": 53, "targetPort": 50001, "protocol": "UDP"},
            type="NodePort",
        ),
    )
    cluster, _ = usual.read()
    found = {e.name: e for e in cluster.exposures if e.object_kind == "Service"}
    assert found["agents-lb"].kind is K.AGENT_SERVICE
    assert found["agents-lb"].port == 443
    assert found["agents-lb"].value.startswith("LoadBalancer")
    combined = found["all-in-one"]
    assert (combined.kind, combined.key, combined.port) == (K.AGENT_SERVICE_PORT, "agents", 50000)
    assert combined.node_port
    assert f"nodePort {combined.node_port}" in combined.value


def test_a_service_that_names_the_pods_is_left_to_a_person(usual: Cluster) -> None:
    usual.change("StatefulSet", "jenkins", "jenkins", {"spec": {"serviceName": "jenkins-agent"}})
    cluster, skips = usual.read()
    assert K.AGENT_SERVICE not in {e.kind for e in cluster.exposures}
    assert [s.subject for s in skips] == ["Service jenkins/jenkins-agent"]


def test_an_edge_service_for_tcp_alone_goes_whole(usual: Cluster) -> None:
    usual.add(
        service(
            "ingress-nginx",
            "tcp-front",
            EDGE,
            {"name": "agents", "port": 6000, "targetPort": f"{AGENT}-tcp"},
            type="LoadBalancer",
        ),
        # The database's own front is somebody else's.
        service(
            "ingress-nginx",
            "db-front",
            EDGE,
            {"name": "db", "port": AGENT, "targetPort": DATABASE},
            type="LoadBalancer",
        ),
    )
    cluster, _ = usual.read()
    found = {e.name: e for e in cluster.exposures if e.object_kind == "Service"}
    assert (found["tcp-front"].kind, found["tcp-front"].port) == (K.AGENT_SERVICE, 6000)
    assert "db-front" not in found


def test_host_ports(usual: Cluster) -> None:
    container = {
        "name": "controller",
        "image": "corp.example/edge:1",
        "args": ["--ingress-class=int", "--tcp-services-configmap", "$(NS)/tcp-int"],
        "env": [{"name": "NS", "valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}}}],
        "ports": [{"containerPort": 7000, "hostPort": 7001}, {"containerPort": 80}],
    }
    usual.add(
        workload("DaemonSet", "ingress-nginx", "internal", container),
        config_map("ingress-nginx", "tcp-int", {"7000": "jenkins/jenkins-agent:50001"}),
        # Of the usual name, and used by nobody.
        config_map("default", "tcp-services", {"50000": "jenkins/jenkins-agent:50001"}),
    )
    cluster, _ = usual.read()
    assert [(t.namespace, t.name) for t in cluster.tcp_services] == [
        ("ingress-nginx", "tcp-int"),
        ("ingress-nginx", "tcp-services"),
    ]
    (port,) = [e for e in cluster.exposures if e.object_kind == "DaemonSet"]
    assert (port.key, port.port) == ("controller/7000", 7001)
    assert "hostPort 7001" in port.value
    edges = {e.name: (e.implementation, e.ingress_class) for e in cluster.edge_controllers}
    assert edges["internal"] == ("ingress-nginx", "int")
    # The API server sets hostPort by itself for pods on the host's network.
    usual.change(
        "DaemonSet",
        "ingress-nginx",
        "internal",
        {"spec": {"template": {"spec": {"hostNetwork": True}}}},
    )
    cluster, _ = usual.read()
    (port,) = [e for e in cluster.exposures if e.object_kind == "DaemonSet"]
    assert port.port == 7000
    assert "hostport" not in port.value.lower()


def test_controllers_that_are_not_read(usual: Cluster) -> None:
    def edge(name: str, **container: Any) -> Any:
        return workload("Deployment", "ingress-nginx", name, {"name": "c", **container})

    tcp = "--tcp-services-configmap=ingress-nginx/tcp-services"
    usual.add(
        edge("inc", image="nginx/nginx-ingress:3.6", args=["-ingress-class=plus"]),
        edge("haproxy", image="quay.io/jcmoraisjr/haproxy-ingress:v0.14", args=[tcp]),
        edge("traefik", image="traefik:v3"),
        edge("shell", image="x/ingress-nginx/controller:v1", command=["sh", "-c", f"exec x {tcp}"]),
        edge(
            "secret",
            image="registry.k8s.io/ingress-nginx/controller:v1",
            args=["--tcp-services-configmap=$(WHERE)"],
            env=[{"name": "WHERE", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}],
        ),
        edge("bad", image="x", args=["/nginx-ingress-controller", "--tcp-services-configmap=tcp"]),
        edge("gone", image="x", args=["/nginx-ingress-controller", tcp + "-gone"]),
        edge("app", image="haproxy:3", args=["-f", "/etc/haproxy.cfg"]),
    )
    cluster, skips = usual.read()
    edges = {e.name: e for e in cluster.edge_controllers}
    assert {n: e.implementation for n, e in edges.items()} == {
        "inc": "nginx-inc",
        "haproxy": "other",
        "traefik": "traefik",
        "shell": "ingress-nginx",
        "secret": "ingress-nginx",
        "bad": "ingress-nginx",
        "gone": "ingress-nginx",
        "ingress-nginx-controller": "ingress-nginx",
    }
    assert edges["inc"].controller_class == "nginx.org/ingress-controller"
    assert edges["inc"].ingress_class == "plus"
    reasons = {s.subject.rpartition("/")[2]: s.reason for s in skips}
    assert "TransportServer" in reasons["inc"]
    assert "TCP routes" in reasons["haproxy"]
    assert "shell script" in reasons["shell"]
    assert "$(WHERE): its value comes from secretKeyRef" in reasons["secret"]
    assert "not namespace/name" in reasons["bad"]
    assert {t.name: (t.exists, t.used_by) for t in cluster.tcp_services} == {
        "tcp-services": (True, ("Deployment ingress-nginx/ingress-nginx-controller",)),
        "tcp-services-gone": (False, ("Deployment ingress-nginx/gone",)),
    }


def test_a_bare_pod_as_controller(usual: Cluster) -> None:
    usual.delete("Deployment", "ingress-nginx", "ingress-nginx-controller")
    container = {
        "name": "c",
        "image": "registry.k8s.io/ingress-nginx/controller:v1",
        "args": ["--tcp-services-configmap=ingress-nginx/tcp-services"],
        "ports": [{"containerPort": AGENT, "hostPort": AGENT}],
    }
    meta = {"namespace": "ingress-nginx", "name": "edge-pod", "labels": EDGE}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": {"containers": [container]}}
    usual.add(pod)
    cluster, skips = usual.read()
    names = [f"{e.kind} {e.name}" for e in cluster.edge_controllers]
    assert "Pod edge-pod" in names
    assert "Pod ingress-nginx/edge-pod" in {s.subject for s in skips}
    assert K.EDGE_SERVICE_PORT in {e.kind for e in cluster.exposures}


def test_network_policies(usual: Cluster) -> None:
    def policy(namespace: str, name: str, labels: dict[str, str], *ports: Any) -> dict[str, Any]:
        spec = {"podSelector": {"matchLabels": labels}, "ingress": [{"ports": list(ports)}]}
        return {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"namespace": namespace, "name": name},
            "spec": spec,
        }

    usual.add(
        policy("jenkins", "by-number", JENKINS, {"port": 8081}, {"port": 50001}),
        policy("jenkins", "by-name", JENKINS, {"port": "agent-listener"}),
        policy("jenkins", "by-range", JENKINS, {"port": 50000, "endPort": 50010}),
        policy("jenkins", "udp", JENKINS, {"port": 50001, "protocol": "UDP"}),
        policy("jenkins", "others", {"app": "x"}, {"port": 50001}),
        policy("db", "database", {"app.kubernetes.io/name": "postgres"}, {"port": 5432}),
        policy("ingress-nginx", "edge", EDGE, {"port": AGENT}),
        policy("ingress-nginx", "edge-db", EDGE, {"port": DATABASE}),
    )
    cluster, _ = usual.read()
    found = [(e.name, e.key, e.port) for e in cluster.exposures if e.kind is K.NETWORK_POLICY]
    assert found == [
        ("edge", "ingress[0].ports[0]", AGENT),
        ("by-name", "ingress[0].ports[0]", 50001),
        ("by-number", "ingress[0].ports[1]", 50001),
        ("by-range", "ingress[0].ports[0]", 50001),
    ]


def test_owners(usual: Cluster) -> None:
    helm = {"metadata": {"annotations": {"meta.helm.sh/release-name": "edge"}}}
    usual.change("ConfigMap", "ingress-nginx", "tcp-services", helm)
    argo = {"metadata": {"labels": {"argocd.argoproj.io/instance": "ci"}}}
    usual.change("Service", "jenkins", "jenkins-agent", argo)
    cluster, _ = usual.read()
    owners = {e.kind: e.owner.kind for e in cluster.exposures if e.owner}
    assert owners == {K.TCP_SERVICES_ENTRY: "helm", K.AGENT_SERVICE: "argocd"}


def test_without_rights_on_config_maps(usual: Cluster) -> None:
    cluster, skips = usual.read("restricted")
    assert cluster.tcp_services == ()
    (skip,) = skips
    assert skip.subject == "ConfigMap ingress-nginx/tcp-services"
    assert skip.needed == (
        '{apiGroups: [""], resources: [configmaps], resourceNames: [tcp-services], verbs: [get]} '
        "(Role in ingress-nginx)"
    )


def test_without_any_rights(usual: Cluster) -> None:
    cluster, skips = usual.read("nobody")
    assert cluster.exposures == ()
    assert cluster.server_version
    needed = {s.what: s.needed for s in skips}
    assert set(needed) >= {"services", "deployments", "ingresses", "pods", "this Jenkins"}
    assert needed["deployments"] == (
        '{apiGroups: ["apps"], resources: [deployments], verbs: [list]} (ClusterRole)'
    )


def test_rights_in_some_namespaces_only(usual: Cluster) -> None:
    cluster, skips = usual.read("team", namespaces=("jenkins", "ingress-nginx", "db"))
    judged = {k: e.leads_to for k, e in entries(cluster).items()}
    assert judged == {str(AGENT): LeadsTo.JENKINS, str(DATABASE): LeadsTo.UNKNOWN}
    assert len(cluster.exposures) == 5
    reasons = {s.what: s.reason for s in skips}
    assert reasons["services"].endswith("read in ingress-nginx, jenkins only")
    assert reasons["ingressclasses"] == (
        "no permission to list ingressclasses in the whole cluster"
    )


def test_an_immutable_config_map(usual: Cluster) -> None:
    usual.change("ConfigMap", "ingress-nginx", "tcp-services", {"immutable": True})
    cluster, _ = usual.read()
    assert cluster.tcp_services[0].immutable


def test_no_ingress_controller_at_all(empty: Cluster) -> None:
    cluster, skips = empty.read()
    assert (cluster.edge_controllers, cluster.exposures, cluster.ingresses) == ((), (), ())
    assert [s.what for s in skips] == ["this Jenkins"]


def test_hostile_names_do_not_reach_the_terminal(usual: Cluster) -> None:
    hostile = {"metadata": {"labels": {"argocd.argoproj.io/instance": "x"}}}
    usual.change("Service", "jenkins", "jenkins-agent", hostile)
    usual.change(
        "ConfigMap", "ingress-nginx", "tcp-services", {"data": {"9999": "a\x1b[31m/b:1\u202e"}}
    )
    cluster, _ = usual.read()
    entry = entries(cluster)["9999"]
    assert entry.value == "a\x1b[31m/b:1\u202e"  # kept: a patch must name it exactly
    assert "\x1b" not in entry.reason + (entry.problem or "")


def test_an_unreachable_server_is_no_skip(usual: Cluster) -> None:
    client = ClusterClient(usual.server.kubeconfig("admin"))
    usual.server.stop()
    with pytest.raises(ClusterUnreachable):
        read_cluster(client, controller_url=URL, agent_ports=(50001,))


def test_five_thousand_objects(usual: Cluster, tmp_path: Path) -> None:
    """Ten pages, and 2,500 Services on the agent port's number that are not Jenkins."""
    usual.read()
    client = ClusterClient(usual.server.kubeconfig("admin"))
    makers = ("ReplicationController", "Job", "CronJob")
    served = [k for k in (*READ_KINDS, "Ingress") if k not in makers]
    collections = {KINDS[k].path(): list(client.objects(k)) for k in served}
    collections |= {KINDS[k].path(): [] for k in makers}
    tcp = client.get("ConfigMap", "ingress-nginx", "tcp-services")
    for number in range(2500):
        namespace, name = f"team-{number % 50}", f"s-{number}"
        one = service(namespace, name, {"app": name}, {"port": 50000})
        collections["/api/v1/services"].insert(0, one)
        label = {"kubernetes.io/service-name": name}
        collections["/apis/discovery.k8s.io/v1/endpointslices"].append(
            {
                "metadata": {"namespace": namespace, "name": f"{name}-x", "labels": label},
                "ports": [{"name": "", "port": 50000, "protocol": "TCP"}],
                "endpoints": [{"addresses": [f"10.9.{number // 250}.{number % 250}"]}],
            }
        )

    def answer(method: str, path: str, query: dict[str, list[str]]) -> object:
        if path.endswith("/selfsubjectaccessreviews"):
            return {"status": {"allowed": True}}
        if path.endswith("/configmaps/tcp-services"):
            return tcp
        if path == "/version":
            return {"gitVersion": "v1.31.4"}
        if path == "/apis":
            return {"kind": "APIGroupList", "groups": []}
        assert query["limit"] == ["500"]
        start = int(query.get("continue", ["0"])[0])
        items = collections[path]
        more = {"continue": str(start + 500)} if start + 500 < len(items) else {}
        return {"metadata": more, "items": items[start : start + 500]}

    with AnswerServer(answer) as server:
        client = ClusterClient(kubeconfig(tmp_path, server.url))
        cluster, skips = read_cluster(client, controller_url=URL, agent_ports=(50001, 50000))
        assert len(server.asked) < 40
    assert len(cluster.exposures) == 5
    assert skips == ()
