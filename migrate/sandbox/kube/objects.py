"""The objects of a usual installation: ingress-nginx by its chart, Jenkins, and a database."""

from dataclasses import dataclass
from typing import Any

from migrate.sandbox.kube.nginx_inc import NAMESPACE, nginx_inc
from migrate.sandbox.spec import INGRESS_NGINX, Front

_NAMESPACES = ("jenkins", "db")
_EDGE_LABELS = {
    "app.kubernetes.io/name": "ingress-nginx",
    "app.kubernetes.io/instance": "ingress-nginx",
    "app.kubernetes.io/component": "controller",
}
_JENKINS_LABELS = {
    "app.kubernetes.io/name": "jenkins",
    "app.kubernetes.io/component": "jenkins-controller",
}
_DB_LABELS = {"app.kubernetes.io/name": "postgres"}


@dataclass(frozen=True)
class Ports:
    """The real port numbers of this sandbox."""

    edge_agent: int
    """Where agents reach the edge over TCP: the tcp-services key."""
    edge_database: int
    jenkins_http: int
    jenkins_agent: int
    """slaveAgentPort."""
    database: int


def usual_installation(
    ports: Ports, names: tuple[str, ...] = ("localhost",), front: Front = INGRESS_NGINX
) -> list[dict[str, Any]]:
    """All objects, in an order in which they can be created. ``names``: of the controller."""
    entries = {
        ports.edge_agent: f"jenkins/jenkins-agent:{ports.jenkins_agent}",
        ports.edge_database: "db/postgres:5432",
    }
    if front.inc:
        edge = [_object("v1", "Namespace", "", NAMESPACE), *nginx_inc(entries)]
    else:
        known = EdgeNames("ingress-nginx", "nginx", "k8s.io/ingress-nginx")
        edge = [
            _object("v1", "Namespace", "", known.namespace),
            *ingress_controller(known, entries),
        ]
    return [
        *(_object("v1", "Namespace", "", name) for name in _NAMESPACES),
        *edge,
        *_jenkins(ports, names, front),
        *_database(ports),
    ]


@dataclass(frozen=True)
class EdgeNames:
    """What tells one ingress-nginx of a cluster from another."""

    namespace: str
    """Also the name of the release."""
    ingress_class: str
    controller_class: str

    @property
    def labels(self) -> dict[str, str]:
        """Of its pods, as its chart sets them."""
        return {**_EDGE_LABELS, "app.kubernetes.io/instance": self.namespace}

    @property
    def controller(self) -> str:
        """Name of its Deployment and its Service."""
        return f"{self.namespace}-controller"


def ingress_controller(names: EdgeNames, entries: dict[int, str]) -> list[dict[str, Any]]:
    """An ingress-nginx with its Service and its own tcp-services (``entries``: port to value)."""
    namespace = names.namespace
    config_map = _object("v1", "ConfigMap", namespace, "tcp-services")
    config_map["data"] = {str(port): value for port, value in entries.items()}
    settings = _object("v1", "ConfigMap", namespace, names.controller)
    settings["data"] = {"allow-snippet-annotations": "false"}
    service = _object("v1", "Service", namespace, names.controller, names.labels)
    service["spec"] = {
        "type": "LoadBalancer",
        "externalTrafficPolicy": "Local",
        "selector": names.labels,
        "ports": [
            _port("http", 80, "http", appProtocol="http"),
            _port("https", 443, "https", appProtocol="https"),
            *(_port(f"{port}-tcp", port, f"{port}-tcp") for port in entries),
        ],
    }
    service["status"] = {"loadBalancer": {"ingress": [{"ip": "127.0.0.1"}]}}
    ingress_class = _object("networking.k8s.io/v1", "IngressClass", "", names.ingress_class)
    ingress_class["spec"] = {"controller": names.controller_class}
    return [config_map, settings, ingress_class, _edge_controller(names, tuple(entries)), service]


def _edge_controller(names: EdgeNames, open_ports: tuple[int, ...]) -> dict[str, Any]:
    container = {
        "name": "controller",
        "image": "registry.k8s.io/ingress-nginx/controller:v1.13.0",
        "args": [
            "/nginx-ingress-controller",
            f"--publish-service=$(POD_NAMESPACE)/{names.controller}",
            f"--election-id={names.namespace}-leader",
            f"--controller-class={names.controller_class}",
            f"--ingress-class={names.ingress_class}",
            f"--configmap=$(POD_NAMESPACE)/{names.controller}",
            "--tcp-services-configmap=$(POD_NAMESPACE)/tcp-services",
        ],
        "env": [_field("POD_NAME", "metadata.name"), _field("POD_NAMESPACE", "metadata.namespace")],
        "ports": [
            {"name": "http", "containerPort": 80},
            {"name": "https", "containerPort": 443},
            *({"name": f"{port}-tcp", "containerPort": port} for port in open_ports),
        ],
    }
    return _workload("Deployment", names.namespace, names.controller, names.labels, container)


