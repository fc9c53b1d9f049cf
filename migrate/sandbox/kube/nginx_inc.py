"""NGINX Inc's ingress controller as its manifests install it, with TransportServers for TCP.

It passes WebSocket only to the Services that ``nginx.org/websocket-services`` of an Ingress names
(nginxinc/kubernetes-ingress, examples/ingress-resources/websocket), and opens a TCP port where a
listener of its GlobalConfiguration is used by a TransportServer.
"""

from typing import Any

from migrate.sandbox.kube.custom import Catalog

CONTROLLER = "nginx.org/ingress-controller"
NAMESPACE = "nginx-ingress"
_GROUP, _VERSION = "k8s.nginx.org", "v1"
_LABELS = {"app": "nginx-ingress"}


def install_kinds(catalog: Catalog) -> None:
    """What its CustomResourceDefinitions make known."""
    catalog.install(_GROUP, _VERSION, "TransportServer", "transportservers")
    catalog.install(_GROUP, _VERSION, "GlobalConfiguration", "globalconfigurations")


def nginx_inc(routes: dict[int, str]) -> list[dict[str, Any]]:
    """The controller, its Service and a TransportServer for each of ``routes``: port to
    ``NS/SERVICE:PORT``."""
    names = {port: f"tcp-{port}" for port in routes}
    settings = _object("k8s.nginx.org/v1", "GlobalConfiguration", NAMESPACE, "nginx-configuration")
    settings["spec"] = {
        "listeners": [{"name": names[p], "port": p, "protocol": "TCP"} for p in routes]
    }
    ingress_class = _object("networking.k8s.io/v1", "IngressClass", "", "nginx")
    ingress_class["spec"] = {"controller": CONTROLLER}
    ports = [("http", 80), ("https", 443), *((names[port], port) for port in routes)]
    service = _object("v1", "Service", NAMESPACE, "nginx-ingress")
    service["spec"] = {
        "type": "LoadBalancer",
        "selector": dict(_LABELS),
        "ports": [
            {"name": name, "port": port, "protocol": "TCP", "targetPort": port}
            for name, port in ports
        ],
    }
    service["status"] = {"loadBalancer": {"ingress": [{"ip": "127.0.0.1"}]}}
    return [settings, ingress_class, _deployment(ports), service, *_servers(routes, names)]


def _servers(routes: dict[int, str], names: dict[int, str]) -> list[dict[str, Any]]:
    found = []
    for port, value in routes.items():
        place, _, target = value.rpartition(":")
        namespace, _, service = place.partition("/")
        server = _object("k8s.nginx.org/v1", "TransportServer", namespace, f"{service}-tcp")
        server["spec"] = {
            "listener": {"name": names[port], "protocol": "TCP"},
            "upstreams": [{"name": "to", "service": service, "port": int(target)}],
            "action": {"pass": "to"},
        }
        found.append(server)
    return found


def _deployment(ports: list[tuple[str, int]]) -> dict[str, Any]:
    body = _object("apps/v1", "Deployment", NAMESPACE, "nginx-ingress")
    container = {
        "name": "nginx-ingress",
        "image": "nginx/nginx-ingress:5.2.1",
        "args": [
            "-nginx-configmaps=$(POD_NAMESPACE)/nginx-config",
            f"-global-configuration={NAMESPACE}/nginx-configuration",
        ],
        "env": [
            {
                "name": "POD_NAMESPACE",
                "valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}},
            }
        ],
        "ports": [{"name": name, "containerPort": port} for name, port in ports],
    }
    body["spec"] = {
        "replicas": 1,
        "selector": {"matchLabels": dict(_LABELS)},
        "template": {"metadata": {"labels": dict(_LABELS)}, "spec": {"containers": [container]}},
    }
    return body


def _object(api_version: str, kind: str, namespace: str, name: str) -> dict[str, Any]:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata}