def second_edge(inside: int, balancer: int, jenkins_agent: int) -> list[dict[str, Any]]:
    """Two more ways to the same Jenkins: an ingress controller of another class, in a namespace
    of its own, whose port is ``inside``, and a LoadBalancer Service on ``balancer``, which Argo CD
    owns: only a person can take that one away."""
    names = EdgeNames("ingress-inside", "inside", "k8s.io/ingress-inside")
    entries = {inside: f"jenkins/jenkins-agent:{jenkins_agent}"}
    service = _object("v1", "Service", "jenkins", "jenkins-agents-lb", _JENKINS_LABELS)
    service["spec"] = {
        "type": "LoadBalancer",
        "selector": _JENKINS_LABELS,
        "ports": [_port("agent-listener", balancer, "agent-listener")],
    }
    service["status"] = {"loadBalancer": {"ingress": [{"ip": "127.0.0.1"}]}}
    tracking = "agents:/Service:jenkins/jenkins-agents-lb"
    service["metadata"]["annotations"] = {"argocd.argoproj.io/tracking-id": tracking}
    namespace = _object("v1", "Namespace", "", names.namespace)
    return [namespace, *ingress_controller(names, entries), service]


def _jenkins(ports: Ports, names: tuple[str, ...], front: Front) -> list[dict[str, Any]]:
    namespace = "jenkins"
    container = {
        "name": "jenkins",
        "image": "jenkins/jenkins:2.426.2-jdk17",
        "env": [{"name": "JENKINS_SLAVE_AGENT_PORT", "value": str(ports.jenkins_agent)}],
        "ports": [
            {"name": "http", "containerPort": ports.jenkins_http},
            {"name": "agent-listener", "containerPort": ports.jenkins_agent},
        ],
    }
    workload = _workload("StatefulSet", namespace, "jenkins", _JENKINS_LABELS, container)
    workload["spec"]["serviceName"] = "jenkins"
    http = _object("v1", "Service", namespace, "jenkins", _JENKINS_LABELS)
    http["spec"] = {"selector": _JENKINS_LABELS, "ports": [_port("http", 8080, "http")]}
    agent = _object("v1", "Service", namespace, "jenkins-agent", _JENKINS_LABELS)
    listener = _port("agent-listener", ports.jenkins_agent, "agent-listener")
    agent["spec"] = {"selector": _JENKINS_LABELS, "ports": [listener]}
    ingress = _object("networking.k8s.io/v1", "Ingress", namespace, "jenkins", _JENKINS_LABELS)
    backend = {"service": {"name": "jenkins", "port": {"number": 8080}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    ingress["spec"] = {
        "ingressClassName": "nginx",
        "rules": [{"host": name, "http": {"paths": [path]}} for name in names],
    }
    if front.annotations:
        ingress["metadata"]["annotations"] = dict(front.annotations)
    found = [workload, http, agent, ingress]
    if front.open_paths:
        beside = _object("networking.k8s.io/v1", "Ingress", namespace, "jenkins-agents")
        paths = [{**path, "path": each} for each in front.open_paths]
        rules = [{"host": name, "http": {"paths": paths}} for name in names]
        beside["spec"] = {"ingressClassName": "nginx", "rules": rules}
        found.append(beside)
    return found


def _database(ports: Ports) -> list[dict[str, Any]]:
    container = {
        "name": "postgres",
        "image": "postgres:16.4",
        "ports": [{"name": "postgres", "containerPort": ports.database}],
    }
    service = _object("v1", "Service", "db", "postgres", _DB_LABELS)
    service["spec"] = {"selector": _DB_LABELS, "ports": [_port("postgres", 5432, "postgres")]}
    return [_workload("StatefulSet", "db", "postgres", _DB_LABELS, container), service]


def _workload(
    kind: str, namespace: str, name: str, labels: dict[str, str], container: dict[str, Any]
) -> dict[str, Any]:
    body = _object("apps/v1", kind, namespace, name, labels)
    body["spec"] = {
        "replicas": 1,
        "selector": {"matchLabels": dict(labels)},
        "template": {
            "metadata": {"labels": dict(labels)},
            "spec": {"containers": [container]},
        },
    }
    return body


def _object(
    api_version: str, kind: str, namespace: str, name: str, labels: dict[str, str] | None = None
) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name}
    if namespace:
        metadata["namespace"] = namespace
    if labels:
        metadata["labels"] = dict(labels)
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata}


def _port(name: str, port: int, target: str, **more: str) -> dict[str, Any]:
    return {"name": name, "port": port, "protocol": "TCP", "targetPort": target, **more}


def _field(name: str, path: str) -> dict[str, Any]:
    return {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}
